"""Survey calls (满意度回访): the next citizen is called for a seat on survey duty, which enters what he says."""

from typing import Annotated, Any

from pydantic import Field

from callcenter.core.ids import SeatId
from callcenter.web.api.common import note, require_may_ask
from callcenter.web.roles import Permission
from callcenter.web.routes import PATH_IDS, Call, Nothing, Operation, Params, operation
from callcenter.web.views.surveys import SurveyAnswerView, SurveyCallView, SurveysView


class SurveysQuery(Params):
    """How many."""

    limit: int = Field(20, ge=1, le=200)


class NextBody(Params):
    """Which seat calls."""

    seat_id: Annotated[str, Field(pattern=f"^{PATH_IDS['seat_id']}$")]


class GradeBody(Params):
    """What the citizen said: 1 very dissatisfied to 5 very satisfied."""

    grade: int = Field(ge=1, le=5)


@operation("GET", "/surveys", may=Permission.READ_BOARD, zh="满意度回访", en="Survey calls")
async def list_surveys(call: Call[SurveysQuery, Nothing]) -> SurveysView:
    """Who is to be asked, who was, and whether surveys are stopped."""
    return await call.ports.surveys.list(call.query.limit)


@operation(
    "POST",
    "/surveys/next",
    may=Permission.ASK_OWN_SEAT,
    zh="拨打下一位",
    en="Call the next citizen",
    statuses=(404, 409),
)
async def next_survey(call: Call[Nothing, NextBody]) -> SurveyCallView:
    """The seat's phone rings first, then the citizen's; each talk is asked about once at most."""
    require_may_ask(call, SeatId(call.body.seat_id))
    return await call.ports.surveys.next(SeatId(call.body.seat_id), call.identity.name)


@operation(
    "POST",
    "/surveys/{contact_id}/grade",
    may=Permission.ASK_OWN_SEAT,
    zh="录入评分",
    en="Enter a grade",
    statuses=(404, 409),
)
async def grade_survey(call: Call[Nothing, GradeBody]) -> SurveyAnswerView:
    """The first grade of a talk stays, whoever gave it."""
    return await _answer(call, call.body.grade)


@operation(
    "POST",
    "/surveys/{contact_id}/declined",
    may=Permission.ASK_OWN_SEAT,
    zh="拒绝回访",
    en="The citizen declined",
    statuses=(404, 409),
)
async def decline_survey(call: Call[Nothing, Nothing]) -> SurveyAnswerView:
    """He is never asked again."""
    return await _answer(call, None)


async def _answer(call: Call[Any, Any], grade: int | None) -> SurveyAnswerView:
    require_may_ask(call, await call.ports.surveys.seat_of(call.contact_id))
    await note(call, "survey.answered", f"contact/{call.contact_id}")
    return await call.ports.surveys.answer(call.contact_id, grade)


OPERATIONS: tuple[Operation, ...] = (list_surveys, next_survey, grade_survey, decline_survey)
