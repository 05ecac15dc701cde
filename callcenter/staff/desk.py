"""The roster, as the shift manager keeps it (:class:`callcenter.web.ports.shifts.ShiftPort`).

Invariant: what is refused changes nothing; what was changed is planned with before it is answered.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.clock import Clock, Instant
from callcenter.core.errors import UsageError
from callcenter.core.ids import SeatId
from callcenter.staff import shift_store, store
from callcenter.staff.books import read_book
from callcenter.staff.core.people import Person
from callcenter.staff.core.roster import (
    FaultySheet,
    Shift,
    ShiftState,
    double_bookings,
    over_capacity,
    seat_hours,
    short_rests,
)
from callcenter.staff.core.roster_sheet import Known, Reading, in_order, read_roster
from callcenter.staff.core.swaps import SwapRules, check_swap, exchanged, taken_over
from callcenter.staff.presence_reader import PresenceReader
from callcenter.staff.section import Shifts
from callcenter.staff.shift_store import Swap, SwapState
from callcenter.store.database import Database
from callcenter.store.unit import Unit
from callcenter.store.writer import StoreWriter
from callcenter.web.views.presence import AbsentView, HeadsView, OnDutyView, PresenceView
from callcenter.web.views.shifts import DayEffect, RosterImportView, ShiftView, SwapView
from queues.core.presence import OnDuty, Phase

DAY = timedelta(days=1)
WARNINGS_MAX = 50
NEAR = timedelta(days=3)
"""Shifts so near to a swapped one matter for its rests."""


@dataclass(frozen=True)
class House:
    """What rosters are made for. ``seats``: kind by seat; ``usual``: the roster of the settings, hour by hour."""

    seats: Mapping[SeatId, str]
    rules: Shifts
    usual: Sequence[int]
    zone: ZoneInfo

    @property
    def capacity(self) -> dict[str, int]:
        """How many seats there are of each kind."""
        kinds = list(self.seats.values())
        return {kind: kinds.count(kind) for kind in ("on_site", "cloud")}

    @property
    def swap_rules(self) -> SwapRules:
        """What swaps must keep to."""
        return SwapRules(self.rules.rest, self.zone)


@dataclass(frozen=True)
class _Effect:
    """What a roster changes: kept shifts that go, and those that stay, near its days."""

    gone: Sequence[Shift]
    stay: Sequence[Shift]


@dataclass(frozen=True)
class ShiftDesk:
    """``changed``: plans the day anew; ``duty``: who should be there now."""

    database: Database
    writer: StoreWriter
    house: House
    clock: Clock
    changed: Callable[[], Awaitable[None]]
    duty: Callable[[Instant], OnDuty]
    reader: PresenceReader

    async def between(self, from_day: date, to_day: date, staff_no: str) -> list[ShiftView]:
        """Shifts that touch these days, ends included; ``staff_no`` empty: everybody's."""
        begin, end = self._midnight(from_day), self._midnight(to_day + DAY)
        async with self.database.reading() as connection:
            found = await shift_store.touching(connection, begin, end, self.house.seats)
            names = {person.staff_no: person.name for person in await store.everybody(connection)}
        return [self._view(shift, names) for shift in found if staff_no in ("", shift.staff_no)]

    async def import_file(
        self, content: bytes, dry_run: bool, replace: bool, month: date | None, by: str
    ) -> RosterImportView:
        """Take in a roster, or only tell its effect. Of a day that has none yet, shifts that have begun are taken in as well.

        Raises:
            UsageError: ``bad_sheet``.
            FaultySheet: nothing was changed.
        """
        now = self.clock.at()
        sheets = await asyncio.to_thread(read_book, content)
        async with self.database.reading() as connection:
            people = {person.staff_no: person for person in await store.everybody(connection)}
            today = now.astimezone(self.house.zone).date()
            is_planned = await shift_store.is_rostered(connection, today)
        known = Known(
            people,
            self.house.seats,
            self.house.rules.hours(),
            self.house.zone,
            now,
            now if is_planned else self._midnight(today),
            self.house.rules.longest,
            month,
        )
        reading = await asyncio.to_thread(read_roster, sheets, known)
        if reading.faults:
            raise FaultySheet(list(in_order(reading.faults)))
        async with self.database.reading() as connection:
            effect = await self._effect(connection, reading, replace, now)
        if not dry_run:
            await self._keep(reading, replace, by, now)
            await self.changed()
        return self._told(reading, effect, applied=not dry_run)

    async def cancel(self, shift_id: int, by: str) -> ShiftView:
        """A shift ahead is not worked; open wishes to swap it are refused with it.

        Raises:
            UsageError: see :class:`callcenter.web.ports.shifts.ShiftPort`.
        """
        now = self.clock.at()

        async def write(unit: Unit) -> None:
            shift = (await self._numbered(unit.connection, [shift_id]))[shift_id]
            is_gone = shift.state is ShiftState.CANCELLED
            if is_gone and unit.is_repeat:
                return
            if is_gone or shift.from_at <= now:
                raise UsageError(
                    f"班次 {shift_id} 已取消或已开始 / shift {shift_id} is cancelled already, or has begun",
                    code="wrong_shift_state",
                )
            await self._cancel(unit, [shift_id], by, now)

        await self._do(write)
        await self.changed()
        async with self.database.reading() as connection:
            shift = (await self._numbered(connection, [shift_id]))[shift_id]
            names = {person.staff_no: person.name for person in await store.everybody(connection)}
        return self._view(shift, names)

    async def propose(
        self, first_id: int, second_id: int | None, taker: str, by: str, why: str, *, only_own: bool
    ) -> SwapView:
        """Wish to swap two shifts, or to let ``taker`` take the first over.

        Raises:
            UsageError: see :class:`callcenter.web.ports.shifts.ShiftPort`.
        """
        made: list[Swap] = []

        async def write(unit: Unit) -> None:
            wanted = [first_id] if second_id is None else [first_id, second_id]
            found = await self._numbered(unit.connection, wanted)
            if only_own and found[first_id].staff_no != by:
                raise UsageError(
                    "只能提出换自己的班 / you may propose to swap your own shifts only", code="not_your_shift"
                )
            second = found[second_id].staff_no if second_id is not None else taker
            wish = Swap(
                0, first_id, found[first_id].staff_no, second_id, second,
                SwapState.PROPOSED, why, by, self.clock.at(),
            )  # fmt: skip
            await self._check(unit.connection, wish)
            if await shift_store.open_swaps_of(unit.connection, wanted):
                raise UsageError(
                    "这个班次已有待批的换班 / there is an open wish to swap this shift: decide that first",
                    code="wrong_shift_state",
                )
            made[:] = [replace(wish, swap_id=await shift_store.propose(unit, wish))]

        await self._do(write)
        return _swap_view(made[0])

    async def decide(self, swap_id: int, approve: bool, by: str) -> SwapView:
        """Approve, which takes effect at once, or refuse.

        Raises:
            UsageError: see :class:`callcenter.web.ports.shifts.ShiftPort`.
        """
        now = self.clock.at()

        async def write(unit: Unit) -> None:
            if unit.is_repeat and await shift_store.was_settled(unit.connection, swap_id, by, now):
                return
            swap = await self._swap(unit.connection, swap_id, SwapState.PROPOSED)
            if approve:
                await shift_store.reassign(unit, await self._check(unit.connection, swap))
            state = SwapState.APPROVED if approve else SwapState.REFUSED
            await shift_store.decide(unit, swap_id, state, by, now)

        return await self._change_swap(swap_id, write)

    async def undo(self, swap_id: int, by: str) -> SwapView:
        """Give back what was swapped.

        Raises:
            UsageError: see :class:`callcenter.web.ports.shifts.ShiftPort`.
        """
        now = self.clock.at()

        async def write(unit: Unit) -> None:
            if unit.is_repeat and await shift_store.was_settled(unit.connection, swap_id, by, now):
                return
            swap = await self._swap(unit.connection, swap_id, SwapState.APPROVED)
            turned = replace(swap, first_staff_no=swap.second_staff_no, second_staff_no=swap.first_staff_no)
            back = await self._check(unit.connection, turned)
            await shift_store.undo(unit, swap_id, by, now)
            still = {s.shift_id for s in back if await shift_store.is_swapped(unit.connection, s.shift_id)}
            planned = [s if s.shift_id in still else replace(s, state=ShiftState.PLANNED) for s in back]
            await shift_store.reassign(unit, planned)

        return await self._change_swap(swap_id, write)

    async def swaps(self, limit: int) -> list[SwapView]:
        """The newest, newest first."""
        async with self.database.reading() as connection:
            return [_swap_view(swap) for swap in await shift_store.swaps(connection, limit)]

    def on_duty(self) -> OnDutyView:
        """Who should be there now."""
        return duty_view(self.duty(self.clock.instant()), self.clock.at())

    async def presence(self, day: date | None) -> PresenceView:
        """A day hour by hour; ``None``: today.

        Raises:
            UsageError: ``bad_day``.
        """
        return await self.reader.of(day)

    # Rosters.

    async def _effect(
        self, connection: AsyncConnection, reading: Reading, replaces: bool, now: datetime
    ) -> _Effect:
        """What the roster meets.

        Raises:
            FaultySheet: somebody or a seat would be booked twice, or there are not so many seats.
        """
        days, house = reading.days, self.house
        begin, end = self._midnight(min(days) - DAY), self._midnight(max(days) + 2 * DAY)
        kept = await shift_store.touching(connection, begin, end, house.seats)
        gone = [s for s in kept if replaces and s.from_at > now and self._day(s) in days]
        stay = [s for s in kept if s not in gone]
        both = [*stay, *reading.shifts]
        faults = [*double_bookings(both, house.zone), *over_capacity(both, house.capacity, house.zone)]
        if faults:
            raise FaultySheet(list(in_order(faults)))
        return _Effect(gone, stay)

    async def _keep(self, reading: Reading, replaces: bool, by: str, now: datetime) -> None:
        async def write(unit: Unit) -> None:
            if unit.is_repeat and await shift_store.was_kept(unit.connection, by, now):
                return
            effect = await self._effect(unit.connection, reading, replaces, now)
            await self._cancel(unit, [shift.shift_id for shift in effect.gone], by, now)
            await shift_store.add(unit, reading.shifts, by, now, self.house.zone)

        await self._do(write)

    async def _cancel(self, unit: Unit, ids: Collection[int], by: str, now: datetime) -> None:
        """These shifts are not worked, and nobody swaps them."""
        for swap in await shift_store.open_swaps_of(unit.connection, ids):
            await shift_store.decide(unit, swap.swap_id, SwapState.REFUSED, by, now)
        await shift_store.cancel(unit, ids)

    async def _numbered(self, connection: AsyncConnection, ids: Collection[int]) -> dict[int, Shift]:
        """These shifts, whatever became of them.

        Raises:
            UsageError: ``unknown_shift``.
        """
        found = await shift_store.numbered(connection, ids, self.house.seats)
        for number in ids:
            if number not in found:
                raise UsageError(f"没有班次 {number} / there is no shift {number}", code="unknown_shift")
        return found

    def _told(self, reading: Reading, effect: _Effect, *, applied: bool) -> RosterImportView:
        before, after = [*effect.gone, *effect.stay], [*effect.stay, *reading.shifts]
        new = {id(shift) for shift in reading.shifts}
        warnings = [
            f"{second.staff_no}: {first.to_at.astimezone(self.house.zone):%m-%d %H:%M} → "
            f"{second.from_at.astimezone(self.house.zone):%m-%d %H:%M} "
            f"休息不足 {self.house.rules.rest_h:g} 小时 / rests less than {self.house.rules.rest_h:g} h"
            for first, second in short_rests(after, self.house.rules.rest)
            if id(first) in new or id(second) in new
        ]
        return RosterImportView(
            applied=applied,
            shifts=len(reading.shifts),
            replaced=len(effect.gone),
            past=reading.past,
            days=[
                DayEffect(day=day, before=self._hours(day, before), after=self._hours(day, after))
                for day in sorted(reading.days)
            ],
            warnings=warnings[:WARNINGS_MAX],
        )

    def _hours(self, day: date, shifts: Collection[Shift]) -> list[float]:
        """Seat-hours of a day; without a roster of its own the usual ones."""
        if not any(self._day(shift) == day for shift in shifts):
            return [float(seats) for seats in self.house.usual]
        spans = ((shift.from_at, shift.to_at) for shift in shifts)
        return [round(hours, 2) for hours in seat_hours(spans, self._midnight(day))]

    # Swaps.

    async def _check(self, connection: AsyncConnection, swap: Swap) -> list[Shift]:
        """The shifts as they are after the swap.

        Raises:
            UsageError: they have changed since, or the rules forbid it.
        """
        found = await shift_store.numbered(connection, swap.shift_ids, self.house.seats)
        first = found[swap.first_id]
        second = found[swap.second_id] if swap.second_id is not None else None
        if first.staff_no != swap.first_staff_no or (second and second.staff_no != swap.second_staff_no):
            raise UsageError(
                "班次已另有安排，请重新提出 / the shifts have changed hands since: propose anew",
                code="wrong_shift_state",
            )
        people = await store.everybody(connection)
        before = [first] if second is None else [first, second]
        after = (
            taken_over(first, _person(people, swap.second_staff_no))
            if second is None
            else exchanged(first, second)
        )
        begin, end = min(s.from_at for s in before) - NEAR, max(s.to_at for s in before) + NEAR
        others = await shift_store.touching(connection, begin, end, self.house.seats)
        check_swap(before, after, others, people, self.clock.at(), self.house.swap_rules)
        return after

    async def _swap(self, connection: AsyncConnection, swap_id: int, state: SwapState) -> Swap:
        swap = await shift_store.swap(connection, swap_id)
        if swap is None:
            raise UsageError(f"没有换班 {swap_id} / there is no swap {swap_id}", code="unknown_swap")
        if swap.state is not state:
            raise UsageError(
                f"换班 {swap_id} 的状态是 {swap.state} / swap {swap_id} is {swap.state}: nothing to do",
                code="wrong_swap_state",
            )
        return swap

    async def _change_swap(self, swap_id: int, write: Callable[[Unit], Awaitable[None]]) -> SwapView:
        await self._do(write)
        await self.changed()
        async with self.database.reading() as connection:
            swap = await shift_store.swap(connection, swap_id)
        if swap is None:
            raise UsageError(f"there is no swap {swap_id}", code="unknown_swap")
        return _swap_view(swap)

    async def _do(self, write: Callable[[Unit], Awaitable[None]]) -> None:
        try:
            await self.writer.do(write, "shifts")
        except IntegrityError:
            raise UsageError(
                "别人刚刚改了排班，请再试 / somebody else has just changed the roster: try again",
                code="wrong_shift_state",
            ) from None

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.house.zone)

    def _day(self, shift: Shift) -> date:
        return shift.from_at.astimezone(self.house.zone).date()

    def _view(self, shift: Shift, names: Mapping[str, str]) -> ShiftView:
        return ShiftView.model_validate(
            {
                "shift_id": shift.shift_id,
                "staff_no": shift.staff_no,
                "name": names.get(shift.staff_no, ""),
                "kind": shift.kind,
                "seat_id": shift.seat_id,
                "from_at": shift.from_at.astimezone(self.house.zone),
                "to_at": shift.to_at.astimezone(self.house.zone),
                "code": shift.code,
                "state": shift.state,
            }
        )


def duty_view(duty: OnDuty, as_of: datetime) -> OnDutyView:
    """Who should be there now, for the outside."""
    return OnDutyView(
        as_of=as_of,
        due=duty.due,
        missing=duty.missing,
        absent=[
            AbsentView(
                staff_no=each.due.staff_no,
                seat_id=each.seat_id,
                due_at=each.due.from_at.astimezone(as_of.tzinfo),
                left=each.phase is Phase.LEFT,
            )
            for each in duty.absent
        ],
        heads=[
            HeadsView.model_validate({"kind": kind, "due": head.due, "missing": head.missing})
            for kind, head in duty.heads.items()
        ],
    )


def _person(people: Sequence[Person], staff_no: str) -> Person:
    found = next((person for person in people if person.staff_no == staff_no), None)
    if found is None:
        raise UsageError(f"没有工号 {staff_no} / nobody has number {staff_no}", code="bad_swap")
    return found


def _swap_view(swap: Swap) -> SwapView:
    return SwapView.model_validate({name: getattr(swap, name) for name in SwapView.model_fields})
