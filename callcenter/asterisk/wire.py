"""One AMI connection, from banner to close.

Invariant: frames are handed over one by one, in order, and only whole and unsuspicious ones; an answer
reaches exactly the question that asked for it; when the connection ends every open question fails and
nothing is ever sent again.

From panoramisk we take what it does well: action ids, the text of an action, and the table of open
questions (``Action``, ``AMIProtocol.send``). Its ``Manager`` stays out: reconnecting, replaying, pinging and
dispatching are where its faults are, and a ``Manager`` whose every hook is overridden explains nothing.
"""

import asyncio
import codecs
from collections.abc import Callable
from typing import Any

import structlog
from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol

from callcenter.asterisk import encoder
from callcenter.asterisk.frames import Frame, SuspiciousFrame, parse
from callcenter.core.errors import PeerError

log = structlog.get_logger()

BANNER = "Asterisk Call Manager/"
BLANK_LINE = "\r\n\r\n"
MAX_BLOCK_CHARS = 256 * 1024
MAX_LIST_ITEMS = 50_000
MAX_OPEN_QUESTIONS = 1_000

SELF_TAGGED_EVENTS = frozenset({"OriginateResponse", "UserEvent"})
"""Live events that carry the ActionID of the action which caused them; all others with one are list items."""


class Question(Action):  # type: ignore[misc]
    """An action waiting for its answer. ``end``: the event that closes a list; ``""`` for a single response."""

    def __init__(self, action: encoder.Action, end: str):
        super().__init__(encoder.ami_headers(action))
        self.end = end
        self.answer: list[Frame] = []

    def add_message(self, frame: Frame) -> bool:
        """Take in a frame with our ActionID; true when the answer is complete."""
        if bool(frame.event) is not bool(self.answer) or len(self.answer) > MAX_LIST_ITEMS:
            return self._fail("ami_garbled")
        self.answer.append(frame)
        is_refused = not frame.event and not frame.is_success
        if is_refused or frame.event == self.end:
            return self._finish()
        return False

    def _finish(self) -> bool:
        if not self.future.done():
            self.future.set_result(self.answer)
        return True

    def _fail(self, code: str) -> bool:
        if not self.future.done():
            self.future.set_exception(PeerError("the answer makes no sense", code=code))
        return True


class Wire(AMIProtocol):  # type: ignore[misc]
    """The protocol of one connection.

    ``deliver`` gets every live event and must only append; if it raises ``asyncio.QueueFull`` the connection
    is cut. ``alarm`` gets a stable word for every frame that was dropped.
    """

    def __init__(self, deliver: Callable[[Frame], None], alarm: Callable[[str], None]):
        self._deliver = deliver
        self._alarm = alarm
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""
        self._end_reason = "closed_by_peer"
        loop = asyncio.get_running_loop()
        self.booted: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[str] = loop.create_future()

    def connection_made(self, transport: Any) -> None:
        """The socket is open; the banner comes first."""
        super().connection_made(transport)
        self.encoding = "utf-8"
        self.version: str | None = None

    def data_received(self, data: bytes) -> None:
        """Cut the stream into blocks; a character or a block may arrive in pieces."""
        self._text += self._decoder.decode(data)
        if self.version is None and not self._read_banner():
            return
        *blocks, self._text = self._text.split(BLANK_LINE)
        for block in blocks:
            if self.ended.done():
                return
            self._take(block)
        if len(self._text) > MAX_BLOCK_CHARS:
            self.cut("block_too_long")

    def handle_message(self, frame: Frame) -> None:
        """Route one frame: to its question, or to the inbox."""
        action_id = frame.get("ActionID")
        if frame.event and (not action_id or frame.event in SELF_TAGGED_EVENTS):
            self._hand_over(frame)
        elif (question := self.responses.get(action_id)) is not None and question.add_message(frame):
            self.responses.pop(action_id, None)

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is gone: every open question fails."""
        if self.ended.done():
            return
        self.ended.set_result(self._end_reason)
        for question in list(self.responses.values()):
            if not question.future.done():
                question.future.set_exception(_down())
        self.responses.clear()

    def cut(self, reason: str) -> None:
        """End the connection now, without flushing. ``reason`` is what ``ended`` will say."""
        self._end_reason = reason
        self.transport.abort()
        self.connection_lost(None)

    async def ask(self, action: encoder.Action, timeout_s: float, end: str = "") -> list[Frame]:
        """Send an action and wait for its whole answer: the response, then list items up to ``end``.

        Raises:
            UsageError: ``unsafe_value``, nothing was sent.
            PeerError: ``ami_down``, ``ami_busy``, ``ami_timeout``, ``ami_garbled``.
        """
        if self.ended.done():
            raise _down()
        if len(self.responses) >= MAX_OPEN_QUESTIONS:
            raise PeerError("too many AMI actions are waiting for an answer", code="ami_busy")
        question = Question(action, end)
        try:
            async with asyncio.timeout(timeout_s):
                answer: list[Frame] = await self.send(question, as_list=bool(end))
        except TimeoutError:
            raise PeerError(f"Asterisk did not answer {action['Action']}", code="ami_timeout") from None
        finally:
            self.responses.pop(question.id, None)
        return answer

    def _read_banner(self) -> bool:
        line, ending, rest = self._text.partition("\r\n")
        if not line.startswith(BANNER[: len(line)]) or (ending and not line.startswith(BANNER)):
            self.cut("not_asterisk")
        if not ending or self.ended.done():
            return False
        self.version = line.removeprefix(BANNER)
        self._text = rest
        return True

    def _take(self, block: str) -> None:
        block = block.lstrip("\r\n")
        if not block:
            return
        try:
            frame = parse(block)
        except SuspiciousFrame as suspicious:
            log.warning("ami frame dropped", reason=suspicious.reason)
            self._alarm(suspicious.reason)
            return
        self.handle_message(frame)

    def _hand_over(self, frame: Frame) -> None:
        if frame.event == "FullyBooted" and not self.booted.done():
            self.booted.set_result(None)
        try:
            self._deliver(frame)
        except asyncio.QueueFull:
            self.cut("inbox_full")
        except Exception as error:  # noqa: BLE001  a failing consumer must not close the socket it is fed from
            log.error("ami consumer failed", event_name=frame.event, error=type(error).__name__)
            self._alarm("consumer_failed")


def _down() -> PeerError:
    return PeerError("the AMI link is down", code="ami_down")
