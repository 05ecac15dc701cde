"""The quality of calls (质检): the ranked list, reviews by people, plans, calibration.

Agents see calls and reviews of their own seat only. Who reads what was said, or another's grades, is audited first.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, AwareDatetime, Field

from callcenter.core.ids import RecordingId, SeatId
from callcenter.web.api.common import Paging, Unmasking, audit, may_unmask, note, paragraphs
from callcenter.web.ports.quality import Viewer
from callcenter.web.refusals import Refusal, unknown
from callcenter.web.roles import Permission
from callcenter.web.routes import PATH_IDS, Call, Nothing, Operation, Params, Reply, operation
from callcenter.web.views import UNMASK, Page
from callcenter.web.views.quality import (
    AgreementView,
    AssessmentSummary,
    AssessmentView,
    CoverageView,
    DrawView,
    NoteView,
    PlanView,
    ReviewersView,
    ReviewView,
    RulesView,
    ScorecardView,
    SpokenView,
)
from recordings.core.qa.review import ReviewState, Ruling
from recordings.core.qa.rules import RULE_ID
from recordings.core.qa.sampling import GroupBy, Plan
from recordings.core.qa.scorecard import CARD_ID, CRITERIA_MAX
from recordings.qa.reviews import READ, Work
from recordings.qa.reviews import Filter as ReviewFilter
from recordings.qa.store import Filter

SPAN_MAX = timedelta(days=400)
DAY = timedelta(days=1)
TEXT_MAX = 2000
SECOND_MAX = 24 * 3600
"""No recording is longer than a day."""
REVIEWERS_MAX = 100
SEED_MAX = 2**53
"""Beyond this JavaScript cannot count."""


Text = Annotated[str, AfterValidator(paragraphs), Field(max_length=TEXT_MAX)]
SomeText = Annotated[Text, Field(min_length=1)]
Seat = Annotated[str, Field(pattern=f"^{PATH_IDS['seat_id']}$")]
Recording = Annotated[str, Field(pattern=f"^{PATH_IDS['recording_id']}$")]
Card = Annotated[str, Field(pattern=f"^{CARD_ID}$")]
Rule = Annotated[str, Field(pattern=f"^{RULE_ID}$")]
Account = Annotated[str, Field(min_length=1, max_length=64)]
Version = Annotated[str, Field(pattern=r"^[0-9A-Za-z._+-]{1,80}$")]
GradeMap = Annotated[dict[Card, Annotated[int, Field(ge=0, le=10)] | None], Field(max_length=CRITERIA_MAX)]


class CallsQuery(Paging):
    """Which calls. ``from`` inclusive, ``until`` exclusive, both by the answer; scores inclusive."""

    from_: AwareDatetime | None = Field(None, alias="from")
    until: AwareDatetime | None = None
    seat_id: Seat | None = None
    topic: str | None = Field(None, pattern=r"^[a-z][a-z0-9_]{0,39}$")
    rule: Rule | None = None
    min_score: float | None = Field(None, ge=0, le=100)
    max_score: float | None = Field(None, ge=0, le=100)
    rules_version: Version | None = Field(None, description="older or tried rules; empty: what is current")
    min_concern: float | None = Field(
        None, ge=0, le=1, description="only doubtful ones: from this concern up"
    )
    review: Literal["none", "assigned", "submitted", "answered", "ruled"] | None = Field(
        None, description="with a review by a person in this state; none: with no review"
    )
    reviewer: Account | None = Field(None, description="whose review that is")


class CallQuery(Unmasking):
    """By which rules."""

    rules_version: Version | None = None


class SpokenQuery(Unmasking):
    """Why it is read: ``why`` is required and audited."""


class SpanQuery(Params):
    """Which time. Without ``until``: up to now."""

    from_: AwareDatetime | None = Field(None, alias="from")
    until: AwareDatetime | None = None


class CoverageQuery(SpanQuery):
    """Calls answered in that time, by default the last 24 hours."""

    seat_id: Seat | None = None


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


class NotesQuery(Paging):
    """Of which seat, about which call; without: of all."""

    seat_id: Seat | None = None
    recording_id: Recording | None = None


class NoteBody(Params):
    """For whom, about which call or none."""

    seat_id: Seat
    recording_id: Recording | None = None
    second: float | None = Field(None, ge=0, le=SECOND_MAX, description="of the recording, that it is about")
    note: SomeText


class PlanBody(Params):
    """``size`` calls a week of each group; ``second_share`` of them are reviewed by two of the ``reviewers``."""

    card_id: Card
    group_by: GroupBy
    size: int = Field(ge=1, le=1000)
    seed: int = Field(ge=0, le=SEED_MAX)
    second_share: float = Field(0.0, ge=0, le=1)
    reviewers: list[Account] = Field(min_length=1, max_length=REVIEWERS_MAX)


class DrawBody(Params):
    """Which week; ``so_far``: it is not over, draw from what there is."""

    week: str = Field(pattern=r"^[0-9]{4}-W[0-9]{2}$", description="ISO week, 2026-W47")
    so_far: bool = False


class AgreementQuery(SpanQuery):
    """Second reviews handed in in that time, by default the last 90 days."""

    card_id: Card


@operation(
    "GET",
    "/qa/calls",
    may=Permission.READ_OWN_QUALITY,
    zh="质检清单",
    en="Calls, worst and most uncertain first",
)
async def list_assessments(call: Call[CallsQuery, Nothing]) -> Page[AssessmentSummary]:
    """Every answered call whose words are there, or will never be. An agent sees those of the own seat."""
    query, reads_all = call.query, call.identity.has(Permission.READ_QUALITY)
    if not reads_all and (query.review or query.reviewer):
        raise Refusal(403, "forbidden", "your role does not show whose calls are being reviewed")
    page = await call.ports.quality.calls(calls_wanted(call, query), query.limit, query.offset)
    return page if reads_all else page.model_copy(update={"items": [_untold(each) for each in page.items]})


@operation(
    "GET", "/qa/calls/{recording_id}", may=Permission.READ_OWN_QUALITY, zh="质检结果", en="One assessment"
)
async def get_assessment(call: Call[CallQuery, Nothing]) -> Reply[AssessmentView]:
    """Score, certainty, and each finding with its seconds and words; the look is audited."""
    found = await _own_call(call, call.query.rules_version)
    shown = await may_unmask(call, call.query, f"recording/{call.recording_id}")
    if not call.identity.has(Permission.READ_QUALITY):
        found = _untold(found)
    if not shown:
        await note(call, "assessment.read", f"recording/{call.recording_id}")
    return Reply(found, context=UNMASK if shown else None)


@operation(
    "GET",
    "/qa/calls/{recording_id}/transcript",
    may=Permission.READ_OWN_QUALITY,
    zh="通话文本",
    en="What was said",
)
async def get_spoken(call: Call[SpokenQuery, Nothing]) -> Reply[SpokenView]:
    """Turn by turn, with seconds to jump to. Needs a reason, which is audited."""
    await _own_call(call, None)
    resource = f"recording/{call.recording_id}"
    await audit(call, "transcript.read", resource, call.query.why)
    shown = await may_unmask(call, call.query, resource)
    spoken = await call.ports.quality.spoken(call.recording_id)
    if spoken is None:
        raise unknown("transcript", call.recording_id)
    return Reply(spoken, context=UNMASK if shown else None)


@operation(
    "GET", "/qa/coverage", may=Permission.READ_QUALITY, zh="质检覆盖", en="How many calls were assessed"
)
async def get_coverage(call: Call[CoverageQuery, Nothing]) -> CoverageView:
    """Answered, recorded, transcribed, assessed; and in how many calls each rule found something."""
    since, until = _span(call, call.query, DAY)
    return await call.ports.quality.coverage(since, until, call.query.seat_id)


@operation("GET", "/qa/rules", may=Permission.READ_OWN_QUALITY, zh="质检规则", en="The rules in force")
async def list_rules(call: Call[Nothing, Nothing]) -> RulesView:
    """Everybody who is judged by them may read them."""
    return call.ports.quality.rules()


@operation("GET", "/qa/scorecards", may=Permission.READ_OWN_QUALITY, zh="评分表", en="Scorecards")
async def list_scorecards(call: Call[Nothing, Nothing]) -> Page[ScorecardView]:
    """What reviewers grade."""
    return _whole(call.ports.reviews.scorecards())


@operation("GET", "/qa/reviews", may=Permission.READ_OWN_QUALITY, zh="人工质检", en="Reviews, newest first")
async def list_reviews(call: Call[ReviewsQuery, Nothing]) -> Page[ReviewView]:
    """Others' grades only where two are done; an agent sees finished ones of the own seat."""
    query = call.query
    reads_all = call.identity.has(Permission.READ_QUALITY)
    which = ReviewFilter(
        query.reviewer,
        _readable_seat(call, query.seat_id),
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
    seat_id = _own_seat(call)
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


@operation(
    "GET", "/qa/notes", may=Permission.READ_OWN_QUALITY, zh="辅导记录", en="Coaching notes, newest first"
)
async def list_notes(call: Call[NotesQuery, Nothing]) -> Page[NoteView]:
    """An agent sees those for the own seat."""
    query = call.query
    seat_id = _readable_seat(call, query.seat_id)
    return await call.ports.reviews.notes(seat_id, query.recording_id, query.limit, query.offset)


@operation("POST", "/qa/notes", may=Permission.REVIEW_CALLS, zh="写辅导记录", en="Write a coaching note")
async def add_note(call: Call[Nothing, NoteBody]) -> NoteView:
    """For the agent of a seat, about one of its calls or none."""
    body = call.body
    recording_id = RecordingId(body.recording_id) if body.recording_id else None
    return await call.ports.reviews.add_note(
        SeatId(body.seat_id), recording_id, body.second, call.identity.name, body.note
    )


@operation("GET", "/qa/reviewers", may=Permission.REVIEW_CALLS, zh="质检员名单", en="Who may review calls")
async def list_reviewers(call: Call[Nothing, Nothing]) -> ReviewersView:
    """For whom gives calls to others, and for plans."""
    return ReviewersView(names=await call.ports.reviews.reviewers())


@operation("GET", "/qa/plans", may=Permission.REVIEW_CALLS, zh="抽检方案", en="Sampling plans")
async def list_plans(call: Call[Nothing, Nothing]) -> Page[PlanView]:
    """By name."""
    return _whole(list(await call.ports.reviews.plans()))


@operation(
    "PUT", "/qa/plans/{plan}", may=Permission.PLAN_QUALITY, zh="设置抽检方案", en="Set a sampling plan"
)
async def set_plan(call: Call[Nothing, PlanBody]) -> PlanView:
    """Add or replace it; what was drawn stays."""
    body = call.body
    if len(set(body.reviewers)) < len(body.reviewers):
        raise Refusal(422, "bad_body", "a reviewer stands twice", details={"fields": ["reviewers"]})
    plan = Plan(
        _plan(call),
        body.card_id,
        body.group_by,
        body.size,
        body.seed,
        body.second_share,
        tuple(body.reviewers),
    )
    await note(call, "plan.set", f"plan/{plan.name}")
    return await call.ports.reviews.save_plan(plan, call.identity.name)


@operation(
    "POST", "/qa/plans/{plan}/draw", may=Permission.PLAN_QUALITY, zh="抽检", en="Draw the calls of a week"
)
async def draw_plan(call: Call[Nothing, DrawBody]) -> DrawView:
    """Assign what the plan draws; drawing again gives the same and assigns nothing twice."""
    await note(call, "plan.drawn", f"plan/{_plan(call)}", call.body.week)
    return await call.ports.reviews.draw(_plan(call), call.body.week, call.body.so_far, call.identity.name)


@operation("GET", "/qa/agreement", may=Permission.READ_QUALITY, zh="质检校准", en="How well reviewers agree")
async def get_agreement(call: Call[AgreementQuery, Nothing]) -> AgreementView:
    """Cohen's kappa for each criterion, plain and weighted."""
    since, until = _span(call, call.query, 90 * DAY)
    return await call.ports.reviews.agreement(call.query.card_id, since, until)


def calls_wanted(call: Call[Any, Any], query: CallsQuery) -> Filter:
    """Which calls were asked for; of an agent only those of the own seat."""
    return Filter(
        seat_id=_readable_seat(call, query.seat_id),
        since=query.from_,
        until=query.until,
        topic=query.topic,
        rule_id=query.rule,
        min_score=query.min_score,
        max_score=query.max_score,
        rules_version=query.rules_version,
        min_concern=query.min_concern,
        review=query.review,
        reviewer=query.reviewer,
    )


S = TypeVar("S", bound=AssessmentSummary)


def _untold(summary: S) -> S:
    """Without what is being reviewed: an agent hears of a review when it is done."""
    return summary.model_copy(update={"reviews": []})


def viewer_of(call: Call[Any, Any]) -> Viewer:
    """Who asks, as the desk of reviews knows people."""
    identity = call.identity
    own = None if identity.has(Permission.READ_QUALITY) else _own_seat(call)
    return Viewer(identity.name, own)


def _readable_seat(call: Call[Any, Any], asked: str | None) -> str | None:
    """The seat whose calls are shown; ``None``: of all.

    Raises:
        Refusal: 403: another one's, or the account has no seat.
    """
    if call.identity.has(Permission.READ_QUALITY):
        return asked
    own = _own_seat(call)
    if asked not in (None, own):
        raise _not_your_seat()
    return own


async def _own_call(call: Call[Any, Any], rules_version: str | None) -> AssessmentView:
    """The call in the path, if it is for who asks; another one's is as unknown as none."""
    own = None if call.identity.has(Permission.READ_QUALITY) else _own_seat(call)
    found = await call.ports.quality.call(call.recording_id, rules_version)
    if found is None or own not in (None, found.seat_id):
        raise unknown("assessment", call.recording_id)
    return found


def _own_seat(call: Call[Any, Any]) -> SeatId:
    if call.identity.seat_id is None:
        raise _not_your_seat()
    return call.identity.seat_id


def _not_your_seat() -> Refusal:
    return Refusal(403, "not_your_seat", "this is for calls of your own seat only")


def _assignee(call: Call[Any, Any], asked: str | None) -> str:
    own = call.identity.name
    if asked not in (None, own) and not call.identity.has(Permission.PLAN_QUALITY):
        raise Refusal(403, "forbidden", "your role assigns reviews to yourself only")
    return asked or own


def _review_id(call: Call[Any, Any]) -> int:
    return int(call.request.match_info["review_id"])


def _plan(call: Call[Any, Any]) -> str:
    return call.request.match_info["plan"]


def _span(call: Call[Any, Any], asked: SpanQuery, usual: timedelta) -> tuple[datetime, datetime]:
    until = asked.until or call.ports.clock.at()
    since = asked.from_ or until - usual
    if not timedelta() < until - since <= SPAN_MAX:
        raise Refusal(422, "bad_query", f"'from' comes before 'until', at most {SPAN_MAX.days} days")
    return since, until


def _whole(items: list[Any]) -> Page[Any]:
    return Page(items=items, total=len(items), filtered=len(items))


OPERATIONS: tuple[Operation, ...] = (
    list_assessments,
    get_assessment,
    get_spoken,
    get_coverage,
    list_rules,
    list_scorecards,
    list_reviews,
    get_review,
    assign_review,
    assign_second_review,
    submit_review,
    answer_review,
    rule_on_answer,
    list_notes,
    add_note,
    list_reviewers,
    list_plans,
    set_plan,
    draw_plan,
    get_agreement,
)
