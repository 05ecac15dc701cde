"""The outbox (发件箱) in SQL: written in the unit of work that causes a message, emptied by one sender.

Invariants: a number gets at most one message of a kind in ``Limits.gap``, and at most ``Limits.day_max`` a day; whoever
takes an entry has it until its new ``due_at``, so a dead sender's entries come back; a text is kept only as long as it
may still be sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, RowMapping, and_, case, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.errors import UsageError
from callcenter.core.masking import mask_number
from callcenter.store.schema import outbox
from callcenter.store.unit import Unit

PER_THING: Final = frozenset({"ticket", "article"})
"""Kinds whose limit holds for each ticket or article; of the others a number gets one, whatever it is about."""

DAY: Final = timedelta(days=1)
BACK_OFF_S: Final = 30
"""Seconds before the second try; four times as long before each further one."""
BACK_OFF_MAX_S: Final = 4 * 3600
EXPIRED, SUPERSEDED = "expired", "superseded"
"""Why an entry ended unsent: nobody could send it in time; something newer took its place."""

WAITS = and_(outbox.c.sent_at.is_(None), outbox.c.failed == "")


@dataclass(frozen=True, slots=True)
class Limits:
    """How often one number may be written to."""

    gap: timedelta
    day_max: int


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to be sent. ``number``: a domestic mobile number; ``about``: contact, ticket or article."""

    kind: str
    about: str
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the outbox. ``tries``: this one included, once it was taken."""

    id: int
    kind: str
    about: str
    number: str
    text: str
    made_at: datetime
    due_at: datetime
    tries: int
    sent_at: datetime | None
    failed: str

    @property
    def state(self) -> Literal["waiting", "sent", "failed"]:
        """How far it is."""
        return "failed" if self.failed else "sent" if self.sent_at else "waiting"

    @property
    def masked(self) -> str:
        """The number as lists show it."""
        return mask_number(self.number)


async def put(unit: Unit, letter: Letter, now: datetime, limits: Limits, *, after_s: float = 0) -> bool:
    """Have this sent, ``after_s`` seconds from now at the earliest; whether it may be."""
    if not await is_allowed(unit.connection, letter, now, limits):
        return False
    row = {
        "kind": letter.kind,
        "about": letter.about,
        "number": letter.number,
        "text": letter.text,
        "made_at": now,
        "due_at": now + timedelta(seconds=after_s),
        "tries": 0,
        "failed": "",
    }
    await unit.connection.execute(insert(outbox).values(row))
    return True


async def is_allowed(connection: AsyncConnection, letter: Letter, now: datetime, limits: Limits) -> bool:
    """Whether the number may get this now. What was superseded never reached it and does not count."""
    rows = outbox.c
    his = and_(rows.number == letter.number, rows.failed != SUPERSEDED)
    same = rows.kind == letter.kind
    if letter.kind in PER_THING:
        same = and_(same, rows.about == letter.about)
    counted = select(
        func.count(case((and_(same, rows.made_at > now - limits.gap), 1))),
        func.count(case((rows.made_at > now - DAY, 1))),
    ).where(his, rows.made_at > now - max(limits.gap, DAY))
    alike, today = (await connection.execute(counted)).one()
    return alike == 0 and today < limits.day_max


async def take(unit: Unit, now: datetime, lease_s: float, limit: int) -> list[Entry]:
    """Begin the next due entries, the longest due first; nobody else gets them until the lease ends."""
    wanted = (
        select(outbox.c.id)
        .where(WAITS, outbox.c.due_at <= now)
        .order_by(outbox.c.due_at, outbox.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(await unit.connection.scalars(wanted))
    if not ids:
        return []
    taken = (
        update(outbox)
        .where(outbox.c.id.in_(ids))
        .values(due_at=now + timedelta(seconds=lease_s), tries=outbox.c.tries + 1)
        .returning(outbox)
    )
    rows = (await unit.connection.execute(taken)).mappings().all()
    return sorted(map(_entry, rows), key=lambda entry: ids.index(entry.id))


async def note_sent(unit: Unit, entry_id: int, now: datetime) -> None:
    """The gateway has it; what it says is forgotten."""
    await _change(unit, and_(outbox.c.id == entry_id, WAITS), sent_at=now, text="")


async def note_failed(unit: Unit, entry: Entry, code: str, now: datetime, max_tries: int) -> None:
    """This try failed: another one later, or none if it was the last. ``max_tries`` 0: it is hopeless."""
    mine = and_(outbox.c.id == entry.id, WAITS)
    if entry.tries >= max_tries:
        await _change(unit, mine, failed=code)
    else:
        wait_s = min(BACK_OFF_S * 4 ** (entry.tries - 1), BACK_OFF_MAX_S)
        await _change(unit, mine, due_at=now + timedelta(seconds=wait_s))


async def supersede(unit: Unit, kind: str, *, about: str = "", number: str = "") -> None:
    """What waits of this kind, about this thing or to this number, is not sent any more."""
    mine = outbox.c.about == about if about else outbox.c.number == number
    await _change(unit, and_(outbox.c.kind == kind, mine, WAITS), failed=SUPERSEDED, text="")


async def sweep(unit: Unit, now: datetime, expires: timedelta, kept: timedelta) -> None:
    """End what could not be sent in time, forget what it said, and delete what is old."""
    late = and_(outbox.c.sent_at.is_(None), outbox.c.text != "", outbox.c.made_at < now - expires)
    ended = case((outbox.c.failed == "", EXPIRED), else_=outbox.c.failed)
    await _change(unit, late, failed=ended, text="")
    old = and_(outbox.c.made_at < now - kept, or_(outbox.c.sent_at.is_not(None), outbox.c.failed != ""))
    await unit.connection.execute(delete(outbox).where(old))


async def retry(unit: Unit, entry_id: int, now: datetime) -> None:
    """Somebody wants a failed entry tried again, with all its tries.

    Raises:
        UsageError: ``unknown_message``; ``wrong_message_state``: it has not failed, or its text is gone.
    """
    found = await unit.connection.execute(select(outbox).where(outbox.c.id == entry_id))
    row = found.mappings().one_or_none()
    if row is None:
        raise UsageError(f"there is no message {entry_id} in the outbox", code="unknown_message")
    if not (row["failed"] and row["text"]):
        raise UsageError(
            f"message {entry_id} cannot be tried again: it has not failed, or what it said is forgotten by now",
            code="wrong_message_state",
        )
    await _change(unit, outbox.c.id == entry_id, failed="", tries=0, due_at=now)


async def newest(connection: AsyncConnection, state: str = "", limit: int = 50) -> list[Entry]:
    """The newest entries in this state (``""``: any)."""
    wanted: dict[str, ColumnElement[bool]] = {
        "waiting": WAITS,
        "sent": outbox.c.sent_at.is_not(None),
        "failed": outbox.c.failed != "",
    }
    statement = select(outbox).order_by(outbox.c.id.desc()).limit(limit)
    if state:
        statement = statement.where(wanted[state])
    rows: Sequence[RowMapping] = (await connection.execute(statement)).mappings().all()
    return [_entry(row) for row in rows]


async def waiting(connection: AsyncConnection) -> int:
    """How many wait to be sent."""
    return await connection.scalar(select(func.count()).select_from(outbox).where(WAITS)) or 0


async def _change(unit: Unit, which: ColumnElement[bool], **changes: Any) -> None:
    await unit.connection.execute(update(outbox).where(which).values(**changes))


def _entry(row: RowMapping) -> Entry:
    return Entry(**row)
