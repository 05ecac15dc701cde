"""``callcenter demo --surge``: the seat is busy, two citizens call, both are called back. Told step by step.

It runs on an instance of its own, in a temporary home on free ports, where one seat works and it is noon: so it depends
neither on the hour nor on the user's configuration, and a running system is not touched.
Invariant: a step is reported only when it was seen: in the journal, on the wire, or in the audio.
"""

import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from callcenter.asterisk.ports import LOOPBACK, free_ports
from callcenter.asterisk.secrets import load_secrets
from callcenter.clocks import SystemClock
from callcenter.core.errors import CallcenterError, PeerError
from callcenter.core.ids import ContactId
from callcenter.core.messages.callbacks import callback_id
from callcenter.demo import (
    AUDIBLE,
    STEP_LIMIT_S,
    Follower,
    Timeline,
    Turns,
    level,
    require,
    spoken,
    talk_in_turns,
    within,
)
from callcenter.instance import bring_down, bring_up
from callcenter.phones import Call, Phone, PhoneBox
from callcenter.sections import parse_address
from callcenter.settings import CONFIG_VARIABLE, Settings, load
from callcenter.supervisor import Progress
from callcenter.web.clients.control import ControlClient
from ivr.prompts import catalogue

Row = dict[str, Any]

TRUNK = {"X-Trunk": "demo"}
TALKS, ACCEPTS, GIVES_UP = "13800000001", "13800000002", "13800000003"
"""The citizens: one talks, one wants to be called back, one hangs up in line."""

RTP = "25000-25999"
"""Between the range of a running instance and that of the phones."""

LOOK_S = 0.1
HEARS_S = 2.0
"""How long a citizen listens before he presses a key."""

RINGS_S = 1.0
"""How long a phone rings before it is answered."""

OPENINGS: Mapping[str, str] = {
    ACCEPTS: "您好，这里是12345热线，您登记的回电，请问反映什么事情？",
    GIVES_UP: "您好，12345热线给您回电，刚才没有接到您，请问什么事情？",
}
DIALOG = (
    ("citizen", "你好，我家的暖气不热，已经三天了，家里有老人。"),
    ("agent", "请您说一下小区的名字和楼号，我马上登记。"),
    ("citizen", "枣园小区五号楼，请你们尽快处理。"),
    ("agent", "已经登记好了，感谢您的来电，再见。"),
)
"""After the opening; with it a little more than the twenty seconds from which a call-back counts as kept."""


async def run_surge_demo(settings: Settings, progress: Progress, *, keep: bool) -> Timeline:
    """Start the demo's own instance, place the calls, tell what was seen; then remove it unless ``keep``."""
    timeline = Timeline(SystemClock(), "高峰，一个都不丢 / a surge: nobody is lost", progress)
    speaking = asyncio.create_task(asyncio.to_thread(_turns, settings))
    try:
        async with _own_instance(settings, progress, keep) as own, _Stage.set(own, timeline) as stage:
            await _story(stage, await speaking)
        timeline.is_complete = True
    except PeerError as error:
        if timeline.begun is None:
            raise
        timeline.saw("未完成 / not completed", str(error))
    finally:
        speaking.cancel()
    return timeline


async def _story(stage: "_Stage", turns: Mapping[str, Turns]) -> None:
    timeline = stage.timeline
    timeline.begin()
    talk = await stage.seat_gets_busy()
    first = await stage.citizen_accepts()
    second = await stage.citizen_gives_up()
    await talk.hangup()
    timeline.saw("坐席空闲 / the seat is free", "话后整理，然后回拨 / after-call work, then the call-backs")
    await stage.call_back(ACCEPTS, first, turns[ACCEPTS])
    await stage.call_back(GIVES_UP, second, turns[GIVES_UP])
    await stage.owes_nobody()


@dataclass
class _Stage:
    """The phones and the eyes of the demo. ``citizens``: by number."""

    settings: Settings
    timeline: Timeline
    client: ControlClient
    follow: Follower
    agent: Phone
    citizens: Mapping[str, Phone]

    @classmethod
    @asynccontextmanager
    async def set(cls, settings: Settings, timeline: Timeline) -> AsyncIterator["_Stage"]:
        """One seat that is logged in, three citizens; the phones stand where the carrier would be."""
        (seat_id,) = settings.seats.on_site()
        carrier = parse_address(settings.trunk.outbound).port
        async with (
            ControlClient(settings) as client,
            PhoneBox(settings.sip_address, sip_port=carrier) as box,
        ):
            follow = await Follower.begin(client)
            agent = await box.seat(seat_id, load_secrets(settings).seats[seat_id])
            await agent.register()
            await agent.dial_code("*11")
            citizens = {number: await box.citizen(number) for number in (TALKS, ACCEPTS, GIVES_UP)}
            yield cls(settings, timeline, client, follow, agent, citizens)

    async def seat_gets_busy(self) -> Call:
        """A citizen calls and talks with the only seat: his call."""
        call, contact_id = await self._dial(TALKS)
        await (await self.agent.ringing()).answer()
        await self.follow.until("call.answered", contact_id)
        self.timeline.saw(
            "坐席正忙 / the seat is busy",
            f"{self.agent.number} 与 {_masked(TALKS)} 通话 / talks with another",
        )
        return call

    async def citizen_accepts(self) -> str:
        """He is greeted, asked, wants to be called back, and hears that he will be: his contact."""
        call, contact_id = await self._arrive(ACCEPTS)
        await self.follow.until("call.prompt_ended", contact_id)
        self._heard("问候 / greeting", call, catalogue()["greeting"].zh.format(city=self.settings.city))
        await self._ask(call, contact_id, "message", "offer_message", "0")
        await self._ask(call, contact_id, "callback", "offer_callback", "1")
        await call.ended()
        self._heard("告知 / told", call, catalogue()["callback_promised"].zh)
        await self.follow.until("call.ended", contact_id)
        await self._owed("承诺 / promised", contact_id, "accepted")
        return contact_id

    async def citizen_gives_up(self) -> str:
        """He goes straight to the line and hangs up there: his contact."""
        call, contact_id = await self._arrive(GIVES_UP)
        await call.dtmf("0")
        queued = await self.follow.until("call.queued", contact_id)
        self.timeline.saw(
            "按 0 排队 / pressed 0: in line",
            f"第 {queued['data']['position']} 位 / place {queued['data']['position']}",
        )
        await call.listen(HEARS_S)
        await call.hangup()
        await self.follow.until("call.ended", contact_id)
        self.timeline.saw("排队中挂断 / hung up in line", _masked(GIVES_UP))
        await self._owed("漏话 / missed call", contact_id, "missed")
        return contact_id

    async def call_back(self, number: str, origin: str, turns: Turns) -> None:
        """The seat rings first, then the citizen; they talk long enough, and it is kept."""
        contact_id = callback_id(ContactId(origin), 1)
        agent_call = await self._ring(self.agent, "坐席先振铃 / the seat rings first", self.agent.number)
        citizen = self.citizens[number]
        citizen_call = await self._ring(citizen, "市民振铃 / the citizen's phone rings", _masked(number))
        await self.follow.until("callback.answered", contact_id)
        await talk_in_turns(self.timeline, citizen_call, agent_call, turns)
        await citizen_call.hangup()
        kept = await self.follow.until("callback.kept", contact_id)
        self.timeline.saw(
            "回拨完成 / kept", f"{_masked(number)}，双方通话 / two-way talk {kept['data']['talk_s']:.1f} s"
        )

    async def _arrive(self, number: str) -> tuple[Call, str]:
        self.timeline.saw("拨号 / dial", f"{self.settings.line.called_numbers[0]} ← {_masked(number)}")
        return await self._dial(number)

    async def _dial(self, number: str) -> tuple[Call, str]:
        self.follow.forget()
        called = self.settings.line.called_numbers[0]
        call = await self.citizens[number].dial(f"sip:{called}@{self.settings.sip}", TRUNK)
        await call.established()
        arrived = await self.follow.until("call.arrived")
        return call, arrived["subject"]["contact_id"]

    async def _ask(self, call: Call, contact_id: str, question: str, prompt: str, key: str) -> None:
        """He hears the question and presses a key."""
        await call.listen(HEARS_S)
        self._heard("询问 / asked", call, catalogue()[prompt].zh)
        await call.dtmf(key)
        is_yes = key == "1"
        await self.follow.until(
            "call.replied",
            contact_id,
            accept=lambda event: (
                event["data"]["question"] == question and event["data"]["accepted"] is is_yes
            ),
        )
        self.timeline.saw(f"按 {key} / pressed {key}", "接受 / yes" if is_yes else "不用 / no")

    async def _ring(self, phone: Phone, what: str, who: str) -> Call:
        """The phone rings for a moment, then it is answered."""
        incoming = await phone.ringing()
        self.timeline.saw(what, who)
        await asyncio.sleep(RINGS_S)
        return await incoming.answer()

    def _heard(self, what: str, call: Call, text: str) -> None:
        """Something was just said to him: he must have heard a voice."""
        heard = level(call.heard(HEARS_S))
        require(heard > AUDIBLE, f"{what}: nothing was heard (level {heard:.0f})")
        self.timeline.saw(what, f"{text} (level {heard:.0f})")

    async def owes_nobody(self) -> None:
        """No call is owed any more."""
        await self._list(lambda rows: not rows, "somebody is still owed a call")
        self.timeline.saw("名单已清 / nobody is owed a call", "两位市民都已通话 / both citizens have talked")

    async def _owed(self, what: str, contact_id: str, ground: str) -> None:
        """He is on the list of those whom the house owes a call."""

        def has_him(rows: list[Row]) -> bool:
            return (contact_id, ground) in [(row["contact_id"], row["ground"]) for row in rows]

        rows = await self._list(has_him, f"no {ground} call is on the list")
        place = [row["contact_id"] for row in rows].index(contact_id) + 1
        self.timeline.saw(what, f"编号 / no. {contact_id}，名单第 {place} 位 / place {place} on the list")

    async def _list(self, holds: Callable[[list[Row]], bool], complaint: str) -> list[Row]:
        """Those whom the house owes a call, oldest first, as soon as the condition holds."""

        async def look() -> list[Row]:
            while True:
                if holds(rows := await self.client.callbacks("open")):
                    break
                await asyncio.sleep(LOOK_S)
            return sorted(rows, key=lambda row: str(row["made_at"]))

        return await within(look, STEP_LIMIT_S, complaint)


@asynccontextmanager
async def _own_instance(settings: Settings, progress: Progress, keep: bool) -> AsyncIterator[Settings]:
    """A running instance of the demo's own. With ``keep`` it is left running; after a failure its files stay."""
    home = Path(tempfile.mkdtemp(prefix="cc-demo-"))
    config = home / "callcenter.toml"
    config.write_text(as_toml(demo_config(settings, home, SystemClock().at())), "utf-8")
    own = load({}, config).settings
    has_failed = False
    with only_configured_by(config):
        try:
            await bring_up(own, progress)
            yield own
        except CallcenterError:
            has_failed = True
            raise
        finally:
            if keep:
                progress(f"停止 / stop it: {CONFIG_VARIABLE}={config} callcenter down")
            else:
                await bring_down(own)
            if has_failed:
                progress(f"日志 / logs: {own.log_path}")
            elif not keep:
                shutil.rmtree(home)


def demo_config(settings: Settings, home: Path, at: datetime) -> Mapping[str, Any]:
    """One seat, a carrier, free ports, and noon; Asterisk, voice and city are the user's."""
    sip, http, carrier = free_ports(3)
    return {
        "home": str(home),
        "cache": str(settings.cache_path),
        "asterisk": settings.asterisk,
        "city": settings.city,
        "sip": f"{LOOPBACK}:{sip}",
        "http": f"{LOOPBACK}:{http}",
        "rtp": RTP,
        "time_zone": noon_zone(at),
        "seats": {"count": 1, "cloud_count": 0},
        "line": {"wrap_up_s": 2},
        "trunk": {"outbound": f"{LOOPBACK}:{carrier}"},
        "day": {"citizens": 40, "profile": [1 / 24] * 24, "roster": [1] * 24},
        "speech": {"workers": 0},
    }


def noon_zone(at: datetime) -> str:
    """The IANA zone in which it is between 12 and 1 now: call-backs have hours."""
    offset_h = 12 - (at - (at.utcoffset() or timedelta())).hour
    return f"Etc/GMT{-offset_h:+d}"  # the sign of these names is the other way round


def as_toml(config: Mapping[str, Any]) -> str:
    """A configuration as the operator would write it; JSON's strings, numbers and lists are TOML's too."""
    tables = {key: value for key, value in config.items() if isinstance(value, dict)}
    lines = [f"{key} = {json.dumps(value)}" for key, value in config.items() if key not in tables]
    for table, entries in tables.items():
        lines += [f"[{table}]", *(f"{key} = {json.dumps(value)}" for key, value in entries.items())]
    return "\n".join(lines) + "\n"


@contextmanager
def only_configured_by(config: Path) -> Iterator[None]:
    """Child processes of the block read this file and no ``CALLCENTER_*`` of the user's."""
    before = {name: value for name, value in os.environ.items() if name.startswith("CALLCENTER_")}
    for name in before:
        del os.environ[name]
    os.environ[CONFIG_VARIABLE] = str(config)
    try:
        yield
    finally:
        del os.environ[CONFIG_VARIABLE]
        os.environ.update(before)


def _turns(settings: Settings) -> Mapping[str, Turns]:
    """What is said in each call-back."""
    dialog = spoken(settings, DIALOG)
    return {
        number: [*spoken(settings, [("agent", opening)]), *dialog] for number, opening in OPENINGS.items()
    }


def _masked(number: str) -> str:
    return f"{number[:3]}****{number[-4:]}"
