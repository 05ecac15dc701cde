"""Behind the web's port for call days, and what the house does for them. Invariant: it decides nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from callcenter.controller import Controller
from callcenter.core.clock import Clock, Instant
from callcenter.core.errors import UsageError
from callcenter.core.ids import SeatId
from callcenter.core.messages.guests import GuestDayClosed, GuestDayOpened, SitBeside
from callcenter.guests import store
from callcenter.guests.store import GuestDay
from callcenter.store.database import Database
from callcenter.store.unit import Unit
from callcenter.store.writer import StoreWriter
from callcenter.web.views.guests import FollowUpsView, FollowUpView, GuestDayView
from queues.core.call_days import CallDays


async def unfinished(database: Database, clock: Clock) -> list[GuestDayOpened]:
    """Call days that run or are still to come, for a starting engine."""
    async with database.reading() as connection:
        days = await store.unfinished(connection, clock.at())
    return [
        _told(clock, day.id, day.seat_id, day.helper_seat_id, day.from_at, day.to_at, day.by) for day in days
    ]


async def note_listener(writer: StoreWriter, clock: Clock, effect: SitBeside) -> None:
    """The audit has who is going to listen to what; returns once it is committed."""
    await writer.do(partial(store.note_listener, effect=effect, at=clock.at()), "note listener")


@dataclass(frozen=True)
class GuestDesk:
    """(:class:`callcenter.web.ports.guests.GuestPort`). ``departments``: topic -> its name."""

    controller: Controller
    engine: CallDays
    database: Database
    writer: StoreWriter
    clock: Clock
    departments: Mapping[str, str]

    async def open(
        self,
        name: str,
        title: str,
        seat_id: SeatId,
        helper_id: SeatId | None,
        from_at: datetime,
        to_at: datetime,
        by: str,
    ) -> GuestDayView:
        """A guest will answer at this seat.

        Raises:
            UsageError: seats or times that cannot be.
        """
        wanted = _told(self.clock, 0, seat_id, helper_id, from_at, to_at, by)
        self.engine.check(wanted, self.clock.instant())
        row = {
            "name": name,
            "title": title,
            "seat_id": seat_id,
            "helper_seat_id": helper_id,
            "from_at": from_at,
            "to_at": to_at,
            "by": by,
            "opened_at": self.clock.at(),
        }
        day_id = await self._keep(row)
        try:
            await self.controller.ask(_told(self.clock, day_id, seat_id, helper_id, from_at, to_at, by))
        except UsageError:
            await self.writer.do(partial(store.forget, day_id=day_id), "forget call day")
            raise
        return await self._view(await self._day(day_id))

    async def newest(self, limit: int) -> Sequence[GuestDayView]:
        """The last ones, newest first."""
        async with self.database.reading() as connection:
            days = await store.newest(connection, limit)
        return [await self._view(day) for day in days]

    async def close(self, day_id: int, by: str) -> GuestDayView:
        """Close one before its end.

        Raises:
            UsageError: ``unknown_guest_day``, ``wrong_guest_day``.
        """
        await self._day(day_id)
        await self.controller.ask(GuestDayClosed(day_id, by))
        await self.writer.do(partial(store.close, day_id=day_id, by=by, at=self.clock.at()), "close call day")
        return await self._view(await self._day(day_id))

    async def follow_ups(self, day_id: int) -> FollowUpsView:
        """The tickets of its calls.

        Raises:
            UsageError: ``unknown_guest_day``.
        """
        day = await self._day(day_id)
        async with self.database.reading() as connection:
            found = await store.follow_ups(connection, day_id)
        return FollowUpsView(day=await self._view(day), items=[self._item(each) for each in found])

    async def _keep(self, row: dict[str, Any]) -> int:
        made: list[int] = []

        async def keep(unit: Unit) -> None:
            made[:] = [await store.open_day(unit, row)]

        await self.writer.do(keep, "open call day")
        return made[0]

    async def _day(self, day_id: int) -> GuestDay:
        async with self.database.reading() as connection:
            day = await store.get(connection, day_id)
        if day is None:
            raise UsageError(f"没有接话日{day_id} / there is no call day {day_id}", code="unknown_guest_day")
        return day

    async def _view(self, day: GuestDay) -> GuestDayView:
        async with self.database.reading() as connection:
            counted = await store.counted(connection, day.id)
        now = self.clock.at()
        is_over = day.closed_at is not None or day.to_at <= now
        return GuestDayView(
            id=day.id,
            name=day.name,
            title=day.title,
            seat_id=day.seat_id,
            helper_seat_id=day.helper_seat_id,
            from_at=day.from_at,
            to_at=day.to_at,
            by=day.by,
            closed_by=day.closed_by,
            state="over" if is_over else "planned" if day.from_at > now else "running",
            calls=counted.calls,
            talk_s=counted.talk_s,
            tickets=counted.tickets,
            promises=counted.promises,
            grades=counted.grades,
            grade=counted.grade,
        )

    def _item(self, each: store.FollowUp) -> FollowUpView:
        return FollowUpView(
            ticket_no=each.ticket_no,
            contact_id=each.contact_id,
            citizen=each.citizen,
            answered_at=each.answered_at,
            nature=each.nature,
            department=self.departments.get(each.topic or "", ""),
            place=each.place,
            state="ready" if each.state == "ready" else "draft",
            deadline=each.deadline,
            promised=list(each.promised),
        )


def _told(
    clock: Clock,
    day_id: int,
    seat_id: SeatId,
    helper_id: SeatId | None,
    from_at: datetime,
    to_at: datetime,
    by: str,
) -> GuestDayOpened:
    """A call day in the engine's time."""
    begins, ends = (
        Instant(clock.instant() + (each - clock.at()).total_seconds()) for each in (from_at, to_at)
    )
    return GuestDayOpened(day_id, seat_id, helper_id, begins, ends, by)
