"""Futures from a scene: the same engine, the same people in both variants, honest where time is short."""

import pickle
from dataclasses import replace
from functools import cache

import pytest
from scenes import LiveDay, live_day

from callcenter.sim.ahead import Step, foresee, steps
from queues.core.scene import SeatPhase
from queues.core.what_if import FIGURES, Change, Figures

pytestmark = pytest.mark.sim

LONG_S = 60.0
"""More time than any of these needs."""


@cache
def in_the_surge() -> LiveDay:
    """Half past nine, in the middle of an hour with twenty-one times the attempts."""
    return live_day("X21-1h", 9.5 * 3600)


def foreseen(day: LiveDay, change: Change, runs: int = 2, budget_s: float = LONG_S) -> list[list[Step]]:
    """So many pairs of futures."""
    return foresee(pickle.dumps(day.scene()), day.house, change, range(runs), runs, budget_s)


def at_the_end(told: list[list[Step]]) -> tuple[list[Figures], list[Figures]]:
    """The figures of the whole span, without and with the change."""
    return [steps[-1][1] for steps in told], [steps[-1][2] for steps in told]


def mean(figures: list[Figures], name: str) -> float:
    """Over runs."""
    return float(sum(getattr(each, name) for each in figures) / len(figures))


def test_the_same_seed_is_the_same_future() -> None:
    """Asked twice, the same is answered; nothing of the first answer is left in the house."""
    change = Change(cloud_seats=6, hours=0.5)
    first = foreseen(in_the_surge(), change)
    assert foreseen(in_the_surge(), change) == first
    assert first[0] != first[1]


def test_without_a_change_both_variants_are_one() -> None:
    """Common random numbers: the same people, to the last figure."""
    for steps_ in foreseen(in_the_surge(), Change(hours=0.5)):
        for _, without, with_ in steps_:
            assert without == with_


@pytest.mark.parametrize("change", [Change(cloud_seats=6), Change(seats=6)])
def test_six_more_seats_answer_more_callers_sooner(change: Change) -> None:
    """In a surge every seat is busy: more of them answer more, and fewer give up."""
    without, with_ = at_the_end(foreseen(in_the_surge(), change))
    assert mean(with_, "seats") == pytest.approx(mean(without, "seats") + 6, abs=0.1)
    assert mean(with_, "answered") > mean(without, "answered") + 30
    assert mean(with_, "mean_wait_s") < mean(without, "mean_wait_s")
    assert mean(with_, "abandoned_share") < mean(without, "abandoned_share")


@pytest.mark.parametrize("change", [Change(cloud_seats=-6), Change(seats=-6)])
def test_fewer_seats_finish_their_talks_first(change: Change) -> None:
    """Nobody is cut off: seats leave when their task ends; cloud seats that are not there cannot leave."""
    without, with_ = at_the_end(foreseen(in_the_surge(), change))
    if change.cloud_seats:
        assert with_ == without
    else:
        assert mean(without, "seats") - 6 < mean(with_, "seats") < mean(without, "seats") - 4
        assert mean(with_, "answered") < mean(without, "answered")


def test_shorter_after_call_work_frees_seats() -> None:
    """More callers are answered, sooner, by as many seats; the level of overload brings its own cap along."""
    capped, level = (foreseen(in_the_surge(), it) for it in (Change(wrap_up_cap_s=30), Change(level=3)))
    for told in (capped, level):
        without, with_ = at_the_end(told)
        assert mean(with_, "seats") == pytest.approx(mean(without, "seats"), abs=0.1)
        assert mean(with_, "answered") > mean(without, "answered") + 5
    assert mean(at_the_end(capped)[1], "mean_wait_s") < mean(at_the_end(capped)[0], "mean_wait_s")


def test_the_prediction_is_near_the_truth() -> None:
    """What six more cloud seats bring in the next hour: predicted and as the day itself goes on, over two days."""
    change, predicted, true = Change(cloud_seats=6), 0.0, 0.0
    for seed in (2, 3):
        day = live_day("X21-1h", 9.5 * 3600, seed)
        without, with_ = at_the_end(foreseen(day, change))
        predicted += mean(with_, "human_share") - mean(without, "human_share")
        true += (day.truth(change).human_share or 0) - (day.truth(Change()).human_share or 0)
    assert predicted / 2 == pytest.approx(true / 2, abs=0.06)


def test_looking_ahead_leaves_the_day_alone() -> None:
    """A day that was asked about ends as one that was not."""
    asked, other = live_day("N1400", 3 * 3600), live_day("N1400", 3 * 3600)
    foreseen(asked, Change(cloud_seats=3, hours=0.5))
    asked.truth(Change(cloud_seats=3, hours=0.5))
    for day in (asked, other):
        day.world._calendar.run(8 * 3_600_000)
    assert asked.world.log == other.world.log


def test_short_time_cuts_the_span_and_says_so() -> None:
    """With no time at all one step is told; what it says is what the whole span says for that step."""
    whole = foreseen(in_the_surge(), Change(cloud_seats=6, hours=1.0))
    cut = foreseen(in_the_surge(), Change(cloud_seats=6, hours=1.0), budget_s=0.0)
    assert [len(steps_) for steps_ in cut] == [1, 1]
    assert [steps_[:1] for steps_ in whole] == cut


def test_left_over_time_is_used_for_more_futures() -> None:
    """As many pairs as fit, never fewer than asked for."""
    day, change = live_day("N1400", 3 * 3600), Change(cloud_seats=1, hours=0.25)
    told = foresee(pickle.dumps(day.scene()), day.house, change, range(5), 1, LONG_S)
    assert len(told) == 5


@pytest.mark.parametrize(
    ("horizon_s", "expected"), [(180.0, [180.0]), (300.0, [150.0, 300.0]), (60.0, [60.0])]
)
def test_steps_end_with_the_span(horizon_s: float, expected: list[float]) -> None:
    """Figures are taken every three minutes at most, the last ones at the end."""
    assert list(steps(horizon_s)) == expected


def test_a_scene_names_nobody() -> None:
    """Numbers stay in the house: what is sent away knows citizens by their order alone."""
    day = in_the_surge()
    scene = day.scene()
    assert scene.waiting
    assert scene.owed
    sent = pickle.dumps(scene)
    for caller in day.driver.engine.hotline.callable:
        assert caller.encode() not in sent


def test_whoever_waits_and_is_owed_a_call_is_one_citizen() -> None:
    """His promise and his place in line bear the same number, and nobody has a number beyond the last."""
    scenes = [live_day("X21-1h", hour * 3600).scene() for hour in (9.4, 9.6, 9.8)]
    both = 0
    for scene in scenes:
        waiting, owed = {it.cid for it in scene.waiting}, {cid for cid, *_ in scene.owed}
        both += len(waiting & owed)
        assert waiting | owed | set(scene.greeted) == set(range(scene.callers))
    assert both, "somebody redialed"


def test_a_quiet_night_goes_on_quietly() -> None:
    """With free seats and nobody in line, hardly anybody waits; a figure without anybody is unknown, not zero."""
    day = live_day("N1400", 3.25 * 3600)
    [steps_] = foreseen(day, Change(hours=0.05), runs=1)
    figures = steps_[-1][1]
    assert figures.waiting_end == 0
    assert figures.seats == pytest.approx(4, abs=1)
    for name in FIGURES:
        value = getattr(figures, name)
        assert value is None or value >= 0


def test_seats_that_work_become_free_after_what_is_left() -> None:
    """A house that is all in after-call work answers soon; one that has just begun to talk answers later."""
    scene = in_the_surge().scene()
    house, change = in_the_surge().house, Change(hours=0.1)
    soon = replace(
        scene, seats=tuple(replace(it, phase=SeatPhase.WRAP_UP, since_s=0.0) for it in scene.seats)
    )
    late = replace(
        scene, seats=tuple(replace(it, phase=SeatPhase.TALKING, since_s=0.0) for it in scene.seats)
    )
    answered = [
        sum(
            steps_[-1][1].answered for steps_ in foresee(pickle.dumps(it), house, change, range(4), 4, LONG_S)
        )
        for it in (soon, late)
    ]
    assert answered[0] > answered[1]


@pytest.mark.parametrize(("name", "hour"), [("N1400", 23.9), ("X21-1h-eve", 20.9), ("X21-3h", 8.99)])
def test_every_hour_goes_on(name: str, hour: float) -> None:
    """Over midnight, over the end of call-backs, into a surge; as the live house: messages heard elsewhere, last tries under way."""
    day = live_day(name, hour * 3600)
    scene = day.scene()
    live = replace(
        scene,
        settings=replace(scene.settings, reviews_by_seats=False),
        owed=tuple((*debt[:4], scene.settings.callbacks.max_tries, debt[5]) for debt in scene.owed),
    )
    for change in (Change(cloud_seats=5, hours=0.5), Change(seats=-30, hours=0.5)):
        [told] = foresee(pickle.dumps(live), day.house, change, [7], 1, LONG_S)
        assert told[-1][0] == 1800.0
