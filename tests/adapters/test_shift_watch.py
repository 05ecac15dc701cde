"""The engines of a house as the controller runs them: a shift is told missing by what Asterisk says of the seats."""

import asyncio
import contextlib
from collections import defaultdict
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from callcenter.board import LiveBoard
from callcenter.clocks import SystemClock
from callcenter.controller import Controller
from callcenter.core.ids import QueueName, SeatId
from callcenter.core.messages.base import Message
from callcenter.core.messages.link import LinkRestored, QueueMember, Snapshot
from callcenter.core.messages.seats import SeatLeft
from callcenter.core.messages.shifts import DueShift, LeftEarly, NoShow, ShiftsPlanned
from callcenter.engines import build_engines
from callcenter.planner import day_begin, plan_day
from callcenter.settings import Settings
from callcenter.staff.desk import duty_view

pytestmark = pytest.mark.adapters

S1, S2, MAIN = SeatId("8001"), SeatId("8002"), QueueName("main")
LIMIT_S = 20.0
DAY = timedelta(days=1)


async def test_a_seat_that_is_not_there_is_told_once_and_shown() -> None:
    """Only after the truth is known; who is logged in is not told, until he leaves. The board shows both."""
    settings = Settings.model_validate({"shifts": {"no_show_after_s": 0}, "line": {"queues": ["main"]}})
    clock, zone = SystemClock(ZoneInfo("Asia/Shanghai")), ZoneInfo("Asia/Shanghai")
    began, midnight = day_begin(clock, zone)
    engines = build_engines(settings, plan_day(settings, began, midnight, True, None))
    told: list[Message] = []
    controller = Controller(
        engines.in_order,
        defaultdict(lambda: lambda effect: None),
        lambda message, derived: told.append(message),
        clock,
    )
    running = asyncio.create_task(controller.run())
    due = tuple(_due(number, seat, midnight) for number, seat in enumerate((S1, S2)))
    controller.post(ShiftsPlanned(began, midnight, due, is_start=True))
    controller.post(_truth(clock.at(), S1))
    await _until(told, NoShow)
    controller.post(SeatLeft(S1, MAIN))
    await _until(told, LeftEarly)
    board = LiveBoard(
        engines.contacts, engines.seats, engines.line, clock, frozenset(), list, lambda: True, lambda: 0,
        engines.cloud.counts, lambda: duty_view(engines.presence.overview(clock.instant()), clock.at()),
    )  # fmt: skip
    shown = board.status().duty
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    assert [news.seat_id for news in told if isinstance(news, NoShow)] == [S2]
    assert [news.seat_id for news in told if isinstance(news, LeftEarly)] == [S1]
    assert shown is not None
    assert (shown.due, shown.missing) == (2, 2)
    assert [(absent.seat_id, absent.left) for absent in shown.absent] == [(S1, True), (S2, False)]


def _due(number: int, seat_id: SeatId, midnight: datetime) -> DueShift:
    return DueShift(number, f"p{number}", "on_site", (seat_id,), midnight - DAY, midnight + 2 * DAY)


def _truth(at: datetime, member: SeatId) -> LinkRestored:
    members = (QueueMember(member, MAIN, paused=False, reason="", in_call=False),)
    return LinkRestored(Snapshot("boot", (), (), members, frozenset({member})), at)


async def _until(told: list[Message], kind: type[Message]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not any(isinstance(message, kind) for message in told):
            await asyncio.sleep(0.005)
