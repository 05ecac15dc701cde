"""Reviews by people in SQL: one as it stands, those of a call, those that somebody asks for.

Invariant: a call has at most two reviews by one scorecard, by two different people. What becomes of one is in ``reviewing``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, RowMapping, Select, and_, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.errors import UsageError
from callcenter.store.lists import all_equal, counts
from callcenter.store.schema import qa_reviews
from recordings.core.qa.review import ReviewState, Round
from recordings.core.qa.scorecard import Grades

FIRST: Final = 1
SECOND: Final = 2


@dataclass(frozen=True, slots=True)
class Review:
    """One review. ``ordinal``: first or second; ``plan`` and ``period``: empty when a person asked for it.

    ``verdicts``: rule -> whether the machine's finding was right. ``statement``: the agent's answer.
    """

    id: int
    recording_id: str
    seat_id: str | None
    card_id: str
    card_version: str
    ordinal: int
    plan: str
    period: str
    reviewer: str
    assigned_by: str
    assigned_at: datetime
    state: ReviewState
    submitted_at: datetime | None = None
    grades: Grades = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)
    comment: str = ""
    score: float | None = None
    assessment_id: int | None = None
    verdicts: Mapping[str, bool] = field(default_factory=dict)
    statement: str = ""
    answered_at: datetime | None = None
    ruling: str = ""
    ruling_why: str = ""
    ruled_by: str = ""
    ruled_at: datetime | None = None
    corrected_grades: Grades = field(default_factory=dict)
    corrected_score: float | None = None

    @property
    def round(self) -> Round:
        """What blindness looks at."""
        return Round(self.reviewer, self.state)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which reviews; ``None``: any. ``settled``: only those whose call has no open review by that card."""

    reviewer: str | None = None
    seat_id: str | None = None
    state: str | None = None
    recording_id: str | None = None
    plan: str | None = None
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the reviews, newest first, each with all reviews of its call by its card."""

    items: Sequence[tuple[Review, Sequence[Review]]]
    total: int
    filtered: int


async def get(connection: AsyncConnection, review_id: int, *, lock: bool = False) -> Review:
    """One review. ``lock``: nobody else changes it before this unit of work ends.

    Raises:
        UsageError: ``unknown_review``.
    """
    statement = select(qa_reviews).where(qa_reviews.c.id == review_id)
    found = await _all(connection, statement.with_for_update() if lock else statement)
    if not found:
        raise unknown_review(review_id)
    return found[0]


async def of_call(connection: AsyncConnection, review: Review) -> list[Review]:
    """The reviews of a call by the same scorecard, first and second."""
    wanted = (qa_reviews.c.recording_id == review.recording_id) & (qa_reviews.c.card_id == review.card_id)
    return await _all(connection, select(qa_reviews).where(wanted).order_by(qa_reviews.c.ordinal))


async def listed(connection: AsyncConnection, which: Filter, limit: int, offset: int) -> Part:
    """Reviews, newest first."""
    wanted = _wanted(which)
    statement = select(qa_reviews).where(wanted).order_by(qa_reviews.c.id.desc())
    found = await _all(connection, statement.limit(limit).offset(offset))
    ids = [review.recording_id for review in found]
    statement = select(qa_reviews).where(qa_reviews.c.recording_id.in_(ids)).order_by(qa_reviews.c.ordinal)
    beside: dict[tuple[str, str], list[Review]] = {}
    for review in await _all(connection, statement):
        beside.setdefault((review.recording_id, review.card_id), []).append(review)
    total, filtered = await counts(connection, qa_reviews, wanted)
    return Part([(review, beside[review.recording_id, review.card_id]) for review in found], total, filtered)


async def pairs(
    connection: AsyncConnection, card_id: str, card_version: str, since: datetime, until: datetime
) -> list[tuple[Grades, Grades]]:
    """What first and second reviewers gave, where both are done; by the submission of the second one."""
    first, second = qa_reviews.alias(), qa_reviews.alias()
    same_call = (first.c.recording_id == second.c.recording_id) & (first.c.card_id == second.c.card_id)
    statement = (
        select(first.c.grades, second.c.grades)
        .join_from(first, second, same_call)
        .where(
            first.c.ordinal == FIRST,
            second.c.ordinal == SECOND,
            first.c.card_id == card_id,
            first.c.card_version == card_version,
            second.c.card_version == card_version,
            second.c.submitted_at >= since,
            second.c.submitted_at < until,
            first.c.submitted_at.is_not(None),
        )
        .order_by(first.c.id)
    )
    return [(mine, theirs) for mine, theirs in await connection.execute(statement)]


def unknown_review(review_id: int) -> UsageError:
    """There is no such review, or none that this person may know of."""
    return UsageError(f"there is no review {review_id}", code="unknown_review")


def _wanted(which: Filter) -> ColumnElement[bool]:
    wanted = all_equal(
        {
            qa_reviews.c.reviewer: which.reviewer,
            qa_reviews.c.seat_id: which.seat_id,
            qa_reviews.c.state: which.state,
            qa_reviews.c.recording_id: which.recording_id,
            qa_reviews.c.plan: which.plan,
        }
    )
    if which.settled:
        beside = qa_reviews.alias()
        is_open = and_(
            beside.c.recording_id == qa_reviews.c.recording_id,
            beside.c.card_id == qa_reviews.c.card_id,
            beside.c.state == ReviewState.ASSIGNED.value,
        )
        wanted &= ~exists(select(beside.c.id).where(is_open).correlate(qa_reviews))
    return wanted


async def _all(connection: AsyncConnection, statement: Select[Any]) -> list[Review]:
    return [_review(row) for row in (await connection.execute(statement)).mappings()]


def _review(row: RowMapping) -> Review:
    values = {each.name: row[each.name] for each in fields(Review)}
    return Review(**(values | {"state": ReviewState(row["state"])}))
