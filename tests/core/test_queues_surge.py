"""Surge levels: up at once, down slowly, and the shift manager's word holds."""

import pytest

from queues.core.surge import PROFILES, Pressure, SurgeLevel, SurgeWatch

pytestmark = pytest.mark.core


def _pressure(load: float, waiting: int = 10) -> Pressure:
    return Pressure(load=load, ewt_s=60, waiting=waiting)


def test_a_level_rises_at_once_and_says_why() -> None:
    """Five times the load with a line is an overload, and the figures come with the switch."""
    watch = SurgeWatch()
    switch = watch.observe(_pressure(5.0), 0)
    assert switch is not None
    assert (switch.old, switch.new, switch.pressure.load) == (SurgeLevel.NORMAL, SurgeLevel.OVERLOAD, 5.0)


def test_a_busy_hour_without_a_line_is_no_surge() -> None:
    """Load alone raises to watch at most, as long as nobody waits."""
    watch = SurgeWatch()
    watch.observe(_pressure(9.0, waiting=0), 0)
    assert watch.level is SurgeLevel.WATCH


def test_a_level_falls_one_step_after_calm() -> None:
    """Ten calm minutes lower it by one; a relapse in between starts them again."""
    watch = SurgeWatch()
    watch.observe(_pressure(5.0), 0)
    assert watch.observe(_pressure(0.1), 100) is None
    assert watch.observe(_pressure(2.5), 400) is None
    assert watch.observe(_pressure(0.1), 500) is None
    assert watch.observe(_pressure(0.1), 1000) is None
    switch = watch.observe(_pressure(0.1), 1100)
    assert switch is not None
    assert switch.new is SurgeLevel.SURGE


def test_a_declared_level_holds_until_stand_down() -> None:
    """The shift manager decides; the figures wait."""
    watch = SurgeWatch()
    watch.declare(SurgeLevel.SURGE)
    assert watch.observe(_pressure(9.0), 0) is None
    assert watch.profile is PROFILES[SurgeLevel.SURGE]
    watch.stand_down()
    assert watch.observe(_pressure(9.0), 1) is not None


def test_a_level_may_only_be_proposed() -> None:
    """Without automatic switching the figures propose a level once; the shift manager applies it."""
    watch = SurgeWatch(automatic=False)
    proposal = watch.observe(_pressure(5.0), 0)
    assert proposal is not None
    assert (proposal.new, watch.level) == (SurgeLevel.OVERLOAD, SurgeLevel.NORMAL)
    assert watch.observe(_pressure(5.0), 1) is None
    watch.declare(proposal.new)
    assert watch.level is SurgeLevel.OVERLOAD
