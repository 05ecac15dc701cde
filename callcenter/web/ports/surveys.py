"""What the web needs for survey calls."""

from typing import Protocol

from callcenter.core.ids import ContactId, SeatId
from callcenter.web.views.surveys import SurveyAnswerView, SurveyCallView, SurveysView


class SurveyPort(Protocol):
    """Whom to ask, dialing the next one, his answer."""

    async def list(self, limit: int) -> SurveysView:
        """Whom to ask and who was asked."""

    async def next(self, seat_id: SeatId, by: str) -> SurveyCallView:
        """Call the next citizen from this seat.

        Raises:
            UsageError: ``unknown_seat``, ``wrong_duty``, ``wrong_seat_state``, ``wrong_surge_level``, ``wrong_hours``,
                ``unknown_citizen``: nobody is due.
        """

    async def seat_of(self, contact_id: ContactId) -> SeatId:
        """Who asks about this talk.

        Raises:
            UsageError: ``unknown_survey``.
        """

    async def answer(self, contact_id: ContactId, grade: int | None) -> SurveyAnswerView:
        """Keep the grade, 1 to 5, or that he declined.

        Raises:
            UsageError: ``unknown_survey``, or ``wrong_survey_state``: answered before, or he was not reached.
        """
