"""The surge level as people see and switch it: declared, handed back, undone; each switch with its reasons.

Invariant: every change of the level is told once, with who made it and the figures of that moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from callcenter.core.clock import Instant
from callcenter.core.errors import UsageError
from callcenter.core.messages.surge import LevelAsked, LevelSwitched
from queues.core import dialogue as d
from queues.core.engine import HotlineEngine
from queues.core.surge import Pressure, SurgeLevel, SurgeProfile

FIGURES = "figures"
"""Who switched when nobody did."""
UNDO_MAX = 50


@dataclass(frozen=True, slots=True)
class Overview:
    """The hotline at a glance. ``owed``: open promises by ground; ``proposal``: a level that waits to be applied."""

    level: int
    declared: bool
    proposal: int | None
    load: float
    ewt_s: float
    waiting: int
    staffed: int
    free: int
    owed: Mapping[str, int]
    profile: SurgeProfile


class Levels:
    """Switches levels for the shift manager, and tells of those that the figures switched."""

    def __init__(self, engine: HotlineEngine) -> None:
        self._engine = engine
        self._before: list[tuple[SurgeLevel, bool]] = []
        """The level before each switch by hand, and whether it was declared."""

    def ask(self, asked: LevelAsked, now: Instant) -> LevelSwitched:
        """Do what a shift manager asks.

        Raises:
            UsageError: no such level, no reason, or nothing to undo.
        """
        if not asked.why.strip():
            raise UsageError("a switch of the surge level needs a reason", code="no_reason")
        watch = self._engine.surge
        old, was_declared = watch.level, watch.declared is not None
        for level in self._steps(asked):
            self._engine.receive(d.LevelDeclared(level, asked.by), now)
        if not asked.undo:
            self._before = [*self._before[1 - UNDO_MAX :], (old, was_declared)]
        pressure = self._engine.hotline.pressure(now)
        return self._told(old, watch.level, True, asked.by, asked.why, pressure)

    def note(self, effect: d.SwitchLevel) -> LevelSwitched:
        """The figures switched, or propose to."""
        pressure = effect.switch.pressure
        why = f"load {pressure.load:.2f}, estimate {pressure.ewt_s:.0f} s, {pressure.waiting} waiting"
        return self._told(effect.switch.old, effect.switch.new, effect.applied, FIGURES, why, pressure)

    def overview(self, now: Instant) -> Overview:
        """The hotline as it stands."""
        hotline, watch = self._engine.hotline, self._engine.surge
        pressure, proposal = hotline.pressure(now), watch.proposal
        grounds = [promise.ground for promise in hotline.book]
        return Overview(
            level=int(watch.level),
            declared=watch.declared is not None,
            proposal=None if proposal is None else int(proposal),
            load=pressure.load,
            ewt_s=pressure.ewt_s,
            waiting=pressure.waiting,
            staffed=hotline.seats.home_staffed + hotline.seats.cloud_staffed,
            free=hotline.free,
            owed={ground.value: grounds.count(ground) for ground in d.Ground},
            profile=watch.profile,
        )

    def _steps(self, asked: LevelAsked) -> list[SurgeLevel | None]:
        """What is declared, one after the other; ``None`` hands back to the figures."""
        if asked.undo:
            if not self._before:
                raise UsageError("there is no switch to undo", code="nothing_to_undo")
            level, was_declared = self._before.pop()
            return [level] if was_declared else [level, None]
        if asked.level is None:
            return [None]
        if asked.level not in [int(level) for level in SurgeLevel]:
            raise UsageError("the surge level is a number from 0 to 3", code="unknown_level")
        return [SurgeLevel(asked.level)]

    def _told(
        self, old: SurgeLevel, new: SurgeLevel, applied: bool, by: str, why: str, pressure: Pressure
    ) -> LevelSwitched:
        watch = self._engine.surge
        profile = watch.profile_of(new)
        return LevelSwitched(
            old=int(old),
            new=int(new),
            applied=applied,
            by=by,
            why=why,
            load=pressure.load,
            ewt_s=pressure.ewt_s,
            waiting=pressure.waiting,
            wrap_up_cap_s=profile.wrap_up_cap_s,
            declared=watch.declared is not None,
            greeting=profile.greeting,
        )
