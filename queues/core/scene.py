"""A hotline at one instant, small enough to be sent away, and an engine that goes on from it.

Invariant: no citizen's number is in a scene; whoever is in it is a number from 0 on, the same one wherever he appears.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from callcenter.core.clock import Instant
from queues.core import dialogue as d
from queues.core.engine import HotlineEngine
from queues.core.forecast import DayPlan
from queues.core.knowledge import Knowledge
from queues.core.settings import EngineSettings
from queues.core.surge import SurgeWatch


class SeatPhase(StrEnum):
    """What a seat on duty does."""

    FREE = "free"
    TALKING = "talking"
    """Rings, dials or talks."""
    WRAP_UP = "wrap_up"


@dataclass(frozen=True, slots=True)
class SeatNow:
    """A seat on duty. ``since_s``: seconds in its phase."""

    is_cloud: bool
    phase: SeatPhase
    since_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Waiter:
    """A caller in line. ``waited_s``: since he joined."""

    cid: int
    urgent: bool
    waited_s: float


Debt = tuple[int, d.Ground, float, float, int, bool]
"""A promise without a name, as plain as can be, since there may be thousands: citizen, then the fields of ``Promise``."""


def promise_of(debt: Debt, caller: str) -> d.Promise:
    """The promise again, to whoever it is then called."""
    return d.Promise(caller, *debt[1:])


@dataclass(frozen=True, slots=True)
class Scene:
    """All that what happens next depends on.

    ``callers``: how many citizens are named. ``greeted``: who hears a greeting or a question; ``callable``: who may be dialed.
    """

    now: Instant
    settings: EngineSettings
    plan: DayPlan
    cloud_until: float
    watch: SurgeWatch
    knowledge: Knowledge
    callers: int
    waiting: tuple[Waiter, ...]
    greeted: tuple[int, ...]
    owed: tuple[Debt, ...]
    callable: frozenset[int]
    seats: tuple[SeatNow, ...]


def take_scene(
    engine: HotlineEngine, seats: Iterable[SeatNow], talking: Collection[str], now: Instant
) -> Scene:
    """The hotline as ``engine`` knows it. ``seats``: those on duty; ``talking``: callers on the line who talk or talked.

    Knowledge and level are the engine's own objects, not copies: serialize the scene at once.
    """
    hotline = engine.hotline
    numbers: dict[str, int] = {}

    def cid(caller: str) -> int:
        return numbers.setdefault(caller, len(numbers))

    places = [place for caller in hotline.on_line if (place := hotline.line.place(caller))]
    waiting = tuple(Waiter(cid(it.caller), it.urgent, now - it.since) for it in places)
    in_session = [it for it in hotline.on_line if it not in hotline.line and it not in talking]
    greeted = tuple(cid(caller) for caller in in_session)
    owed = tuple(
        (cid(it.caller), it.ground, it.made_at, it.due, it.tries, it.reviewed) for it in hotline.book
    )
    return Scene(
        now=now,
        settings=hotline.settings,
        plan=hotline.outlook.plan,
        cloud_until=hotline.outlook.cloud_until,
        watch=engine.surge,
        knowledge=hotline.knowledge,
        callers=len(numbers),
        waiting=waiting,
        greeted=greeted,
        owed=owed,
        callable=frozenset(number for caller, number in numbers.items() if caller in hotline.callable),
        seats=tuple(seats),
    )


def engine_of(scene: Scene, name: Callable[[int], str]) -> HotlineEngine:
    """The production engine in the state of a scene; it takes over the scene's knowledge and level.

    It asks for no further help: neither cloud seats nor the partner city. ``name``: what each citizen is called.
    """
    settings = replace(scene.settings, plan=scene.plan, cloud_seats=0, has_partner=False)
    engine = HotlineEngine(settings, scene.watch)
    promises = tuple(promise_of(debt, name(debt[0])) for debt in scene.owed)
    engine.receive(d.PromisesRestored(promises), scene.now)
    for cid in range(scene.callers):
        engine.receive(d.CallerArrived(name(cid), cid in scene.callable), scene.now)
    for cid, *_ in scene.owed:
        engine.receive(d.CallerLeft(name(cid)), scene.now)
    for cid in scene.greeted:
        engine.receive(d.CallerArrived(name(cid), cid in scene.callable), scene.now)
    for waiter in sorted(scene.waiting, key=lambda it: -it.waited_s):
        still = d.CallerStillWaits(name(waiter.cid), waiter.urgent, waiter.waited_s)
        engine.receive(still, scene.now)
    engine.hotline.knowledge = engine.hotline.outlook.knowledge = scene.knowledge
    engine.hotline.outlook.cloud_until = scene.cloud_until
    engine.take_effects()
    return engine
