"""Full text search over transcripts, on SQLite (FTS5) and PostgreSQL (tsvector under a GIN index) with the same answers.

Invariants: a transcript and its entry are one commit; what the index proposes the text decides, so order of words and
exact phrases count alike on both databases; newest calls come first; what one question may cost is bounded.

``transcript_texts`` has a row per searchable call, numbered by the time of the call: both indexes give the newest
first by number, and a span of time is a span of numbers. ``transcript_tokens`` is the index. It stores no text: what it
was built of is computed again from the row when it has to be taken back.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    RowMapping,
    Select,
    and_,
    any_,
    bindparam,
    cast,
    column,
    exists,
    func,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY
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
WINDOW: Final = 4_000
"""Calls that the index is asked about first, the newest; how often it proposes them says how far back it is asked next.
Asked about all at once, PostgreSQL reads a row of every call that holds a common word."""
WINDOW_MAX: Final = 50_000
"""Beyond so many it is asked about all that are left."""
COMPARED_MAX: Final = 5_000
"""Calls proposed by the index that one question looks at more closely, newest first; who needs more asks for an earlier time."""
COMPARED_AT_ONCE: Final = 2_000
CATCH_UP_PAGE: Final = 20
"""Transcripts of one unit of work of the catch-up, and the pause behind it: calls go on meanwhile."""
CATCH_UP_BREATH_S: Final = 0.05

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_TOKENS = table("transcript_tokens", column("id"), column("rowid"))
_PLANNER = text("SELECT set_config('enable_seqscan', :on, true), set_config('enable_indexscan', :on, true)")


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
    """A part of what was found, newest first. ``found``: how many calls, at most ``FOUND_MAX``.

    ``searched_from``: earlier calls were not looked at, too many had to be compared; ``None``: nothing was left out.
    """

    hits: Sequence[Hit]
    found: int
    searched_from: datetime | None = None


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
    numbers, searched_from = await _numbers(connection, question, which)
    page = numbers[offset : offset + limit]
    rows = (await connection.execute(_details(page))).mappings() if page else ()
    return Answer([_hit(row, question) for row in rows], len(numbers), searched_from)


async def _numbers(
    connection: AsyncConnection, question: Question, which: Filter
) -> tuple[list[int], datetime | None]:
    """The numbers of the calls that match, newest first, at most ``FOUND_MAX``; and ``Answer.searched_from``."""
    conditions = _to_compare(connection, question, which)
    found: list[int] = []
    left = COMPARED_MAX if conditions else FOUND_MAX
    since, until = _number(which.since) if which.since else 0, _number(which.until) if which.until else None
    calls = WINDOW
    while True:
        begin = max(since, await _number_back(connection, calls, until))
        proposed = await _proposed(connection, question, begin, until, left)
        for batch in _batches(proposed):
            found += await _matching(connection, batch, conditions) if conditions else batch
            if len(found) >= FOUND_MAX:
                return found[:FOUND_MAX], None
        left -= len(proposed)
        if left <= 0:
            return found, _time(proposed[-1])
        if begin <= since:
            return found, None
        until, calls = begin, max(WINDOW, calls * left // max(1, len(proposed)))


async def _number_back(connection: AsyncConnection, calls: int, until: int | None) -> int:
    """The number of the call so many before ``until``; 0: there are not so many, or it is too far."""
    if calls > WINDOW_MAX:
        return 0
    numbers = select(transcript_texts.c.id).order_by(transcript_texts.c.id.desc()).offset(calls).limit(1)
    if until is not None:
        numbers = numbers.where(transcript_texts.c.id < until)
    return await connection.scalar(numbers) or 0


async def _proposed(
    connection: AsyncConnection, question: Question, begin: int, until: int | None, limit: int
) -> list[int]:
    """The calls from number ``begin`` on that the index proposes, newest first."""
    number = _TOKENS.c.rowid if _is_sqlite(connection) else _TOKENS.c.id
    proposed = select(number).where(_has_tokens(connection, question), number >= begin)
    if until is not None:
        proposed = proposed.where(number < until)
    async with _by_index(connection):
        return list(await connection.scalars(proposed.order_by(number.desc()).limit(limit)))


@asynccontextmanager
async def _by_index(connection: AsyncConnection) -> AsyncIterator[None]:
    """PostgreSQL asks its full text index: its planner takes vectors, which lie apart, for cheap to read one by one."""
    if _is_sqlite(connection):
        yield
        return
    await connection.execute(_PLANNER, {"on": "off"})
    yield
    await connection.execute(_PLANNER, {"on": "on"})


def _to_compare(
    connection: AsyncConnection, question: Question, which: Filter
) -> Sequence[ColumnElement[bool]]:
    """What the index does not decide."""
    conditions = list(_of_contact(which))
    conditions += [_contains(connection, phrase) for phrase in question.to_compare]
    return conditions + [~_contains(connection, phrase) for phrase in question.to_compare_unwanted]


async def _matching(
    connection: AsyncConnection, numbers: Sequence[int], conditions: Sequence[ColumnElement[bool]]
) -> Sequence[int]:
    """Those of the proposed calls that match, newest first."""
    calls = transcript_texts.join(contacts, contacts.c.contact_id == transcript_texts.c.contact_id)
    statement = select(transcript_texts.c.id).select_from(calls)
    statement = statement.where(_is_one_of(connection, numbers), *conditions)
    return (await connection.scalars(statement.order_by(transcript_texts.c.id.desc()))).all()


def _is_one_of(connection: AsyncConnection, numbers: Sequence[int]) -> ColumnElement[bool]:
    """As one parameter, however many there are."""
    number = transcript_texts.c.id
    if _is_sqlite(connection):
        return number.in_(select(func.json_each(json.dumps(list(numbers))).table_valued("value").c.value))
    return number == any_(bindparam(None, list(numbers), ARRAY(BigInteger)))


def _has_tokens(connection: AsyncConnection, question: Question) -> ColumnElement[bool]:
    if _is_sqlite(connection):
        wanted = " AND ".join(f'"{token}"' for token in question.tokens)
        without = "".join(f' NOT "{token}"' for token in question.unwanted_tokens)
        return literal_column("transcript_tokens").bool_op("MATCH")(f"({wanted}){without}")
    wanted = " & ".join(f"'{token}'" for token in question.tokens)
    without = "".join(f" & !'{token}'" for token in question.unwanted_tokens)
    return literal_column("tokens").bool_op("@@")(cast(wanted + without, TSQUERY))


def _contains(connection: AsyncConnection, phrase: str) -> ColumnElement[bool]:
    place = func.instr if _is_sqlite(connection) else func.strpos
    return place(transcript_texts.c.said, phrase) > 0


def _batches(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    return (numbers[at : at + COMPARED_AT_ONCE] for at in range(0, len(numbers), COMPARED_AT_ONCE))


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


def _time(number: int) -> datetime:
    return _EPOCH + number * _MICROSECOND


def _is_sqlite(connection: AsyncConnection) -> bool:
    return connection.dialect.name == "sqlite"
