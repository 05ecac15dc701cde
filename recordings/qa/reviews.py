"""Reviews by people, coaching notes, sampling plans and draws in SQL.

Invariants: a call has at most two reviews by one scorecard, by two different people; what was submitted is never written
again: an agent's answer and what became of it stand beside it; a draw is on record with the plan as it was.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, RowMapping, Select, and_, exists, func, insert, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.errors import UsageError
from callcenter.core.ids import RecordingId, SeatId
from callcenter.core.messages.calls import Outcome
from callcenter.store import unit as units
from callcenter.store.schema import (
    audit,
    contacts,
    qa_assessments,
    qa_draws,
    qa_findings,
    qa_notes,
    qa_plans,
    qa_reviews,
    recordings,
    tickets,
)
from callcenter.store.unit import Unit
from recordings.core.qa.review import ReviewEvent, ReviewState, Round, Ruling, after, is_settled
from recordings.core.qa.sampling import Assignment, Candidate, GroupBy, Plan, draw
from recordings.core.qa.scorecard import Grades, Scorecard
from recordings.qa.gather import CALL

FIRST: Final = 1
SECOND: Final = 2
READ: Final = "review.read"
"""The audit entry of one who looked at another's grades."""


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
class Work:
    """What a reviewer hands in."""

    grades: Grades
    comments: Mapping[str, str]
    comment: str
    verdicts: Mapping[str, bool]


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


@dataclass(frozen=True, slots=True)
class Note:
    """A coaching note for the agent of a seat. ``second``: of the recording, that it is about."""

    id: int
    seat_id: str
    recording_id: str | None
    second: float | None
    by: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Draw:
    """What was drawn, from how many calls, of which ``fresh`` were not assigned before."""

    plan: str
    period: str
    until_at: datetime
    population: int
    population_sha256: str
    drawn: Sequence[Assignment]
    fresh: int


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
    seat_id = await _seat_of(unit, recording_id)
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
    review = await _locked(unit, review_id)
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
    review = await _locked(unit, review_id)
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
    review = await _locked(unit, review_id)
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


async def get(connection: AsyncConnection, review_id: int) -> Review:
    """One review.

    Raises:
        UsageError: ``unknown_review``.
    """
    found = await _all(connection, select(qa_reviews).where(qa_reviews.c.id == review_id))
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
    total = await connection.scalar(select(func.count()).select_from(qa_reviews)) or 0
    filtered = await connection.scalar(select(func.count()).select_from(qa_reviews).where(wanted)) or 0
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


async def add_note(
    unit: Unit,
    seat_id: SeatId,
    recording_id: RecordingId | None,
    by: str,
    note: str,
    at: datetime,
    *,
    second: float | None = None,
) -> Note:
    """Keep a coaching note.

    Raises:
        UsageError: ``unknown_recording``: it is about a call that this seat has not answered, or about a second of none.
    """
    if recording_id is not None and await _seat_of(unit, recording_id) != seat_id:
        raise UsageError("that call was answered at another seat", code="unknown_recording")
    if recording_id is None and second is not None:
        raise UsageError("a second is one of a recording: say of which", code="unknown_recording")
    values = {
        "seat_id": seat_id,
        "recording_id": recording_id,
        "second": second,
        "by": by,
        "at": at,
        "note": note,
    }
    made = await unit.connection.execute(insert(qa_notes).values(values).returning(qa_notes.c.id))
    return Note(made.scalar_one(), **values)  # type: ignore[arg-type]  # fields by name


async def notes(
    connection: AsyncConnection,
    seat_id: str | None,
    limit: int,
    offset: int,
    *,
    recording_id: str | None = None,
) -> tuple[list[Note], int]:
    """Coaching notes of a seat, of a call, or all, newest first; and how many there are."""
    equal = {qa_notes.c.seat_id: seat_id, qa_notes.c.recording_id: recording_id}
    wanted = and_(true(), *(column == value for column, value in equal.items() if value is not None))
    statement = select(qa_notes).where(wanted).order_by(qa_notes.c.id.desc()).limit(limit).offset(offset)
    found = [Note(**row) for row in (await connection.execute(statement)).mappings()]
    return found, await connection.scalar(select(func.count()).select_from(qa_notes).where(wanted)) or 0


async def save_plan(unit: Unit, plan: Plan, by: str, at: datetime) -> None:
    """Add or replace a sampling plan; what was drawn by an older one stays."""
    values = _terms(plan) | {"name": plan.name, "changed_by": by, "changed_at": at}
    statement = units.insert(unit.connection, qa_plans).values(values)
    await unit.connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


async def plans(connection: AsyncConnection) -> list[Plan]:
    """All sampling plans, by name."""
    rows = await connection.execute(select(qa_plans).order_by(qa_plans.c.name))
    return [_plan(row) for row in rows.mappings()]


async def plan_named(connection: AsyncConnection, name: str) -> Plan:
    """One plan.

    Raises:
        UsageError: ``unknown_plan``.
    """
    found = (
        (await connection.execute(select(qa_plans).where(qa_plans.c.name == name))).mappings().one_or_none()
    )
    if found is None:
        raise UsageError(f"there is no sampling plan {name}", code="unknown_plan")
    return _plan(found)


async def draw_calls(
    unit: Unit,
    plan: Plan,
    period: str,
    since: datetime,
    until: datetime,
    own_seats: Mapping[str, SeatId],
    by: str,
    at: datetime,
) -> Draw:
    """Draw from the assessed calls that were answered in ``[since, until)`` and assign what has no review yet."""
    candidates = await _candidates(unit.connection, since, until)
    drawn = draw(plan, period, candidates, own_seats)
    fresh = sum([await _assign_drawn(unit, plan, period, assignment, by, at) for assignment in drawn])
    ids = "\n".join(sorted(candidate.recording_id for candidate in candidates))
    digest = hashlib.sha256(ids.encode()).hexdigest()
    values = {
        "plan": plan.name,
        "period": period,
        "until_at": until,
        "terms": _terms(plan),
        "population": len(candidates),
        "population_sha256": digest,
        "drawn": [asdict(assignment) for assignment in drawn],
        "drawn_by": by,
        "drawn_at": at,
    }
    statement = units.insert(unit.connection, qa_draws).values(values)
    await unit.connection.execute(statement.on_conflict_do_nothing())  # the first record of a draw stays
    return Draw(plan.name, period, until, len(candidates), digest, drawn, fresh)


def unknown_review(review_id: int) -> UsageError:
    """There is no such review, or none that this person may know of."""
    return UsageError(f"there is no review {review_id}", code="unknown_review")


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


async def _assign_drawn(
    unit: Unit, plan: Plan, period: str, assignment: Assignment, by: str, at: datetime
) -> int:
    """How many reviews are new: none where people review the call by this card already."""
    about = (qa_reviews.c.recording_id == assignment.recording_id) & (qa_reviews.c.card_id == plan.card_id)
    if await unit.connection.scalar(select(qa_reviews.c.id).where(about).limit(1)) is not None:
        return 0
    both = [(FIRST, assignment.first), (SECOND, assignment.second)]
    wanted = [(ordinal, reviewer) for ordinal, reviewer in both if reviewer is not None]
    for ordinal, reviewer in wanted:
        await assign(
            unit,
            assignment.recording_id,
            plan.card_id,
            reviewer,
            by,
            at,
            plan=plan.name,
            period=period,
            ordinal=ordinal,
        )
    return len(wanted)


async def _candidates(connection: AsyncConnection, since: datetime, until: datetime) -> list[Candidate]:
    columns = qa_assessments.c
    ticket = and_(tickets.c.contact_id == columns.contact_id, tickets.c.purpose == CALL)
    statement = (
        select(columns.recording_id, columns.seat_id, tickets.c.topic)
        .select_from(qa_assessments.outerjoin(tickets, ticket))
        .where(columns.is_current, columns.answered_at >= since, columns.answered_at < until)
    )
    return [Candidate(*row) for row in await connection.execute(statement)]


async def _seat_of(unit: Unit, recording_id: RecordingId) -> str | None:
    joined = recordings.join(contacts, contacts.c.contact_id == recordings.c.recording_id)
    statement = select(contacts.c.seat_id, contacts.c.outcome).select_from(joined)
    found = await unit.connection.execute(statement.where(recordings.c.recording_id == recording_id))
    row = found.one_or_none()
    if row is None or row.outcome != Outcome.ANSWERED.value:
        raise UsageError(f"there is no answered call with recording {recording_id}", code="unknown_recording")
    seat_id: str | None = row.seat_id
    return seat_id


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


async def _locked(unit: Unit, review_id: int) -> Review:
    statement = select(qa_reviews).where(qa_reviews.c.id == review_id).with_for_update()
    found = await _all(unit.connection, statement)
    if not found:
        raise unknown_review(review_id)
    return found[0]


async def _change(unit: Unit, review_id: int, changes: dict[str, Any]) -> Review:
    await unit.connection.execute(update(qa_reviews).where(qa_reviews.c.id == review_id).values(changes))
    return await get(unit.connection, review_id)


def _wanted(which: Filter) -> ColumnElement[bool]:
    equal = {
        qa_reviews.c.reviewer: which.reviewer,
        qa_reviews.c.seat_id: which.seat_id,
        qa_reviews.c.state: which.state,
        qa_reviews.c.recording_id: which.recording_id,
        qa_reviews.c.plan: which.plan,
    }
    wanted = and_(true(), *(column == value for column, value in equal.items() if value is not None))
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


def _terms(plan: Plan) -> dict[str, Any]:
    values = asdict(plan)
    del values["name"]
    return values | {"group_by": plan.group_by.value, "reviewers": list(plan.reviewers)}


def _plan(row: RowMapping) -> Plan:
    values = {each.name: row[each.name] for each in fields(Plan)}
    return Plan(**(values | {"group_by": GroupBy(row["group_by"]), "reviewers": tuple(row["reviewers"])}))
