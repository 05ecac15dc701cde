"""What the rules found: the ranked list, one call, its words, how many calls were assessed, the rules."""

from datetime import timedelta
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AwareDatetime, Field

from callcenter.web.api.common import Paging, Unmasking, audit, may_unmask, note
from callcenter.web.api.quality.fields import Account, Rule, Seat, SpanQuery, span
from callcenter.web.api.quality.viewing import readable_call, readable_seat
from callcenter.web.refusals import Refusal, unknown
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Reply, operation
from callcenter.web.views import UNMASK, Page
from callcenter.web.views.quality import (
    AssessmentSummary,
    AssessmentView,
    CoverageView,
    RulesView,
    SpokenView,
)
from recordings.qa.ranking import Filter

Version = Annotated[str, Field(pattern=r"^[0-9A-Za-z._+-]{1,80}$")]


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


class CoverageQuery(SpanQuery):
    """Calls answered in that time, by default the last 24 hours."""

    seat_id: Seat | None = None


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
    found = await readable_call(call, call.query.rules_version)
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
    await readable_call(call, None)
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
    since, until = span(call, call.query, timedelta(days=1))
    return await call.ports.quality.coverage(since, until, call.query.seat_id)


@operation("GET", "/qa/rules", may=Permission.READ_OWN_QUALITY, zh="质检规则", en="The rules in force")
async def list_rules(call: Call[Nothing, Nothing]) -> RulesView:
    """Everybody who is judged by them may read them."""
    return call.ports.quality.rules()


def calls_wanted(call: Call[Any, Any], query: CallsQuery) -> Filter:
    """Which calls were asked for; of an agent only those of the own seat."""
    return Filter(
        seat_id=readable_seat(call, query.seat_id),
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


OPERATIONS: tuple[Operation, ...] = (
    list_assessments,
    get_assessment,
    get_spoken,
    get_coverage,
    list_rules,
)
