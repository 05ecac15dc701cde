"""Parts of the live replay that need no telephone: its pace, its log, its voices, its figures, its picture."""

import asyncio
import struct
from xml.dom import minidom
from zoneinfo import ZoneInfo

import pytest
from live_houses import lengths
from live_log import Pace, Talk, WireLog, cid_of, number_of
from live_picture import draw
from live_product import product_settings
from live_replay import World, both_ways, simulate_side, with_ranges
from live_sound import _MARK, _VOICE, NOBODY, media_port, voice_of
from surge_days import public_day

from callcenter.clocks import SystemClock
from callcenter.engines import engine_settings
from callcenter.planner import day_begin, plan_day
from callcenter.settings import Settings
from callcenter.sim.cut import Window, cut
from callcenter.sim.driver import engine_settings as simulated_settings
from callcenter.sim.log import Entry
from queues.core.numbers import can_be_called
from queues.core.settings import EngineSettings

pytestmark = pytest.mark.sim

SPEED = 5.0


def window(name: str = "X21-1h", seconds: int = 900) -> World:
    """A part of the surge's first hour."""
    params, citizens, _ = public_day(name)
    return World(*cut(params, citizens, Window(9 * 3600, 9 * 3600 + seconds)))


async def test_a_second_here_is_five_of_the_page() -> None:
    """What a robot waits is divided by the speed, what it notes is multiplied."""
    pace = Pace(SPEED)
    assert pace.real_s(10_000) == 2.0
    pace.begin()
    await pace.wait(200)
    assert pace.now_ms() >= 200
    await asyncio.wait_for(pace.wait_until(0), 20)


async def test_the_log_is_in_order_and_ends_with_the_window() -> None:
    """Whatever is noted late stands where it happened; what happens after the end is not of this window."""
    pace = Pace(SPEED)
    pace.begin()
    log = WireLog(pace, length_ms=1000)
    log.note("reached", 1, at=700)
    log.note("attempt", 2, 1, at=300)
    log.note("busy", 2, at=300)
    log.note("hangup", 1, at=1000)
    assert log.entries() == [
        Entry(300, "attempt", 2, 1), Entry(300, "busy", 2), Entry(700, "reached", 1)
    ]  # fmt: skip


def test_a_voice_says_whose_it_is() -> None:
    """A packet of a citizen's voice has his number in it; music and prompts have nobody's."""
    head = struct.pack(">BBHI4s", 0x80, 8, 1, 160, b"live")
    assert voice_of(head + _VOICE.pack(_MARK, 77) * 20) == 77
    assert voice_of(head + b"\xd5" * 160) == NOBODY
    assert voice_of(head) == NOBODY
    assert media_port("m=audio 4004 RTP/AVP 8\r\n") == 4004
    assert media_port("") == 0


def test_citizens_have_numbers_that_may_be_dialed() -> None:
    """The product dials possible numbers only."""
    assert cid_of(number_of(1234)) == 1234
    assert can_be_called(number_of(0), ("12345",))


def test_two_way_sound_is_heard_on_both_sides() -> None:
    """A talk counts when each side has heard the other nearly all the time; one that only one side knows is left out."""
    citizens = [Talk(1, 95, 100), Talk(2, 95, 100), Talk(3, 90, 100)]
    seats = [Talk(1, 92, 100), Talk(2, 10, 100)]
    assert both_ways(citizens, seats) == 0.5
    assert both_ways([], []) is None


def test_the_house_is_told_what_the_simulated_engine_is_told() -> None:
    """Thresholds, forecast, call-back rules and plan are the same; only the pace is another."""
    world = window()
    values = product_settings(world.params, SPEED, 5060, 5070, "http://127.0.0.1:1/sms")
    settings = Settings.model_validate(values)
    live, simulated = live_engine(settings), simulated_settings(world.params)
    for name in ("callbacks", "forecast", "ring_s", "no_answer_s", "menu_min_ewt_s", "range_slack_s"):
        assert getattr(live, name) == getattr(simulated, name), name
    assert live.reoffer_after_s == simulated.reoffer_after_s
    assert settings.drill.speed == SPEED
    assert settings.drill.length_s == simulated.plan.length_s == 900
    hours = len(simulated.plan.roster)
    assert settings.day.roster[:hours] == simulated.plan.roster
    arrivals = [settings.day.citizens * share for share in settings.day.profile[:hours]]
    assert arrivals == pytest.approx([simulated.plan.citizens * share for share in simulated.plan.profile])
    assert settings.callback.from_hour * 3600 == simulated.plan.callback_from_s
    assert settings.callback.to_hour * 3600 == simulated.plan.callback_to_s


def live_engine(settings: Settings) -> EngineSettings:
    """The live engine's settings, as the house builds them."""
    began, midnight = day_begin(SystemClock(), ZoneInfo(settings.time_zone))
    return engine_settings(settings, plan_day(settings, began, midnight, True, None))


def test_prompts_last_as_the_model_says() -> None:
    """Both greetings, the notice, self-service and the good-bye of a promise."""
    lasts = lengths(window().params)
    assert (lasts["greeting"], lasts["greeting_surge"], lasts["surge_notice"]) == (8, 8, 20)
    assert (lasts["self_service_menu"], lasts["callback_promised"]) == (60, 20)


def test_a_window_is_drawn() -> None:
    """Four lines in each panel, live and simulated, as well-formed SVG."""
    world = window(seconds=300)
    _, plain = simulate_side("plain", world.params, world.citizens)
    _, product = simulate_side("product", world.params, world.citizens)
    logs = {
        ("plain", "live"): plain, ("plain", "simulated"): plain,
        ("product", "live"): product, ("product", "simulated"): product,
    }  # fmt: skip
    picture = draw("X21", 300.0, logs)
    root = minidom.parseString(picture)  # noqa: S318  our own text
    assert len(root.getElementsByTagName("polyline")) == 20


def test_what_was_announced_stands_in_the_log() -> None:
    """Each call that was taken has its own range; a busy signal is no call that was taken."""
    log = [
        Entry(0, "attempt", 3, 1), Entry(0, "busy", 3), Entry(9, "attempt", 3, 2), Entry(20, "queue", 3, 0, 0),
        Entry(99_000, "answer", 3, "home"),
    ]  # fmt: skip
    assert with_ranges(log, {(3, 1): (30, 90)})[3] == Entry(20, "queue", 3, 30, 90)
    assert with_ranges(log, {(3, 2): (30, 90)}) == log


def test_who_is_answered_at_once_joined_no_queue() -> None:
    """He was told nothing about a wait, so nothing is judged."""
    log = [Entry(9, "attempt", 3, 1), Entry(20, "queue", 3, 0, 0), Entry(900, "answer", 3, "home")]
    assert with_ranges(log, {}) == [log[0], log[2]]
    assert with_ranges(log, {(3, 1): (0, 60)})[1] == Entry(20, "queue", 3, 0, 60)
