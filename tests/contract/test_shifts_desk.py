"""Staff, rosters and swaps on real databases: imported whole or not at all, swapped by rule, undone, planned with."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import pytest
import pytest_asyncio
from rosters import CODES, LI, LIST, MONDAY, SEATS, SHANGHAI, WANG, ZHANG, at, xlsx
from sqlalchemy.exc import IntegrityError
from web_fakes import FakeClock
from writers import writing

from callcenter.core.clock import Instant
from callcenter.core.errors import UsageError
from callcenter.core.ids import SeatId
from callcenter.core.messages.base import Message
from callcenter.core.messages.seats import SeatState, SeatStateChanged
from callcenter.core.messages.shifts import Arrived, LeftEarly, NoShow, ShiftsPlanned
from callcenter.core.messages.surge import DayPlanned, RosterAsked
from callcenter.planner import Planner
from callcenter.settings import Settings
from callcenter.staff import shift_store, store
from callcenter.staff.core.people import Person, StaffKind
from callcenter.staff.core.roster import FaultySheet
from callcenter.staff.desk import House, ShiftDesk
from callcenter.staff.people_desk import StaffDesk
from callcenter.staff.presence_reader import PresenceReader
from callcenter.staff.section import Shifts
from callcenter.staff.timetable import Timetable
from callcenter.store.database import Database
from callcenter.store.gaps import close_gap, open_gap
from callcenter.store.journal import draft
from callcenter.store.writer import StoreWriter
from queues.core.numbers import domestic_number
from queues.core.presence import OnDuty

pytestmark = pytest.mark.contract

USUAL = (4,) * 8 + (17,) * 16
TUESDAY = date(2026, 11, 24)
MIDNIGHT = datetime(2026, 11, 23, tzinfo=SHANGHAI)


@dataclass
class Room:
    """The desks on a database; ``changes``: how often the day was planned anew."""

    database: Database
    writer: StoreWriter
    clock: FakeClock
    changes: int = 0
    told: list[ShiftsPlanned] = field(default_factory=list)

    def __post_init__(self) -> None:
        house = House(SEATS, Shifts(codes=CODES), USUAL, SHANGHAI)
        reader = PresenceReader(self.database, SEATS, USUAL, self.clock, SHANGHAI)
        self.staff = StaffDesk(self.database, self.writer, SEATS, domestic_number, self.clock, self._changed)
        self.desk = ShiftDesk(
            self.database, self.writer, house, self.clock, self._changed, lambda now: OnDuty((), {}), reader
        )
        self.timetable = Timetable(self.database, SEATS, SHANGHAI, self.told.append)

    async def import_rows(self, *rows: tuple[Any, ...], replace: bool = False, dry_run: bool = False) -> Any:
        """Import a list."""
        content = xlsx(("排班", [LIST, *rows]))
        return await self.desk.import_file(content, dry_run, replace, None, "anna")

    async def shifts(self, day: date = MONDAY) -> list[tuple[int, str, str]]:
        """Number, person and state of a day's shifts."""
        found = await self.desk.between(day, day, "")
        return [(shift.shift_id, shift.staff_no, shift.state.value) for shift in found]

    async def roster(self) -> tuple[int, ...]:
        """Monday's, as the planner gets it."""
        return await self.timetable.plan(Instant(0.0), MIDNIGHT)

    async def _changed(self) -> None:
        self.changes += 1


@pytest_asyncio.fixture
async def room(database: Database) -> AsyncIterator[Room]:
    """Three people, and no shift."""
    async with writing(database) as writer:
        async with database.unit() as unit:
            await store.keep_all(unit, [ZHANG, LI, WANG])
        yield Room(database, writer, FakeClock())


def row(number: str, day: date, begin: str, end: str, seat: str | None = None) -> tuple[Any, ...]:
    """A line of a list."""
    return (number, None, seat, day, begin, end, None)


async def test_a_roster_is_tried_then_kept(room: Room) -> None:
    """Trying changes nothing and tells the same; the day's plan follows the import."""
    rows = [row("1001", MONDAY, "8:00", "16:00", "8001"), row("1002", MONDAY, "22:00", "8:00")]
    tried = await room.import_rows(*rows, dry_run=True)
    assert (tried.applied, await room.shifts(), room.changes, await room.roster()) == (False, [], 0, ())
    done = await room.import_rows(*rows)
    assert done == tried.model_copy(update={"applied": True})
    assert (done.shifts, done.replaced, room.changes) == (2, 0, 1)
    [effect] = done.days
    assert effect.before == list(USUAL)
    assert effect.after == [0.0] * 8 + [1.0] * 8 + [0.0] * 6 + [1.0, 1.0]
    assert await room.roster() == (0,) * 8 + (1,) * 8 + (0,) * 6 + (1, 1)
    assert [(s.staff_no, s.name, s.seat_id) for s in await room.desk.between(TUESDAY, TUESDAY, "")] == [
        ("1002", "李四", None)
    ]


async def test_the_same_file_twice_is_refused_and_replaces(room: Room) -> None:
    """What is kept already would be booked twice; a replaced shift is cancelled, one that has begun is not."""
    evening = row("1002", date(2026, 11, 22), "18:00", "20:00")
    rows = [row("1001", MONDAY, "8:00", "16:00"), evening]
    await room.import_rows(*rows)
    with pytest.raises(FaultySheet) as refused:
        await room.import_rows(*rows)
    assert [fault.place.row for fault in refused.value.faults] == [2, 3]
    assert "--replace" in refused.value.faults[0].problem
    room.clock.advance(2 * 3600)  # 19:00: the evening shift runs
    later = [row("1001", MONDAY, "9:00", "17:00"), row("1001", date(2026, 11, 22), "21:00", "23:00")]
    done = await room.import_rows(*later, replace=True)
    assert (done.shifts, done.replaced) == (2, 1)
    assert [number for _, number, _ in await room.shifts(date(2026, 11, 22))] == ["1002", "1001"]
    [(_, _, state)] = await room.shifts()
    assert state == "planned"


async def test_a_shift_is_cancelled_with_the_wishes_for_it(room: Room) -> None:
    """The day is planned without it; what has begun, is gone already or never was is refused."""
    await room.import_rows(row("1001", MONDAY, "8:00", "16:00"), row("1002", TUESDAY, "8:00", "16:00"))
    [(number, _, _)] = await room.shifts()
    wish = await room.desk.propose(number, None, "1002", "1001", "看病", only_own=True)
    gone = await room.desk.cancel(number, "anna")
    assert (gone.state.value, gone.name, await room.shifts(), room.changes) == ("cancelled", "张三", [], 2)
    [kept] = await room.desk.swaps(10)
    assert (kept.swap_id, kept.state.value, kept.decided_by) == (wish.swap_id, "refused", "anna")
    for wrong, code in ((number, "wrong_shift_state"), (999, "unknown_shift")):
        with pytest.raises(UsageError) as refused:
            await room.desk.cancel(wrong, "anna")
        assert refused.value.code == code
    room.clock.advance(3 * 24 * 3600)
    [(begun, _, _)] = await room.shifts(TUESDAY)
    with pytest.raises(UsageError) as refused:
        await room.desk.cancel(begun, "anna")
    assert refused.value.code == "wrong_shift_state"


async def test_the_first_roster_of_a_running_day_has_all_its_shifts(room: Room) -> None:
    """Also those that have begun; once the day has a roster they are over."""
    today = date(2026, 11, 22)
    done = await room.import_rows(
        row("1001", today, "8:00", "18:00"), row("1001", date(2026, 11, 21), "8:00", "16:00")
    )
    assert (done.shifts, done.past) == (1, 1)
    done = await room.import_rows(row("1001", today, "9:00", "18:00"), row("1002", today, "18:00", "20:00"))
    assert (done.shifts, done.past) == (1, 1)
    assert [number for _, number, _ in await room.shifts(today)] == ["1001", "1002"]


async def test_what_is_impossible_is_refused_as_a_whole(room: Room) -> None:
    """More people than seats, with nothing kept of the file."""
    rows = [row(number, MONDAY, "8:00", "16:00") for number in ("1001", "1002", "0003")]
    async with room.database.unit() as unit:
        await store.keep(unit, Person("1007", "孙七", StaffKind.ON_SITE))
    with pytest.raises(FaultySheet) as refused:
        await room.import_rows(
            *rows, row("1007", MONDAY, "12:00", "16:00"), row("0003", TUESDAY, "8:00", "9:00")
        )
    assert ["超过坐席数 2" in fault.problem for fault in refused.value.faults] == [True]
    assert await room.shifts() == []


async def test_short_rests_are_warned_of(room: Room) -> None:
    """A roster may hold them, and says so."""
    done = await room.import_rows(
        row("1001", MONDAY, "16:00", "23:00"), row("1001", TUESDAY, "8:00", "12:00")
    )
    assert len(done.warnings) == 1
    assert "1001" in done.warnings[0]


async def test_no_constraint_lets_anybody_stand_twice(room: Room) -> None:
    """SQL holds what it can: the same person or seat at the same begin."""
    await room.import_rows(row("1001", MONDAY, "8:00", "16:00", "8001"))
    for number, seat in (("1001", None), ("1002", SeatId("8001"))):
        [kept] = (await _kept(room)).values()
        twin = replace(kept, staff_no=number, seat_id=seat)
        with pytest.raises(IntegrityError):
            async with room.database.unit() as unit:
                await shift_store.add(unit, [twin], "bo", at(22, 0), SHANGHAI)


async def test_a_swap_is_proposed_approved_and_undone(room: Room) -> None:
    """Nothing changes before the approval; both shifts change hands, seats stay; undone it is as before."""
    await room.import_rows(
        row("1001", MONDAY, "8:00", "12:00", "8001"), row("1002", MONDAY, "8:00", "16:00", "8002")
    )
    (first, *_), (second, *_) = before = await room.shifts()
    wish = await room.desk.propose(first, second, "", "1001", "看病", only_own=True)
    assert (wish.state.value, await room.shifts()) == ("proposed", before)
    with pytest.raises(UsageError, match="待批"):
        await room.desk.propose(first, second, "", "1001", "看病", only_own=True)
    done = await room.desk.decide(wish.swap_id, True, "boss")
    assert (done.state.value, done.decided_by) == ("approved", "boss")
    assert await room.shifts() == [(first, "1002", "swapped"), (second, "1001", "swapped")]
    assert [(d.staff_no, d.seats) for d in await _due(room)] == [("1002", ("8001",)), ("1001", ("8002",))]
    undone = await room.desk.undo(wish.swap_id, "boss")
    assert (undone.state.value, undone.undone_by) == ("undone", "boss")
    assert await room.shifts() == before
    with pytest.raises(UsageError, match="undone"):
        await room.desk.undo(wish.swap_id, "boss")


async def test_a_shift_is_taken_over(room: Room) -> None:
    """By somebody of the same kind of seats."""
    await room.import_rows(row("1001", MONDAY, "8:00", "16:00"))
    [(shift, *_)] = await room.shifts()
    with pytest.raises(UsageError, match="云坐席"):
        await room.desk.propose(shift, None, "0003", "boss", "调班", only_own=False)
    wish = await room.desk.propose(shift, None, "1002", "boss", "调班", only_own=False)
    await room.desk.decide(wish.swap_id, True, "boss")
    assert await room.shifts() == [(shift, "1002", "swapped")]
    assert [swap.swap_id for swap in await room.desk.swaps(5)] == [wish.swap_id]


async def test_swaps_against_the_rules_are_refused(room: Room) -> None:
    """With the reason: not his own, his own already, nobody, too little rest."""
    await room.import_rows(row("1001", MONDAY, "8:00", "16:00"), row("1002", MONDAY, "20:00", "23:00"))
    (shift, *_), _ = before = await room.shifts()
    for taker, by, only_own, says in (
        ("1002", "1002", True, "只能"),
        ("1001", "boss", False, "本来就是"),
        ("1009", "boss", False, "没有工号"),
        ("1002", "boss", False, "休息"),
    ):
        with pytest.raises(UsageError, match=says):
            await room.desk.propose(shift, None, taker, by, "调班", only_own=only_own)
    assert await room.shifts() == before


async def test_a_shift_that_has_begun_is_not_swapped_back(room: Room) -> None:
    """Nor is one that was replaced in between approved, nor one that is unknown."""
    await room.import_rows(row("1001", MONDAY, "8:00", "16:00"), row("1001", TUESDAY, "8:00", "16:00"))
    [(shift, *_)], [(other, *_)] = await room.shifts(), await room.shifts(TUESDAY)
    wish = await room.desk.propose(shift, None, "1002", "boss", "调班", only_own=False)
    open_wish = await room.desk.propose(other, None, "1002", "boss", "调班", only_own=False)
    await room.desk.decide(wish.swap_id, True, "boss")
    await room.import_rows(row("1001", TUESDAY, "9:00", "17:00"), replace=True)
    with pytest.raises(UsageError, match="refused"):
        await room.desk.decide(open_wish.swap_id, True, "boss")
    room.clock.advance(16 * 3600)  # Monday 09:00
    with pytest.raises(UsageError, match="已经开始"):
        await room.desk.undo(wish.swap_id, "boss")
    with pytest.raises(UsageError, match="没有班次"):
        await room.desk.propose(999, None, "1002", "boss", "调班", only_own=False)
    with pytest.raises(UsageError, match="没有换班"):
        await room.desk.decide(999, True, "boss")


async def test_due_shifts_know_their_seats(room: Room) -> None:
    """The planned seat, and the person's own where nobody else is planned there; without either heads are counted."""
    await room.import_rows(
        row("1001", MONDAY, "8:00", "16:00", "8002"),
        row("1002", MONDAY, "16:00", "20:00"),
        row("0003", MONDAY, "8:00", "12:00"),
        row("1001", MONDAY, "22:00", "次日8:00"),
    )
    due = [(d.staff_no, d.group, d.seats, d.told) for d in await _due(room)]
    assert due == [
        ("1001", "on_site", ("8002", "8001"), ""),
        ("0003", "cloud", ("8101",), ""),
        ("1002", "on_site", (), ""),
        ("1001", "on_site", ("8001",), ""),
    ]
    assert [plan.is_start for plan in room.told] == [True]
    await room.roster()
    assert [plan.is_start for plan in room.told] == [True, False]


async def test_the_day_is_planned_with_its_shifts(room: Room) -> None:
    """Without an import the usual roster holds; shifts come before it, and what a manager says by hand before both."""
    plans: list[DayPlanned] = []
    settings = Settings.model_validate({"day": {"roster": USUAL}})
    planner = Planner(settings, room.database, room.clock, plans.append)
    planner.roster_of_shifts = room.timetable.plan
    room.clock.advance(8 * 3600)  # Monday 01:00
    await planner.look()
    await room.import_rows(row("1001", MONDAY, "8:00", "16:00"))
    await planner.look_at_shifts()
    by_shifts = (0,) * 8 + (1,) * 8 + (0,) * 8
    await _journal(room, room.clock.at(), RosterAsked((5,) * 24, "anna", "storm"))
    await planner.look_at_shifts()
    assert [plan.roster for plan in plans] == [USUAL, by_shifts, (5,) * 24]
    assert [plan.is_new_day for plan in plans] == [True, False, False]
    assert [len(plan.shifts) for plan in room.told] == [0, 1, 1]


async def test_what_was_told_is_known_after_a_restart(room: Room) -> None:
    """The first plan of a new program brings it along, and only of the person who is due now."""
    await room.import_rows(row("1001", MONDAY, "8:00", "16:00"), row("1002", MONDAY, "8:00", "16:00"))
    first, second = (number for number, *_ in await room.shifts())
    await _journal(
        room, at(23, 8.01), NoShow(first, "1001", None, at(23, 8)), NoShow(second, "0003", None, at(23, 8))
    )
    await _journal(
        room, at(23, 9), Arrived(first, "1001", None, 3600.0), LeftEarly(first, "1001", None, 60.0)
    )
    assert [due.told for due in await _due(room)] == ["left", ""]


async def test_presence_is_right_after_a_restart(room: Room) -> None:
    """What was watched is counted; between the last entry and the new begin nothing is, and that is named."""
    await room.import_rows(
        row("1001", MONDAY, "8:00", "10:00", "8001"), row("1002", MONDAY, "8:00", "10:00", "8002")
    )
    numbers = [number for number, *_ in await room.shifts()]
    missing = NoShow(numbers[1], "1002", SeatId("8002"), at(23, 8))
    plan = ShiftsPlanned(Instant(0.0), MIDNIGHT, (), is_start=True)
    await _journal(room, at(23, 7.5), _moved("8001", "off", "ready"))
    await _journal(room, at(23, 8.02), missing)
    await _journal(room, at(23, 8.5), _moved("8001", "ready", "talking"))
    await _journal(room, at(23, 8.75), _moved("8001", "talking", "wrap_up"))
    await _journal(
        room, at(23, 9), Arrived(numbers[1], "1002", SeatId("8002"), 3600.0), _moved("8002", "off", "ready")
    )
    await _journal(room, at(23, 9.5), plan)  # killed at 09:00 or later, up again at 09:30
    await _journal(room, at(23, 9.5), _moved("8001", "off", "ready"))
    async with room.database.unit() as unit:
        await open_gap(unit, at(23, 9.8), "cut")
        await close_gap(unit, at(23, 9.9))
    room.clock.advance((at(23, 10) - at(22, 17)).total_seconds())
    seen = await room.desk.presence(MONDAY)
    eight, nine = seen.hours[8], seen.hours[9]
    assert (eight.planned, eight.present, eight.working, eight.no_shows, eight.rate) == (
        2.0,
        1.0,
        0.5,
        2 - 1,
        0.5,
    )
    assert (nine.planned, nine.present, nine.working, nine.rate) == (2.0, 0.5, 0.0, 0.25)
    assert (seen.hours[7].present, seen.hours[7].filled, seen.hours[7].rate) == (0.5, 0.0, None)
    assert (seen.total.planned, seen.total.due, seen.total.filled, seen.total.rate) == (4.0, 4.0, 1.5, 0.375)
    assert [(absent.name, absent.late_s) for absent in seen.no_shows] == [("李四", 3600.0)]
    assert [gap.reason for gap in seen.gaps] == ["restart", "cut"]
    assert (seen.plan, seen.formula) == ("shifts", "seat_presence_rate@1")
    told = (await _due(room))[1].told
    assert told == ""  # he has come


async def test_days_without_shifts_have_the_usual_plan(room: Room) -> None:
    """A day that has not begun has no presence, nor has one of which no events are kept."""
    seen = await room.desk.presence(None)
    assert (seen.plan, seen.total.planned, seen.total.due) == ("usual", sum(USUAL), sum(USUAL[:17]))
    for day in (MONDAY, date(2026, 6, 1)):
        with pytest.raises(UsageError, match=str(day)):
            await room.desk.presence(day)


async def test_people_are_imported_kept_and_let_go(room: Room) -> None:
    """Two may exchange their seats; a seat that belongs to somebody else is refused; who has shifts ahead stays."""
    head = ("工号", "姓名", "类别", "手机", "坐席")
    both = xlsx(("人员", [head, ("1001", "张三", "", 13800000001, 8002), ("1002", "李四", "", "", 8001)]))
    done = await room.staff.import_file(both, False)
    assert (done.people, done.added) == (2, 0)
    assert room.changes == 1
    seats = {person.staff_no: person.seat_id for person in await room.staff.listed(False)}
    assert seats == {"0003": "8101", "1001": "8002", "1002": "8001"}
    with pytest.raises(FaultySheet, match="1 处"):
        await room.staff.import_file(xlsx(("人员", [head, ("1009", "周九", "", "", 8001)])), False)
    with pytest.raises(UsageError, match="8001"):
        await room.staff.keep(Person("1009", "周九", StaffKind.ON_SITE, seat_id=SeatId("8001")))
    with pytest.raises(UsageError, match="电话"):
        await room.staff.keep(Person("1009", "周九", StaffKind.ON_SITE, "12345"))
    await room.import_rows(row("1001", MONDAY, "8:00", "16:00"))
    with pytest.raises(UsageError, match="还有 1 个班次"):
        await room.staff.deactivate("1001")
    gone = await room.staff.deactivate("1002")
    assert (gone.active, gone.seat_id) == (False, None)
    assert [person.staff_no for person in await room.staff.listed(False)] == ["0003", "1001"]
    assert len(await room.staff.listed(True)) == 3


async def _kept(room: Room) -> dict[int, Any]:
    async with room.database.reading() as connection:
        ids = [number for number, *_ in await room.shifts()]
        return await shift_store.numbered(connection, ids, SEATS)


async def _due(room: Room) -> tuple[Any, ...]:
    await room.roster()
    return room.told[-1].shifts


async def _journal(room: Room, when: datetime, *messages: Message) -> None:
    async with room.database.unit() as unit:
        for message in messages:
            unit.record(draft(message, when, Instant(0.0)))


def _moved(seat: str, old: str, new: str) -> SeatStateChanged:
    return SeatStateChanged(SeatId(seat), SeatState(old), SeatState(new), "")
