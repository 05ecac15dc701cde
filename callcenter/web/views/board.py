"""The live board: components, queues and who waits, seats, calls."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from callcenter.core.messages.beside import Mode
from callcenter.core.messages.seats import SeatRequest, SeatState
from callcenter.web.views import Number, View
from callcenter.web.views.presence import OnDutyView


class ComponentView(View):
    """A part of the running system. ``required``: without it the system is not ready."""

    name: str
    state: Literal["up", "degraded", "down"]
    required: bool
    detail: str = Field("", description="a stable code or figure, never personal")


class QueueView(View):
    """A queue right now."""

    queue: str
    waiting: int | None = Field(ge=0, description="callers waiting; null when the link to Asterisk is down")
    longest_wait_s: float | None = Field(description="null when nobody waits or it is unknown")
    ready_seats: int | None = Field(ge=0)


class WaitingView(View):
    """A caller in a queue. ``position`` counts from 1."""

    contact_id: str
    citizen: Number
    queue: str
    position: int = Field(ge=1)
    waited_s: float = Field(ge=0)


class SeatView(View):
    """A seat right now. ``wish``: what was asked for and takes effect after the call.

    ``skills``: the queues that ring it first; empty: all alike.
    """

    seat_id: str
    kind: Literal["on_site", "cloud"]
    proven: bool | None = Field(
        None, description="of a cloud seat: its line was measured and counts; null: a seat of the house"
    )
    state: SeatState
    state_s: float = Field(ge=0, description="seconds in this state")
    lasts_s: float | None = Field(
        None,
        ge=0,
        description="seconds after which this state ends by itself: after-call work, a rest; null: never",
    )
    reason: str = ""
    reachable: bool
    contact_id: str | None = None
    wish: SeatRequest | None = None
    skills: list[str] = Field(default_factory=list)
    occupancy: float | None = Field(
        None, ge=0, le=1, description="share of its logged-in time spent with citizens; null when unknown"
    )


class BesideView(View):
    """Who is beside a talk, and how. ``is_there`` false: his telephone rings."""

    by: str
    mode: Mode
    is_there: bool


class CallView(View):
    """A citizen's call right now."""

    contact_id: str
    citizen: Number
    state: str
    queue: str | None
    seat_id: str | None
    duration_s: float = Field(ge=0)
    is_recording_paused: bool = Field(False, description="nothing that is said now is kept")
    has_statement: bool = Field(
        False, description="the matter was stated while waiting: see /contacts/{contact_id}"
    )
    beside: BesideView | None = Field(
        None,
        description="监听、耳语或介入者；设置可对坐席隐藏 / who is beside the talk; settings may hide it from agents",
    )


class StatusView(View):
    """The live board. ``seq``: the last event that it reflects; follow the event stream from there."""

    as_of: datetime
    seq: int = Field(ge=0)
    components: list[ComponentView]
    queues: list[QueueView]
    seats: list[SeatView]
    calls: list[CallView]
    duty: OnDutyView | None = None
