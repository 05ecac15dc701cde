"""What the outside sees of moved seats (调岗)."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from callcenter.core.messages.duty import Duty
from callcenter.web.views import View


class AssignmentView(View):
    """What a seat is assigned to. ``skills``: the queues that ring it first; none: every queue alike."""

    skills: list[str]
    duty: Duty


class MovedSeatView(View):
    """One seat, before and after."""

    seat_id: str
    version: int = Field(ge=0, description="hand it back when applying: who moved the seat meanwhile is told")
    before: AssignmentView
    after: AssignmentView


class PlannedSeatView(MovedSeatView):
    """One seat of a plan."""

    last_by: str = Field(description="who moved it last; empty: nobody")
    takes_effect: Literal["now", "after_call"]


class ExpectedWaitView(View):
    """What is to be expected, or was; ``null``: too little to say."""

    wait_s: float | None = Field(description="mean wait")
    within_share: float | None = Field(description="answered within 15 s, of the answered and the abandoned")


class GroupView(View):
    """A skill group with its own seats alone: free seats of others help in truth, so waits are rather shorter."""

    queue: str
    calls: int = Field(ge=0, description="calls of the last hour that the estimate is made of")
    talks: int = Field(ge=0, description="talks of the last hour that the estimate is made of")
    seats_before: float = Field(description="a seat of several groups counts in parts")
    seats_after: float
    before: ExpectedWaitView
    after: ExpectedWaitView


class WholeView(View):
    """All inbound calls, simulated from the live state by the hotline's own engine."""

    seats: int = Field(description="more (or fewer) seats that take inbound calls")
    runs: int
    before: ExpectedWaitView
    after: ExpectedWaitView


class EffectView(View):
    """What moves should come to. ``whole`` ``null``: as many seats take inbound calls as before, or nobody could say."""

    as_of: datetime
    hours: float
    groups: list[GroupView]
    whole: WholeView | None
    notes: list[str] = Field(description="what is estimated from how much, and what could not be")


class PreviewView(View):
    """A plan and its effect; nothing was moved."""

    seats: list[PlannedSeatView]
    effect: EffectView


class RealView(View):
    """What came to a queue in the hours after the moves."""

    queue: str
    calls: int
    wait_s: float | None
    within_share: float | None


class NotUndoneView(View):
    """A seat that stayed as somebody moved it since."""

    seat_id: str
    why: str


class RebalanceView(View):
    """One rebalancing: who, when, why, each seat before and after, what was predicted and what came of it."""

    id: str
    at: datetime
    by: str
    why: str
    hours: float
    seats: list[MovedSeatView]
    not_undone: list[NotUndoneView]
    undoes: str = Field(description="the id of what it undoes; empty: none")
    undone_by: str = Field(description="who undid it; empty: nobody")
    predicted: EffectView | None
    real: list[RealView] | None = Field(description="null until its hours are over")


class SeatNowView(View):
    """Where a seat is now."""

    seat_id: str
    version: int
    last_by: str
    now: AssignmentView


class RebalancesView(View):
    """The last ones, newest first, and every seat as it is. ``wanted_back``: seats on surveys that the surge needs."""

    items: list[RebalanceView]
    seats: list[SeatNowView]
    wanted_back: list[str]
