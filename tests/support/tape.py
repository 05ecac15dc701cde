"""A day of the live engines with its journal: a telephone whose engines are built as the controller builds them.

Invariant: the journal's order is the controller's: an input, then what the engines derived from it.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from telephone import MIDNIGHT, Telephone

from callcenter.core.clock import Instant
from callcenter.core.messages import callbacks, surge
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.offers import Question
from callcenter.core.messages.seats import Publish
from callcenter.engines import build_engines
from callcenter.planner import plan_day
from callcenter.sections import Callback, Day, Line, Rest, Seats, Trunk
from callcenter.settings import Settings
from callcenter.store import journal
from callcenter.store.database import Database
from callcenter.store.unit import JournalDraft

BATCH = 500
HOUSE = Settings(
    seats=Seats(count=4, cloud_count=2),
    line=Line(queues=("main",), wrap_up_s=60),
    trunk=Trunk(outbound="127.0.0.1:5080"),
    callback=Callback(retry_gap_s=900),
    day=Day(citizens=240, roster=(4,) * 24),
    rest=Rest(window_s=1800, occupancy_limit=0.95),
)


class Tape:
    """An engine that only listens, before all others."""

    def __init__(self, house: "TapedTelephone") -> None:
        self._house = house

    def receive(self, message: Message, now: Instant) -> None:
        """See :class:`callcenter.core.engine.Engine`."""
        self._house.note(message, now)

    def on_deadline(self, now: Instant) -> None:
        """It waits for nothing."""

    def next_deadline(self) -> Instant | None:
        """None."""
        return None

    def take_effects(self) -> list[Effect]:
        """None."""
        return []


@dataclass
class TapedTelephone(Telephone):
    """Its seats are those of ``settings``."""

    settings: Settings = HOUSE
    journal: list[JournalDraft] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.seat_count, self.cloud_count = self.settings.seats.count, self.settings.seats.cloud_count
        self._derives = False
        super().__post_init__()
        self.tell(callbacks.OwedRestored(()))

    def start(self) -> None:
        """Build the engines as the controller does, behind the tape, and tell them the day."""
        built = build_engines(self.settings, self.day())
        self.contacts, self.seats, self.steering = built.contacts, built.seats, built.steering
        self.engines = [Tape(self), *built.in_order]
        self.tell(self.day())

    def restart(self) -> None:
        """The row of every contact is committed before its first prompt."""
        self.rows |= {contact.contact_id: contact for contact in self.contacts.live()}
        super().restart()

    def day(self, new: bool = True) -> surge.DayPlanned:
        """The plan that the settings make."""
        midnight = MIDNIGHT.astimezone(ZoneInfo(self.settings.time_zone))
        return plan_day(self.settings, Instant(0.0), midnight, new, None)

    def note(self, message: Message, now: Instant) -> None:
        """Onto the tape."""
        self.journal.append(journal.draft(message, self.at(), now, derived=self._derives))

    def _publish(self, effect: Publish) -> None:
        self._derives = True
        super()._publish(effect)
        self._derives = False


def surge_morning(house: TapedTelephone, calls: int = 250, seed: int = 1) -> None:
    """Citizens call faster than seats can take them; agents and citizens do what people do, drawn by ``seed``."""
    chance = random.Random(seed)
    house.log_in(*(seat for seat in house.seat_ids if seat.startswith("80")))
    for number in _numbers(calls, chance):
        contact = house.arrive(number, key=chance.choices(["", "0", "9"], [18, 1, 1])[0])
        while contact in house.asked:
            wants = {Question.NOTICE: 1.0, Question.STATUS: 0.5}.get(house.asked[contact], 0.4)
            house.reply(contact, accepted=chance.random() < wants)
        _go_on(house, chance, chance.expovariate(1 / 12))


def finish_day(house: TapedTelephone, until: float, seed: int = 2) -> None:
    """Nobody calls any more: the line, then what is owed."""
    chance = random.Random(seed)
    while house.now < until:
        _go_on(house, chance, chance.uniform(10, 60))


async def keep(house: TapedTelephone, path: Path) -> None:
    """Write the tape to a new SQLite file, through the store."""
    database = Database(f"sqlite:///{path}")
    await database.upgrade()
    for begin in range(0, len(house.journal), BATCH):
        async with database.unit() as unit:
            for draft in house.journal[begin : begin + BATCH]:
                unit.record(draft)
    await database.close()


def _numbers(count: int, chance: random.Random) -> Iterator[str]:
    """Every fourth attempt is a redial; every twentieth hides his number."""
    known: list[str] = []
    for n in range(count):
        if known and chance.random() < 0.25:
            yield chance.choice(known)
            continue
        known.append(f"138{n:08}")
        yield "" if chance.random() < 0.05 else known[-1]


def _go_on(house: TapedTelephone, chance: random.Random, seconds: float) -> None:
    """Time passes, and each phone that rings or talks may do its next step."""
    for seat in list(house.ringing):
        if seat not in house.talking:
            _ring_on(house, seat, chance)
    for contact in list(house.talking.values()):
        if chance.random() < seconds / 200:
            is_heard = chance.random() < 0.9
            if callbacks.is_callback(contact):
                house.end_callback(contact, packets=(5000, 5000 if is_heard else 0))
            else:
                house.hang_up(contact)
    for entry in list(house.queue):
        if entry in house.queue and chance.random() < seconds / 180:
            house.hang_up(entry.contact_id)
    for contact in list(house.asked):
        house.reply(contact, accepted=chance.random() < 0.4)
    house.advance(seconds)


def _ring_on(house: TapedTelephone, seat: str, chance: random.Random) -> None:
    if chance.random() < 0.05:
        house.ring_out(seat)
        return
    contact = house.pick_up(seat)
    if callbacks.is_callback(contact):
        if chance.random() < 0.7:
            house.citizen_answers(contact, seat)
        else:
            house.end_callback(contact)
