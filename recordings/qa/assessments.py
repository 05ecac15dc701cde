"""Assessments in SQL.

Invariants: one assessment for each recording, recognizer, rule set and state of the facts, however often it is asked
for; older ones stay; of one recording exactly one is current, the one that lists show.
"""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Select, and_, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.ids import RecordingId
from callcenter.store.schema import contacts, qa_assessments, qa_findings, qa_reviews, recordings, tickets
from callcenter.store.unit import Unit
from recordings.core.qa.assess import Assessment, Finding
from recordings.core.qa.facts import CallFacts
from recordings.core.qa.rules import Severity
from recordings.qa.gather import CALL, Gathered

ERASED = ""
"""What stays of a finding's words when the recording's content is erased."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An assessment as it is stored, with what lists show beside it.

    ``citizen``: the whole number, masked where it is shown. ``ticket_no``, ``nature``, ``topic``: of the ticket as
    it is now. ``seconds``: length of the recording. ``reviews``: how far its reviews by people are.
    """

    id: int
    recording_id: str
    contact_id: str
    seat_id: str | None
    answered_at: datetime
    model: str
    is_demo: bool
    rules_version: str
    score: float
    certainty: float
    concern: float
    is_current: bool
    created_at: datetime
    citizen: str
    seconds: float | None
    recording_state: str
    ticket_no: str | None
    nature: str | None
    topic: str | None
    findings: tuple[Finding, ...] = ()
    reviews: tuple[str, ...] = ()


async def keep(
    unit: Unit, call: Gathered, assessment: Assessment, at: datetime, *, trial: bool = False
) -> bool:
    """Store an assessment with its findings; whether it is a new one.

    It becomes the recording's current one, unless it is a ``trial`` beside another.
    """
    recording_id = call.facts.recording_id
    await _lock(unit, recording_id)
    key = _key(call.facts, assessment)
    same = [qa_assessments.c[name] == value for name, value in key.items()]
    known = await unit.connection.scalar(select(qa_assessments.c.id).where(*same))
    current = await _current(unit, recording_id)
    becomes_current = current is None or not trial
    if becomes_current and current is not None and current != known:
        await _mark(unit, current, False)
    if known is not None:
        if becomes_current and current != known:
            await _mark(unit, known, True)
        return False
    await _insert(unit, call, assessment, key | {"is_current": becomes_current, "created_at": at})
    return True


async def get(
    connection: AsyncConnection, recording_id: RecordingId, rules_version: str | None = None
) -> Kept | None:
    """The current assessment of a recording, or its newest one by these rules, with findings."""
    wanted = qa_assessments.c.recording_id == recording_id
    wanted &= (
        qa_assessments.c.is_current
        if rules_version is None
        else qa_assessments.c.rules_version == rules_version
    )
    statement = listed().where(wanted).order_by(qa_assessments.c.id.desc()).limit(1)
    found = await read(connection, statement)
    return found[0] if found else None


async def history(connection: AsyncConnection, recording_id: RecordingId) -> list[Kept]:
    """All assessments of a recording, newest first."""
    statement = listed().where(qa_assessments.c.recording_id == recording_id)
    return await read(connection, statement.order_by(qa_assessments.c.id.desc()))


async def forget(unit: Unit, recording_ids: Sequence[RecordingId]) -> None:
    """Erase what was said in these recordings from their findings; scores and seconds stay."""
    ids = select(qa_assessments.c.id).where(qa_assessments.c.recording_id.in_(recording_ids))
    statement = update(qa_findings).where(qa_findings.c.assessment_id.in_(ids)).values(words=ERASED)
    await unit.connection.execute(statement)


def facts_sha256(facts: CallFacts) -> str:
    """What was known beside the words: when it changes, for example the ticket's nature, the call is assessed anew."""
    known = {
        "talk_s": facts.talk_s,
        "holds": None if facts.holds is None else [asdict(hold) for hold in facts.holds],
        "transfers": facts.transfers,
        "ticket": asdict(facts.ticket) if facts.ticket else None,
    }
    return hashlib.sha256(json.dumps(known, sort_keys=True, default=str).encode()).hexdigest()


async def _lock(unit: Unit, recording_id: RecordingId) -> None:
    """Two programs never change one recording's assessments at once (on SQLite the unit itself sees to that)."""
    statement = select(recordings.c.recording_id).where(recordings.c.recording_id == recording_id)
    await unit.connection.execute(statement.with_for_update())


async def _current(unit: Unit, recording_id: RecordingId) -> int | None:
    statement = select(qa_assessments.c.id).where(
        qa_assessments.c.recording_id == recording_id, qa_assessments.c.is_current
    )
    found: int | None = await unit.connection.scalar(statement)
    return found


async def _mark(unit: Unit, assessment_id: int, is_current: bool) -> None:
    statement = update(qa_assessments).where(qa_assessments.c.id == assessment_id)
    await unit.connection.execute(statement.values(is_current=is_current))


async def _insert(unit: Unit, call: Gathered, assessment: Assessment, values: dict[str, Any]) -> None:
    row = values | {
        "contact_id": call.contact_id,
        "seat_id": call.seat_id,
        "answered_at": call.answered_at,
        "is_demo": assessment.is_demo,
        "score": assessment.score,
        "certainty": assessment.certainty,
        "concern": assessment.concern,
    }
    made = await unit.connection.execute(insert(qa_assessments).values(row))
    (assessment_id,) = made.inserted_primary_key or (None,)
    findings = [
        {"assessment_id": assessment_id, "ordinal": ordinal} | asdict(finding)
        for ordinal, finding in enumerate(assessment.findings)
    ]
    if findings:
        await unit.connection.execute(insert(qa_findings), findings)


def _key(facts: CallFacts, assessment: Assessment) -> dict[str, Any]:
    return {
        "recording_id": facts.recording_id,
        "model": assessment.model,
        "rules_version": assessment.rules_version,
        "facts_sha256": facts_sha256(facts),
    }


_JOINED = (
    qa_assessments.join(contacts, contacts.c.contact_id == qa_assessments.c.contact_id)
    .join(recordings, recordings.c.recording_id == qa_assessments.c.recording_id)
    .outerjoin(tickets, and_(tickets.c.contact_id == qa_assessments.c.contact_id, tickets.c.purpose == CALL))
)


def listed() -> Select[Any]:
    """All assessments, with what lists show beside them."""
    beside = (
        contacts.c.caller.label("citizen"),
        recordings.c.seconds,
        recordings.c.state.label("recording_state"),
        tickets.c.ticket_no,
        tickets.c.nature,
        tickets.c.topic,
    )
    return select(qa_assessments, *beside).select_from(_JOINED)


async def read(connection: AsyncConnection, statement: Select[Any]) -> list[Kept]:
    """The rows of a :func:`listed` statement, with findings and reviews."""
    rows = (await connection.execute(statement)).mappings().all()
    findings = await _findings(connection, [row["id"] for row in rows])
    reviews = await _reviews(connection, {row["recording_id"] for row in rows})
    return [
        _as_kept(row, tuple(findings.get(row["id"], ())), tuple(reviews.get(row["recording_id"], ())))
        for row in rows
    ]


async def _reviews(connection: AsyncConnection, recording_ids: Collection[str]) -> dict[str, list[str]]:
    """How far the reviews by people are."""
    columns = qa_reviews.c
    statement = select(columns.recording_id, columns.state).where(columns.recording_id.in_(recording_ids))
    found: dict[str, list[str]] = {}
    for recording_id, state in await connection.execute(statement.order_by(columns.ordinal, columns.id)):
        found.setdefault(recording_id, []).append(state)
    return found


async def _findings(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, list[Finding]]:
    statement = (
        select(qa_findings)
        .where(qa_findings.c.assessment_id.in_(ids))
        .order_by(qa_findings.c.assessment_id, qa_findings.c.ordinal)
    )
    found: dict[int, list[Finding]] = {}
    for row in (await connection.execute(statement)).mappings():
        values = {field.name: row[field.name] for field in fields(Finding)}
        finding = Finding(**(values | {"severity": Severity(row["severity"])}))
        found.setdefault(row["assessment_id"], []).append(finding)
    return found


def _as_kept(row: RowMapping, findings: tuple[Finding, ...], reviews: tuple[str, ...]) -> Kept:
    names = (field.name for field in fields(Kept) if field.name not in ("findings", "reviews"))
    return Kept(**{name: row[name] for name in names}, findings=findings, reviews=reviews)
