"""Live captions on the event stream: who reads what, that they are live only, and their state."""

import asyncio
import io
import json
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from rich.console import Console
from web_fakes import START, Browser, House, browsing, sign_in

from callcenter.captions.feed import CaptionFeed, CaptionReader
from callcenter.commands.captions import REASONS, Screen, print_state
from callcenter.core.ids import ContactId, SeatId
from callcenter.sections import Captions
from callcenter.web import stream
from callcenter.web.ports.captions import NoCaptions
from callcenter.web.roles import Role
from callcenter.web.views.captions import CaptionedCallView, CaptionsView
from recordings.captions import Caption
from recordings.core.captions import Reason

pytestmark = pytest.mark.web

C1 = ContactId("c-1")
SAID = "我的电话是一三八零零零零一二三四"
STARS = "我的电话是***********"


@dataclass
class FakeCaptions:
    """A feed that a test fills."""

    feed: CaptionFeed = field(default_factory=CaptionFeed)
    readers: int = 0

    def follow(self) -> AbstractContextManager[CaptionReader]:
        """Counts who came."""
        self.readers += 1
        return self.feed.follow()

    def view(self) -> CaptionsView:
        """One call of seat 8001."""
        calls = [CaptionedCallView(contact_id=C1, seat_id="8001")]
        return CaptionsView(
            places=8,
            reason="room",
            busy_ratio=0.2,
            behind_s=0.06,
            model="demo",
            is_demo_model=True,
            calls=calls,
        )

    def say(self, text: str = SAID, *, seat: str | None = "8001", final: bool = False) -> None:
        """The citizen says it."""
        seat_id = SeatId(seat) if seat else None
        self.feed.tell(Caption(C1, "citizen", 1.0, 2.5, text, final=final), seat_id, START)


@pytest.fixture
def captions() -> FakeCaptions:
    """Captions of one call."""
    return FakeCaptions()


@pytest.fixture
def house(tmp_path: Path, captions: FakeCaptions) -> House:
    """A house of fakes that captions."""
    house = House(tmp_path)
    house.ports = replace(house.ports, captions=captions)
    return house


async def follow(browser: Browser, captions: FakeCaptions, types: str) -> aiohttp.ClientWebSocketResponse:
    """Open a stream; with captions named, wait until it follows them."""
    before = captions.readers
    url = browser.server.make_url(f"/api/v1/events?types={types}")
    socket = await browser.http.ws_connect(url, headers=browser.headers)
    async with asyncio.timeout(30):
        while "caption" in types and captions.readers == before:
            await asyncio.sleep(0)
    return socket


async def read(socket: aiohttp.ClientWebSocketResponse) -> dict[str, Any]:
    """The next frame."""
    async with asyncio.timeout(30):
        return dict(json.loads(await socket.receive_str()))


@pytest.mark.parametrize(
    ("role", "own", "text"),
    [
        (Role.AGENT, "8001", SAID),
        (Role.AGENT, "8002", None),
        (Role.SHIFT_MANAGER, None, STARS),
        (Role.QA_REVIEWER, None, STARS),
        (Role.AUDITOR, None, STARS),
        (Role.ADMIN, None, STARS),
    ],
)
async def test_who_reads_what(
    house: House, captions: FakeCaptions, role: Role, own: str | None, text: str | None
) -> None:
    """The seat in the talk as it is said; who may listen, with stars; another seat nothing. Only listeners are noted."""
    house.add_account(role, seat_id=own)
    async with (
        browsing(house, role) as browser,
        await follow(browser, captions, "call.*,caption.said") as socket,
    ):
        captions.say()
        captions.feed.tell(Caption(C1, "agent", 3.0, 4.0, "好的", final=True), None, START)
        house.events.append("call.ended")
        frames = [await read(socket)]
        while frames[-1]["type"] != "call.ended" or (text is not None and len(frames) < 2):
            frames.append(await read(socket))
    said = [frame for frame in frames if frame["type"] == "caption.said"]
    first = [frame for frame in said if frame["data"]["channel"] == "citizen"]
    assert [frame["data"]["text"] for frame in first] == ([text] if text else [])
    if text:
        assert first[0] == {
            "type": "caption.said",
            "at": START.isoformat().replace("+00:00", "Z"),
            "subject": {"contact_id": "c-1", "seat_id": "8001"},
            "data": {
                "channel": "citizen",
                "begin_s": 1.0,
                "end_s": 2.5,
                "text": text,
                "final": False,
                "masked": text == STARS,
            },
        }
    noted = [entry.action for entry in house.audit.entries if entry.action == "captions.followed"]
    assert noted == ([] if role is Role.AGENT else ["captions.followed"])


async def test_a_desk_that_is_only_open_is_not_noted(house: House, captions: FakeCaptions) -> None:
    """The audit tells who read along, not who might have: nothing was said while this desk was open."""
    house.add_account(Role.SHIFT_MANAGER)
    async with (
        browsing(house, Role.SHIFT_MANAGER) as browser,
        await follow(browser, captions, "call.*,caption.said") as socket,
    ):
        house.events.append("call.ended")
        assert (await read(socket))["type"] == "call.ended"
    assert not [entry for entry in house.audit.entries if entry.action == "captions.followed"]


async def test_after_a_transfer_the_first_seat_reads_nothing_more(
    house: House, captions: FakeCaptions
) -> None:
    """A talk without a seat of ours is nobody's own."""
    house.add_account(Role.AGENT, seat_id="8001")
    async with (
        browsing(house, Role.AGENT) as browser,
        await follow(browser, captions, "caption.said") as socket,
    ):
        captions.say("前面", seat=None)
        captions.say("后面")
        assert (await read(socket))["data"]["text"] == "后面"


async def test_who_does_not_name_them_gets_none(
    house: House, captions: FakeCaptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stream of everything is the journal's: every frame has its seq, and a sign of life comes in silence."""
    monkeypatch.setattr(stream, "HEARTBEAT_S", 0.02)
    async with browsing(house, Role.ADMIN) as browser, await follow(browser, captions, "") as socket:
        captions.say()
        assert (await read(socket))["type"] == "stream.alive"
    assert captions.readers == 0


async def test_two_readers_of_one_talk(house: House, captions: FakeCaptions) -> None:
    """A seat and a manager follow the same words, each in the own way; who leaves is forgotten."""
    house.add_account(Role.AGENT, seat_id="8001")
    async with browsing(house, Role.AGENT) as browser, await follow(browser, captions, "caption.*") as own:
        await sign_in(house, browser, Role.SHIFT_MANAGER)
        async with await follow(browser, captions, "caption.*") as manager:
            captions.say(final=True)
            assert (await read(own))["data"]["text"] == SAID
            assert (await read(manager))["data"]["text"] == STARS


async def test_the_state_says_nothing_of_what_is_said(house: House) -> None:
    """How many places, why, which calls."""
    async with browsing(house, Role.AGENT) as browser:
        status, answer = await browser.get("/captions")
    assert (status, answer["places"], answer["reason"]) == (200, 8, "room")
    assert answer["calls"] == [{"contact_id": "c-1", "seat_id": "8001"}]


def test_a_house_without_captions() -> None:
    """It says so; nobody hears anything."""
    assert NoCaptions().view().places == 0
    with NoCaptions().follow() as reader:
        assert isinstance(reader, CaptionReader)


def test_thresholds_are_in_order() -> None:
    """Captions cannot come back above the share at which they end."""
    with pytest.raises(ValueError, match="on_below_ratio"):
        Captions(off_above_ratio=0.4, on_below_ratio=0.5)


def said(text: str, *, final: bool) -> dict[str, Any]:
    """A frame."""
    data = {
        "channel": "citizen",
        "begin_s": 61.0,
        "end_s": 62.0,
        "text": text,
        "final": final,
        "masked": True,
    }
    return {"type": "caption.said", "subject": {"contact_id": "c-1"}, "data": data}


def test_the_command_prints_what_is_over_and_no_control_character() -> None:
    """Outside a terminal lines that still grow are left out."""
    out = io.StringIO()
    with Screen(Console(file=out, width=100), as_json=False) as screen:
        for frame in (said("暖", final=False), said("暖气[bold]\x1b[2J", final=True), said("", final=True)):
            screen.show(frame)
    assert out.getvalue() == "c-1 01:01 市民  暖气[bold] [2J\n"


def test_on_a_terminal_a_line_grows() -> None:
    """What is still said is shown, and stays once it is over."""
    out = io.StringIO()
    with Screen(Console(file=out, width=100, force_terminal=True), as_json=False) as screen:
        screen.show(said("暖气", final=False))
        assert "暖气" in out.getvalue()
        screen.show(said("暖气不热", final=True))
    assert "暖气不热" in out.getvalue()


def test_every_reason_is_explained(captions: FakeCaptions) -> None:
    """In both languages."""
    assert set(REASONS) == {reason.value for reason in Reason}
    out = io.StringIO()
    print_state(Console(file=out, width=120), captions.view().model_dump())
    assert "8 通" in out.getvalue()
    assert "c-1" in out.getvalue()
