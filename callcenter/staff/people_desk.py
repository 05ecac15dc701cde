"""The list of the staff, as the shift manager keeps it (:class:`callcenter.web.ports.staff.StaffPort`)."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from callcenter.core.clock import Clock
from callcenter.core.errors import UsageError
from callcenter.core.ids import SeatId
from callcenter.staff import shift_store, store
from callcenter.staff.books import read_book
from callcenter.staff.core.people import Person, StaffKind
from callcenter.staff.core.people_sheet import read_people, shared_seats
from callcenter.staff.core.roster import Fault, FaultySheet, Place
from callcenter.staff.core.roster_sheet import in_order
from callcenter.staff.core.sheet_values import NAME_MAX, Unreadable, plain_text, staff_number
from callcenter.store.database import Database
from callcenter.store.writer import StoreWriter
from callcenter.web.views.staff import PeopleImportView, PersonView


@dataclass(frozen=True)
class StaffDesk:
    """``seats``: kind by seat; ``dialable``: a number as it is dialed, or ``None``; ``changed``: plans the day anew."""

    database: Database
    writer: StoreWriter
    seats: Mapping[SeatId, str]
    dialable: Callable[[str], str | None]
    clock: Clock
    changed: Callable[[], Awaitable[None]]

    async def listed(self, all_: bool) -> list[PersonView]:
        """Who is active, or everybody who ever was, by number."""
        async with self.database.reading() as connection:
            found = await store.everybody(connection)
        return [_view(person) for person in found if all_ or person.active]

    async def import_file(self, content: bytes, dry_run: bool) -> PeopleImportView:
        """Add or change everybody in a spreadsheet.

        Raises:
            UsageError: ``bad_sheet``.
            FaultySheet: nothing was changed.
        """
        sheets = await asyncio.to_thread(read_book, content)
        reading = await asyncio.to_thread(read_people, sheets, self.seats, self.dialable)
        async with self.database.reading() as connection:
            before = await store.everybody(connection)
        faults = [*reading.faults, *_taken_seats(before, reading.people)]
        if faults:
            raise FaultySheet(list(in_order(faults)))
        known = {person.staff_no for person in before}
        if not dry_run:
            await self._keep(reading.people)
        added = sum(person.staff_no not in known for person in reading.people)
        return PeopleImportView(applied=not dry_run, people=len(reading.people), added=added)

    async def keep(self, person: Person) -> PersonView:
        """Add or change one.

        Raises:
            UsageError: ``bad_person``.
        """
        checked = self._checked(person)
        async with self.database.reading() as connection:
            before = await store.everybody(connection)
        faults = _taken_seats(before, [checked])
        if faults:
            raise _bad(faults[0].problem)
        await self._keep([checked])
        return _view(checked)

    async def deactivate(self, staff_no: str) -> PersonView:
        """He works here no more.

        Raises:
            UsageError: ``unknown_person``, or ``wrong_person_state``: he has shifts ahead.
        """
        async with self.database.reading() as connection:
            found = [person for person in await store.people(connection) if person.staff_no == staff_no]
            ahead = await shift_store.count_ahead(connection, staff_no, self.clock.at())
        if not found:
            raise UsageError(
                f"没有在职的 {staff_no} / nobody active has number {staff_no}", code="unknown_person"
            )
        if ahead:
            raise UsageError(
                f"{staff_no} 还有 {ahead} 个班次，请先换班或重新导入排班"
                f" / {staff_no} has {ahead} shifts ahead: swap them or import a roster without him first",
                code="wrong_person_state",
            )
        await self.writer.do(partial(store.deactivate, staff_no=staff_no), "deactivate staff")
        return _view(replace(found[0], active=False, seat_id=None))

    async def _keep(self, people: Sequence[Person]) -> None:
        await self.writer.do(partial(store.keep_all, persons=people), "keep staff")
        await self.changed()  # a shift is proven by its person's seat

    def _checked(self, person: Person) -> Person:
        try:
            number, name = staff_number(person.staff_no), plain_text(person.name, NAME_MAX)
        except Unreadable as problem:
            raise _bad(str(problem)) from None
        phone = self.dialable(person.phone) if person.phone else ""
        if not name or phone is None:
            raise _bad(
                "缺姓名，或电话不是可拨打的国内号码 / the name is missing, or the phone cannot be dialed"
            )
        if person.seat_id is not None and person.seat_id not in self.seats:
            raise _bad(f"没有坐席 {person.seat_id} / there is no seat {person.seat_id}")
        if (
            person.kind is StaffKind.CLOUD
            and self.seats.get(person.seat_id or SeatId(""), "cloud") != "cloud"
        ):
            raise _bad("云坐席人员须用云坐席号 / a cloud agent needs a cloud seat")
        return Person(number, name, person.kind, phone, person.seat_id)


def _taken_seats(before: Iterable[Person], changed: Sequence[Person]) -> list[Fault]:
    """Seats that somebody has who is not among those changed."""
    numbers = {person.staff_no for person in changed}
    kept = [person for person in before if person.staff_no not in numbers]
    return [
        Fault(
            Place(),
            seat,
            f"坐席 {seat} 已归 {owners[0]}，请先改他的坐席 / seat {seat} belongs to {owners[0]}: change that first",
        )
        for seat, owners in shared_seats([*kept, *changed]).items()
    ]


def _view(person: Person) -> PersonView:
    return PersonView(
        staff_no=person.staff_no,
        name=person.name,
        kind=person.kind,
        phone=person.phone,
        seat_id=person.seat_id,
        active=person.active,
    )


def _bad(problem: str) -> UsageError:
    return UsageError(problem, code="bad_person")
