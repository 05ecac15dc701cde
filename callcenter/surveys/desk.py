"""Behind the web's port for survey calls (:class:`callcenter.web.ports.surveys.SurveyPort`).

Invariant: it decides nothing; whether a seat may survey now is the engine's, once per talk is the database's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

from callcenter.controller import Controller
from callcenter.core.clock import Clock
from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages.callbacks import survey_id
from callcenter.core.messages.flows import Rated
from callcenter.core.messages.surge import DayPlanned
from callcenter.core.messages.surveys import SurveyAsked
from callcenter.store.database import Database
from callcenter.store.writer import StoreWriter
from callcenter.surveys import store
from callcenter.web.views.surveys import AskView, DueView, SurveyAnswerView, SurveyCallView, SurveysView
from queues.core.rebalance import Rebalancing
from queues.core.surveying import Surveying

BY_SURVEY: Final = "survey"
"""How a rating by a survey call is told from one by keys or link."""

LOOK_AHEAD: Final = 100
"""So many of the list are looked at for one who may be called."""


@dataclass(frozen=True)
class SurveyDesk:
    """``today``: the plan of the day, with the hours of call-backs; ``can_be_called``: whether a number may be dialed."""

    controller: Controller
    surveying: Surveying
    rebalancing: Rebalancing
    database: Database
    writer: StoreWriter
    clock: Clock
    today: Callable[[], DayPlanned | None]
    can_be_called: Callable[[str], bool]

    async def list(self, limit: int) -> SurveysView:
        """Whom to ask and who was asked."""
        async with self.database.reading() as connection:
            due = await store.due(connection, self.clock.at(), limit)
            asked = await store.newest(connection, limit)
        return SurveysView(
            stopped=self._stopped(),
            due=[
                DueView(
                    contact_id=each.contact_id,
                    citizen=each.caller,
                    answered_at=each.answered_at,
                    seat_id=each.seat_id,
                )
                for each in due
                if self.can_be_called(each.caller)
            ],
            asked=[_asked(each) for each in asked],
            seats=[seat.seat_id for seat in self.rebalancing.surveying()],
        )

    async def next(self, seat_id: SeatId, by: str) -> SurveyCallView:
        """Call the next citizen from this seat.

        Raises:
            UsageError: the seat, the level or the hour forbids it, or nobody is due.
        """
        self.surveying.check(seat_id)
        if self._stopped() == "hours":
            raise UsageError("现在不是外呼时间 / citizens are not called at this hour", code="wrong_hours")
        async with self.database.reading() as connection:
            found = await store.due(connection, self.clock.at(), LOOK_AHEAD)
        chosen = next((each for each in found if self._may_be_called(each.caller)), None)
        if chosen is None:
            raise UsageError("没有待回访的市民 / nobody is to be asked now", code="unknown_citizen")
        await self.controller.ask(SurveyAsked(chosen.contact_id, chosen.caller, seat_id, by))
        return SurveyCallView(
            contact_id=chosen.contact_id,
            call_id=survey_id(chosen.contact_id),
            citizen=chosen.caller,
            seat_id=seat_id,
        )

    async def seat_of(self, contact_id: ContactId) -> SeatId:
        """Who asks about this talk.

        Raises:
            UsageError: ``unknown_survey``.
        """
        return (await self._ask(contact_id)).seat_id

    async def answer(self, contact_id: ContactId, grade: int | None) -> SurveyAnswerView:
        """Keep the grade, or that he declined.

        Raises:
            UsageError: ``unknown_survey``, ``wrong_survey_state``.
        """
        asked = await self._ask(contact_id)
        if asked.answer:
            raise UsageError("已经录入过 / it was answered before", code="wrong_survey_state")
        if not asked.joined:
            raise UsageError("市民没有接通 / the citizen was not reached", code="wrong_survey_state")
        said: Literal["rated", "declined"] = "declined" if grade is None else "rated"
        if grade is not None:
            await self.controller.ask(Rated(contact_id, grade, BY_SURVEY))
        await self.writer.do(partial(store.answer, contact_id=contact_id, said=said), "survey answer")
        return SurveyAnswerView(contact_id=contact_id, answer=said, grade=grade)

    async def _ask(self, contact_id: ContactId) -> store.Ask:
        async with self.database.reading() as connection:
            asked = await store.get(connection, contact_id)
        if asked is None:
            raise UsageError(
                f"没有对{contact_id}的回访 / nobody asked about {contact_id}", code="unknown_survey"
            )
        return asked

    def _may_be_called(self, caller: str) -> bool:
        return self.can_be_called(caller) and not self.surveying.is_on_line(caller)

    def _stopped(self) -> Literal["", "surge", "hours"]:
        if self.surveying.is_stopped():
            return "surge"
        today = self.today()
        if today is None:
            return "hours"
        second = self.clock.instant() - today.began
        return "" if today.callback_from_s <= second < today.callback_to_s else "hours"


def _asked(ask: store.Ask) -> AskView:
    answer: Literal["", "rated", "declined"] = (
        "rated" if ask.answer == store.RATED else "declined" if ask.answer else ""
    )
    return AskView(
        contact_id=ask.contact_id,
        call_id=ask.call_id,
        citizen=ask.caller,
        seat_id=ask.seat_id,
        begun_at=ask.begun_at,
        reached=ask.joined,
        answer=answer,
    )
