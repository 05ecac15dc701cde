"""Moved seats on real databases: the desk over engines, writer and rows, as the house runs it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from rows import NOW, StillClock, answered, arrival
from writers import writing

from callcenter.controller import Controller
from callcenter.core.contact import Contact
from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId, QueueName, SeatId
from callcenter.core.messages import seats
from callcenter.core.messages.calls import Outcome
from callcenter.core.messages.duty import Duty, DutyAssigned, SeatMove, SeatVersion
from callcenter.outbox.letters import Letters
from callcenter.outbox.section import Sms
from callcenter.paperwork import Paperwork
from callcenter.rebalance import store
from callcenter.rebalance.desk import RebalanceDesk
from callcenter.store import contacts
from callcenter.store.database import Database
from callcenter.store.writer import StoreWriter
from callcenter.tickets import catalog
from callcenter.tickets.pins import Pins
from callcenter.what_if import Change, Figures, Prediction
from queues.core.rebalance import Rebalancing
from queues.core.seats import SeatRules, Seats
from queues.core.what_if import FIGURES

pytestmark = pytest.mark.contract

QUEUES = [QueueName("general"), QueueName("enterprise")]
S1, S2, S3 = (SeatId(f"800{n}") for n in (1, 2, 3))
FIRMS = SeatMove(S1, (QUEUES[1],), Duty.INBOUND, 0)
SURVEYS = SeatMove(S2, None, Duty.SURVEYS, 0)


NOTHING = Figures(**dict.fromkeys(FIGURES, 0.0))


class Oracle:
    """A what-if that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Change] = []

    async def ask(self, change: Change, by: str = "") -> Prediction:
        """Fewer seats, longer waits."""
        self.asked.append(change)
        without, with_ = (replace(NOTHING, mean_wait_s=wait_s) for wait_s in (20.0, 31.0))
        return Prediction("w1", NOW, change, without, with_, 40, 0.4, 3600.0, {})


@dataclass
class Floor:
    """A house of three seats, of which two are logged in."""

    database: Database
    writer: StoreWriter

    def __post_init__(self) -> None:
        self.clock, self.oracle = StillClock(), Oracle()
        self.seats = Seats([S1, S2, S3], SeatRules(30.0, 3), QUEUES)
        self.engine = Rebalancing(self.seats, QUEUES)
        letters = Letters(Sms(), "延安", lambda number: None, Pins(b"key"))
        paperwork = Paperwork(self.writer, catalog.load(), self.clock, ZoneInfo("Asia/Shanghai"), letters)
        ignored = dict.fromkeys((seats.PauseSeat, seats.ResumeSeat, seats.PreferSeat), lambda effect: None)
        self.controller = Controller([self.seats, self.engine], ignored, paperwork.journal, self.clock)
        self.desk = RebalanceDesk(
            self.controller,
            self.engine,
            self.seats,
            QUEUES,
            frozenset({S3}),
            self.database,
            self.writer,
            self.clock,
            lambda: None,
            lambda: self.oracle,
        )
        for seat_id in (S1, S2):
            self.controller.post(seats.SeatReachable(seat_id, reachable=True))
            self.controller.post(seats.SeatJoined(seat_id, QUEUES[0], paused=False, reason=""))


@pytest.fixture
async def floor(database: Database) -> AsyncIterator[Floor]:
    """A running one."""
    async with writing(database) as writer:
        floor = Floor(database, writer)
        task = asyncio.create_task(floor.controller.run())
        yield floor
        await writer.flush()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def calls(database: Database, count: int, wait_s: float, queue: QueueName = QUEUES[0]) -> None:
    """So many calls came in the last minutes, waited and were answered; one more gave up."""
    async with database.unit() as unit:
        for number in range(count + 1):
            contact = _call(number, wait_s, queue)
            if number == count:
                contact = replace(contact, answered_at=None, talk_ended_at=None, outcome=Outcome.ABANDONED)
            await contacts.arrive(unit, arrival(contact.contact_id, at=contact.arrived_at))
            await contacts.save(unit, contact)


def _call(number: int, wait_s: float, queue: QueueName) -> Contact:
    at = NOW - timedelta(minutes=10 + number)
    contact = answered(ContactId(f"cc-{queue}.{number}"), at)
    queued = at + timedelta(seconds=5)
    return replace(contact, queue=queue, queued_at=queued, answered_at=queued + timedelta(seconds=wait_s))


async def test_one_action_is_one_record(floor: Floor) -> None:
    """Who, when, why, each seat before and after, what was predicted; duty and skills are what a restart restores."""
    await calls(floor.database, 20, 8.0)
    done = await floor.desk.apply([FIRMS, SURVEYS], 2.0, "王某", "企业专席排队")
    assert (done.by, done.why, done.hours, done.at) == ("王某", "企业专席排队", 2.0, NOW)
    assert [(seat.seat_id, seat.before.duty, seat.after.duty, seat.version) for seat in done.seats] == [
        (S1, Duty.INBOUND, Duty.INBOUND, 1),
        (S2, Duty.INBOUND, Duty.SURVEYS, 1),
    ]
    assert done.seats[0].after.skills == ["enterprise"]
    assert done.predicted is not None
    group, empty = done.predicted.groups
    assert (group.calls, group.talks, empty.calls) == (21, 20, 0)
    assert group.seats_before > group.seats_after
    assert group.before.wait_s is not None
    assert empty.before.wait_s is None
    assert done.predicted.whole is not None
    assert (done.predicted.whole.seats, done.predicted.whole.after.wait_s) == (-1, 31.0)
    assert "21次来电、20次通话" in done.predicted.notes[0]
    assert floor.oracle.asked == [Change(seats=-1, hours=2.0)]
    async with floor.database.reading() as connection:
        assert await store.on_surveys(connection) == [S2]
        assert await store.versions(connection) == (SeatVersion(S1, 1, "王某"), SeatVersion(S2, 1, "王某"))


async def test_a_preview_moves_nothing(floor: Floor) -> None:
    """Skills alone change no capacity, and nobody simulates; who moved the seat last is named."""
    await floor.desk.apply([FIRMS], 1.0, "王某", "排队")
    plan = await floor.desk.preview([replace(FIRMS, skills=())], 1.0)
    (seat,) = plan.seats
    assert (seat.version, seat.last_by, seat.takes_effect) == (1, "王某", "now")
    assert plan.effect.whole is None
    assert floor.oracle.asked == []
    assert (await floor.desk.newest(10)).seats[0].now.skills == ["enterprise"]


async def test_the_second_manager_writes_nothing(floor: Floor) -> None:
    """Two who saw the same floor ask at the same moment: one record, and one who is told by whom."""
    asked = [
        floor.desk.apply([FIRMS], 1.0, "王某", "排队"),
        floor.desk.apply([replace(SURVEYS, seat_id=S1)], 1.0, "李某", "回访"),
    ]
    one, other = await asyncio.gather(*asked, return_exceptions=True)
    done, refused = (one, other) if isinstance(other, UsageError) else (other, one)
    assert isinstance(refused, UsageError)
    assert refused.code == "wrong_seat_version"
    assert not isinstance(done, BaseException)
    assert done.by in str(refused)
    assert len((await floor.desk.newest(10)).items) == 1


async def test_the_last_one_is_undone_once(floor: Floor) -> None:
    """What somebody moved since is named; both stand in the list, the first with who undid it."""
    first = await floor.desk.apply([FIRMS, SURVEYS], 1.0, "王某", "排队")
    await floor.controller.ask(seats.SkillsAssigned(S1, (), "张某"))
    undone = await floor.desk.undo("", "李某", "误操作")
    assert [seat.seat_id for seat in undone.seats] == [S2]
    assert [seat.seat_id for seat in undone.not_undone] == [S1]
    assert "张某" in undone.not_undone[0].why
    newest, before = (await floor.desk.newest(10)).items
    assert (newest.undoes, before.undone_by) == (first.id, "李某")
    for rebalance_id, words in (("", "no such"), (first.id, "undone by 李某"), ("00", "no such")):
        with pytest.raises(UsageError, match=words):
            await floor.desk.undo(rebalance_id, "李某", "误操作")
    async with floor.database.reading() as connection:
        assert await store.on_surveys(connection) == []


async def test_what_was_predicted_stands_beside_what_came(floor: Floor) -> None:
    """Counted when the hours are over, from the calls of these hours."""
    floor.clock.advance(-3600)
    await floor.desk.apply([FIRMS], 1.0, "王某", "排队")
    assert (await floor.desk.newest(1)).items[0].real is None
    await calls(floor.database, 10, 8.0)
    floor.clock.advance(3600)
    (row,) = (await floor.desk.newest(1)).items
    assert row.real is not None
    (came,) = row.real
    assert (came.queue, came.calls, came.within_share) == ("general", 11, 10 / 11)
    assert came.wait_s == pytest.approx((10 * 8.0 + 70.0) / 11)


async def test_a_duty_is_told_to_the_rows_even_outside_a_rebalancing(floor: Floor) -> None:
    """A call day gives duties too; what begins with it is not restored as a survey."""
    await floor.controller.ask(DutyAssigned(S1, Duty.HELPING, "lead"))
    await floor.writer.flush()
    async with floor.database.reading() as connection:
        assert await store.on_surveys(connection) == []
        assert await store.versions(connection) == (SeatVersion(S1, 1, "lead"),)
