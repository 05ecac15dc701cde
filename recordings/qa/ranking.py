"""The ranked list of assessments: which are asked for, the worst and most uncertain first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.store.schema import qa_assessments, qa_findings, qa_reviews, tickets
from recordings.qa.assessments import Kept, listed, read
from recordings.qa.gather import CALL

UNREVIEWED = "none"
"""Calls that no person has or had to review."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which assessments; ``None``: any. ``since`` inclusive, ``until`` exclusive, both by the answer.

    ``min_score``, ``max_score``, ``min_concern``: inclusive. ``rules_version`` ``None``: the current ones only.
    ``review``: with a review by a person in this state, ``UNREVIEWED``: with none; ``reviewer``: that review is his.
    """

    seat_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    topic: str | None = None
    rule_id: str | None = None
    min_score: float | None = None
    max_score: float | None = None
    rules_version: str | None = None
    min_concern: float | None = None
    review: str | None = None
    reviewer: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the ranked list. ``total``: all assessments that are current; ``filtered``: those that match."""

    items: Sequence[Kept]
    total: int
    filtered: int


async def ranked(connection: AsyncConnection, which: Filter, limit: int, offset: int) -> Part:
    """The worst and most uncertain first."""
    wanted = condition(which)
    statement = listed().where(wanted).order_by(qa_assessments.c.concern.desc(), qa_assessments.c.id)
    items = await read(connection, statement.limit(limit).offset(offset))
    counted = select(func.count()).select_from(qa_assessments)
    total = await connection.scalar(
        select(func.count()).select_from(qa_assessments).where(qa_assessments.c.is_current)
    )
    return Part(items, total or 0, await connection.scalar(counted.where(wanted)) or 0)


def condition(which: Filter) -> ColumnElement[bool]:
    """What an assessment must fulfil to be one of them."""
    columns = qa_assessments.c
    conditions: list[ColumnElement[bool]] = [
        columns.is_current if which.rules_version is None else columns.rules_version == which.rules_version
    ]
    if which.seat_id is not None:
        conditions.append(columns.seat_id == which.seat_id)
    if which.since is not None:
        conditions.append(columns.answered_at >= which.since)
    if which.until is not None:
        conditions.append(columns.answered_at < which.until)
    if which.topic is not None:
        of_topic = and_(
            tickets.c.contact_id == columns.contact_id,
            tickets.c.purpose == CALL,
            tickets.c.topic == which.topic,
        )
        conditions.append(exists(select(tickets.c.ticket_no).where(of_topic).correlate(qa_assessments)))
    if which.min_score is not None:
        conditions.append(columns.score >= which.min_score)
    if which.max_score is not None:
        conditions.append(columns.score <= which.max_score)
    if which.min_concern is not None:
        conditions.append(columns.concern >= which.min_concern)
    if which.review is not None or which.reviewer is not None:
        conditions.append(_reviewed(which))
    if which.rule_id is not None:
        of_rule = and_(qa_findings.c.assessment_id == columns.id, qa_findings.c.rule_id == which.rule_id)
        conditions.append(exists(select(qa_findings.c.ordinal).where(of_rule).correlate(qa_assessments)))
    return and_(*conditions)


def _reviewed(which: Filter) -> ColumnElement[bool]:
    of_call = qa_reviews.c.recording_id == qa_assessments.c.recording_id
    if which.review == UNREVIEWED:
        return ~exists(select(qa_reviews.c.id).where(of_call).correlate(qa_assessments))
    if which.review is not None:
        of_call &= qa_reviews.c.state == which.review
    if which.reviewer is not None:
        of_call &= qa_reviews.c.reviewer == which.reviewer
    return exists(select(qa_reviews.c.id).where(of_call).correlate(qa_assessments))
