"""What the outside sees of survey calls (满意度回访)."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from callcenter.web.views import Number, View


class DueView(View):
    """A citizen to be asked about his talk."""

    contact_id: str
    citizen: Number
    answered_at: datetime
    seat_id: str | None = Field(description="who talked with him")


class AskView(View):
    """A survey call. ``answer``: what came of it; empty: nothing yet."""

    contact_id: str = Field(description="the talk that is asked about")
    call_id: str
    citizen: Number
    seat_id: str
    begun_at: datetime
    reached: bool
    answer: Literal["", "rated", "declined"]


class SurveysView(View):
    """Whom to ask and who was asked. ``stopped``: why nobody is dialed now; empty: nothing hinders."""

    stopped: Literal["", "surge", "hours"]
    due: list[DueView]
    asked: list[AskView]
    seats: list[str] = Field(description="seats on survey duty")


class SurveyCallView(View):
    """A survey call that begins: the seat's phone rings now, then the citizen's."""

    contact_id: str
    call_id: str
    citizen: Number
    seat_id: str


class SurveyAnswerView(View):
    """What the citizen answered."""

    contact_id: str
    answer: Literal["rated", "declined"]
    grade: int | None
