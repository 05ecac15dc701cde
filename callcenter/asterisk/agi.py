"""FastAGI server: one connection per call, one handler per connection.

Invariants: nothing a peer does (connect and close, creep, babble, die) costs more than its own session;
every session ends within ``session_limit_s``; beyond ``limit`` sessions a connection is closed at once, so
that the dialplan falls back. An answer always belongs to the command that was asked: when that can no longer
be known, the session is over. Sockets are closed without a word; the dialplan believes only the completion
variable that a handler sets last.
"""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import structlog

from callcenter.asterisk.encoder import agi_line
from callcenter.core.errors import CallcenterError, PeerError

log = structlog.get_logger()

MAX_LINE_BYTES = 16 * 1024
"""Longest header block and longest answer line."""

MAX_USAGE_LINES = 200
CLOSE_WITHIN_S = 1.0
CHANNEL_UP = 6
"""Answer to ``CHANNEL STATUS`` while the caller is on the line."""

NEEDED = ("agi_network_script", "agi_channel", "agi_uniqueid")

_HEADER = re.compile(r"(agi_[a-z0-9_]+): ?([^\r\n]*)", re.ASCII)
_ANSWER = re.compile(r"(\d{3}) result=(-?[0-9*#]*)(?: \((.*)\))?(?: endpos=(\d+))?", re.ASCII)


class CallerGone(PeerError):
    """The caller hung up, or the connection to Asterisk is gone: nothing more can be done in this session."""

    code = "caller_gone"
    retryable = False


class AgiRefused(PeerError):
    """Asterisk did not accept a command (unknown, wrong arguments); the session goes on."""

    code = "agi_refused"
    retryable = False


class AgiGarbled(PeerError):
    """The peer does not speak AGI; the session is over."""

    code = "agi_garbled"
    retryable = False


class PromptSilent(PeerError):
    """A sound file is missing or broken: not one sample of it was played; the session goes on."""

    code = "prompt_silent"
    retryable = False


@dataclass(frozen=True, slots=True)
class AgiReply:
    """The answer to a command. ``text``: what stands after ``result=``; ``data``: what stands in brackets.

    ``end``: after a sound file, how many samples of it were played.
    """

    code: int
    text: str
    data: str
    end: int | None = None

    @property
    def result(self) -> int:
        """The result as a number.

        Raises:
            AgiGarbled: it is none (keys such as ``*`` are read from ``text``).
        """
        try:
            return int(self.text)
        except ValueError:
            raise AgiGarbled("an AGI result is not a number") from None


class AgiSession:
    """The dialogue with one call. ``env``: what Asterisk said first (``agi_channel``, ``agi_arg_1`` ...).

    ``hangup_seen``: Asterisk announced that the caller hung up; the command under way still gets its answer.
    """

    def __init__(self, env: Mapping[str, str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.env = env
        self.hangup_seen = False
        self._reader, self._writer = reader, writer
        self._turn = asyncio.Lock()
        self._is_in_step = True

    @property
    def script(self) -> str:
        """The path of the request, without query: ``intake`` of ``agi://host/intake?x=1``."""
        return self.env["agi_network_script"].partition("?")[0]

    async def command(self, name: str, *args: str | int) -> AgiReply:
        """Send one command and wait for its answer.

        Raises:
            UsageError: ``unsafe_value``, nothing was sent.
            CallerGone: hang-up or end of the connection.
            AgiRefused: Asterisk does not accept the command.
            AgiGarbled: the answer makes no sense, or an earlier one was not waited for.
        """
        line = agi_line(name, *args)
        async with self._turn:
            if not self._is_in_step:
                raise AgiGarbled("an earlier AGI command was left without its answer")
            self._is_in_step = False
            try:
                self._writer.write(line)
                await self._writer.drain()
                reply = await self._answer()
            except ConnectionError:
                raise CallerGone("the AGI connection is gone") from None
            except AgiRefused:
                self._is_in_step = True
                raise
            self._is_in_step = True
            return reply

    async def set_variable(self, name: str, value: str) -> None:
        """Set a channel variable (``name`` may be a function such as ``TIMEOUT(absolute)``)."""
        await self.command("SET VARIABLE", name, value)

    async def get_variable(self, name: str) -> str | None:
        """The value of a channel variable or function, or ``None`` if it is not set."""
        reply = await self.command("GET VARIABLE", name)
        return reply.data if reply.text == "1" else None

    async def stream_file(self, path: str, stop_keys: str = "") -> str:
        """Play a sound file (path without extension); the key of ``stop_keys`` that cut it short, or ``""``.

        Raises as :meth:`command`, and:
            PromptSilent: the file is missing or broken.
        """
        reply = await self.command("STREAM FILE", path, stop_keys)
        if reply.end == 0 and reply.result <= 0 and await self._is_up():
            raise PromptSilent("a sound file could not be played")
        return _key(reply)

    async def wait_for_digit(self, timeout_s: float) -> str:
        """Wait for one key; ``""`` if none came within ``timeout_s`` (>= 0). Raises as :meth:`command`."""
        return _key(await self.command("WAIT FOR DIGIT", max(0, round(timeout_s * 1000))))

    async def record_file(self, path: str, stop_keys: str, longest_s: float, silence_s: int) -> str:
        """Record after a tone into ``path``.wav; the key of ``stop_keys`` that ended it, or ``""``.

        ``silence_s``: seconds of silence that end it. Raises as :meth:`command`.
        """
        limits = (round(longest_s * 1000), 0, "BEEP", f"s={silence_s}")
        reply = await self.command("RECORD FILE", path, "wav", stop_keys, *limits)
        # After silence the number is what was left of the time.
        return "" if reply.result >= 0 and reply.data != "dtmf" else _key(reply)

    async def _is_up(self) -> bool:
        """Whether the caller is there. Asterisk answers alike for a hang-up and for a file that it cannot play."""
        return (await self.command("CHANNEL STATUS")).result == CHANNEL_UP

    async def _answer(self) -> AgiReply:
        while True:
            line = await self._line()
            if line == "HANGUP":
                self.hangup_seen = True
            elif line.startswith("520-"):
                await self._skip_usage()
                raise AgiRefused("wrong arguments for an AGI command")
            elif not line.startswith("100"):
                return _read_answer(line)

    async def _skip_usage(self) -> None:
        for _ in range(MAX_USAGE_LINES):
            if (await self._line()).startswith("520 "):
                return
        raise AgiGarbled("the usage text of an AGI command has no end")

    async def _line(self) -> str:
        try:
            line = await self._reader.readuntil(b"\n")
        except asyncio.IncompleteReadError:
            raise CallerGone("the AGI connection is gone") from None
        except asyncio.LimitOverrunError:
            raise AgiGarbled("an AGI answer has no end") from None
        return line.decode("utf-8", "replace").rstrip("\r\n")


Handler = Callable[[AgiSession], Awaitable[None]]


class AgiServer:
    """Listens, bounds and ends sessions; ``handler`` does the talking.

    ``port``: 0 takes a free one (read it back from :attr:`port`). ``limit``: sessions at once.
    ``header_deadline_s``: for the first block of a connection. ``session_limit_s``: whole session.
    """

    def __init__(
        self,
        host: str,
        port: int,
        handler: Handler,
        *,
        limit: int = 500,
        header_deadline_s: float = 2.0,
        session_limit_s: float = 120.0,
    ):
        self.port = port
        self._host, self._handler, self._limit = host, handler, limit
        self._header_deadline_s, self._session_limit_s = header_deadline_s, session_limit_s
        self._server: asyncio.Server | None = None
        self._sessions: set[asyncio.Task[None]] = set()

    @property
    def session_count(self) -> int:
        """Connections being served now."""
        return len(self._sessions)

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            PeerError: ``port_in_use``.
        """
        try:
            self._server = await asyncio.start_server(
                self._accept, self._host, self.port, limit=MAX_LINE_BYTES, backlog=1024
            )
        except OSError:
            raise PeerError(f"cannot listen on {self._host}:{self.port}", code="port_in_use") from None
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and end every session; Asterisk then follows the dialplan's fallback."""
        if self._server is not None:
            self._server.close()
        for session in self._sessions:
            session.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._sessions) >= self._limit:
            log.warning("agi session refused", limit=self._limit)
            writer.transport.abort()
            return
        session = asyncio.create_task(self._serve(reader, writer))
        self._sessions.add(session)
        session.add_done_callback(self._sessions.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(self._session_limit_s):
                await self._talk(reader, writer)
        except TimeoutError:
            log.warning("agi session over its limit", limit_s=self._session_limit_s)
        except CallerGone:
            log.debug("agi caller gone")
        except CallcenterError as error:
            log.warning("agi session failed", code=error.code)
        except Exception as error:  # noqa: BLE001  a bug in a handler ends its own call's session only
            log.error("agi handler failed", error=type(error).__name__)
        finally:
            await _close(writer)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(self._header_deadline_s):
            env = await _read_env(reader)
        await self._handler(AgiSession(env, reader, writer))


async def _read_env(reader: asyncio.StreamReader) -> Mapping[str, str]:
    try:
        block = await reader.readuntil(b"\n\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        raise CallerGone("the AGI connection was closed before it began") from None
    except asyncio.LimitOverrunError:
        raise AgiGarbled("the AGI headers have no end") from None
    env: dict[str, str] = {}
    for line in block.decode("utf-8", "replace").rstrip("\n").split("\n"):
        match = _HEADER.fullmatch(line)
        if match is None or match[1] in env:
            raise AgiGarbled("the AGI headers are damaged")
        env[match[1]] = match[2]
    if not all(name in env for name in NEEDED):
        raise AgiGarbled("the AGI headers are incomplete")
    return MappingProxyType(env)


def _read_answer(line: str) -> AgiReply:
    if line.startswith("511"):
        raise CallerGone("the channel is dead")
    match = _ANSWER.fullmatch(line)
    if match is not None and match[1] == "200":
        return AgiReply(200, match[2], match[3] or "", int(match[4]) if match[4] else None)
    if re.match(r"5\d\d ", line):
        raise AgiRefused("Asterisk refused an AGI command")
    raise AgiGarbled("an AGI answer makes no sense")


def _key(reply: AgiReply) -> str:
    if reply.result < 0:
        raise CallerGone("the caller hung up")
    return chr(reply.result) if reply.result > 0 else ""


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(CLOSE_WITHIN_S):
            await writer.wait_closed()
            return
    writer.transport.abort()
