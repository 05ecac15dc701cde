"""The steps of a review: given to somebody, handed in, answered by the agent, ruled on.

Invariant: what was submitted is never written again; an agent's answer and what became of it stand beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.errors import UsageError
from callcenter.core.ids import RecordingId, SeatId
from callcenter.store import unit as units
from callcenter.store.schema import audit, qa_assessments, qa_findings, qa_reviews
from callcenter.store.unit import Unit
from recordings.core.qa.review import ReviewEvent, ReviewState, Ruling, after, is_settled
from recordings.core.qa.scorecard import Grades, Scorecard
from recordings.qa.gather import seat_of
from recordings.qa.reviews import FIRST, SECOND, Review, get, of_call, unknown_review

READ: Final = "review.read"
"""The audit entry of one who looked at another's grades."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a reviewer hands in."""

    grades: Grades
    comments: Mapping[str, str]
    comment: str
    verdicts: Mapping[str, bool]


async def assign(
    unit: Unit,
    recording_id: RecordingId,
    card_id: str,
    reviewer: str,
    by: str,
    at: datetime,
    *,
    plan: str = "",
    period: str = "",
    ordinal: int = FIRST,
) -> Review:
    """Give an answered call to a reviewer.

    Raises:
        UsageError: ``unknown_recording``: no answered call; ``wrong_reviewer``: somebody has it already.
    """
    seat_id = await seat_of(unit.connection, recording_id)
    values = {
        **_UNTOUCHED,
        "recording_id": recording_id,
        "seat_id": seat_id,
        "card_id": card_id,
        "ordinal": ordinal,
        "plan": plan,
        "period": period,
        "reviewer": reviewer,
        "assigned_by": by,
        "assigned_at": at,
    }
    statement = units.insert(unit.connection, qa_reviews).values(values).on_conflict_do_nothing()
    made = await unit.connection.execute(statement.returning(qa_reviews.c.id))
    review_id = made.scalar_one_or_none()
    if review_id is None:
        raise UsageError(f"the call has such a review by scorecard {card_id} already", code="wrong_reviewer")
    return await get(unit.connection, review_id)


async def assign_second(unit: Unit, review_id: int, reviewer: str, by: str, at: datetime) -> Review:
    """Give the call of a first review to another one, who must not have seen its grades.

    Raises:
        UsageError: ``unknown_review``; ``wrong_reviewer``: the same one, or one who has seen it; or it has a second.
    """
    first = await get(unit.connection, review_id)
    if first.ordinal != FIRST or first.reviewer == reviewer:
        raise UsageError("a second review is made of a first one, by somebody else", code="wrong_reviewer")
    if await _has_read(unit.connection, reviewer, review_id):
        raise UsageError(f"{reviewer} has seen the first review; choose another", code="wrong_reviewer")
    recording_id = RecordingId(first.recording_id)
    return await assign(
        unit,
        recording_id,
        first.card_id,
        reviewer,
        by,
        at,
        plan=first.plan,
        period=first.period,
        ordinal=SECOND,
    )


async def submit(unit: Unit, review_id: int, by: str, card: Scorecard, work: Work, at: datetime) -> Review:
    """Hand a review in; once.

    Raises:
        UsageError: ``unknown_review``, ``wrong_reviewer``, ``wrong_review_state``, ``bad_grades``, ``bad_verdicts``.
    """
    review = await get(unit.connection, review_id, lock=True)
    if review.reviewer != by:
        raise UsageError("this review is another one's", code="wrong_reviewer")
    state = after(review.state, ReviewEvent.SUBMIT)
    card.check(work.grades)
    if set(work.comments) - set(card.criteria):
        raise UsageError("a comment is on a criterion that the scorecard has not", code="bad_grades")
    assessment_id = await _assessment_of(unit, review.recording_id, work.verdicts)
    changes = {
        **{name: dict(getattr(work, name)) for name in ("grades", "comments", "verdicts")},
        "comment": work.comment,
        "state": state.value,
        "submitted_at": at,
        "card_version": card.version,
        "score": card.score(work.grades),
        "assessment_id": assessment_id,
    }
    return await _change(unit, review_id, changes)


async def answer(unit: Unit, review_id: int, seat_id: SeatId | None, statement: str, at: datetime) -> Review:
    """The agent's statement on a review of a call of his seat; once.

    Raises:
        UsageError: ``unknown_review`` (also: not his, or not open to him yet), ``wrong_review_state``.
    """
    review = await get(unit.connection, review_id, lock=True)
    rounds = [each.round for each in await of_call(unit.connection, review)]
    if seat_id is None or review.seat_id != seat_id or not is_settled(rounds):
        raise unknown_review(review_id)
    state = after(review.state, ReviewEvent.ANSWER)
    return await _change(unit, review_id, {"state": state.value, "statement": statement, "answered_at": at})


async def rule(
    unit: Unit,
    review_id: int,
    by: str,
    ruling: Ruling,
    why: str,
    at: datetime,
    card: Scorecard,
    grades: Grades,
) -> Review:
    """Decide on the agent's statement. ``grades``: the corrected ones; the first ones stay on record.

    Raises:
        UsageError: ``unknown_review``, ``wrong_reviewer``: nobody rules on his own review; ``wrong_review_state``;
            ``wrong_scorecard``: the card is another one by now; ``bad_grades``.
    """
    review = await get(unit.connection, review_id, lock=True)
    if review.reviewer == by:
        raise UsageError("nobody rules on the answer to his own review", code="wrong_reviewer")
    changes: dict[str, Any] = {
        "state": after(review.state, ReviewEvent.RULE).value,
        "ruling": ruling.value,
        "ruling_why": why,
        "ruled_by": by,
        "ruled_at": at,
    }
    if ruling is Ruling.CORRECTED:
        if card.version != review.card_version:
            raise UsageError("the scorecard has changed since; ask for a new review", code="wrong_scorecard")
        card.check(grades)
        changes |= {"corrected_grades": dict(grades), "corrected_score": card.score(grades)}
    return await _change(unit, review_id, changes)


_UNTOUCHED: Final[dict[str, Any]] = {
    "state": ReviewState.ASSIGNED.value,
    "card_version": "",
    "grades": {},
    "comments": {},
    "comment": "",
    "verdicts": {},
    "statement": "",
    "ruling": "",
    "ruling_why": "",
    "ruled_by": "",
    "corrected_grades": {},
}


async def _has_read(connection: AsyncConnection, account: str, review_id: int) -> bool:
    entry = and_(audit.c.by == account, audit.c.action == READ, audit.c.resource == f"review/{review_id}")
    return await connection.scalar(select(audit.c.id).where(entry).limit(1)) is not None


async def _assessment_of(unit: Unit, recording_id: str, verdicts: Mapping[str, bool]) -> int | None:
    wanted = (qa_assessments.c.recording_id == recording_id) & qa_assessments.c.is_current
    assessment_id: int | None = await unit.connection.scalar(select(qa_assessments.c.id).where(wanted))
    found = select(qa_findings.c.rule_id).where(qa_findings.c.assessment_id == assessment_id)
    strangers = set(verdicts) - set((await unit.connection.execute(found)).scalars())
    if strangers:
        raise UsageError(f"the rules found no {min(strangers)[:40]} in this call", code="bad_verdicts")
    return assessment_id


async def _change(unit: Unit, review_id: int, changes: dict[str, Any]) -> Review:
    await unit.connection.execute(update(qa_reviews).where(qa_reviews.c.id == review_id).values(changes))
    return await get(unit.connection, review_id)
