"""Cloud seats (云坐席): people who help from elsewhere, and the proof that their line is good enough."""

from dataclasses import dataclass
from typing import ClassVar

from callcenter.core.ids import SeatId
from callcenter.core.messages.base import Effect, Message


@dataclass(frozen=True, slots=True)
class CheckPhone(Effect):
    """Ring the seat's phone, let it hear itself, and measure the line. ``PhoneChecked`` follows in any case."""

    seat_id: SeatId


@dataclass(frozen=True, slots=True)
class PhoneChecked(Message):
    """What the echo test of a seat's phone measured.

    ``failed``: why nothing could be measured (``no_answer``, ``unreachable``, ``hung_up``), ``""`` when it could.
    ``loss_in``, ``loss_out``: shares of packets lost from and to the phone; ``jitter_ms``: variation of arrival from it;
    ``rtt_ms``: there and back; ``seconds``: of test; ``heard``: whether there was a voice.
    """

    type: ClassVar[str] = "cloud.phone_checked"
    seat_id: SeatId
    failed: str = ""
    loss_in: float = 0.0
    loss_out: float = 0.0
    jitter_ms: float = 0.0
    rtt_ms: float = 0.0
    seconds: float = 0.0
    heard: bool = False


@dataclass(frozen=True, slots=True)
class PhoneChanged(Message):
    """Another phone has registered as this seat: what was proven of the last one says nothing of it."""

    type: ClassVar[str] = "cloud.phone_changed"
    seat_id: SeatId
