"""Call days in SQL: who answered when at which seat, whose calls were his, and what is to be followed up.

Invariant: a call belongs to at most one call day; an answered call of a guest stays his when the day is closed.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.ids import SeatId
from callcenter.core.messages.guests import GuestAnswered, SitBeside
from callcenter.staff import store as staff
from callcenter.staff.store import Person, StaffKind
from callcenter.store import audit
from callcenter.store.schema import (
    contacts,
    guest_calls,
    guest_days,
    qa_assessments,
    qa_findings,
    ratings,
    tickets,
)
from callcenter.store.unit import Unit
from callcenter.store.unit import insert as insert_or

PROMISE: Final = "promise"
"""The quality rule that finds what an agent promised against the ticket's deadline."""


@dataclass(frozen=True, slots=True)
class GuestDay:
    """One call day. ``closed_by``: who closed it before its end; ``""``: nobody."""

    id: int
    name: str
    title: str
    seat_id: SeatId
    helper_seat_id: SeatId | None
    from_at: datetime
    to_at: datetime
    by: str
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str


@dataclass(frozen=True, slots=True)
class Counted:
    """A guest's own record: calls answered, seconds of talk, tickets, promises found, grades and their mean."""

    calls: int
    talk_s: float
    tickets: int
    promises: int
    grades: int
    grade: float | None


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A ticket of a guest's call, and the words in which something was promised."""

    ticket_no: str
    contact_id: str
    citizen: str
    answered_at: datetime | None
    nature: str | None
    topic: str | None
    place: str | None
    state: str
    deadline: datetime | None
    promised: tuple[str, ...]


async def open_day(unit: Unit, day: dict[str, Any]) -> int:
    """Write a call day down, and the guest among the staff; its number."""
    made = await unit.connection.execute(
        insert(guest_days).values(day | {"closed_by": ""}).returning(guest_days.c.id)
    )
    day_id = int(made.scalar_one())
    await staff.keep(unit, Person(_staff_no(day_id), day["name"], StaffKind.GUEST))
    return day_id


async def forget(unit: Unit, day_id: int) -> None:
    """A call day that was refused after all never was."""
    await staff.deactivate(unit, _staff_no(day_id))
    await unit.connection.execute(delete(guest_days).where(guest_days.c.id == day_id))


async def close(unit: Unit, day_id: int, by: str, at: datetime) -> None:
    """A call day is closed before its end."""
    is_open = (guest_days.c.id == day_id) & guest_days.c.closed_at.is_(None)
    await unit.connection.execute(update(guest_days).where(is_open).values(closed_at=at, closed_by=by))


async def over(unit: Unit, day_id: int) -> None:
    """The guest has left."""
    await staff.deactivate(unit, _staff_no(day_id))


async def mark(unit: Unit, answered: GuestAnswered) -> None:
    """A call is the guest's; told twice it is one. A contact that the ledger does not know is nobody's."""
    known = await unit.connection.scalar(
        select(contacts.c.contact_id).where(contacts.c.contact_id == answered.contact_id)
    )
    if known is None:
        return
    row = {"contact_id": answered.contact_id, "guest_day_id": answered.day_id}
    statement = insert_or(unit.connection, guest_calls).values(row)
    await unit.connection.execute(statement.on_conflict_do_nothing(index_elements=["contact_id"]))


async def note_listener(unit: Unit, effect: SitBeside, at: datetime) -> None:
    """The audit has who is going to listen to what."""
    await audit.write(
        unit,
        at=at,
        by=f"seat/{effect.seat_id}",
        action="call.sat_beside",
        resource=f"contact/{effect.contact_id}",
        why=f"接话日{effect.day_id}，坐席{effect.guest_seat_id} / call day {effect.day_id}",
    )


async def unfinished(connection: AsyncConnection, now: datetime) -> list[GuestDay]:
    """Call days that run or are still to come."""
    wanted = (guest_days.c.to_at > now) & guest_days.c.closed_at.is_(None)
    return await _days(connection, select(guest_days).where(wanted).order_by(guest_days.c.from_at))


async def newest(connection: AsyncConnection, limit: int) -> list[GuestDay]:
    """The last ones, newest first."""
    return await _days(connection, select(guest_days).order_by(guest_days.c.from_at.desc()).limit(limit))


async def get(connection: AsyncConnection, day_id: int) -> GuestDay | None:
    """One of them."""
    found = await _days(connection, select(guest_days).where(guest_days.c.id == day_id))
    return found[0] if found else None


async def counted(connection: AsyncConnection, day_id: int) -> Counted:
    """The guest's own record."""
    talks = await connection.execute(
        _of_day(day_id, func.count(), func.coalesce(func.sum(contacts.c.talk_s), 0.0))
    )
    calls, talk_s = talks.one()
    rated = await connection.execute(
        _of_day(day_id, func.count(), func.avg(ratings.c.grade)).join(
            ratings, ratings.c.contact_id == contacts.c.contact_id
        )
    )
    grades, mean = rated.one()
    ticketed = _of_day(day_id, func.count()).join(tickets, tickets.c.contact_id == contacts.c.contact_id)
    return Counted(
        calls=calls,
        talk_s=float(talk_s),
        tickets=await connection.scalar(ticketed) or 0,
        promises=await connection.scalar(_promises(day_id, func.count())) or 0,
        grades=grades,
        grade=None if mean is None else round(float(mean), 2),
    )


async def follow_ups(connection: AsyncConnection, day_id: int) -> list[FollowUp]:
    """The tickets of the guest's calls, those due first before the others."""
    promised: dict[str, list[str]] = {}
    found = await connection.execute(_promises(day_id, contacts.c.contact_id, qa_findings.c.words))
    for contact_id, words in found:
        promised.setdefault(contact_id, []).append(words)
    of_ticket = ("ticket_no", "contact_id", "citizen", "nature", "topic", "place", "state", "deadline")
    its = tickets.c
    statement = (
        _of_day(day_id, *(its[name] for name in of_ticket), contacts.c.answered_at)
        .join(tickets, its.contact_id == contacts.c.contact_id)
        .order_by(its.deadline.is_(None), its.deadline, its.ticket_no)
    )
    return [
        FollowUp(**row, promised=tuple(promised.get(row["contact_id"], ())))
        for row in (await connection.execute(statement)).mappings()
    ]


def _of_day(day_id: int, *columns: Any) -> Select[Any]:
    """Something of each call of a day."""
    return (
        select(*columns)
        .select_from(guest_calls)
        .join(contacts, contacts.c.contact_id == guest_calls.c.contact_id)
        .where(guest_calls.c.guest_day_id == day_id)
    )


def _promises(day_id: int, *columns: Any) -> Select[Any]:
    is_current = qa_assessments.c.is_current.is_(True)
    return (
        _of_day(day_id, *columns)
        .join(qa_assessments, (qa_assessments.c.contact_id == contacts.c.contact_id) & is_current)
        .join(
            qa_findings,
            (qa_findings.c.assessment_id == qa_assessments.c.id) & (qa_findings.c.rule_id == PROMISE),
        )
    )


def _staff_no(day_id: int) -> str:
    return f"guest-{day_id}"


async def _days(connection: AsyncConnection, statement: Select[Any]) -> list[GuestDay]:
    return [GuestDay(**row) for row in (await connection.execute(statement)).mappings()]
