"""Staff and roster behind the web's ports: they keep what they are told and tell what they keep."""
# ruff: noqa: D102  each method is described by the port that it stands in for

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from callcenter.core.errors import UsageError
from callcenter.staff.core.people import Person, StaffKind
from callcenter.staff.core.roster import ShiftState
from callcenter.staff.shift_store import SwapState
from callcenter.web.views.presence import (
    AbsentView,
    HeadsView,
    NoShowView,
    OnDutyView,
    PresenceHourView,
    PresenceView,
)
from callcenter.web.views.shifts import RosterImportView, ShiftView, SwapView
from callcenter.web.views.staff import PeopleImportView, PersonView
from web_fakes.scene import NUMBER, START


@dataclass
class FakeStaff:
    """People in memory. ``error``: what the next import raises."""

    kept: dict[str, PersonView] = field(default_factory=dict)
    error: Exception | None = None

    async def listed(self, all_: bool) -> list[PersonView]:
        return [person for person in self.kept.values() if all_ or person.active]

    async def import_file(self, content: bytes, dry_run: bool) -> PeopleImportView:
        if self.error is not None:
            raise self.error
        return PeopleImportView(applied=not dry_run, people=len(content), added=0)

    async def keep(self, person: Person) -> PersonView:
        kept = person_view(person.staff_no, person.name, person.phone, person.kind)
        self.kept[person.staff_no] = kept
        return kept

    async def deactivate(self, staff_no: str) -> PersonView:
        return self.kept.pop(staff_no, person_view(staff_no))


@dataclass
class FakeShifts:
    """A roster of one shift; ``asked``: what came, in order. ``error``: what the next wish raises."""

    asked: list[tuple[Any, ...]] = field(default_factory=list)
    error: Exception | None = None

    async def between(self, from_day: date, to_day: date, staff_no: str) -> list[ShiftView]:
        self.asked.append(("between", from_day, to_day, staff_no))
        return [shift_view(ShiftState.PLANNED)]

    async def import_file(
        self, content: bytes, dry_run: bool, replace: bool, month: date | None, by: str
    ) -> RosterImportView:
        self._take("import", content, dry_run, replace, month, by)
        return RosterImportView(applied=not dry_run, shifts=3, replaced=0, past=0, days=[], warnings=[])

    async def cancel(self, shift_id: int, by: str) -> ShiftView:
        self._take("cancel", shift_id, by)
        return shift_view(ShiftState.CANCELLED)

    async def propose(
        self, first_id: int, second_id: int | None, taker: str, by: str, why: str, *, only_own: bool
    ) -> SwapView:
        self._take("propose", first_id, second_id, taker, by, only_own)
        return swap_view(SwapState.PROPOSED)

    async def decide(self, swap_id: int, approve: bool, by: str) -> SwapView:
        self._take("decide", swap_id, approve, by)
        return swap_view(SwapState.APPROVED if approve else SwapState.REFUSED)

    async def undo(self, swap_id: int, by: str) -> SwapView:
        self._take("undo", swap_id, by)
        return swap_view(SwapState.UNDONE)

    async def swaps(self, limit: int) -> list[SwapView]:
        return [swap_view(SwapState.PROPOSED)]

    def on_duty(self) -> OnDutyView:
        absent = AbsentView(staff_no="1001", seat_id="8001", due_at=START, left=False)
        heads = HeadsView(kind="on_site", due=2, missing=1)
        return OnDutyView(as_of=START, due=5, missing=2, absent=[absent], heads=[heads])

    async def presence(self, day: date | None) -> PresenceView:
        if day is not None and day > START.date():
            raise UsageError("还没开始 / has not begun", code="bad_day")
        midnight = START.replace(hour=0)
        hours = [_hour(midnight + timedelta(hours=n), 1) for n in range(24)]
        return PresenceView(
            day=day or START.date(), time_zone="Asia/Shanghai", as_of=START, plan="shifts",
            formula="seat_presence_rate@1", zh="在席率", en="seats filled", total=_hour(midnight, 24),
            hours=hours, gaps=[],
            no_shows=[
                NoShowView(
                    shift_id=1, staff_no="1001", name="张三", seat_id="8001", due_at=START, late_s=600.0
                )
            ],
        )  # fmt: skip

    def _take(self, *asked: Any) -> None:
        if self.error is not None:
            raise self.error
        self.asked.append(asked)


def person_view(
    staff_no: str, name: str = "张三", phone: str = NUMBER, kind: StaffKind = StaffKind.ON_SITE
) -> PersonView:
    """Somebody."""
    return PersonView(staff_no=staff_no, name=name, kind=kind, phone=phone, seat_id=None, active=True)


def shift_view(state: ShiftState) -> ShiftView:
    """A shift in this state."""
    return ShiftView(
        shift_id=1, staff_no="1001", name="张三", kind="on_site", seat_id=None, from_at=START,
        to_at=START + timedelta(hours=8), code="早", state=state,
    )  # fmt: skip


def swap_view(state: SwapState) -> SwapView:
    """A swap in this state."""
    return SwapView(
        swap_id=1, first_id=1, first_staff_no="1001", second_id=None, second_staff_no="1002", state=state,
        why="家里有事", proposed_by="1001", proposed_at=START, decided_by="", decided_at=None,
        undone_by="", undone_at=None,
    )  # fmt: skip


def _hour(from_at: datetime, hours: int) -> PresenceHourView:
    return PresenceHourView(
        from_at=from_at, until_at=from_at + timedelta(hours=hours), planned=4.0 * hours, due=2.0 * hours,
        present=1.5 * hours, filled=1.5 * hours, working=1.0 * hours, no_shows=1, rate=0.75,
    )  # fmt: skip
