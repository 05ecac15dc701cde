"""Scenes out of simulated days, and what became of them in truth. Invariant: a day goes on as it would have without being looked at."""

import copy
from dataclasses import dataclass, replace

from surge_days import public_day

from callcenter.sim.ahead import House
from callcenter.sim.driver import EngineDriver, caller_of, engine_settings
from callcenter.sim.generate import generate
from callcenter.sim.outlook import Tally
from callcenter.sim.params import Params, Resources, ms
from callcenter.sim.person import Place
from callcenter.sim.trace import Citizens, Traffic
from callcenter.sim.world import World
from queues.core.scene import Scene, SeatNow, SeatPhase, take_scene
from queues.core.what_if import Change, Figures


@dataclass
class LiveDay:
    """A simulated day that is going on."""

    params: Params
    world: World
    driver: EngineDriver

    @property
    def house(self) -> House:
        """What a scene does not hold."""
        return House(self.params.lines.inbound_channels, has_self_service=True)

    def scene(self) -> Scene:
        """As the house sees it now."""
        now = self.driver.engine.hotline.settings.plan.began
        seats, talking = self._seats()
        return take_scene(self.driver.engine, seats, talking, type(now)(now + self.world.now / 1000))

    def truth(self, change: Change) -> Figures:
        """How it goes on with a change, on the day's own random numbers; this day itself stays where it is."""
        world = copy.deepcopy(self.world)
        driver = world._policy
        assert isinstance(driver, EngineDriver)
        waiting = {it.cid: it.joined for it in world.people if it.place is Place.WAITING}
        others = tuple(it.cid for it in world.people if it.is_on_line and it.place not in _SETTLED)
        tally = Tally(world.now, waiting, others)
        tally._read = len(world.log)
        _change(world, change)
        driver.roster_changed()
        until = world.now + ms(change.hours * 3600)
        while world.now < until:
            world._calendar.run(min(until, world.now + 20_000))
            floor = world._floor
            staffed = floor.home.staffed + floor.cloud.logged_in
            tally.look(staffed - floor.home.free - floor.cloud.free, staffed)
        tally.read(world.log)
        owed = sum(not promise.reviewed for promise in driver.engine.hotline.book)
        return tally.figures(world.now, owed)

    def _seats(self) -> tuple[list[SeatNow], set[str]]:
        """The seats on duty, and the callers they work for; the log tells since when."""
        working: dict[int, SeatNow] = {}
        by_partner: set[int] = set()
        for entry in self.world.log:
            cid, age_s = entry.cid, (self.world.now - entry.t_ms) / 1000
            if not isinstance(cid, int) or cid in by_partner:
                continue
            if entry.a == "partner":
                by_partner.add(cid)
                continue
            if entry.event in ("answer", "dial", "review"):
                working[cid] = SeatNow(entry.a == "cloud", SeatPhase.TALKING, age_s)
            elif entry.event in ("hangup", "cb_hangup"):
                working[cid] = SeatNow(working[cid].is_cloud, SeatPhase.WRAP_UP, age_s)
            elif entry.event == "seat_free":
                del working[cid]
        floor = self.world._floor
        free = [SeatNow(False, SeatPhase.FREE)] * floor.home.free + [
            SeatNow(True, SeatPhase.FREE)
        ] * floor.cloud.free
        return [*free, *working.values()], {caller_of(cid) for cid in working}


_SETTLED = (Place.AWAY, Place.TALKING, Place.WAITING)


def live_day(name: str, at_s: float, seed: int | None = None) -> LiveDay:
    """A public scenario's day without help from elsewhere until ``at_s``: its own trace, or another one drawn alike."""
    params, citizens, traffic = public_day(name)
    params = replace(params, resources=Resources(0, False))
    if seed is not None:
        day = generate(params, seed)
        citizens, traffic = day.citizens, day.traffic
    return begun(params, citizens, traffic, at_s)


def begun(params: Params, citizens: Citizens, traffic: Traffic, at_s: float) -> LiveDay:
    """A day under the production engine, until ``at_s``."""
    driver = EngineDriver(engine_settings(params))
    world = World(params, citizens, traffic, driver)
    driver.begin(world)
    world._calendar.run(ms(at_s))
    return LiveDay(params, world, driver)


def _change(world: World, change: Change) -> None:
    floor = world._floor
    floor.cloud.logged_in += max(0, change.cloud_seats)
    for _ in range(min(-change.cloud_seats, floor.cloud.logged_in)):
        floor.cloud.log_out()
    floor.home.rostered = max(0, floor.home.rostered + change.seats)
