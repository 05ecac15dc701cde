"""One native call as Python knows it: its state, and the audio on its way in both directions."""

import asyncio
import contextlib
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from callcenter.phones.stack import PhoneError, baresip

Samples = NDArray[np.int16]

SAMPLE_RATE = 8000
"""Samples per second, both ways."""

STEP_S = 0.04
"""How often audio is moved between Python and the line."""

TX_AHEAD_S = 0.2
"""Audio handed to the line in advance: a busy event loop of this length is not heard."""

HEARD_S_MAX = 900
"""What a call remembers of what it heard; the oldest is forgotten."""

COMMAND_S_MAX = 10.0

_BYTES_PER_S = SAMPLE_RATE * 2


class CallState(StrEnum):
    """Where a phone's call is in its life."""

    CALLING = "calling"
    RINGING = "ringing"
    TALKING = "talking"
    ENDED = "ended"


class Line:
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
        """Both sides can talk."""
        self.state = CallState.TALKING
        self._touch()

    def on_closed(self, reason: str) -> None:
        """It is over; what came last is still heard."""
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
