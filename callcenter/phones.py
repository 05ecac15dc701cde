"""Real SIP phones without a sound card: the citizen and the agents of the demo and of the tests.

One :class:`PhoneBox` is one SIP stack of the alpha package ``baresip-python`` on loopback (the stack is
process-global, so there is one box at a time); it gives out any number of :class:`Phone` s. Samples are
``int16`` at 8 kHz, one channel, in both directions.

Invariant: nothing here waits without a limit, no error of the package gets out (only :class:`PhoneError`),
and when the box is closed no call, task, thread or registration of it is left.
"""

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from enum import StrEnum
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from callcenter.core.errors import PeerError, UsageError
from callcenter.sections import Address

try:
    import baresip
except ImportError:
    raise UsageError(
        "phones need the extra 'demo': pip install 'callcenter-12345[demo]'", code="phones_missing"
    ) from None

Samples = NDArray[np.int16]

SAMPLE_RATE = 8000
"""Samples per second, both ways."""

STEP_S = 0.04
"""How often audio is moved between Python and the line."""

TX_AHEAD_S = 0.2
"""Audio handed to the line in advance: a busy event loop of this length is not heard."""

HEARD_S_MAX = 900
"""What a call remembers of what it heard; the oldest is forgotten."""

ESTABLISH_S_MAX = 30.0
COMMAND_S_MAX = 10.0
TRANSFER_S_MAX = 20.0
CLOSE_S_MAX = 3.0
CLOSE_ALL_S_MAX = 10.0
REGISTER_INTERVAL_S = 60

REINVITE_TRIES = 20
"""Hold and resume are refused while Asterisk's own re-INVITE is under way: so often, a step apart."""

RINGING_MAX = 16
"""Unanswered incoming calls that one phone keeps; further ones ring unheard."""

ORPHANS_MAX = 64
"""Calls whose first events are kept until Python has learned their handle."""

RTP_PORTS = (26000, 29999)
"""Outside the default range of Asterisk and outside the ephemeral ports of Linux."""

_BYTES_PER_S = SAMPLE_RATE * 2


class PhoneError(PeerError):
    """A phone's call, registration or transfer failed.

    ``status``: the SIP answer that said so (486, 503, ...), if one did.
    """

    code = "phone"
    retryable = False

    def __init__(self, message: str, *, code: str, status: int | None = None):
        super().__init__(message, code=code)
        self.status = status


class CallState(StrEnum):
    """Where a phone's call is in its life."""

    CALLING = "calling"
    RINGING = "ringing"
    TALKING = "talking"
    ENDED = "ended"


class _Line:
    """What Python knows of one native call: its state, and the audio on its way in both directions."""

    def __init__(self, native: Any, state: CallState):
        self.native = native
        self.state = state
        self.reason = ""
        self.keys = ""
        self.heard = bytearray()
        self.heard_total = 0
        self.outbox = bytearray()
        self.speaking = asyncio.Lock()
        self._changed = asyncio.Event()
        native.on_dtmf(self._on_key)

    def on_established(self) -> None:
        self.state = CallState.TALKING
        self._touch()

    def on_closed(self, reason: str) -> None:
        self.move_audio()
        self.state = CallState.ENDED
        self.reason = reason
        self._touch()

    async def until(self, ready: Callable[[], bool], limit_s: float, code: str = "call_timeout") -> None:
        """Wait until ``ready()``, which is asked after every event and every step of audio."""
        try:
            async with asyncio.timeout(limit_s):
                while not ready():
                    await self._changed.wait()
        except TimeoutError:
            raise PhoneError(f"nothing within {limit_s:g} s; call is {self.state}", code=code) from None

    async def until_media(self, ready: Callable[[], bool], seconds: float) -> None:
        """Wait until ``ready()``, which takes ``seconds`` of audio; the end of the call is an error."""
        await self.until(
            lambda: self.state is CallState.ENDED or ready(), seconds + COMMAND_S_MAX, code="media_stalled"
        )
        if self.state is CallState.ENDED:
            raise PhoneError("the call has ended", code="call_ended")

    def is_silent(self) -> bool:
        """Whether everything to be said is on the wire."""
        return not self.outbox and not self._tx_buffered()

    def fall_silent(self) -> None:
        """Drop what is still to be said."""
        self.outbox.clear()
        with contextlib.suppress(baresip.BaresipError):
            self.native.audio.flush_tx()

    def move_audio(self) -> None:
        """Take what was heard, hand over what is to be said."""
        # Raised before there is media and after every re-INVITE; the next step binds to the new streams.
        with contextlib.suppress(baresip.AudioNotActive, baresip.AudioRestarted):
            self._collect()
            self._feed()
        self._touch()

    def _collect(self) -> None:
        while data := self.native.audio.read(_BYTES_PER_S):
            self.heard += data
            self.heard_total += len(data)
        del self.heard[: max(0, len(self.heard) - HEARD_S_MAX * _BYTES_PER_S)]

    def _feed(self) -> None:
        room = int(TX_AHEAD_S * _BYTES_PER_S) - self._tx_buffered()
        if self.outbox and room > 0:
            taken = self.native.audio.write(bytes(self.outbox[:room]))
            del self.outbox[:taken]

    def _tx_buffered(self) -> int:
        try:
            return int(self.native.audio.info().tx_buffered)
        except baresip.AudioNotActive:
            return 0

    def _on_key(self, event: Any) -> None:
        self.keys += event.digit
        self._touch()

    def _touch(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


class _Switchboard:
    """Brings the events of the stack to their lines, and moves the audio of all lines."""

    def __init__(self) -> None:
        self.lines: dict[int, _Line] = {}
        self._orphans: OrderedDict[int, list[Any]] = OrderedDict()

    def adopt(self, native: Any, state: CallState) -> _Line:
        """Make the line of a new native call; what has happened to it already is made up for."""
        line = self.lines[native.handle] = _Line(native, state)
        for event in self._orphans.pop(native.handle, []):
            self._deliver(line, event)
        return line

    def route(self, event: Any) -> None:
        """Take in a stack event. A call may be over before ``dial()`` has returned its handle: it waits."""
        if not event.call or event.event not in (baresip.Event.CALL_ESTABLISHED, baresip.Event.CALL_CLOSED):
            return
        if line := self.lines.get(event.call):
            self._deliver(line, event)
            return
        self._orphans.setdefault(event.call, []).append(event)
        if len(self._orphans) > ORPHANS_MAX:
            self._orphans.popitem(last=False)

    def _deliver(self, line: _Line, event: Any) -> None:
        if event.event is baresip.Event.CALL_ESTABLISHED:
            line.on_established()
        else:
            line.on_closed(event.text or "")
            self.lines.pop(event.call, None)

    async def pump(self) -> None:
        """Move audio for ever."""
        while True:
            for line in list(self.lines.values()):
                if line.state is CallState.TALKING:
                    line.move_audio()
            await asyncio.sleep(STEP_S)

    async def hang_up_all(self) -> None:
        """End every call, and wait until they are gone."""
        calls = [Call(line) for line in self.lines.values()]
        for call in calls:
            await call.hangup()
        for call in calls:
            with contextlib.suppress(PhoneError):
                await call.ended(CLOSE_S_MAX)


class Call:
    """One call of one phone, either direction: what :meth:`Phone.dial` and :meth:`IncomingCall.answer` give."""

    def __init__(self, line: _Line):
        self._line = line

    @property
    def state(self) -> CallState:
        """The state as the SIP stack last reported it."""
        return self._line.state

    @property
    def keys(self) -> str:
        """The keys that the far end pressed, in order."""
        return self._line.keys

    async def established(self, limit_s: float = ESTABLISH_S_MAX) -> None:
        """Wait until both sides can talk.

        Raises:
            PhoneError: ``call_refused`` (see its ``status``), or ``call_timeout``: the attempt is given up.
        """
        line = self._line
        try:
            await line.until(lambda: line.state in (CallState.TALKING, CallState.ENDED), limit_s)
        except PhoneError:
            await self.hangup()
            raise
        if line.state is CallState.ENDED:
            status = _status_of(line.reason)
            raise PhoneError(f"call refused: {status or 'no answer'}", code="call_refused", status=status)

    async def ended(self, limit_s: float = 60.0) -> str:
        """Wait until the call is over, and say why in the stack's words.

        Raises:
            PhoneError: ``call_timeout``, it goes on.
        """
        line = self._line
        await line.until(lambda: line.state is CallState.ENDED, limit_s)
        return line.reason

    async def pressed(self, count: int, limit_s: float = COMMAND_S_MAX) -> str:
        """Wait until the far end has pressed ``count`` keys, and return all of them.

        Raises:
            PhoneError: ``call_timeout``.
        """
        line = self._line
        await line.until(lambda: len(line.keys) >= count, limit_s)
        return line.keys

    async def play(self, samples: Samples) -> None:
        """Say ``samples`` in real time; returns when the last of them is on the wire.

        Cancelling falls silent at once. Two speakers on one call take turns.

        Raises:
            PhoneError: ``call_ended``, or ``media_stalled`` when the line takes no audio (on hold).
        """
        line = self._line
        async with line.speaking:
            line.outbox += np.ascontiguousarray(samples, dtype=np.int16).tobytes()
            try:
                await line.until_media(line.is_silent, len(samples) / SAMPLE_RATE)
            finally:
                line.fall_silent()

    def heard(self, last_s: float | None = None) -> Samples:
        """What came from the far end since the answer (at most ``HEARD_S_MAX``), or the last ``last_s`` of it.

        The time in which a re-INVITE replaces the streams (hold, transfer) is missing.
        """
        count = len(self._line.heard) // 2 if last_s is None else round(last_s * SAMPLE_RATE)
        samples = np.frombuffer(bytes(self._line.heard), dtype=np.int16)
        return samples[max(0, len(samples) - count) :].copy()

    async def listen(self, seconds: float) -> Samples:
        """The next ``seconds`` of audio from now on (at most ``HEARD_S_MAX``).

        Raises:
            PhoneError: ``call_ended``, or ``media_stalled`` when so much does not come.
        """
        line = self._line
        need = round(seconds * SAMPLE_RATE) * 2
        start = line.heard_total
        await line.until_media(lambda: line.heard_total - start >= need, seconds)
        first = len(line.heard) - (line.heard_total - start)
        return np.frombuffer(bytes(line.heard[first : first + need]), dtype=np.int16).copy()

    async def hold(self) -> None:
        """Put the far end on hold.

        Raises:
            PhoneError: ``call_ended`` or ``call_failed``.
        """
        await _renegotiate(self._line.native.hold)

    async def resume(self) -> None:
        """Take the far end off hold.

        Raises:
            PhoneError: ``call_ended`` or ``call_failed``.
        """
        await _renegotiate(self._line.native.resume)

    async def dtmf(self, keys: str) -> None:
        """Press ``keys`` (``0-9 A-D * #``), about four a second.

        Raises:
            PhoneError: ``call_ended`` or ``call_failed``.
        """
        with _translated("call_failed"):
            await asyncio.wait_for(self._line.native.send_dtmf(keys), COMMAND_S_MAX + len(keys))

    async def transfer(self, target: str) -> None:
        """Hand the far end over to ``target`` (a number or extension at the server); our own leg ends.

        Raises:
            PhoneError: ``call_ended`` or ``transfer_failed`` (see its ``status``): the call goes on.
        """
        try:
            with _translated("transfer_failed"):
                await self._line.native.transfer(target, timeout=TRANSFER_S_MAX)
        except PhoneError as error:
            # The server may end our leg before it has reported the success: the package calls that a failure.
            if error.code != "transfer_failed" or self._line.state is not CallState.ENDED:
                raise

    async def hangup(self) -> None:
        """End the call; a call that is already over is no error."""
        if self._line.state is not CallState.ENDED:
            with contextlib.suppress(PhoneError), _translated("call_failed"):
                await self._line.native.hangup()


class IncomingCall:
    """A call that rings at a phone."""

    def __init__(self, line: _Line, caller: str):
        self._line = line
        self.caller = caller
        """The calling SIP URI as the far end claims it."""

    @property
    def is_ringing(self) -> bool:
        """Whether it may still be answered: nobody canceled."""
        return self._line.state is CallState.RINGING

    async def answer(self, limit_s: float = COMMAND_S_MAX) -> Call:
        """Pick up, and wait until both sides can talk.

        Raises:
            PhoneError: ``call_ended`` or ``call_refused`` (canceled meanwhile), ``call_timeout``.
        """
        with _translated("call_failed"):
            await self._line.native.answer()
        call = Call(self._line)
        await call.established(limit_s)
        return call

    async def canceled(self, limit_s: float = COMMAND_S_MAX) -> None:
        """Wait until it no longer rings: the caller gave up, or another seat was faster.

        Raises:
            PhoneError: ``call_timeout``, it still rings.
        """
        await self._line.until(lambda: not self.is_ringing, limit_s)

    async def reject(self) -> None:
        """Refuse with 486 Busy Here; a call that is already gone is no error."""
        with contextlib.suppress(PhoneError), _translated("call_failed"):
            await self._line.native.reject()


class Phone:
    """One SIP identity of a :class:`PhoneBox`."""

    def __init__(self, native: Any, number: str, server: Address, board: _Switchboard):
        self.number = number
        self._native = native
        self._server = server
        self._board = board
        self._ringing: asyncio.Queue[IncomingCall] = asyncio.Queue(RINGING_MAX)
        native.on_incoming(self._on_incoming)

    async def register(self) -> None:
        """Register with the server, so that calls reach this phone.

        Raises:
            PhoneError: ``register_failed`` (see its ``status``).
        """
        with _translated("register_failed"):
            await self._native.register(timeout=COMMAND_S_MAX)

    async def unregister(self) -> None:
        """Take the registration back; without one, nothing happens.

        Raises:
            PhoneError: ``register_failed``.
        """
        with _translated("register_failed"):
            await self._native.unregister(timeout=CLOSE_S_MAX)

    async def dial(self, target: str, headers: Mapping[str, str] | None = None) -> Call:
        """Call ``target``: a number or feature code at the server, or a whole ``sip:`` URI.

        Returns at once; ``await call.established()`` tells the outcome.

        Raises:
            PhoneError: ``call_failed``, no INVITE was sent.
        """
        uri = target if target.startswith("sip:") else f"sip:{quote(target, safe='*+')}@{self._server}"
        with _translated("call_failed"):
            native = await self._native.dial(uri, headers=dict(headers or {}))
        return Call(self._board.adopt(native, CallState.CALLING))

    async def dial_code(self, code: str, limit_s: float = COMMAND_S_MAX) -> None:
        """Dial a feature code such as ``*11`` and wait until the server has answered it and hung up.

        Raises:
            PhoneError: ``call_refused`` (see its ``status``) or ``call_timeout``.
        """
        call = await self.dial(code)
        try:
            await call.established(limit_s)
            await call.ended(limit_s)
        finally:
            await call.hangup()

    async def ringing(self, limit_s: float = ESTABLISH_S_MAX) -> IncomingCall:
        """The next call that rings here and was not canceled in the meantime.

        Raises:
            PhoneError: ``call_timeout``.
        """
        try:
            async with asyncio.timeout(limit_s):
                while not (incoming := await self._ringing.get()).is_ringing:
                    pass
        except TimeoutError:
            raise PhoneError(f"no call within {limit_s:g} s", code="call_timeout") from None
        return incoming

    def _on_incoming(self, native: Any) -> None:
        line = self._board.adopt(native, CallState.RINGING)
        with contextlib.suppress(asyncio.QueueFull):
            self._ringing.put_nowait(IncomingCall(line, str(native.peer or "")))


class PhoneBox:
    """One SIP stack on loopback with any number of phones.

    Used as ``async with PhoneBox(settings.sip_address) as box``; then ``box.citizen(...)`` dials and
    ``box.seat(...)`` registers and is rung.
    """

    def __init__(
        self, server: Address, *, sip_port: int | None = None, rtp_ports: tuple[int, int] = RTP_PORTS
    ):
        """Starts nothing yet.

        Args:
            server: where Asterisk listens for SIP over UDP.
            sip_port: our own; default: any free one.
            rtp_ports: first and last of our own.
        """
        self._server = server
        self._sip_port = sip_port
        self._rtp_ports = rtp_ports
        self._runtime = baresip.Runtime()
        self._board = _Switchboard()
        self._seats: list[Phone] = []
        self._pump: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Start the stack.

        Raises:
            PhoneError: ``phones_down``, such as when another box is open in this process.
        """
        # The package logs whom it talks to: personal data, which must not reach any handler of ours.
        logging.getLogger("baresip").propagate = False
        with _translated("phones_down"):
            await self._runtime.start(self._config())
        self._runtime.subscribe(self._board.route)
        self._pump = asyncio.create_task(self._board.pump(), name="phone audio")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up, unregister, stop the stack; peers that do not answer are not waited for.

        Raises:
            PhoneError: ``phones_down``, the stack could not be stopped.
        """
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_ALL_S_MAX):
                    await self._board.hang_up_all()
                    await self._unregister_all()
        finally:
            await self._stop()

    async def citizen(self, number: str) -> Phone:
        """A phone outside, as behind the trunk: it never registers, and its From is ``number``.

        Raises:
            PhoneError: ``phone_refused``, not a number that SIP can carry.
        """
        return await self._phone(number, "", reg_interval_s=0)

    async def seat(self, account: str, secret: str) -> Phone:
        """An agent's phone with SIP account and password; :meth:`Phone.register` makes it reachable.

        Raises:
            PhoneError: ``phone_refused``.
        """
        phone = await self._phone(account, secret, REGISTER_INTERVAL_S)
        self._seats.append(phone)
        return phone

    async def _phone(self, user: str, secret: str, reg_interval_s: int) -> Phone:
        with _translated("phone_refused"):
            account = baresip.Account(
                user, str(self._server), secret, reg_interval=reg_interval_s, audio_codecs=("pcma",)
            )
            native = await baresip.UserAgent.create(self._runtime, account, transfer_policy="reject")
        return Phone(native, user, self._server, self._board)

    def _config(self) -> Any:
        listen = f"sip_listen 127.0.0.1:{self._sip_port}\n" if self._sip_port else ""
        low, high = self._rtp_ports
        return baresip.Config(
            net_interface="127.0.0.1",  # discovery skips loopback
            audio_driver="aumem",
            max_concurrent_calls=None,  # the default is 2
            extra_config_text=f"{listen}sip_transports udp\nrtp_ports {low}-{high}\n",  # TLS would take one port more
        )

    async def _unregister_all(self) -> None:
        for seat in self._seats:
            with contextlib.suppress(PhoneError):
                await seat.unregister()

    async def _stop(self) -> None:
        if self._pump:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)
        with _translated("phones_down"):
            await self._runtime.close()


async def _renegotiate(request: Callable[[], Awaitable[None]]) -> None:
    """Send a re-INVITE; while another one is under way it is refused, so ask again, a step apart."""
    for _ in range(REINVITE_TRIES - 1):
        try:
            await request()
        except baresip.StaleHandleError:
            break
        except baresip.BaresipError:
            await asyncio.sleep(STEP_S)
        else:
            return
    with _translated("call_failed"):
        await request()


@contextlib.contextmanager
def _translated(code: str) -> Iterator[None]:
    """Turn the package's errors into :class:`PhoneError` without their text, which may be personal."""
    try:
        yield
    except baresip.StaleHandleError:
        raise PhoneError("the call has ended", code="call_ended") from None
    except (baresip.BaresipError, ValueError, TimeoutError) as error:
        status = getattr(error, "status", None)
        raise PhoneError(f"{code}: {status or type(error).__name__}", code=code, status=status) from None


def _status_of(reason: str) -> int | None:
    head = reason.partition(" ")[0]
    return int(head) if len(head) == 3 and head.isascii() and head.isdigit() else None
