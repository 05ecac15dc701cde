"""Is this a surge, and which reviewed profile holds: levels with entry and exit thresholds.

Invariant: a level rises at once and falls only after ``calm_s`` seconds below its exit threshold, one step at a time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum


class SurgeLevel(IntEnum):
    """平时, 关注, 高峰, 过载."""

    NORMAL = 0
    WATCH = 1
    SURGE = 2
    OVERLOAD = 3


@dataclass(frozen=True, slots=True)
class SurgeProfile:
    """What a level allows (预案).

    ``greeting``: prompt heard on arrival; ``wrap_up_cap_s``: after-call work is cut off after so many seconds; 0 = never.
    """

    greeting: str
    announces_topic: bool
    asks_survey: bool
    offers_callback: bool
    offers_message: bool
    invites_cloud: bool
    asks_partner: bool
    wrap_up_cap_s: float


PROFILES: dict[SurgeLevel, SurgeProfile] = {
    SurgeLevel.NORMAL: SurgeProfile("greeting", False, True, True, True, False, True, 0.0),
    SurgeLevel.WATCH: SurgeProfile("greeting", True, True, True, True, False, True, 0.0),
    SurgeLevel.SURGE: SurgeProfile("greeting_surge", True, False, True, True, True, True, 120.0),
    SurgeLevel.OVERLOAD: SurgeProfile("greeting_surge", True, False, True, True, True, True, 60.0),
}
"""The shipped profiles; a city reviews and changes them."""


@dataclass(frozen=True, slots=True)
class LevelThresholds:
    """Pressure at which each level above normal is entered and below which it may be left."""

    enter: tuple[float, ...] = (0.9, 1.3, 3.0)
    leave: tuple[float, ...] = (0.7, 1.0, 2.0)
    calm_s: float = 600.0


@dataclass(frozen=True, slots=True)
class Pressure:
    """The figures behind a level.

    ``load``: offered work of recent citizens over the seats' time, 1.0 = just full;
    ``ewt_s``: plain estimate for a caller who joins now; ``waiting``: people in line.
    """

    load: float
    ewt_s: float
    waiting: int

    @property
    def value(self) -> float:
        """One number: the load, believed only as far as a line has formed."""
        return self.load if self.waiting else min(self.load, 1.0)


@dataclass(frozen=True, slots=True)
class LevelSwitch:
    """From which level to which, and the figures that led to it."""

    old: SurgeLevel
    new: SurgeLevel
    pressure: Pressure


class SurgeWatch:
    """Keeps the level. A shift manager may hold one by :meth:`declare` until :meth:`stand_down`.

    ``automatic`` false: switches are proposed, once each, and nothing changes until one is declared.
    """

    def __init__(
        self,
        thresholds: LevelThresholds | None = None,
        profiles: Mapping[SurgeLevel, SurgeProfile] = PROFILES,
        automatic: bool = True,
    ) -> None:
        self.level = SurgeLevel.NORMAL
        self._profiles, self._automatic = profiles, automatic
        self._proposed: SurgeLevel | None = None
        self._thresholds = thresholds or LevelThresholds()
        self._calm_since: float | None = None
        self._declared: SurgeLevel | None = None

    @property
    def profile(self) -> SurgeProfile:
        """What the level in force allows."""
        return self._profiles[self.level]

    @property
    def proposal(self) -> SurgeLevel | None:
        """The level that the figures propose and nobody has applied yet."""
        return self._proposed if self._proposed is not self.level else None

    @property
    def declared(self) -> SurgeLevel | None:
        """The level that a shift manager holds, if any."""
        return self._declared

    def profile_of(self, level: SurgeLevel) -> SurgeProfile:
        """What a level allows."""
        return self._profiles[level]

    def review(self, thresholds: LevelThresholds, caps_s: Sequence[float]) -> None:
        """Other thresholds and longest after-call works, by level; the level itself stays until the figures say otherwise."""
        self._thresholds = replace(thresholds, calm_s=self._thresholds.calm_s)
        self._profiles = {
            level: replace(self._profiles[level], wrap_up_cap_s=cap_s)
            for level, cap_s in zip(SurgeLevel, caps_s, strict=True)
        }

    def declare(self, level: SurgeLevel) -> None:
        """The shift manager sets a level; it holds until he stands down."""
        self._declared = self.level = level
        self._proposed = None

    def stand_down(self) -> None:
        """The level follows the figures again."""
        self._declared = None

    def observe(self, pressure: Pressure, now: float) -> LevelSwitch | None:
        """Judge the figures; the switch they led to, if any."""
        if self._declared is not None:
            return None
        wanted = self._entered(pressure.value)
        if wanted > self.level:
            return self._switch(wanted, pressure)
        if self.level is SurgeLevel.NORMAL or pressure.value >= self._thresholds.leave[self.level - 1]:
            self._calm_since = None
            return None
        if self._calm_since is None:
            self._calm_since = now
        if now - self._calm_since < self._thresholds.calm_s:
            return None
        return self._switch(SurgeLevel(self.level - 1), pressure)

    def _entered(self, value: float) -> SurgeLevel:
        return SurgeLevel(sum(value >= threshold for threshold in self._thresholds.enter))

    def _switch(self, level: SurgeLevel, pressure: Pressure) -> LevelSwitch | None:
        switch = LevelSwitch(self.level, level, pressure)
        if self._automatic:
            self.level, self._calm_since = level, None
            return switch
        if self._proposed is level:
            return None
        self._proposed = level
        return switch
