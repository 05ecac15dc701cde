"""The link to Asterisk: lost, restored with the truth, troubled."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from callcenter.core.ids import ChannelName, ContactId, QueueName, SeatId
from callcenter.core.messages.base import Effect, Message


@dataclass(frozen=True, slots=True)
class LiveCall:
    """An inbound contact, ours or the partner's, that Asterisk holds right now. ``duration_s``: age of its channel."""

    contact_id: ContactId
    channel: ChannelName
    called: str
    duration_s: float
    seat_id: SeatId | None
    """The seat it is joined with, if any."""
    conference: tuple[str, ...] = ()
    """Who is in its conference of three (``messages/conference.py``), the citizen too; empty: it is in none."""


@dataclass(frozen=True, slots=True)
class WaitingCall:
    """An entry of a queue. ``position`` from 1; ``wait_s`` seconds since joining."""

    contact_id: ContactId
    queue: QueueName
    position: int
    priority: int
    wait_s: float


@dataclass(frozen=True, slots=True)
class QueueMember:
    """A seat's membership of a queue, as Asterisk has it. ``in_call``: it talks now."""

    seat_id: SeatId
    queue: QueueName
    paused: bool
    reason: str
    in_call: bool


@dataclass(frozen=True, slots=True)
class RingingPhone:
    """A seat's phone that rings, and for whom: a caller of a queue, or a call-back."""

    seat_id: SeatId
    contact_id: ContactId


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole truth about live calls, asked of Asterisk after every (re)connect."""

    boot_id: str
    calls: tuple[LiveCall, ...]
    waiting: tuple[WaitingCall, ...]
    members: tuple[QueueMember, ...]
    reachable: frozenset[SeatId]
    ringing: tuple[RingingPhone, ...] = ()
    listeners: tuple[ContactId, ...] = ()
    """Talks beside which somebody listens or whispers (``messages/beside.py``)."""


@dataclass(frozen=True, slots=True)
class LinkLost(Message):
    """No events from Asterisk from now on: figures have a gap. Calls go on."""

    type: ClassVar[str] = "figure.gap_opened"
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LinkRestored(Message):
    """Events flow again; ``snapshot`` is the truth to start from."""

    type: ClassVar[str] = "figure.gap_closed"
    snapshot: Snapshot
    at: datetime


@dataclass(frozen=True, slots=True)
class FrameDropped(Message):
    """A frame from Asterisk looked forged or damaged and was dropped; a full resync follows."""

    type: ClassVar[str] = "alarm.frame_dropped"
    reason: str


@dataclass(frozen=True, slots=True)
class Resync(Effect):
    """Ask Asterisk for the whole truth again."""

    reason: str
