"""How much of a time the rules have looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.messages.calls import Outcome
from callcenter.store.schema import contacts, qa_assessments, qa_findings, recordings, transcripts
from recordings.core.qa.facts import NOT_TRANSCRIBED
from recordings.qa.ranking import Filter, condition
from recordings.store import RecordingState


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a time was listened to by the machine.

    ``answered``: calls; of these ``recorded`` has sound, ``transcribed`` has words, ``assessed`` was checked by rules,
    ``heard`` was checked with words. ``mean_score``: of the heard ones. ``oldest_unassessed_at``: when it was answered.
    """

    answered: int
    recorded: int
    transcribed: int
    assessed: int
    heard: int
    mean_score: float | None
    oldest_unassessed_at: datetime | None
    by_rule: Sequence[tuple[str, int]]
    """Rule -> calls in which it found something, most first."""


async def measure(
    connection: AsyncConnection, since: datetime, until: datetime, seat_id: str | None = None
) -> Coverage:
    """What became of the calls that were answered in ``[since, until)``."""
    is_answered = and_(
        contacts.c.outcome == Outcome.ANSWERED.value,
        contacts.c.answered_at >= since,
        contacts.c.answered_at < until,
        contacts.c.seat_id == seat_id if seat_id else true(),
    )
    of_recording = qa_assessments.c.recording_id == recordings.c.recording_id
    joined = (
        contacts.outerjoin(recordings, recordings.c.recording_id == contacts.c.contact_id)
        .outerjoin(transcripts, transcripts.c.recording_id == recordings.c.recording_id)
        .outerjoin(qa_assessments, of_recording & qa_assessments.c.is_current)
    )
    was_heard = qa_assessments.c.model != NOT_TRANSCRIBED
    statement = (
        select(
            _distinct(contacts.c.contact_id),
            _distinct(recordings.c.recording_id, recordings.c.state == RecordingState.SEALED.value),
            _distinct(transcripts.c.recording_id),
            _distinct(qa_assessments.c.recording_id),
            _distinct(qa_assessments.c.recording_id, was_heard),
            func.min(contacts.c.answered_at).filter(qa_assessments.c.id.is_(None)),
        )
        .select_from(joined)
        .where(is_answered)
    )
    answered, recorded, transcribed, assessed, heard, oldest = (await connection.execute(statement)).one()
    wanted = Filter(seat_id=seat_id, since=since, until=until)
    mean, by_rule = await _mean(connection, wanted), await _by_rule(connection, wanted)
    return Coverage(answered, recorded, transcribed, assessed, heard, mean, oldest, by_rule)


async def _mean(connection: AsyncConnection, which: Filter) -> float | None:
    was_heard = qa_assessments.c.model != NOT_TRANSCRIBED
    statement = select(func.avg(qa_assessments.c.score)).where(condition(which), was_heard)
    mean = await connection.scalar(statement)
    return None if mean is None else round(float(mean), 2)


async def _by_rule(connection: AsyncConnection, which: Filter) -> list[tuple[str, int]]:
    calls = func.count(qa_findings.c.assessment_id.distinct())
    joined = qa_assessments.join(qa_findings, qa_findings.c.assessment_id == qa_assessments.c.id)
    statement = (
        select(qa_findings.c.rule_id, calls)
        .select_from(joined)
        .where(condition(which))
        .group_by(qa_findings.c.rule_id)
        .order_by(calls.desc(), qa_findings.c.rule_id)
    )
    return [(rule_id, count) for rule_id, count in await connection.execute(statement)]


def _distinct(column: Any, condition: ColumnElement[bool] | None = None) -> Any:
    counted = func.count(column.distinct())
    return counted if condition is None else counted.filter(condition)
