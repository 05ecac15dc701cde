"""What a shift manager could do now (建议), as it is shown."""

from datetime import datetime

from pydantic import Field

from callcenter.web.views import View
from callcenter.web.views.surge import Level
from callcenter.web.views.what_if import ChangeView
from queues.core.proposals import ProposalKind


class ProposedSeatView(View):
    """A seat that would move. ``version``: hand it back when applying."""

    seat_id: str
    version: int


class ShiftProposalView(View):
    """One thing to do. It is done by the operation of its kind; the effect is asked of ``/what-if`` with ``change``."""

    id: str = Field(description="the same as long as the same is proposed")
    kind: ProposalKind
    amount: int = Field(description="seats, callers at once, seconds, or the level")
    level: Level | None = Field(description="level, wrap_up: the level to declare")
    seats: list[ProposedSeatView] = Field(description="inbound, groups: who would move")
    queue: str | None = Field(description="groups: where to")
    change: ChangeView | None = Field(description="null: see /rebalance/preview")
    is_upper_bound: bool = Field(description="the change is the best that can come of it")


class ShiftProposalsView(View):
    """All of them, the widest measure first."""

    as_of: datetime
    proposals: list[ShiftProposalView]
