"""Who may be invited to cloud seats (云坐席): read from the staff's table, told to the engine, rung at numbers it never sees.

Invariant: a number leaves this module only to be dialed or written to.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlalchemy.exc import IntegrityError

from callcenter.core.errors import PeerError, UsageError
from callcenter.core.ids import SeatId
from callcenter.core.messages.base import Message
from callcenter.core.messages.cloud import CloudPerson, PeopleKnown
from callcenter.staff import store
from callcenter.staff.store import Person, StaffKind
from callcenter.store.database import Database
from callcenter.store.unit import Unit
from callcenter.store.writer import StoreWriter
from queues.core.numbers import domestic_number

LOOK_EVERY_S = 30.0
"""How soon somebody is known who was written down elsewhere (a spreadsheet)."""


class CloudPeople:
    """Keeps what the table says.

    ``can_be_called``: whether a number may be dialed; ``mobile``: the number as it is written to, or ``None``;
    ``seat_ids``: the cloud seats of the house.
    """

    def __init__(
        self,
        database: Database,
        writer: StoreWriter,
        post: Callable[[Message], None],
        can_be_called: Callable[[str], bool],
        mobile: Callable[[str], str | None],
        seat_ids: Sequence[str],
    ) -> None:
        self._database, self._writer, self._post = database, writer, post
        self._can_be_called, self._mobile = can_be_called, mobile
        self._seat_ids = frozenset(seat_ids)
        self._people: dict[str, Person] = {}
        self._told: tuple[CloudPerson, ...] | None = None

    async def run(self) -> None:
        """Look again and again, until canceled."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            with contextlib.suppress(PeerError):
                await self.refresh()

    async def refresh(self) -> None:
        """Read the table; tell the engine if anything changed."""
        async with self._database.reading() as connection:
            found = await store.people(connection, StaffKind.CLOUD)
        self._people = {person.staff_no: person for person in found}
        known = tuple(
            CloudPerson(
                person.staff_no,
                person.seat_id,
                self.can_be_rung(person),
                self._mobile(person.phone) is not None,
            )
            for person in found
        )
        if known != self._told:
            self._told = known
            self._post(PeopleKnown(known))

    def all(self) -> Sequence[Person]:
        """Everybody, by number."""
        return list(self._people.values())

    def name_of(self, staff_no: str) -> str:
        """His name, ``""`` if he is not known."""
        person = self._people.get(staff_no)
        return person.name if person else ""

    async def phone_of(self, staff_no: str) -> str:
        """His number, ``""`` if he is not known or never rung."""
        person = self._people.get(staff_no)
        return person.phone if person and self.can_be_rung(person) else ""

    def mobile_of(self, staff_no: str) -> str | None:
        """The number that he is written to, ``None`` if he is not known or has none."""
        person = self._people.get(staff_no)
        return self._mobile(person.phone) if person else None

    def owner_of(self, seat_id: SeatId) -> Person | None:
        """Whose seat it is."""
        return next((person for person in self._people.values() if person.seat_id == seat_id), None)

    def can_be_rung(self, person: Person) -> bool:
        """Whether his number may be dialed."""
        return bool(person.phone) and self._can_be_called(person.phone)

    async def add(self, person: Person) -> Person:
        """Write somebody down, or what changed about him.

        Raises:
            UsageError: ``unknown_seat``, ``seat_taken``, ``bad_number``.
        """
        if person.seat_id is not None and person.seat_id not in self._seat_ids:
            raise UsageError(f"there is no cloud seat {person.seat_id}", code="unknown_seat")
        number = domestic_number(person.phone) if person.phone else ""
        if number is None:
            raise UsageError(
                "the phone must be an ordinary domestic number, for example 13800138000", code="bad_number"
            )
        written = replace(person, phone=number)

        async def keep(unit: Unit) -> None:
            await store.keep(unit, written)

        try:
            await self._writer.do(keep, "keep person")
        except IntegrityError:
            raise UsageError(f"seat {person.seat_id} belongs to somebody else", code="seat_taken") from None
        await self.refresh()
        return written
