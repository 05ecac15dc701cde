"""Reviews by people: given to somebody, handed in, answered by the agent, ruled on."""

from typing import Annotated, Any

from pydantic import Field

from callcenter.core.ids import RecordingId
from callcenter.web.api.common import Paging, note
from callcenter.web.api.quality.fields import Account, Card, Recording, Rule, Seat, SomeText, Text
from callcenter.web.api.quality.viewing import own_seat, readable_seat, viewer_of
from callcenter.web.refusals import Refusal
from callcenter.web.roles import Permission
from callcenter.web.routes import PATH_IDS, Call, Nothing, Operation, Params, operation
from callcenter.web.views import Page
from callcenter.web.views.quality import ReviewView, ScorecardView
from recordings.core.qa.review import ReviewState, Ruling
from recordings.core.qa.scorecard import CRITERIA_MAX
from recordings.qa.reviewing import READ, Work
from recordings.qa.reviews import Filter as ReviewFilter

GradeMap = Annotated[dict[Card, Annotated[int, Field(ge=0, le=10)] | None], Field(max_length=CRITERIA_MAX)]


class ReviewsQuery(Paging):
    """Which reviews."""

    reviewer: Account | None = None
    seat_id: Seat | None = None
    state: ReviewState | None = None
    recording_id: Recording | None = None
    plan: str | None = Field(None, pattern=f"^{PATH_IDS['plan']}$")


class AssignBody(Params):
    """Which call, by which scorecard; without ``reviewer``: who asks."""

    recording_id: Recording
    card_id: Card
    reviewer: Account | None = None


class SecondBody(Params):
    """Who reviews it blind; without: who asks."""

    reviewer: Account | None = None


class SubmitBody(Params):
    """What the reviewer found. ``grades``: of every criterion; ``null`` where an optional one does not apply."""

    grades: GradeMap
    comments: dict[Card, SomeText] = Field(default_factory=dict, max_length=CRITERIA_MAX)
    comment: Text = ""
    verdicts: dict[Rule, bool] = Field(
        default_factory=dict, max_length=200, description="rule -> whether the machine was right"
    )


class AnswerBody(Params):
    """What the agent says."""

    statement: SomeText


class RulingBody(Params):
    """What becomes of it. ``grades``: the corrected ones, all of them, when it is ``corrected``."""

    ruling: Ruling
    why: SomeText
    grades: GradeMap = Field(default_factory=dict)


@operation("GET", "/qa/scorecards", may=Permission.READ_OWN_QUALITY, zh="评分表", en="Scorecards")
async def list_scorecards(call: Call[Nothing, Nothing]) -> Page[ScorecardView]:
    """What reviewers grade."""
    return Page.whole(call.ports.reviews.scorecards())


@operation("GET", "/qa/reviews", may=Permission.READ_OWN_QUALITY, zh="人工质检", en="Reviews, newest first")
async def list_reviews(call: Call[ReviewsQuery, Nothing]) -> Page[ReviewView]:
    """Others' grades only where two are done; an agent sees finished ones of the own seat."""
    query = call.query
    reads_all = call.identity.has(Permission.READ_QUALITY)
    which = ReviewFilter(
        query.reviewer,
        readable_seat(call, query.seat_id),
        query.state,
        query.recording_id,
        query.plan,
        settled=not reads_all,
    )
    return await call.ports.reviews.reviews(which, viewer_of(call), query.limit, query.offset)


@operation("GET", "/qa/reviews/{review_id}", may=Permission.READ_OWN_QUALITY, zh="质检评分", en="One review")
async def get_review(call: Call[Nothing, Nothing]) -> ReviewView:
    """Who looks at another's grades is audited, and cannot be the second reviewer any more."""
    review = await call.ports.reviews.review(_review_id(call), viewer_of(call))
    if review.grades and review.reviewer != call.identity.name:
        await note(call, READ, f"review/{review.review_id}")
    return review


@operation("POST", "/qa/reviews", may=Permission.REVIEW_CALLS, zh="发起质检", en="Assign a review")
async def assign_review(call: Call[Nothing, AssignBody]) -> ReviewView:
    """Take a call to review; giving it to somebody else needs the right to plan."""
    reviewer = _assignee(call, call.body.reviewer)
    recording_id = RecordingId(call.body.recording_id)
    return await call.ports.reviews.assign(recording_id, call.body.card_id, reviewer, call.identity.name)


@operation(
    "POST",
    "/qa/reviews/{review_id}/second",
    may=Permission.REVIEW_CALLS,
    zh="双盲复核",
    en="Assign a second review",
)
async def assign_second_review(call: Call[Nothing, SecondBody]) -> ReviewView:
    """By somebody who has not seen the first one; neither sees the other's before both are done."""
    reviewer = _assignee(call, call.body.reviewer)
    return await call.ports.reviews.assign_second(_review_id(call), reviewer, call.identity.name)


@operation(
    "POST",
    "/qa/reviews/{review_id}/submit",
    may=Permission.REVIEW_CALLS,
    zh="提交评分",
    en="Hand a review in",
)
async def submit_review(call: Call[Nothing, SubmitBody]) -> ReviewView:
    """Once, by its reviewer."""
    body = call.body
    await note(call, "review.submitted", f"review/{_review_id(call)}")
    work = Work(body.grades, body.comments, body.comment, body.verdicts)
    return await call.ports.reviews.submit(_review_id(call), call.identity.name, work)


@operation(
    "POST",
    "/qa/reviews/{review_id}/answer",
    may=Permission.ANSWER_REVIEWS,
    zh="座席申辩",
    en="An agent's answer",
)
async def answer_review(call: Call[Nothing, AnswerBody]) -> ReviewView:
    """The agent's statement on a finished review of a call of the own seat; once."""
    seat_id = own_seat(call)
    await note(call, "review.answered", f"review/{_review_id(call)}")
    return await call.ports.reviews.answer(_review_id(call), seat_id, call.body.statement)


@operation(
    "POST",
    "/qa/reviews/{review_id}/ruling",
    may=Permission.PLAN_QUALITY,
    zh="申辩裁定",
    en="Rule on the answer",
)
async def rule_on_answer(call: Call[Nothing, RulingBody]) -> ReviewView:
    """The review stays, or is corrected beside its first grades; never by the reviewer himself."""
    body = call.body
    await note(call, "review.ruled", f"review/{_review_id(call)}", body.why[:200])
    return await call.ports.reviews.rule(
        _review_id(call), call.identity.name, body.ruling, body.why, body.grades
    )


def _assignee(call: Call[Any, Any], asked: str | None) -> str:
    own = call.identity.name
    if asked not in (None, own) and not call.identity.has(Permission.PLAN_QUALITY):
        raise Refusal(403, "forbidden", "your role assigns reviews to yourself only")
    return asked or own


def _review_id(call: Call[Any, Any]) -> int:
    return int(call.request.match_info["review_id"])


OPERATIONS: tuple[Operation, ...] = (
    list_scorecards,
    list_reviews,
    get_review,
    assign_review,
    assign_second_review,
    submit_review,
    answer_review,
    rule_on_answer,
)
