"""The same hotline from a scene on, simulated: the production engine among citizens drawn from forecast and present rate.

Two variants of one future differ in the change alone: the same people call, with the same patience and the same matters.
Invariant: same scene, change and seed = same figures; where time is short fewer futures or a shorter span are told, never
worse ones.
"""

import math
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from time import perf_counter

import numpy as np

from callcenter.sim import habits
from callcenter.sim.calendar import Rank
from callcenter.sim.driver import EngineDriver, caller_of
from callcenter.sim.floor import CLOUD, HOME
from callcenter.sim.generate import draw_people
from callcenter.sim.outlook import Tally
from callcenter.sim.params import Params, ms
from callcenter.sim.person import Outcome, Person, Place
from callcenter.sim.trace import Citizens, Traffic
from callcenter.sim.world import World
from queues.core.dialogue import Ground, LevelDeclared, Promise
from queues.core.engine import HotlineEngine
from queues.core.knowledge import ARRIVAL_WINDOW_S
from queues.core.scene import Scene, SeatNow, SeatPhase, engine_of, promise_of
from queues.core.surge import SurgeLevel
from queues.core.what_if import Change, Figures

HOUR_S = 3600.0
STEP_S = 180.0
"""Figures are taken every so often, so that a span can be cut."""
LOOK_S = 20.0
"""How often seats are looked at for their occupancy."""
RATE_WEIGHT = 3.0
"""The forecast is worth so many citizens against those seen in the last ten minutes (Gamma prior)."""
PERSISTENCE_S = 3600.0
"""How slowly arrivals beyond the forecast come back to it: a surge is as likely to end in any hour."""
REDIAL_WITHIN_S = 3600.0
"""Who gave up longer ago does not call again by himself."""

Step = tuple[float, Figures, Figures]
"""Seconds ahead; figures until then without and with the change."""


@dataclass(frozen=True, slots=True)
class House:
    """What a scene does not hold. ``channels``: calls at once; ``has_self_service``: among the menus of a long wait."""

    channels: int
    has_self_service: bool = False


def foresee(
    scene: bytes, house: House, change: Change, seeds: Sequence[int], at_least: int, budget_s: float
) -> list[list[Step]]:
    """Simulate pairs of futures for ``budget_s`` seconds: of each what it came to, step by step.

    ``scene``: pickled, by ourselves. The first ``at_least`` go on side by side until the span or the time is over; if time is
    left, further ones follow whole.
    """
    begun = perf_counter()

    def left_s() -> float:
        return budget_s - (perf_counter() - begun)

    pairs = [Pair(scene, house, change, seed) for seed in seeds[:at_least]]
    cost_s = 0.0
    for until_s in steps(change.hours * HOUR_S):
        if cost_s and left_s() < cost_s:
            return [pair.told for pair in pairs]
        before = left_s()
        for pair in pairs:
            pair.go_on(until_s)
        cost_s = before - left_s()
    each_s = (budget_s - left_s()) / max(1, len(pairs))
    for seed in seeds[at_least:]:
        if left_s() < 1.1 * each_s:
            break
        pair = Pair(scene, house, change, seed)
        for until_s in steps(change.hours * HOUR_S):
            pair.go_on(until_s)
        pairs.append(pair)
    return [pair.told for pair in pairs]


def steps(horizon_s: float) -> Iterator[float]:
    """When figures are taken: at equal distances of about ``STEP_S``, the last one at the end."""
    count = max(1, math.ceil(horizon_s / STEP_S))
    return (horizon_s * (step + 1) / count for step in range(count))


class Pair:
    """One future without and with the change."""

    def __init__(self, scene: bytes, house: House, change: Change, seed: int) -> None:
        nothing = Change(hours=change.hours)
        drawn = _draw(pickle.loads(scene), house, change.hours * HOUR_S, seed)  # noqa: S301  our own bytes
        self._without = Ahead(pickle.loads(scene), drawn, nothing)  # noqa: S301
        self._with = Ahead(pickle.loads(scene), drawn, change)  # noqa: S301
        self.told: list[Step] = []

    def go_on(self, until_s: float) -> None:
        """Let both happen until so many seconds ahead."""
        self.told.append((until_s, self._without.go_on(until_s), self._with.go_on(until_s)))


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Who calls, and what becomes of those who are there already. Seconds from the scene on, by citizen or by seat."""

    params: Params
    citizens: Citizens
    gives_up_s: dict[int, float]
    seat_left_s: tuple[tuple[float, float], ...]
    """Of each seat on duty: until the talk ends, until the seat is free."""
    calls_again_s: dict[int, float]
    first_seat: int
    """The citizens from this one on are at the seats."""


def _draw(scene: Scene, house: House, horizon_s: float, seed: int) -> _Drawn:
    """Draw one future: everything that chance decides in it."""
    rng = np.random.default_rng(seed)
    params = habits.world_params(scene, _roster(scene, horizon_s), house.channels, house.has_self_service)
    begins_s = scene.now - scene.plan.began
    t0 = [ms(begins_s + at) for at in _arrivals(scene, horizon_s, rng)]
    there = scene.callers + len(scene.seats)
    count = there + len(t0)
    people = draw_people(params, _is_surge(scene, count), rng)
    never = ms(begins_s + 2 * horizon_s) + 1
    citizens = Citizens(people | {"t0_s": [never] * there + t0})
    lottery = _Lottery(rng)
    return _Drawn(
        params,
        citizens,
        gives_up_s={
            it.cid: lottery.beyond(
                habits.patience_median_s(scene) * (habits.URGENT_PATIENCE if it.urgent else 1.0),
                habits.PATIENCE_SIGMA,
                it.waited_s,
            )
            for it in scene.waiting
        },
        seat_left_s=tuple(_seat_left_s(scene, seat, lottery) for seat in scene.seats),
        calls_again_s=dict(_calls_again(scene, lottery)),
        first_seat=scene.callers,
    )


class _Lottery:
    """Draws what is left of something that has lasted already."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng

    def uniform(self) -> float:
        return float(self._rng.random())

    def beyond(self, median: float, sigma: float, lasted: float) -> float:
        """Seconds left of a log-normal time that has lasted ``lasted`` (>= 0)."""
        passed = survival(median, sigma, lasted)
        u = max(1e-9, passed * self.uniform())
        return max(0.0, median * math.exp(sigma * NormalDist().inv_cdf(1 - u)) - lasted)

    def of_mean(self, mean: float, cv: float, lasted: float) -> float:
        """As :meth:`beyond`, given by mean and coefficient of variation."""
        sigma = math.sqrt(math.log1p(cv * cv))
        return self.beyond(mean * math.exp(-sigma * sigma / 2), sigma, lasted)


def survival(median: float, sigma: float, lasted: float) -> float:
    """The share of log-normal times that last longer than ``lasted`` seconds."""
    return 1.0 if lasted <= 0 else 1 - NormalDist().cdf(math.log(lasted / median) / sigma)


def _seat_left_s(scene: Scene, seat: SeatNow, lottery: _Lottery) -> tuple[float, float]:
    """Until the talk of a seat ends, and until it is free."""
    if seat.phase is SeatPhase.FREE:
        return 0.0, 0.0
    factor = habits.CLOUD_FACTOR if seat.is_cloud else 1.0
    talk_s, wrap_up_s = (factor * mean for mean in habits.handling_parts(scene))
    if seat.phase is SeatPhase.WRAP_UP:
        return 0.0, lottery.of_mean(wrap_up_s, habits.WRAP_UP_CV, seat.since_s)
    talks = lottery.of_mean(talk_s, habits.TALK_CV, seat.since_s)
    return talks, talks + lottery.of_mean(wrap_up_s, habits.WRAP_UP_CV, 0.0)


def _calls_again(scene: Scene, lottery: _Lottery) -> Iterator[tuple[int, float]]:
    """Who is owed a call and calls by himself before: those who gave up lately, and those who lose patience with us."""
    on_line = {*(it.cid for it in scene.waiting), *scene.greeted}
    for debt in scene.owed:
        cid, promise = debt[0], promise_of(debt, "")
        since_s = scene.now - promise.made_at
        if cid in on_line or promise.tries:
            continue
        if promise.ground is Ground.MISSED and since_s < REDIAL_WITHIN_S:
            median, sigma = habits.REDIAL_MEDIAN_S, habits.REDIAL_SIGMA
            willing = habits.P_REDIAL * habits.SMS_FACTOR
            if lottery.uniform() < _still(willing, survival(median, sigma, since_s)):
                yield cid, lottery.beyond(median, sigma, since_s)
        elif promise.ground is Ground.ACCEPTED:
            outlasts = math.exp(-since_s / habits.CHASE_MEAN_S)
            if lottery.uniform() < _still(habits.P_CHASE, outlasts):
                yield cid, -habits.CHASE_MEAN_S * math.log(max(1e-9, lottery.uniform()))


def _still(willing: float, outlasts: float) -> float:
    """The probability that one calls again who has not yet (Bayes)."""
    return willing * outlasts / (1 - willing + willing * outlasts)


def present_ratio(scene: Scene) -> float:
    """How many times the forecast's citizens call right now, by the last ten minutes, shrunk towards one."""
    expected = scene.plan.arrivals_per_s(scene.now) * ARRIVAL_WINDOW_S
    seen = scene.knowledge.recent_citizens.count(scene.now)
    return (seen + RATE_WEIGHT) / (expected + RATE_WEIGHT)


def _arrivals(scene: Scene, horizon_s: float, rng: np.random.Generator) -> list[float]:
    """When new citizens call first, in seconds ahead: the forecast, times what is seen now, which fades."""
    beyond = present_ratio(scene) - 1
    instants: list[float] = []
    for minute in range(math.ceil(horizon_s / 60)):
        at = minute * 60.0
        factor = 1 + beyond * math.exp(-at / PERSISTENCE_S)
        expected = 60 * _forecast_per_s(scene, at) * factor
        instants += sorted(rng.uniform(at, at + 60, rng.poisson(max(0.0, expected))).tolist())
    return instants


def _forecast_per_s(scene: Scene, ahead_s: float) -> float:
    """The plan's arrivals; after midnight those of the same hour of this day."""
    plan = scene.plan
    hour = int((scene.now - plan.began + ahead_s) // HOUR_S) % len(plan.profile)
    return plan.citizens * plan.profile[hour] / HOUR_S


def _is_surge(scene: Scene, count: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """In a surge people call about the same thing."""
    return np.full(count, present_ratio(scene) > 2)


def _roster(scene: Scene, horizon_s: float) -> tuple[int, ...]:
    """On-site seats in each hour until the horizon: those here now, later as many of the planned ones as are here of them now."""
    planned, here = scene.plan.roster, sum(not seat.is_cloud for seat in scene.seats)
    begins_s = scene.now - scene.plan.began
    present = int(begins_s // HOUR_S)
    hours = int((begins_s + horizon_s) // HOUR_S) + 1
    now = planned[present % len(planned)]
    share = here / now if now else 1.0
    later = (round(planned[hour % len(planned)] * share) for hour in range(present + 1, hours))
    return (*(0,) * present, here, *later)


class Ahead(World):
    """A world that goes on from a scene."""

    def __init__(self, scene: Scene, drawn: _Drawn, change: Change) -> None:
        seats = drawn.params.seats.by_hour
        self._begins = ms(scene.now - scene.plan.began)
        params = _with_seats(drawn.params, tuple(max(0, it + change.seats) for it in seats))
        engine = engine_of(scene, caller_of)
        self._engine = engine
        if change.level is not None:
            engine.receive(LevelDeclared(SurgeLevel(change.level), "what-if"), scene.now)
        self._wrap_up_cap_s = _cap_s(change, engine)
        driver = EngineDriver(engine, scene.plan.began)
        super().__init__(params, drawn.citizens, Traffic([], []), driver, self._begins)
        self._floor.home.rostered = params.seats.by_hour[self._begins // ms(HOUR_S)]
        self._promise_all(scene, drawn)
        self._place_all(scene, drawn)
        self._seat_all(scene, drawn)
        self._change_cloud(change.cloud_seats)
        waiting = {it.cid: self.people[it.cid].joined for it in scene.waiting}
        self._tally = Tally(self._begins, waiting, scene.greeted)
        self._look()
        driver.begin(self)
        driver.roster_changed()

    def go_on(self, ahead_s: float) -> Figures:
        """Let it happen until so many seconds after the scene; what it came to."""
        self._calendar.run(self._begins + ms(ahead_s))
        self._tally.read(self.log)
        owed = sum(not promise.reviewed for promise in self._engine.hotline.book)
        return self._tally.figures(self.now, owed)

    def _promise_all(self, scene: Scene, drawn: _Drawn) -> None:
        for debt in scene.owed:
            _owe(self.people[debt[0]], promise_of(debt, ""), drawn.params.callback.max_tries)
        for cid, at_s in drawn.calls_again_s.items():
            person = self.people[cid]
            do = self._attempt if person.ground == Ground.MISSED else self._chase
            self._at(self.now + ms(at_s), person, do)

    def _place_all(self, scene: Scene, drawn: _Drawn) -> None:
        """Who waits goes on waiting; who hears something hears the greeting's end soon."""
        for waiter in scene.waiting:
            person = self._on_line(waiter.cid, Place.WAITING)
            person.joined = self.now - ms(waiter.waited_s)
            at = self.now + ms(drawn.gives_up_s[waiter.cid])
            self._calendar.at(at, Rank.PATIENCE, waiter.cid, self._abandon, person, person.attempts)
        for turn, cid in enumerate(scene.greeted):
            person = self._on_line(cid, Place.GREETING)
            self._at(
                self.now + self._greeting * (turn + 1) // (len(scene.greeted) + 1), person, self._end_greeting
            )

    def _on_line(self, cid: int, place: Place) -> Person:
        person = self.people[cid]
        person.attempts += 1
        person.place = place
        self._channels += 1
        return person

    def _seat_all(self, scene: Scene, drawn: _Drawn) -> None:
        """Each seat on duty that works is with a citizen of its own."""
        home, cloud = self._floor.home, self._floor.cloud
        cloud.logged_in = sum(seat.is_cloud for seat in scene.seats)
        for number, (seat, (talks_s, busy_s)) in enumerate(zip(scene.seats, drawn.seat_left_s, strict=True)):
            if seat.phase is SeatPhase.FREE:
                continue
            busy_s = min(busy_s, talks_s + max(0.0, self._wrap_up_cap_s - _wrapping_s(seat)))
            person, kind = self.people[drawn.first_seat + number], CLOUD if seat.is_cloud else HOME
            person.outcome = Outcome.LIVE
            if seat.is_cloud:
                cloud.busy += 1
            else:
                home.busy += 1
            if seat.phase is SeatPhase.TALKING:
                self._on_line(person.cid, Place.TALKING)
                self._floor.after(ms(talks_s), person, self._end_talk, person)
            work = ms(seat.since_s + busy_s)
            self._floor.after(ms(busy_s), person, self._end_call, person, kind, ms(talks_s), work)

    def _wrap_up(self, person: Person, factor: float) -> int:
        """As it would be, cut off where the change says so."""
        usual = super()._wrap_up(person, factor)
        return usual if self._wrap_up_cap_s == math.inf else min(usual, ms(self._wrap_up_cap_s))

    def _change_cloud(self, seats: int) -> None:
        """More cloud seats are there at once; fewer leave as soon as their task ends."""
        cloud = self._floor.cloud
        cloud.logged_in += max(0, seats)
        for _ in range(min(-seats, cloud.logged_in)):
            cloud.log_out()

    def _look(self) -> None:
        home, cloud = self._floor.home, self._floor.cloud
        staffed = home.staffed + cloud.logged_in
        self._tally.look(staffed - home.free - cloud.free, staffed)
        self._calendar.at(self.now + ms(LOOK_S), Rank.PATIENCE, 0, self._look)


def _cap_s(change: Change, engine: HotlineEngine) -> float:
    """Longest after-call work under the change: as asked, or as the profile of its level says; infinite: as it is."""
    cap_s = change.wrap_up_cap_s
    if not cap_s and change.level is not None:
        cap_s = engine.surge.profile.wrap_up_cap_s
    return cap_s or math.inf


def _wrapping_s(seat: SeatNow) -> float:
    return seat.since_s if seat.phase is SeatPhase.WRAP_UP else 0.0


def _with_seats(params: Params, by_hour: tuple[int, ...]) -> Params:
    return replace(params, seats=replace(params.seats, by_hour=by_hour))


def _owe(person: Person, promise: Promise, tries_max: int) -> None:
    """What is owed to a citizen, as the world remembers it; a last try under way may be given back, and is made again."""
    person.attempts, person.has_sms = 1, True
    person.ground, person.dials = promise.ground.value, min(promise.tries, tries_max - 1)
    person.pending = promise.ground is not Ground.MESSAGE
    if promise.ground is Ground.MESSAGE:
        person.outcome = Outcome.MESSAGE if promise.reviewed else Outcome.MESSAGE_OPEN
