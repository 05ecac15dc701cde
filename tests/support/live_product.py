"""The whole product in a replay, started as its operator would, in a drill at the replay's speed; agents work at its API.

Invariant: thresholds, forecast and hours are those that the simulated engine is told, in seconds of SCENARIOS.md.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from live_crew import Desk
from live_houses import common, put_prompts, whole_day
from live_log import Guide, Signal
from pbx import running_system
from sms_gateways import http_gateway
from system import System

from callcenter.core.errors import CallcenterError
from callcenter.sim.params import Params
from callcenter.web.clients.control import ControlClient

QUIET_S = 60.0
LOOK_S = 0.1
SHOWN = 4
"""Digits of a number that the event stream shows; enough to tell the citizens of a window apart."""
EVENTS = "call.arrived,call.prompt_ended,call.queued,ivr.step_entered"

NOTICE = """\
title = "公告与自助 / notice, then self-service"
kind = "question"
start = "notice"

[steps.notice]
ask = ["surge_notice"]
keys = { "1" = "content", "2" = "service", "0" = "no" }
wait_s = 15
silence = "no"

[steps.service]
ask = ["self_service_menu"]
keys = { "1" = "content", "0" = "no" }
wait_s = 15
silence = "no"

[steps.content]
resolved = ["goodbye"]

[steps.no]
reply = "no"
"""
"""The house's own flow: what SCENARIOS.md 4.5 and 4.6 let a caller hear, and two keys by which he says that it is enough."""

OVERLOAD = """\
title = "过载时来电 / intake at level overload"
kind = "arrival"
start = "greeting"

[steps.greeting]
play = ["{prompt:greeting}"]
keys = { "0" = "person", "9" = "urgent" }
next = "person"

[steps.person]
line = "main"

[steps.urgent]
line = "main"
urgent = true
"""
"""As at the other levels: keys named in the greeting would be a menu that the model does not have."""


def product_settings(params: Params, speed: float, sip_port: int, carrier: int, sms: str) -> dict[str, Any]:
    """The product in a drill at that speed: thresholds as in the parameters, hours of the window."""
    forecast, callback = params.forecast, params.callback
    share = sum(forecast.profile)
    as_usual = {"wrap_up_cap_s": 0, "cloud": False, "partner": False, "notice": True, "surveys": False}
    return common(params) | {
        "sip": f"127.0.0.1:{sip_port}",
        "trunk": {"outbound": f"127.0.0.1:{carrier}"},
        "line": {
            "queues": ["main"],
            "ring_timeout_s": 20,
            "wrap_up_s": 36_000,
            "statement_from_s": 0,
        },
        "callback": {
            "from_hour": int(params.day.callback_from_s // 3600),
            "to_hour": int(params.day.callback_to_s // 3600),
            "max_tries": callback.max_tries,
            "retry_gap_s": int(callback.retry_gap_s),
            "ring_s": int(callback.noanswer_s),
        },
        "surge": {
            "offer_ewt_s": int(params.rules.menu_min_ewt_s),
            "reoffer_after_s": int(params.citizen.reoffer_after_s),
            "normal": as_usual,
            "watch": {"enter": 0.9, "leave": 0.7, **as_usual},
            "high": {"enter": 1.3, "leave": 1.0, **as_usual},
            "overload": {"enter": 3.0, "leave": 2.0, **as_usual},
        },
        "day": {
            "citizens": forecast.citizens * share,
            "profile": whole_day([hour / share for hour in forecast.profile]),
            "roster": whole_day(params.seats.by_hour),
            "talk_s": forecast.talk_s,
            "wrap_up_s": forecast.acw_s,
            "ring_s": callback.ring_s,
            "review_s": forecast.review_s,
            "patience_s": forecast.patience_mean_s,
        },
        "rest": {"occupancy_limit": 1.0},
        "sms": {"sender": "http", "url": sms, "ticket": False, "rating": False},
        "drill": {"speed": speed, "length_s": params.day.length_s},
    }


class Product:
    """The whole product; agents work at its API."""

    name = "product"

    def __init__(self, system: System, client: ControlClient) -> None:
        self.system, self.pbx = system, system.pbx
        self.desk: Desk = ProductDesk(client)
        self.guide: Guide | None = StreamGuide()
        self._client = client

    async def start(self, roster: tuple[int, ...]) -> None:
        """The drill's day begins anew."""
        await self._client.change_roster([int(seats) for seats in whole_day(roster)], "the replay begins")

    async def settled(self) -> list[str]:
        """See ``House``: no channel, and both books agree."""
        troubles = [] if await self.pbx.is_quiet(QUIET_S) else ["channels are left behind"]
        try:
            await self.system.clean()
        except (AssertionError, CallcenterError) as error:
            troubles.append(str(error))
        return troubles


class ProductDesk:
    """An agent's screen."""

    def __init__(self, client: ControlClient) -> None:
        self._client = client

    async def login(self, seat: str) -> None:
        """See ``Desk``."""
        await self._client.ask_seat(seat, "login")

    async def logout(self, seat: str) -> None:
        """See ``Desk``."""
        await self._client.ask_seat(seat, "logout")

    async def begin_work(self, seat: str) -> None:
        """The product pauses the seat by itself."""

    async def ready(self, seat: str) -> None:
        """See ``Desk``."""
        await self._client.ask_seat(seat, "ready")

    async def rest(self, seat: str) -> None:
        """See ``Desk``."""
        await self._client.ask_seat(seat, "break", "小休")


class StreamGuide:
    """Tells robots which prompt runs, from the product's event stream (WebSocket)."""

    def __init__(self) -> None:
        self.events = 0
        self._tell: dict[str, Callable[[Signal], None]] = {}
        self._of_contact: dict[str, Callable[[Signal], None]] = {}

    def follow(self, number: str, tell: Callable[[Signal], None]) -> None:
        """See ``Guide``."""
        self._tell[number[-SHOWN:]] = tell

    async def listen(self, client: ControlClient) -> None:
        """Read the stream for ever."""
        async for event in client.follow(EVENTS):
            self.events += 1
            self._hear(event)

    def _hear(self, event: dict[str, Any]) -> None:
        kind, contact = event["type"], event.get("subject", {}).get("contact_id", "")
        data = event.get("data", {})
        if kind == "call.arrived":
            tell = self._tell.get(str(data.get("caller", ""))[-SHOWN:])
            if tell:
                self._of_contact[contact] = tell
        elif tell := self._of_contact.get(contact):
            if kind == "ivr.step_entered":
                tell(Signal("step", data["flow"], data["step"]))
            else:
                tell(Signal("greeted" if kind == "call.prompt_ended" else "queued"))


@asynccontextmanager
async def product_house(
    home: Path,
    params: Params,
    speed: float,
    sip_port: int,
    rtp: str,
    carrier: int,
    on_sms: Callable[[str], None],
) -> AsyncIterator[Product]:
    """The product, running. ``carrier``: where citizens' phones are; ``on_sms``: told each missed caller's number."""
    home.mkdir(parents=True, exist_ok=True)
    put_prompts(home, params, speed)
    menus = home / "menus"
    menus.mkdir()
    (menus / "notice.toml").write_text(NOTICE, "utf-8")
    (menus / "surge_overload.toml").write_text(OVERLOAD, "utf-8")
    async with http_gateway() as gateway:
        changes = product_settings(params, speed, sip_port, carrier, gateway.url) | {"rtp": rtp}
        async with running_system(home, **changes) as pbx, ControlClient(pbx.settings) as client:
            house = Product(System(pbx), client)
            watchers = [
                asyncio.create_task(_read_sms(gateway.got, on_sms)),
                asyncio.create_task(house.guide.listen(client)),  # type: ignore[union-attr]
            ]
            try:
                yield house
            finally:
                for watcher in watchers:
                    watcher.cancel()
                await asyncio.gather(*watchers, return_exceptions=True)


async def _read_sms(got: list[tuple[dict[str, str], Any]], on_sms: Callable[[str], None]) -> None:
    """Hand every message to whom it was sent."""
    seen = 0
    while True:
        for _, message in got[seen:]:
            on_sms(str(message["phone"]))
        seen = len(got)
        await asyncio.sleep(LOOK_S)
