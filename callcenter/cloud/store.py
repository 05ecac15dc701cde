"""Cloud seats (云坐席) in SQL: how far each is, who was invited and replied, links that are good once.

Invariants: of a link only the hash of its token is kept; it is used once, and after that opens nothing but the state of
its seat.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.ids import SeatId
from callcenter.core.messages.cloud import PhoneChecked
from callcenter.store.schema import cloud_invitations, cloud_links, cloud_roll
from callcenter.store.unit import Unit
from callcenter.store.unit import insert as insert_or

TOKEN_BYTES: Final = 24
"""192 bits: past guessing. It opens a seat's password."""
INVITATIONS_KEPT: Final = timedelta(days=60)
"""How long replies count for how many are willing."""
STATE_SHOWN: Final = timedelta(hours=12)
"""How long after it was used a link shows the state of its seat."""


@dataclass(frozen=True, slots=True)
class SeatRow:
    """A cloud seat as it is written down; times with a zone."""

    seat_id: SeatId
    state: str
    staff_no: str
    reason: str
    invitation: str
    since_at: datetime
    until_at: datetime | None
    helps_until_at: datetime | None
    measured: dict[str, Any]


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """Who was invited when; ``reply`` ``""``: not known yet."""

    invitation: str
    staff_no: str
    seat_id: SeatId
    made_at: datetime
    reply: str


@dataclass(frozen=True, slots=True)
class Link:
    """Whose link it is. ``is_used``: he has accepted by it."""

    staff_no: str
    seat_id: SeatId
    is_used: bool


def measured(checked: PhoneChecked | None) -> dict[str, Any]:
    """What a check measured, as it is kept; ``{}``: nothing."""
    return {} if checked is None else {k: v for k, v in asdict(checked).items() if k != "seat_id"}


async def keep_seat(unit: Unit, row: SeatRow) -> None:
    """Write down where a seat is."""
    values = asdict(row)
    changes = {name: value for name, value in values.items() if name != "seat_id"}
    statement = insert_or(unit.connection, cloud_roll).values(values)
    await unit.connection.execute(statement.on_conflict_do_update(index_elements=["seat_id"], set_=changes))


async def seats(connection: AsyncConnection) -> Sequence[SeatRow]:
    """Every seat that was ever moved, by number."""
    rows = (await connection.execute(select(cloud_roll).order_by(cloud_roll.c.seat_id))).mappings()
    return [SeatRow(**row) for row in rows]


async def keep_invitation(unit: Unit, row: InvitationRow) -> None:
    """Write down who was invited, or what he replied; what is too old to count goes."""
    old = cloud_invitations.c.made_at < row.made_at - INVITATIONS_KEPT
    await unit.connection.execute(delete(cloud_invitations).where(old))
    statement = insert_or(unit.connection, cloud_invitations).values(asdict(row))
    await unit.connection.execute(
        statement.on_conflict_do_update(index_elements=["invitation"], set_={"reply": row.reply})
    )


async def invitations(connection: AsyncConnection) -> Sequence[InvitationRow]:
    """Everybody who was invited lately, in order."""
    rows = await connection.execute(select(cloud_invitations).order_by(cloud_invitations.c.made_at))
    return [InvitationRow(**row) for row in rows.mappings()]


async def make_link(unit: Unit, staff_no: str, seat_id: SeatId, now: datetime, lasts: timedelta) -> str:
    """The token of a new link, to be told once; the seat's unused ones are good no more."""
    gone = cloud_links.c.expires_at < now - STATE_SHOWN
    unused = and_(cloud_links.c.seat_id == seat_id, cloud_links.c.used_at.is_(None))
    await unit.connection.execute(delete(cloud_links).where(gone | unused))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = {
        "token_hash": _hash(token),
        "staff_no": staff_no,
        "seat_id": seat_id,
        "expires_at": now + lasts,
        "used_at": None,
    }
    await unit.connection.execute(insert(cloud_links).values(row))
    return token


async def link(connection: AsyncConnection, token: str, now: datetime) -> Link | None:
    """Whose link it is; ``None``: unknown, or its time is over."""
    found = await connection.execute(select(cloud_links).where(cloud_links.c.token_hash == _hash(token)))
    row = found.mappings().one_or_none()
    if row is None:
        return None
    ends = row["expires_at"] if row["used_at"] is None else row["used_at"] + STATE_SHOWN
    if now >= ends:
        return None
    return Link(row["staff_no"], SeatId(row["seat_id"]), row["used_at"] is not None)


async def use_link(unit: Unit, token: str, now: datetime) -> bool:
    """Use it; false: somebody has, or its time is over."""
    is_good = and_(
        cloud_links.c.token_hash == _hash(token),
        cloud_links.c.used_at.is_(None),
        cloud_links.c.expires_at > now,
    )
    used = await unit.connection.execute(
        update(cloud_links).where(is_good).values(used_at=now).returning(cloud_links.c.token_hash)
    )
    return used.scalar_one_or_none() is not None or (unit.is_repeat and await _was_used(unit, token, now))


async def _was_used(unit: Unit, token: str, now: datetime) -> bool:
    """Whether an attempt of this very unit has used it, unheard."""
    used = select(cloud_links.c.token_hash).where(
        cloud_links.c.token_hash == _hash(token), cloud_links.c.used_at == now
    )
    return await unit.connection.scalar(used) is not None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
