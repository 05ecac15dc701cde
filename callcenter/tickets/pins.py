"""The PIN (查询码) that opens the state of a ticket to a caller.

Invariants: a PIN is told once and kept only as a keyed hash; who calls from which number opens nothing by itself; after
too many wrong guesses nobody gets in, with the right PIN neither, until time has passed, and the answer never tells why.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, case, delete, func, insert, or_, select

from callcenter.core.ids import TicketNo
from callcenter.store import audit
from callcenter.store.schema import pin_failures, ticket_pins
from callcenter.store.unit import Unit
from callcenter.store.unit import insert as insert_or

DIGITS: Final = 6
GUESSES_PER_TICKET: Final = 5
GUESSES_PER_CALLER: Final = 8
GUESSES_OF_UNKNOWN: Final = 40
"""Of all who hide their numbers, together."""
LOCK: Final = timedelta(hours=1)
"""How long a wrong guess counts."""
FAILURES_KEPT: Final = timedelta(days=1)
PHONE: Final = "phone"
"""Who asks, in the audit."""


@dataclass(frozen=True)
class Pins:
    """Makes and checks PINs. ``key``: a secret of this house, without which the kept hashes tell nothing."""

    key: bytes = field(repr=False)

    async def issue(self, unit: Unit, ticket_no: TicketNo, now: datetime) -> str | None:
        """The first PIN of a ticket, to be told once; ``None``: it has one."""
        pin = _new_pin()
        row = {"ticket_no": ticket_no, "pin_hash": self._hash(ticket_no, pin), "made_at": now}
        statement = insert_or(unit.connection, ticket_pins).values(row)
        made = await unit.connection.execute(
            statement.on_conflict_do_nothing(index_elements=["ticket_no"]).returning(ticket_pins.c.ticket_no)
        )
        return pin if made.scalar_one_or_none() is not None else None

    async def replace(self, unit: Unit, ticket_no: TicketNo, now: datetime) -> str:
        """A new PIN, to be told once; the one before opens nothing any more. Wrong guesses stay counted."""
        pin = _new_pin()
        changes = {"pin_hash": self._hash(ticket_no, pin), "made_at": now}
        statement = insert_or(unit.connection, ticket_pins).values(ticket_no=ticket_no, **changes)
        await unit.connection.execute(
            statement.on_conflict_do_update(index_elements=["ticket_no"], set_=changes)
        )
        return pin

    async def opens(self, unit: Unit, ticket_no: TicketNo, pin: str, caller: str, now: datetime) -> bool:
        """Whether this PIN opens this ticket to this caller now; every answer is audited, a wrong guess counted."""
        if await _is_locked(unit, ticket_no, caller, now):
            await _note(unit, ticket_no, "ticket.pin_locked", now)
            return False
        kept = select(ticket_pins.c.pin_hash).where(ticket_pins.c.ticket_no == ticket_no)
        right = await unit.connection.scalar(kept) or ""
        if hmac.compare_digest(right, self._hash(ticket_no, pin)):
            await _note(unit, ticket_no, "ticket.pin_right", now)
            return True
        await unit.connection.execute(delete(pin_failures).where(pin_failures.c.at < now - FAILURES_KEPT))
        failure = {"ticket_no": ticket_no, "caller": caller, "at": now}
        await unit.connection.execute(insert(pin_failures).values(failure))
        await _note(unit, ticket_no, "ticket.pin_wrong", now)
        return False

    def _hash(self, ticket_no: TicketNo, pin: str) -> str:
        return hmac.new(self.key, f"{ticket_no}:{pin}".encode(), hashlib.sha256).hexdigest()


def _new_pin() -> str:
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


async def _is_locked(unit: Unit, ticket_no: TicketNo, caller: str, now: datetime) -> bool:
    rows = pin_failures.c
    counted = select(
        func.count(case((rows.ticket_no == ticket_no, 1))), func.count(case((rows.caller == caller, 1)))
    ).where(and_(rows.at > now - LOCK, or_(rows.ticket_no == ticket_no, rows.caller == caller)))
    of_ticket, of_caller = (await unit.connection.execute(counted)).one()
    allowed = GUESSES_PER_CALLER if caller else GUESSES_OF_UNKNOWN
    return bool(of_ticket >= GUESSES_PER_TICKET or of_caller >= allowed)


async def _note(unit: Unit, ticket_no: TicketNo, action: str, now: datetime) -> None:
    """In the book of accesses; who called is in the ledger, not here."""
    await audit.write(unit, at=now, by=PHONE, action=action, resource=f"ticket/{ticket_no}", why="")
