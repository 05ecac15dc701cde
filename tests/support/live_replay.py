"""One window of a trace, lived by SIP robots on real Asterisks: plain ``app_queue`` and the product at the same time.

SCENARIOS.md 12. Both houses meet the same people from the same instant, so that whatever else the machine does falls on both.
Invariant: figures come from the wire's log by the simulator's own metrics, and nothing else goes in.
"""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from live_crew import Crew
from live_houses import House
from live_log import Pace, Talk, WireLog, cid_of
from live_people import People
from live_phones import Phones, Ringing
from live_plain import plain_house
from live_product import Product, product_house
from live_sound import Sound
from loopback import free_port

from callcenter.sections import Address
from callcenter.sim.driver import EngineDriver, engine_settings
from callcenter.sim.log import Entry
from callcenter.sim.metrics import Figures, measure
from callcenter.sim.params import Params, ms
from callcenter.sim.run import make_policy, run_day
from callcenter.sim.trace import Citizens, Traffic

SIDES = ("plain", "product")
RTP_FIRST, RTP_PORTS = 22_000, 600
"""Each house has a range of its own, apart from those of other tests."""
TELL_EVERY_S = 10.0
TOLD = ("attempt", "busy", "answer", "abandon", "self_done", "cb_accepted", "message", "dial")
DELAYS_MS = (200, 500, 1000, 2000)
"""Of the page: at five times the speed 0.04 to 0.4 s, as a set-up, a look of the queue, a hang-up take."""
AT_ONCE_MS = 15_000
"""Of the page: a phone that rings at once is answered within three seconds, however busy this machine is."""
SMS_LAST_S = 6.0
"""The last message is on its way at the end."""
TALK_HEARD = 0.8
"""Share of a talk's packets that each side must have heard of the other for it to count as two-way."""
NO_TRAFFIC = Traffic([], [])
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class World:
    """One window: its people and what is known of it."""

    params: Params
    citizens: Citizens


@dataclass(frozen=True, slots=True)
class Lived:
    """What became of a window on one house. ``name``: ``plain`` or ``product``."""

    world: World
    name: str
    log: list[Entry]
    figures: Figures
    simulated: Figures
    simulated_log: list[Entry]
    near: list[Figures]
    """The same window in the simulator, disturbed as little as a real line disturbs it (``DELAYS_MS``)."""
    wire: dict[str, Any]
    """How the replay itself went: drops, late sound, talks with sound both ways, troubles."""


class Side:
    """One house with its robots."""

    def __init__(self, name: str, world: World, speed: float, sound: Sound, place: int) -> None:
        self.name, self.world, self.speed = name, world, speed
        self.params, self.citizens = world.params, world.citizens
        self.pace = Pace(speed)
        self.log = WireLog(self.pace, ms(self.params.day.length_s))
        low = RTP_FIRST + place * RTP_PORTS
        self.rtp = f"{low}-{low + RTP_PORTS - 1}"
        self.sip_port = free_port()
        self.sound = sound
        self.house: House
        self.people: People
        self.crew: Crew
        self.phones: Phones
        self._early: list[str] = []

    @asynccontextmanager
    async def open(self, home: Path) -> AsyncIterator["Side"]:
        """The house runs, the agents are logged in, nobody calls yet."""
        server = Address("127.0.0.1", self.sip_port)
        async with AsyncExitStack() as stack:
            self.phones = Phones(server, self.sound, self._ring)
            await stack.enter_async_context(self.phones)
            self.house = await self._house(stack, home)
            self.people = People(self.params, self.citizens, self.pace, self.log, self.house.guide)
            self.crew = Crew(self.params, self.citizens, self.pace, self.log, self.house.desk)
            self.crew.people = self.people
            secrets = self.house.pbx.secrets.seats
            seats = Phones(server, self.sound, self.crew.ring, secrets)
            await stack.enter_async_context(seats)
            await seats.register()
            self.seats = seats
            await self.crew.begin(self.house.pbx.settings.seats.on_site())
            yield self

    async def _house(self, stack: AsyncExitStack, home: Path) -> House:
        if self.name == "plain":
            plain = plain_house(home, self.params, self.speed, self.sip_port, self.rtp)
            return await stack.enter_async_context(plain)
        made = product_house(
            home, self.params, self.speed, self.sip_port, self.rtp, self.phones.port, self._read_sms
        )
        return await stack.enter_async_context(made)

    async def _ring(self, ringing: Ringing) -> None:
        await self.people.ring(ringing)

    def _read_sms(self, number: str) -> None:
        self.people.read_sms(number)

    async def live(self) -> None:
        """The window, in its real time."""
        await self.house.start(self.params.seats.by_hour)
        self.pace.begin()
        roster = asyncio.create_task(self.crew.follow_roster())
        try:
            await self.people.live(self.phones)
        finally:
            roster.cancel()
            await asyncio.gather(roster, return_exceptions=True)

    async def end(self) -> Lived:
        """Everybody goes home; the books are compared; the figures."""
        if self.house.guide:
            await self.people.read_last_sms(SMS_LAST_S)
        await self.people.go_home()
        await self.seats.hang_up_all()
        troubles = await self.house.settled()
        log = self.log.entries()
        if isinstance(self.house, Product):
            log = with_ranges(log, announced(self.house))
        figures = measure(self.params, self.citizens, log, {})
        simulated, simulated_log = simulate_side(self.name, self.params, self.citizens)
        return Lived(
            self.world,
            self.name,
            log,
            figures,
            simulated,
            simulated_log,
            disturbed(self.name, self.world),
            self._wire(log, troubles),
        )

    def _wire(self, log: Sequence[Entry], troubles: list[str]) -> dict[str, Any]:
        people, crew = self.people, self.crew
        told: dict[str, Any] = {
            "talks": len(people.talks),
            "heard_both_ways": both_ways(people.talks, crew.talks),
            "deaf": sum(talk.packets > 0 and not talk.heard for talk in (*people.talks, *crew.talks)),
            "dropped": people.dropped,
            "robot_faults": len(people.faults) + len(crew.faults),
            "sip_retransmits": people_retransmits(self.phones, self.seats),
            "late_sound": self.sound.late,
        }
        if isinstance(self.house, Product):
            told |= same_story(self.house, log, people.met)
        return told | {"troubles": [*troubles, *people.faults[:3], *crew.faults[:3]]}


def people_retransmits(*phones: Phones) -> int:
    """SIP messages that had to be sent again."""
    return sum(it.counters.retransmits for it in phones)


def both_ways(citizens: Sequence[Talk], seats: Sequence[Talk]) -> float | None:
    """The share of talks in which each side heard the other nearly all the time."""
    heard_at_seat = {talk.cid: talk for talk in seats}
    pairs = [(talk, heard_at_seat[talk.cid]) for talk in citizens if talk.cid in heard_at_seat]
    good = sum(all(side.heard >= TALK_HEARD * side.packets for side in pair) for pair in pairs)
    return round(good / len(pairs), 4) if pairs else None


def same_story(house: Product, log: Sequence[Entry], met: set[int]) -> dict[str, Any]:
    """The product's ledger beside the wire: calls that came, and whose were answered."""
    rows = house.system.rows("SELECT caller, outcome, source FROM contacts")
    inbound = [(caller, outcome) for caller, outcome, source in rows if source != "callback"]
    answered = {cid_of(caller) for caller, outcome in inbound if outcome == "answered"}
    refused = sum(entry.event == "busy" for entry in log)
    attempts = sum(entry.event == "attempt" for entry in log) - refused
    return {
        "ledger_calls": len(inbound),
        "wire_calls": attempts,
        "answered_in_one_book_only": len(answered ^ met),
    }


Ranges = dict[tuple[int, int], tuple[int, int]]
"""The wait that was announced, in seconds from and to, by citizen and number of his call that was taken."""


def announced(house: Product) -> Ranges:
    """What callers were told on the product: the figures of its spoken announcements, which no wire can be asked for."""
    rows = house.system.rows(
        "SELECT caller, min(low_s), min(high_s) FROM contacts LEFT JOIN announcements USING (contact_id) "
        "WHERE source <> 'callback' GROUP BY contact_id ORDER BY contacts.arrived_at"
    )
    calls: Counter[int] = Counter()
    found: Ranges = {}
    for caller, low_s, high_s in rows:
        cid = cid_of(caller)
        calls[cid] += 1
        if low_s is not None:
            found[cid, calls[cid]] = (int(low_s), int(high_s))
    return found


def with_ranges(log: Sequence[Entry], ranges: Ranges) -> list[Entry]:
    """The log with what was announced to who joined the queue; who was told nothing and answered at once joined none."""
    taken: Counter[int] = Counter()
    found = []
    for place, entry in enumerate(log):
        if entry.event in ("attempt", "busy"):
            taken[int(entry.cid)] += 1 if entry.event == "attempt" else -1
        if entry.event != "queue":
            found.append(entry)
        elif told := ranges.get((int(entry.cid), taken[int(entry.cid)])):
            found.append(entry._replace(a=told[0], b=told[1]))
        elif not _is_answered_at_once(entry, log[place + 1 :]):
            found.append(entry)
    return found


def _is_answered_at_once(entry: Entry, later: Sequence[Entry]) -> bool:
    soon = itertools.takewhile(lambda other: other.t_ms <= entry.t_ms + AT_ONCE_MS, later)
    return any(other.event == "answer" and other.cid == entry.cid for other in soon)


def simulate_side(name: str, params: Params, citizens: Citizens) -> tuple[Figures, list[Entry]]:
    """The same window in the simulator: policy A, or the engine as the live house has it (people review messages)."""
    if name == "plain":
        return run_day(params, citizens, NO_TRAFFIC, make_policy("A", params))
    driver = EngineDriver(replace(engine_settings(params), reviews_by_seats=False))
    return run_day(params, citizens, NO_TRAFFIC, driver)


def disturbed(name: str, world: World) -> list[Figures]:
    """The simulated window when all patience, or all talks, last a little longer: how far chance alone carries a figure.

    An overloaded line with redials is chaotic: half a second moves its number of calls by a twentieth.
    """
    columns = world.citizens.columns()
    found = []
    for family in ("patience", "talk"):
        for delay in DELAYS_MS:
            later = {
                key: [value + delay for value in values] if key.startswith(family) else values
                for key, values in columns.items()
            }
            found.append(simulate_side(name, world.params, Citizens(later))[0])
    return found


async def replay(
    worlds: Sequence[World],
    speed: float,
    home: Path,
    progress: Progress = lambda line: None,
    sides: Sequence[str] = SIDES,
) -> list[Lived]:
    """Let each window happen on all sides, everything at once."""
    with Sound() as sound:
        pairs = [(name, world) for world in worlds for name in sides]
        made = [Side(name, world, speed, sound, place) for place, (name, world) in enumerate(pairs)]
        async with AsyncExitStack() as stack:
            progress(f"starting {len(made)} houses")
            for number, side in enumerate(made):
                await stack.enter_async_context(side.open(home / f"{number}{side.name}"))
            teller = asyncio.create_task(_tell(made, progress))
            try:
                await asyncio.gather(*(side.live() for side in made))
            finally:
                teller.cancel()
            progress("ending, comparing the books")
            return list(await asyncio.gather(*(side.end() for side in made)))


async def _tell(sides: Sequence[Side], progress: Progress) -> None:
    """How far it is, every few seconds."""
    while True:
        await asyncio.sleep(TELL_EVERY_S)
        for side in sides:
            now, length = side.pace.now_ms() / 1000, side.params.day.length_s
            progress(f"{now:5.0f} of {length:.0f} s {side.params.id} {side.name}: {_counted(side.log)}")


def _counted(log: WireLog) -> str:
    counts = Counter(entry.event for entry in log.entries())
    return ", ".join(f"{counts[name]} {name}" for name in TOLD)
