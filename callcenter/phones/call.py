"""A call of a phone: what a person at it can do."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import numpy as np

from callcenter.phones.line import COMMAND_S_MAX, SAMPLE_RATE, STEP_S, CallState, Line, Samples
from callcenter.phones.stack import PhoneError, baresip, status_of, translated

ESTABLISH_S_MAX = 30.0

TRANSFER_S_MAX = 20.0

REINVITE_TRIES = 20
"""Hold and resume are refused while Asterisk's own re-INVITE is under way: so often, a step apart."""


class Call:
    """One call of one phone, either direction: what :meth:`Phone.dial` and :meth:`IncomingCall.answer` give."""

    def __init__(self, line: Line):
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
            status = status_of(line.reason)
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
        with translated("call_failed"):
            await asyncio.wait_for(self._line.native.send_dtmf(keys), COMMAND_S_MAX + len(keys))

    async def transfer(self, target: str) -> None:
        """Hand the far end over to ``target`` (a number or extension at the server); our own leg ends.

        Raises:
            PhoneError: ``call_ended`` or ``transfer_failed`` (see its ``status``): the call goes on.
        """
        try:
            with translated("transfer_failed"):
                await self._line.native.transfer(target, timeout=TRANSFER_S_MAX)
        except PhoneError as error:
            # The server may end our leg before it has reported the success: the package calls that a failure.
            if error.code != "transfer_failed" or self._line.state is not CallState.ENDED:
                raise

    async def hangup(self) -> None:
        """End the call; a call that is already over is no error."""
        if self._line.state is not CallState.ENDED:
            with contextlib.suppress(PhoneError), translated("call_failed"):
                await self._line.native.hangup()


class IncomingCall:
    """A call that rings at a phone."""

    def __init__(self, line: Line, caller: str):
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
        with translated("call_failed"):
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
        with contextlib.suppress(PhoneError), translated("call_failed"):
            await self._line.native.reject()


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
    with translated("call_failed"):
        await request()
