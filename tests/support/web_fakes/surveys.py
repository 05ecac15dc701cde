"""A desk of survey calls behind the web's port: it keeps what it is told; the talk of c-1 is to be asked about."""
# ruff: noqa: D102  each method is described by the port that it stands in for

from dataclasses import dataclass, field
from typing import Literal

from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId, SeatId
from callcenter.web.views.surveys import AskView, DueView, SurveyAnswerView, SurveyCallView, SurveysView
from web_fakes.scene import NUMBER, START


@dataclass
class FakeSurveys:
    """``answers``: contact, grade; ``stopped``: why nobody is dialed."""

    asked: list[AskView] = field(default_factory=list)
    answers: list[tuple[str, int | None]] = field(default_factory=list)
    stopped: Literal["", "surge", "hours"] = "surge"

    async def list(self, limit: int) -> SurveysView:
        due = DueView(contact_id="c-1", citizen=NUMBER, answered_at=START, seat_id="8001")
        return SurveysView(
            stopped=self.stopped, due=[] if self.asked else [due], asked=self.asked[:limit], seats=["8004"]
        )

    async def next(self, seat_id: SeatId, by: str) -> SurveyCallView:
        if self.asked:
            raise UsageError("没有待回访的市民 / nobody is to be asked now", code="unknown_citizen")
        call_id = "callback-survey-c-1"
        ask = AskView(
            contact_id="c-1",
            call_id=call_id,
            citizen=NUMBER,
            seat_id=seat_id,
            begun_at=START,
            reached=True,
            answer="",
        )
        self.asked.append(ask)
        return SurveyCallView(contact_id="c-1", call_id=call_id, citizen=NUMBER, seat_id=seat_id)

    async def seat_of(self, contact_id: ContactId) -> SeatId:
        for ask in self.asked:
            if ask.contact_id == contact_id:
                return SeatId(ask.seat_id)
        if contact_id == "c-1":
            return SeatId("8001")
        raise UsageError("nobody asked about it", code="unknown_survey")

    async def answer(self, contact_id: ContactId, grade: int | None) -> SurveyAnswerView:
        if self.answers and self.asked:
            raise UsageError("已经录入过 / it was answered before", code="wrong_survey_state")
        self.answers.append((contact_id, grade))
        said = "declined" if grade is None else "rated"
        return SurveyAnswerView(contact_id=contact_id, answer=said, grade=grade)
