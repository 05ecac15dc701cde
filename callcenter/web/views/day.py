"""Today's plan."""

from datetime import date

from pydantic import Field

from callcenter.web.views import View


class DayView(View):
    """Today as it is planned. Lists: one value an hour, 24 of them. Seconds are means that the forecast counts with."""

    day: date
    roster: list[int] = Field(description="seats on the roster in each hour")
    is_usual_roster: bool = Field(description="false: changed by hand for today")
    citizens: list[float] = Field(description="citizens expected in each hour")
    callback_from: str = Field(description="citizens are called back from then on, HH:MM")
    callback_to: str
    talk_s: float
    wrap_up_s: float
    review_s: float
    patience_s: float
