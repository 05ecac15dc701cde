"""A surge has passed and 200 citizens are owed a call: the controller dies while seats call them back."""

import asyncio
import sqlite3
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from loopback import free_port
from pbx import Witness, private_settings
from system import START_S, System, whole_system
from tones import tone

from callcenter.clocks import SystemClock
from callcenter.core.books import TRUNK
from callcenter.core.contact import Contact, ContactState
from callcenter.core.ids import ChannelName, ContactId
from callcenter.core.messages.callbacks import NoteMissed, is_callback
from callcenter.core.messages.calls import Outcome
from callcenter.phones import Call, IncomingCall, Phone, PhoneBox
from callcenter.sections import parse_address
from callcenter.store import contacts
from callcenter.store.database import Database
from queues import store

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]

CITIZENS = tuple(f"1380000{n:04d}" for n in range(200))
SEATS = ("8001", "8002", "8003")
CITY = ZoneInfo("Asia/Shanghai")
CITIZEN_HZ = 700
TALK_S = 21.0
SURGE = "cc-1."
"""Contacts of the surge begin with this."""


@dataclass(frozen=True)
class Ring:
    """A citizen's phone rings."""

    citizen: str
    call: IncomingCall


class Town:
    """The citizens at home. ``rung``: how often each one's phone rang."""

    def __init__(self) -> None:
        self.rung = Counter[str]()
        self._rings = asyncio.Queue[Ring]()
        self._is_deserted = False

    async def listen(self, phone: Phone) -> None:
        """Take note whenever this phone rings."""
        while True:
            call = await phone.ringing(limit_s=float("inf"))
            self.rung[phone.number] += 1
            if self._is_deserted:
                await call.reject()
            self._rings.put_nowait(Ring(phone.number, call))

    async def next_ring(self) -> Ring:
        """Wait for the next one."""
        async with asyncio.timeout(START_S):
            return await self._rings.get()

    async def leave(self) -> None:
        """From now on every call is refused."""
        self._is_deserted = True
        while not self._rings.empty():
            await self._rings.get_nowait().call.reject()


async def owe_everybody(home: Path) -> None:
    """An hour ago all of them called and met nobody: in the ledger, and on the list of missed calls."""
    at = SystemClock().at() - timedelta(hours=1)
    database = Database(private_settings(home).effective_database_url)
    await database.upgrade()
    async with database.unit() as unit:
        for n, caller in enumerate(CITIZENS):
            contact = Contact(
                ContactId(f"{SURGE}{n}"),
                ChannelName(f"PJSIP/trunk-{n:08x}"),
                caller,
                "12345",
                "controller",
                ContactState.ENDED,
                at,
                ended_at=at + timedelta(seconds=9),
                outcome=Outcome.ABANDONED,
            )
            await contacts.save(unit, contact)
            await store.note_missed(unit, NoteMissed(contact.contact_id, caller), at, can_be_called=True)
    await database.close()


@asynccontextmanager
async def house() -> AsyncIterator[System]:
    """A running instance that owes all of them a call, at any hour; its hours end soon, so that every seat is needed for it."""
    with tempfile.TemporaryDirectory(prefix="cc-") as home:
        await owe_everybody(Path(home))
        async with whole_system(
            Path(home),
            trunk={"outbound": f"127.0.0.1:{free_port()}"},
            callback={"from_hour": 0, "to_hour": min(24, SystemClock(CITY).at().hour + 2)},
        ) as system:
            yield system


@asynccontextmanager
async def at_work(system: System) -> AsyncIterator[Town]:
    """Agents who answer whatever rings, and citizens behind the carrier."""
    port = parse_address(system.settings.trunk.outbound).port
    async with PhoneBox(system.settings.sip_address, sip_port=port) as box:
        town = Town()
        tasks = [asyncio.create_task(town.listen(await box.citizen(number))) for number in CITIZENS]
        for seat in SEATS:
            phone = await box.seat(seat, system.pbx.secrets.seats[seat])
            await phone.register()
            tasks.append(asyncio.create_task(answer_all(phone)))
            await phone.dial_code("*11")
        try:
            yield town
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def answer_all(phone: Phone) -> None:
    """An agent who is always there."""
    while True:
        await (await phone.ringing(limit_s=float("inf"))).answer()


@contextmanager
def locked_database(system: System) -> Iterator[None]:
    """Nothing can be written inside the block."""
    path = system.settings.home_path / "data" / "callcenter.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def talk(citizen: str, call: Call) -> str:
    """Long enough to count as a talk; who it was."""
    await call.play(tone(CITIZEN_HZ, TALK_S))
    await call.hangup()
    return citizen


async def kill_in_a_ring(system: System, town: Town) -> list[asyncio.Task[str]]:
    """One talks, two phones ring; one of those is answered and one refused while nobody steers: the two talks."""
    first, second, third = [await town.next_ring() for _ in SEATS]
    talks = [asyncio.create_task(talk(first.citizen, await first.call.answer()))]
    await system.kill_controller()
    talks.append(asyncio.create_task(talk(second.citizen, await second.call.answer())))
    await third.call.reject()
    await system.ready()
    return talks


async def kill_before_the_dial(system: System, town: Town, events: Witness) -> None:
    """The third seat is paused for the next call-back, whose row cannot be written yet: nobody is dialed, no try counts."""
    fourth = await town.next_ring()
    tries = system.rows("SELECT sum(tries) FROM promises")
    pauses = len(events.all("QueueMemberPause", PausedReason="callback"))
    with locked_database(system):
        await fourth.call.reject()
        await events.seen("QueueMemberPause", PausedReason="callback", count=pauses + 1)
        await system.kill_controller()
    assert system.rows("SELECT sum(tries) FROM promises") == tries
    await system.ready()


async def every_seat_calls_on(town: Town, events: Witness) -> None:
    """No seat is stuck in its pause: each one makes another call-back."""
    before = seats_rung(events)
    while any(seats_rung(events)[seat] == before[seat] for seat in SEATS):
        await (await town.next_ring()).call.reject()


async def go_home(system: System) -> None:
    """Every agent logs out after his call; then nothing is left of any."""
    for seat in SEATS:
        await system.ask_seat(seat, "logout")

    async def all_are_gone() -> bool:
        return {await system.seat_state(seat) for seat in SEATS} == {"off"}

    await system.until(all_are_gone, "all seats are off", START_S)
    assert await system.pbx.is_quiet()


def seats_rung(events: Witness) -> Counter[str]:
    """How often each seat's phone was rung for a call-back."""
    channels = [
        frame.get("Channel") for frame in events.all("Newchannel") if is_callback(frame.get("Uniqueid"))
    ]
    return Counter(channel.removeprefix("PJSIP/").partition("-")[0] for channel in channels)


def citizens_dialed(events: Witness) -> Counter[str]:
    """How often the carrier was asked for each call-back, by its id."""
    dialed = [frame for frame in events.all("Newchannel") if frame.get("Channel").startswith(TRUNK)]
    return Counter(frame.get("Linkedid") for frame in dialed)


async def books_agree(system: System) -> None:
    """About everything that happened here; Asterisk's books know nothing of the surge before."""

    async def is_clean() -> bool:
        return all(found["contact_id"].startswith(SURGE) for found in (await system.ledger())["differences"])

    await system.until(is_clean, "the books agree", START_S)


async def test_no_promise_is_lost_and_no_try_is_dialed_twice() -> None:
    """Killed while phones ring, and between a seat's pause and its dial: two talks go on, the seats go on calling."""
    async with house() as system, system.pbx.watched() as events, at_work(system) as town:
        talks = await kill_in_a_ring(system, town)
        await kill_before_the_dial(system, town, events)
        kept = await asyncio.gather(*talks)
        await every_seat_calls_on(town, events)
        await town.leave()
        await go_home(system)
        await books_agree(system)

        async def every_try_rang() -> bool:
            return dict(system.rows("SELECT caller, tries FROM promises WHERE tries > 0")) == town.rung

        await system.until(every_try_rang, "tries and rings are the same")
        assert max(citizens_dialed(events).values()) == 1, "a try was dialed twice"
        assert citizens_dialed(events).total() == town.rung.total()
        told = system.rows("SELECT caller, state, why FROM promises ORDER BY caller")
        assert told == [(n, "closed", "kept") if n in kept else (n, "open", "") for n in CITIZENS]
