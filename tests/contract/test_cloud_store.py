"""Cloud seats on real databases: the roll outlives a restart, links are good once, a lock is in the book of accesses."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from cloud_world import good
from rows import NOW, StillClock
from sqlalchemy import select
from writers import writing

from callcenter.cloud import store
from callcenter.cloud.books import GUARD, CloudBooks
from callcenter.cloud.links import CloudLinks
from callcenter.cloud.people import CloudPeople
from callcenter.controller import Controller
from callcenter.core.clock import Instant
from callcenter.core.errors import UsageError
from callcenter.core.ids import QueueName, SeatId
from callcenter.core.messages import cloud, seats
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.cloud import CloudState, KeptCloudSeat, KeptInvitation, Reply
from callcenter.outbox import store as outbox
from callcenter.settings import Settings
from callcenter.staff.store import Person, StaffKind
from callcenter.store.database import Database
from callcenter.store.schema import audit, cloud_links
from callcenter.store.unit import Unit
from callcenter.store.writer import StoreWriter
from queues.core.cloud import CloudRoll, CloudRules
from queues.core.cloud_seat import LOCKED_BY_GUARD
from queues.core.numbers import mobile_number
from queues.core.seats import SeatRules, Seats

pytestmark = pytest.mark.contract

A = SeatId("8101")
NUMBER = "13800138000"
WANG = Person("1023", "王芳", StaffKind.CLOUD, NUMBER, A)
BASE = "https://hotline.example"


@dataclass
class House:
    """The parts beside the engine, and a controller with the two engines."""

    database: Database
    writer: StoreWriter
    clock: StillClock
    settings: Settings

    def __post_init__(self) -> None:
        self.told: list[Message] = []
        queues = [QueueName("main")]
        self.seats = Seats([A], SeatRules(30.0, 1), queues)
        self.roll = CloudRoll([A], self.seats, CloudRules(automatic=True))
        self.books = CloudBooks(self.writer, self.clock)
        self.people = CloudPeople(
            self.database, self.writer, self.told.append, lambda number: number != "", mobile_number, [A]
        )
        performers = dict.fromkeys((cloud.CheckPhone, seats.AddSeat, seats.RemoveSeat), _nothing)
        self.controller = Controller(
            [self.seats, self.roll],
            {
                **performers,
                cloud.KeepCloudSeat: self.books.keep_seat,
                cloud.KeepInvitation: self.books.keep_invitation,
            },
            lambda message, derived: None,
            self.clock,
        )
        self.links = CloudLinks(
            self.settings, self.controller, self.roll, self.people, self.writer, self.database, self.clock
        )

    async def texts(self) -> list[str]:
        """What waits to be sent."""
        async with self.database.reading() as connection:
            return [entry.text for entry in await outbox.newest(connection, "waiting")]


def _nothing(effect: Effect) -> None:
    """Asterisk is not part of this."""


@asynccontextmanager
async def house_of(database: Database, folder: Path) -> AsyncIterator[House]:
    """A house with one cloud seat and its owner."""
    settings = Settings.model_validate(
        {"home": str(folder), "seats": {"cloud_count": 1}, "sms": {"link_base": BASE}}
    )
    async with writing(database) as writer:
        house = House(database, writer, StillClock(NOW), settings)
        await house.people.add(WANG)
        yield house


def kept(state: CloudState, reason: str = "") -> cloud.KeepCloudSeat:
    """Where the seat is."""
    ends = Instant(9000.0) if state is CloudState.PROVEN else None
    seat = KeptCloudSeat(A, state, "1023", reason, "", Instant(0.0), None, ends)
    return cloud.KeepCloudSeat(seat, good(A))


async def test_the_roll_is_read_back(database: Database, tmp_path: Path) -> None:
    """The newest state of each seat, in instants of the clock that reads; replies beside it."""
    async with house_of(database, tmp_path) as house:
        house.books.keep_seat(kept(CloudState.CHECKING))
        house.books.keep_seat(kept(CloudState.PROVEN))
        invited = KeptInvitation("1023", Instant(0.0), None)
        house.books.keep_invitation(cloud.KeepInvitation("invite-8101-1", A, invited))
        answered = KeptInvitation("1023", Instant(0.0), Reply.ACCEPTED)
        house.books.keep_invitation(cloud.KeepInvitation("invite-8101-1", A, answered))
        await house.writer.flush()
        restored = await house.books.restored(database)
    (seat,) = restored.seats
    assert (seat.state, seat.staff_no) == (CloudState.PROVEN, "1023")
    assert seat.helps_until == pytest.approx(9000.0)
    assert [(it.staff_no, it.reply) for it in restored.invitations] == [("1023", Reply.ACCEPTED)]


async def test_a_lock_by_the_guard_is_audited(database: Database, tmp_path: Path) -> None:
    """Once, by the guard; other states are not."""
    async with house_of(database, tmp_path) as house:
        house.books.keep_seat(kept(CloudState.PROVEN))
        house.books.keep_seat(kept(CloudState.LOCKED, LOCKED_BY_GUARD))
        await house.writer.flush()
        async with database.reading() as connection:
            rows = (await connection.execute(select(audit.c.by, audit.c.action, audit.c.resource))).all()
    assert [tuple(row) for row in rows] == [(GUARD, "cloud.locked", "seat/8101")]


async def test_people_are_told_to_the_engine_without_numbers(database: Database, tmp_path: Path) -> None:
    """Once for each change; the number is for the edge alone."""
    async with house_of(database, tmp_path) as house:
        await house.people.refresh()
        assert house.told == [cloud.PeopleKnown((cloud.CloudPerson("1023", A, True, True),))]
        assert await house.people.phone_of("1023") == NUMBER
        assert await house.people.phone_of("9999") == ""
        with pytest.raises(UsageError):
            await house.people.add(Person("1024", "李", StaffKind.CLOUD, "", A))
        with pytest.raises(UsageError):
            await house.people.add(Person("1025", "李", StaffKind.CLOUD, "110", None))
        with pytest.raises(UsageError):
            await house.people.add(Person("1026", "李", StaffKind.CLOUD, "", SeatId("8199")))


async def test_a_link_is_good_once(database: Database, tmp_path: Path) -> None:
    """Used by one of two at the same time; its hash alone is kept; a new one ends the old."""
    async with house_of(database, tmp_path) as house:
        lasts = timedelta(minutes=30)
        made: list[str] = []

        async def make(unit: Unit) -> None:
            made.append(await store.make_link(unit, "1023", A, NOW, lasts))

        await house.writer.do(make)
        await house.writer.do(make)
        old, new = made
        async with database.reading() as connection:
            assert await store.link(connection, old, NOW) is None
            assert await store.link(connection, new, NOW) == store.Link("1023", A, False)
            assert await store.link(connection, new, NOW + lasts) is None
            kept_rows = (await connection.execute(select(cloud_links))).all()
        assert new not in str(kept_rows)
        used: list[bool] = []

        async def use(unit: Unit) -> None:
            used.append(await store.use_link(unit, new, NOW))

        await house.writer.do(use)
        await house.writer.do(use)
        assert used == [True, False]


async def test_joining_by_link(database: Database, tmp_path: Path) -> None:
    """Written to him, used once: he sees his account once, then how far his seat is."""
    async with house_of(database, tmp_path) as house, running(house.controller):
        await house.links.send(cloud.InviteByLink("1023", A))
        (text,) = await house.texts()
        token = text.split("/join/")[1].split()[0]
        before = await house.links.state(token)
        assert before is not None
        assert (before.is_used, before.state) == (False, CloudState.INVITED)
        account = await house.links.join(token)
        assert account is not None
        assert (account.account, len(account.secret) >= 24) == (A, True)
        assert house.roll.get(A).state is CloudState.ACCEPTED
        assert await house.links.join(token) is None
        after = await house.links.state(token)
        assert after is not None
        assert (after.is_used, after.state) == (True, CloudState.ACCEPTED)
        assert await house.links.state("guessed") is None


async def test_a_locked_seat_cannot_be_joined(database: Database, tmp_path: Path) -> None:
    """The link stays unused, and tells no password."""
    async with house_of(database, tmp_path) as house, running(house.controller):
        url, _ = await house.links.make("1023", A)
        token = url.rsplit("/", 1)[1]
        await house.controller.ask(cloud.CloudSeatAsked(A, cloud.CloudRequest.LOCK, "lin", ""))
        assert await house.links.join(token) is None
        state = await house.links.state(token)
        assert state is not None
        assert not state.is_used


@asynccontextmanager
async def running(controller: Controller) -> AsyncIterator[None]:
    """The controller consumes its inbox meanwhile."""
    task = asyncio.create_task(controller.run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
