"""Call days on real databases: the guest's own record, his follow-up list, what a restart takes up."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from rows import C1, C2, NOW, StillClock, answered, arrival
from sqlalchemy import insert, select
from writers import writing

from callcenter.controller import Controller
from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId, QueueName, SeatId
from callcenter.core.messages import calls, seats
from callcenter.core.messages.flows import Rated
from callcenter.core.messages.guests import SitBeside
from callcenter.core.messages.work import CompleteTicket, DraftTicket
from callcenter.guests import store
from callcenter.guests.desk import GuestDesk, note_listener, unfinished
from callcenter.outbox.letters import Letters
from callcenter.outbox.section import Sms
from callcenter.paperwork import Paperwork
from callcenter.staff import store as staff
from callcenter.store import contacts
from callcenter.store.database import Database
from callcenter.store.schema import audit, qa_assessments, qa_findings, recordings
from callcenter.store.writer import StoreWriter
from callcenter.tickets import catalog
from callcenter.tickets.pins import Pins
from queues.core.call_days import CallDays
from queues.core.seats import SeatRules, Seats

pytestmark = pytest.mark.contract

ZONE = ZoneInfo("Asia/Shanghai")
S1, S2 = SeatId("8001"), SeatId("8002")
SOON, LATER = NOW - timedelta(minutes=5), NOW + timedelta(hours=2)


@dataclass
class Floor:
    """A house of two seats with a desk of call days."""

    database: Database
    writer: StoreWriter

    def __post_init__(self) -> None:
        self.clock = StillClock()
        self.seats = Seats([S1, S2], SeatRules(30.0, 3))
        self.engine = CallDays(self.seats)
        words = catalog.load()
        letters = Letters(Sms(), "延安", lambda number: None, Pins(b"key"))
        self.paperwork = Paperwork(self.writer, words, self.clock, ZONE, letters)
        ignored = dict.fromkeys((seats.PauseSeat, seats.ResumeSeat), lambda effect: None)
        self.controller = Controller([self.seats, self.engine], ignored, self.paperwork.journal, self.clock)
        for seat_id in (S1, S2):
            self.controller.post(seats.SeatReachable(seat_id, reachable=True))
            self.controller.post(seats.SeatJoined(seat_id, QueueName("general"), paused=False, reason=""))
        self.desk = GuestDesk(
            self.controller, self.engine, self.database, self.writer, self.clock, words.topics.names
        )

    async def open(self, helper_id: SeatId | None = None) -> int:
        """A call day that runs; its number."""
        return (await self.desk.open("李市长", "市长", S1, helper_id, SOON, LATER, "lead")).id

    async def answers(self, contact_id: ContactId, seat_id: SeatId) -> None:
        """A whole talk, as the telephone tells it."""
        queue = QueueName("general")
        for message in (
            calls.CallOffered(contact_id, queue, seat_id),
            calls.CallAnswered(contact_id, queue, seat_id, 5.0),
            calls.TalkEnded(contact_id, queue, seat_id, 60.0),
        ):
            await self.controller.ask(message)

    async def take(self, contact_id: ContactId) -> None:
        """The guest answers a citizen, and a ticket follows."""
        async with self.database.unit() as unit:
            await contacts.arrive(unit, arrival(contact_id))
            await contacts.save(unit, answered(contact_id))
        await self.answers(contact_id, S1)
        self.paperwork.draft_ticket(DraftTicket(contact_id))
        self.paperwork.complete_ticket(CompleteTicket(contact_id))
        await self.writer.flush()


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


async def promised(database: Database, contact_id: ContactId) -> None:
    """Quality found a promise in this call."""
    async with database.unit() as unit:
        run = unit.connection.execute
        await run(insert(recordings).values(recording_id="r-1", contact_id=contact_id, **RECORDING))
        made = await run(
            insert(qa_assessments)
            .values(recording_id="r-1", contact_id=contact_id, **ASSESSMENT)
            .returning(qa_assessments.c.id)
        )
        assessment_id = made.scalar_one()
        await run(insert(qa_findings).values(assessment_id=assessment_id, **FINDING))


RECORDING = {"state": "missing", "reason": "deleted"}
ASSESSMENT = {
    "answered_at": NOW,
    "model": "demo",
    "is_demo": True,
    "rules_version": "1",
    "facts_sha256": "",
    "score": 90.0,
    "certainty": 0.9,
    "concern": 0.1,
    "is_current": True,
    "created_at": NOW,
}
FINDING = {
    "ordinal": 0,
    "rule_id": "promise",
    "severity": "major",
    "points": 5.0,
    "channel": "agent",
    "words": "三天内答复您",
    "confidence": 0.9,
    "zh": "",
    "en": "",
}


async def test_the_guest_has_a_record_of_his_own(floor: Floor) -> None:
    """Calls, talk, tickets, promises, grades; the calls of others are theirs."""
    day_id = await floor.open()
    await floor.take(C1)
    async with floor.database.unit() as unit:
        await contacts.arrive(unit, arrival(C2))
    await floor.answers(C2, S2)
    await promised(floor.database, C1)
    await floor.controller.ask(Rated(C1, 4, "key"))
    await floor.writer.flush()
    (day,) = await floor.desk.newest(5)
    assert (day.id, day.state, day.calls, day.talk_s, day.tickets) == (day_id, "running", 1, 60.0, 1)
    assert (day.promises, day.grades, day.grade) == (1, 1, 4.0)
    found = await floor.desk.follow_ups(day_id)
    (item,) = found.items
    assert (item.contact_id, item.state, item.promised) == (C1, "draft", ["三天内答复您"])
    assert item.answered_at == NOW + timedelta(seconds=15)


async def test_a_call_is_his_once_and_stays_his(floor: Floor) -> None:
    """Told twice, or closed during the talk; a contact that the ledger does not know is nobody's."""
    day_id = await floor.open()
    await floor.take(C1)
    for contact_id in (C1, ContactId("cc-9.9")):
        await floor.answers(contact_id, S1)
    closed = await floor.desk.close(day_id, "lead")
    assert (closed.state, closed.closed_by, closed.calls) == ("over", "lead", 1)
    with pytest.raises(UsageError, match="is not open"):
        await floor.desk.close(day_id, "lead")
    with pytest.raises(UsageError, match="no call day 99"):
        await floor.desk.close(99, "lead")


async def test_a_restart_takes_up_what_is_not_over(floor: Floor) -> None:
    """With its begin in the past."""
    day_id = await floor.open(S2)
    (day,) = await unfinished(floor.database, floor.clock)
    assert (day.day_id, day.seat_id, day.helper_id) == (day_id, S1, S2)
    assert (day.begins, day.ends) == (-300.0, 7200.0)
    await floor.desk.close(day_id, "lead")
    assert await unfinished(floor.database, floor.clock) == []


async def test_a_guest_is_one_of_the_staff_while_his_day_lasts(floor: Floor) -> None:
    """By the name under which he answered."""
    day_id = await floor.open()
    async with floor.database.reading() as connection:
        (guest,) = await staff.people(connection, staff.StaffKind.GUEST)
    assert guest.name == "李市长"
    await floor.desk.close(day_id, "lead")
    async with floor.database.reading() as connection:
        assert await staff.people(connection, staff.StaffKind.GUEST) == []


async def test_a_refused_day_leaves_no_row(floor: Floor) -> None:
    """Nor is it among those that a restart takes up."""
    await floor.open()
    with pytest.raises(UsageError, match="in call day"):
        await floor.open()
    with pytest.raises(UsageError, match="bad times"):
        await floor.desk.open("李市长", "市长", S2, None, LATER, SOON, "lead")
    assert len(await floor.desk.newest(5)) == 1


async def test_who_listens_is_audited(floor: Floor) -> None:
    """Which seat, to which call, on which call day."""
    await note_listener(floor.writer, floor.clock, SitBeside(C1, S2, S1, 3))
    async with floor.database.reading() as connection:
        (entry,) = (await connection.execute(select(audit))).mappings()
    assert (entry["by"], entry["action"], entry["resource"]) == (
        "seat/8002",
        "call.sat_beside",
        f"contact/{C1}",
    )
    assert "接话日3" in entry["why"]


async def test_due_tickets_come_first(floor: Floor) -> None:
    """Without a deadline comes last."""
    day_id = await floor.open()
    for contact_id in (C1, C2):
        await floor.take(contact_id)
    found = await floor.desk.follow_ups(day_id)
    assert [item.contact_id for item in found.items] == [C1, C2]
    assert replace(store.Counted(2, 120.0, 2, 0, 0, None)) == await _counted(floor, day_id)


async def _counted(floor: Floor, day_id: int) -> store.Counted:
    async with floor.database.reading() as connection:
        return await store.counted(connection, day_id)
