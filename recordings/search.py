"""Full text search over transcripts, on SQLite (FTS5) and PostgreSQL (tsvector under a GIN index) with the same answers.

Invariants: a transcript and its entry are one commit; what the index proposes the text decides, so order of words and
exact phrases count alike on both databases; newest calls come first.

``transcript_texts`` has a row per searchable call, numbered by the time of the call: both indexes give the newest
first by number, and a span of time is a span of numbers. ``transcript_tokens`` is the index. It stores no text: what it
was built of is computed again from the row when it has to be taken back.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    FromClause,
    RowMapping,
    Select,
    and_,
    cast,
    column,
    exists,
    func,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.ids import ContactId, RecordingId, SeatId
from callcenter.store.database import Database
from callcenter.store.schema import (
    contacts,
    qa_assessments,
    recordings,
    tickets,
    transcript_texts,
    transcripts,
)
from callcenter.store.unit import Unit
from recordings.core.search import Passage, Question, indexed, passages, said
from recordings.core.transcript import Transcript

FOUND_MAX: Final = 200
"""Newest calls that one question finds; whoever gets so many asks more exactly, or for an earlier time. Counting all
calls that hold a common word would read a good part of the index."""
CATCH_UP_PAGE: Final = 20
"""Transcripts of one unit of work of the catch-up, and the pause behind it: calls go on meanwhile."""
CATCH_UP_BREATH_S: Final = 0.05

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_TOKENS = table("transcript_tokens", column("id"), column("rowid"))


@dataclass(frozen=True, slots=True)
class Filter:
    """Which calls; ``None``: any. ``since`` inclusive, ``until`` exclusive, of the call's arrival; scores 0..100.

    ``topic`` and ``nature`` must be of the same ticket.
    """

    seat_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    topic: str | None = None
    nature: str | None = None
    outcome: str | None = None
    score_min: float | None = None
    score_max: float | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A call in which it was said. ``citizen``: his number, not masked; ``score``: by the rules of quality."""

    recording_id: RecordingId
    contact_id: ContactId
    arrived_at: datetime
    citizen: str
    seat_id: SeatId | None
    outcome: str | None
    ticket_no: str | None
    topic: str | None
    nature: str | None
    score: float | None
    model: str
    is_demo: bool
    passages: Sequence[Passage]


@dataclass(frozen=True, slots=True)
class Answer:
    """A part of what was found, newest first. ``found``: how many calls, at most ``FOUND_MAX``."""

    hits: Sequence[Hit]
    found: int


async def index(unit: Unit, transcript: Transcript) -> None:
    """Make a transcript findable; one of the same recording is replaced, the same one again changes nothing."""
    connection, content = unit.connection, said(transcript)
    of_it = transcript_texts.c.recording_id == transcript.recording_id
    row = (await connection.execute(select(transcript_texts).where(of_it))).one_or_none()
    if row is None:
        await _add(connection, transcript.recording_id, content)
    elif row.said != content:
        await _untoken(connection, row.id, row.said)
        await connection.execute(transcript_texts.update().where(of_it).values(said=content))
        await _token(connection, row.id, content)


async def forget(unit: Unit, recording_id: RecordingId) -> None:
    """Take a recording out of the search, before its transcript is erased; harmless when it is not in it."""
    connection = unit.connection
    of_it = transcript_texts.c.recording_id == recording_id
    row = (await connection.execute(select(transcript_texts).where(of_it))).one_or_none()
    if row is not None:
        await _untoken(connection, row.id, row.said)
        await connection.execute(transcript_texts.delete().where(of_it))


async def catch_up(database: Database) -> int:
    """Index the transcripts that are not findable, such as those of an earlier version; how many. May be repeated."""
    done = 0
    is_indexed = exists().where(transcript_texts.c.recording_id == transcripts.c.recording_id)
    missing = select(transcripts.c.content).where(~is_indexed).limit(CATCH_UP_PAGE)
    while True:
        async with database.unit() as unit:
            contents = (await unit.connection.scalars(missing)).all()
            for content in contents:
                await index(unit, Transcript.from_json(content))
        done += len(contents)
        if len(contents) < CATCH_UP_PAGE:
            return done
        await asyncio.sleep(CATCH_UP_BREATH_S)


async def find(
    connection: AsyncConnection, question: Question, which: Filter, limit: int, offset: int
) -> Answer:
    """The calls in which it was said, newest first, and where."""
    if not _is_sqlite(connection):
        # the planner takes vectors, which lie apart from their rows, for cheap to read one by one
        await connection.execute(text("SET LOCAL enable_seqscan = off"))
    numbers = list(await connection.scalars(_numbers(connection, question, which)))
    page = numbers[offset : offset + limit]
    rows = (await connection.execute(_details(page))).mappings() if page else ()
    return Answer([_hit(row, question) for row in rows], len(numbers))


def _numbers(connection: AsyncConnection, question: Question, which: Filter) -> Select[Any]:
    """The numbers of the calls that match, newest first."""
    proposed, number = _proposed(connection, question, which)
    calls = proposed.join(transcript_texts, transcript_texts.c.id == number)
    if which.seat_id is not None or which.outcome is not None:
        calls = calls.join(contacts, contacts.c.contact_id == transcript_texts.c.contact_id)
    conditions = list(_of_contact(which))
    conditions += [_contains(connection, phrase) for phrase in question.to_compare]
    conditions += [~_contains(connection, phrase) for phrase in question.unwanted]
    statement = select(number).select_from(calls).where(*conditions)
    return statement.order_by(number.desc()).limit(FOUND_MAX)


def _proposed(
    connection: AsyncConnection, question: Question, which: Filter
) -> tuple[FromClause, ColumnElement[int]]:
    """What the index proposes, and its number. SQLite's index gives the newest first by itself; PostgreSQL's gives all first."""
    own = _TOKENS.c.rowid if _is_sqlite(connection) else _TOKENS.c.id
    matching = select(own.label("id")).where(_has_tokens(connection, question), *_in_time(own, which))
    if _is_sqlite(connection):
        found: FromClause = matching.subquery("proposed")
    else:
        found = matching.cte("proposed").prefix_with("MATERIALIZED")
    return found, found.c.id


def _has_tokens(connection: AsyncConnection, question: Question) -> ColumnElement[bool]:
    if _is_sqlite(connection):
        wanted = " AND ".join(f'"{token}"' for token in question.tokens)
        return literal_column("transcript_tokens").bool_op("MATCH")(wanted)
    wanted = " & ".join(f"'{token}'" for token in question.tokens)
    return literal_column("tokens").bool_op("@@")(cast(wanted, TSQUERY))


def _contains(connection: AsyncConnection, phrase: str) -> ColumnElement[bool]:
    place = func.instr if _is_sqlite(connection) else func.strpos
    return place(transcript_texts.c.said, phrase) > 0


def _in_time(number: ColumnElement[int], which: Filter) -> Sequence[ColumnElement[bool]]:
    found = []
    if which.since is not None:
        found.append(number >= _number(which.since))
    if which.until is not None:
        found.append(number < _number(which.until))
    return found


def _of_contact(which: Filter) -> Sequence[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if which.seat_id is not None:
        found.append(contacts.c.seat_id == which.seat_id)
    if which.outcome is not None:
        found.append(contacts.c.outcome == which.outcome)
    if which.topic is not None or which.nature is not None:
        found.append(
            exists().where(tickets.c.contact_id == transcript_texts.c.contact_id, *_of_ticket(which))
        )
    if which.score_min is not None or which.score_max is not None:
        found.append(exists().where(_ASSESSED, *_of_score(which)))
    return found


def _of_ticket(which: Filter) -> Sequence[ColumnElement[bool]]:
    wanted = {tickets.c.topic: which.topic, tickets.c.nature: which.nature}
    return [column == value for column, value in wanted.items() if value is not None]


def _of_score(which: Filter) -> Sequence[ColumnElement[bool]]:
    low = 0.0 if which.score_min is None else which.score_min
    high = 100.0 if which.score_max is None else which.score_max
    return [qa_assessments.c.score.between(low, high)]


_ASSESSED: Final = and_(
    qa_assessments.c.recording_id == transcript_texts.c.recording_id, qa_assessments.c.is_current
)


def _details(numbers: Sequence[int]) -> Select[Any]:
    """What is told of each call."""
    spoken = transcript_texts.join(contacts, contacts.c.contact_id == transcript_texts.c.contact_id)
    spoken = spoken.join(transcripts, transcripts.c.recording_id == transcript_texts.c.recording_id)
    spoken = spoken.outerjoin(qa_assessments, _ASSESSED)
    its = (
        select(func.min(tickets.c.ticket_no))
        .where(tickets.c.contact_id == contacts.c.contact_id)
        .correlate(contacts)
    )
    spoken = spoken.outerjoin(tickets, tickets.c.ticket_no == its.scalar_subquery())
    return (
        select(
            transcript_texts.c.recording_id,
            contacts.c.contact_id,
            contacts.c.arrived_at,
            contacts.c.caller.label("citizen"),
            contacts.c.seat_id,
            contacts.c.outcome,
            tickets.c.ticket_no,
            tickets.c.topic,
            tickets.c.nature,
            qa_assessments.c.score,
            transcripts.c.model,
            transcripts.c.is_demo,
            transcripts.c.content,
        )
        .select_from(spoken)
        .where(transcript_texts.c.id.in_(numbers))
        .order_by(transcript_texts.c.id.desc())
    )


def _hit(row: RowMapping, question: Question) -> Hit:
    fields = {name: value for name, value in row.items() if name != "content"}
    return Hit(**fields, passages=passages(Transcript.from_json(row["content"]), question))


async def _add(connection: AsyncConnection, recording_id: str, content: str) -> None:
    joined = recordings.join(contacts, contacts.c.contact_id == recordings.c.contact_id)
    call = select(contacts.c.contact_id, contacts.c.arrived_at).select_from(joined)
    row = (await connection.execute(call.where(recordings.c.recording_id == recording_id))).one()
    number = await _free_number(connection, _number(row.arrived_at))
    values = {"id": number, "recording_id": recording_id, "contact_id": row.contact_id, "said": content}
    await connection.execute(transcript_texts.insert().values(values))
    await _token(connection, number, content)


async def _free_number(connection: AsyncConnection, number: int) -> int:
    """The first free one from here; two calls in one microsecond are rare."""
    while await connection.scalar(select(transcript_texts.c.id).where(transcript_texts.c.id == number)):
        number += 1
    return number


async def _token(connection: AsyncConnection, number: int, content: str) -> None:
    found = indexed(content)
    if _is_sqlite(connection):
        statement = "INSERT INTO transcript_tokens (rowid, tokens) VALUES (:number, :tokens)"
        await connection.execute(text(statement), {"number": number, "tokens": " ".join(found)})
    else:
        statement = "INSERT INTO transcript_tokens (id, tokens) VALUES (:number, array_to_tsvector(:tokens))"
        await connection.execute(text(statement), {"number": number, "tokens": found})


async def _untoken(connection: AsyncConnection, number: int, content: str) -> None:
    if _is_sqlite(connection):
        statement = "INSERT INTO transcript_tokens (transcript_tokens, rowid, tokens) VALUES ('delete', :number, :tokens)"
        await connection.execute(text(statement), {"number": number, "tokens": " ".join(indexed(content))})
    else:
        await connection.execute(text("DELETE FROM transcript_tokens WHERE id = :number"), {"number": number})


def _number(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def _is_sqlite(connection: AsyncConnection) -> bool:
    return connection.dialect.name == "sqlite"
