"""How mutual aid with the partner city is shown."""

from datetime import datetime

from pydantic import Field

from callcenter.web.views import View


class HelpedView(View):
    """Our callers and the partner. Counts are since the controller's start."""

    moving: int = Field(description="accepted there, on their way")
    ringing: int
    talking: int
    asked: int
    accepted: int
    answered: int
    came_back: int = Field(description="back at the head of our line, for whatever reason")
    given_back: int = Field(description="of these: the partner gave them back")
    declined: dict[str, int] = Field(description="by reason")


class AidView(View):
    """The partner's callers and we. Counts are since the controller's start."""

    here: list[str] = Field(description="their contacts with us")
    asked: int
    accepted: int
    arrived: int
    answered: int
    given_back: int
    declined: dict[str, int] = Field(description="by reason")
    free: int = Field(description="callers that we would take now")


class PartnerFigureView(View):
    """One of the two figures of mutual aid, of today. ``value`` null: nothing to divide by."""

    formula: str
    value: float | None
    numerator: float
    denominator: float


class PartnerView(View):
    """The partner city (协作城市). ``name`` empty: there is none."""

    as_of: datetime
    name: str
    is_paused: bool
    trouble: str = Field(description="why the partner is not trusted right now; empty: nothing is wrong")
    reserve_seats: int
    help_max: int
    helped: HelpedView
    aid: AidView
    figures: list[PartnerFigureView]


class GiveBackView(View):
    """A caller of the partner was sent back."""

    contact_id: str
