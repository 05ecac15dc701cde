"""Rules that change while the house runs: engines go on as if they had been built with them."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from stories import GENERAL, S1, answered, joined, offered, talked, tell

from callcenter.core import codec
from callcenter.core.clock import Instant
from callcenter.core.messages import seats, surge
from callcenter.core.messages.surge import DayPlanned
from callcenter.engines import Engines, arrival_flows, build_engines, engine_settings, rules_told, surge_watch
from callcenter.house.values import overlaid
from callcenter.planner import plan_day
from callcenter.settings import Settings
from queues.core.seats import Seats

pytestmark = pytest.mark.core

MIDNIGHT = datetime(2026, 11, 22, tzinfo=UTC)
NOW = Instant(36_000.0)
OTHER = overlaid(
    Settings(),
    {
        "line.wrap_up_s": 45,
        "rest.occupancy_limit": 0.8,
        "rest.rest_s": 120,
        "rest.abuse_rest_s": 900,
        "surge.offer_ewt_s": 75,
        "surge.reoffer_after_s": 50,
        "surge.watch.enter": 0.8,
        "surge.watch.leave": 0.6,
        "surge.high.enter": 1.1,
        "surge.high.leave": 0.9,
        "surge.overload.enter": 2.5,
        "surge.overload.leave": 1.5,
        "surge.high.wrap_up_cap_s": 30,
        "surge.overload.wrap_up_cap_s": 15,
        "callback.max_tries": 5,
        "callback.retry_gap_s": 600,
        "menus.night": "21:30-06:15",
        "menus.holidays": ["2026-12-31"],
    },
)


def built(settings: Settings) -> tuple[Engines, DayPlanned]:
    """Engines of a day."""
    today = plan_day(settings, Instant(0.0), MIDNIGHT, True, None)
    return build_engines(settings, today), today


def told(engines: Engines, settings: Settings) -> Engines:
    """The same engines, told other rules."""
    for engine in engines.in_order:
        engine.receive(rules_told(settings), NOW)
    return engines


def test_engines_that_are_told_rules_hold_what_engines_built_with_them_do() -> None:
    """Thresholds, limits, hours: nothing of the old rules is left where a rule was told."""
    engines, _ = built(Settings())
    told(engines, OTHER)
    as_built, today = built(OTHER)
    hotline = engines.steering.engine.hotline
    wanted = engine_settings(OTHER, today)
    assert (hotline.settings, hotline.outlook.settings) == (wanted, wanted)
    assert vars(engines.steering.engine.surge) == vars(as_built.steering.engine.surge)
    assert vars(engines.steering.engine.surge)["_profiles"] == vars(surge_watch(OTHER.surge))["_profiles"]
    assert engines.seats.rules == as_built.seats.rules
    assert engines.steering.engine.hotline.book._rules == as_built.steering.engine.hotline.book._rules
    flows = arrival_flows(OTHER.menus)
    assert (flows.night_from, flows.night_to, flows.holidays) == (
        time(21, 30),
        time(6, 15),
        frozenset({date(2026, 12, 31)}),
    )
    assert flows in [vars(engine).get("_flows") for engine in engines.in_order]


def test_rules_survive_the_journal() -> None:
    """What was told is read back as it was."""
    message = rules_told(OTHER)
    assert codec.decode(message.type, codec.encode(message)) == message


def test_running_after_call_work_obeys_a_shorter_cap_of_the_level_in_force() -> None:
    """At level 2 the cap of level 2 counts, also for who is in it; without a cap running work is left alone."""
    settings = Settings()
    engines, _ = built(settings)
    line = Seats([S1], engines.seats.rules, [GENERAL])
    tell(line, seats.SeatReachable(S1, reachable=True), joined(), offered(), answered(), talked())
    usual = line.get(S1).until
    line.receive(rules_told(OTHER), Instant(0.0))
    assert line.get(S1).until == usual
    high = surge.LevelSwitched(0, 2, True, "li", "storm", 1.5, 60.0, 5, 120.0)
    line.receive(high, Instant(0.0))
    line.receive(rules_told(OTHER), Instant(0.0))
    until = line.get(S1).until
    assert until is not None
    assert timedelta(seconds=until - line.get(S1).since) == timedelta(seconds=30)
