"""The event stream: replay, follow, gone, slow, signed out."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from web_fakes import MASKED, NUMBER, Browser, House, browsing, sign_in
from web_fakes.events import FakeEvents

from callcenter.web import stream
from callcenter.web.feed import BATCH, RING, Feed
from callcenter.web.roles import Role

pytestmark = pytest.mark.web

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "MDEyMzQ1Njc4OTAxMjM0NQ==",
}


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house of fakes."""
    return House(tmp_path)


async def _open(browser: Browser, query: str = "") -> aiohttp.ClientWebSocketResponse:
    url = browser.server.make_url("/api/v1/events" + query)
    return await browser.http.ws_connect(url, headers=browser.headers)


async def _read(socket: aiohttp.ClientWebSocketResponse, count: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(30):
        return [json.loads(await socket.receive_str()) for _ in range(count)]


async def _open_without_reading(browser: Browser) -> asyncio.StreamWriter:
    """A client that completes the handshake and then reads nothing more."""
    port = browser.server.port
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    lines = {"Host": f"127.0.0.1:{port}", **UPGRADE, **browser.headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    writer.write(f"GET /api/v1/events HTTP/1.1\r\n{head}\r\n".encode())
    await reader.readuntil(b"\r\n")
    return writer


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0)


async def test_replay_then_follow_without_a_hole(house: House) -> None:
    """A reader gets what was missed and then what happens, each once and in order."""
    for _ in range(5):
        house.events.append("call.arrived")
    async with browsing(house, Role.AGENT) as browser, await _open(browser, "?since=2") as socket:
        replayed = await _read(socket, 3)
        for _ in range(1000):
            house.events.append("call.ended")
        followed = await _read(socket, 1000)
    assert [event["seq"] for event in replayed + followed] == list(range(3, 1006))


async def test_events_between_replay_and_follow_are_not_lost(house: House) -> None:
    """What is journaled while a long replay runs arrives too."""
    total = 2 * BATCH + 7
    for _ in range(total):
        house.events.append("call.arrived")
    async with browsing(house, Role.AGENT) as browser, await _open(browser, "?since=0") as socket:
        first = await _read(socket, 1)
        house.events.append("call.ended")
        rest = await _read(socket, total)
    assert [event["seq"] for event in first + rest] == list(range(1, total + 2))


async def test_without_since_it_begins_now(house: House) -> None:
    """Old events are not sent unasked."""
    house.events.append("call.arrived")
    async with browsing(house, Role.AGENT) as browser, await _open(browser) as socket:
        house.events.append("call.ended")
        assert (await _read(socket, 1))[0]["type"] == "call.ended"


async def test_types_are_filtered(house: House) -> None:
    """Exact types and whole topics."""
    for type_ in ("call.arrived", "seat.paused", "seat.joined", "call.ended"):
        house.events.append(type_)
    query = "?since=0&types=call.ended,seat.*"
    async with browsing(house, Role.AGENT) as browser, await _open(browser, query) as socket:
        assert [event["seq"] for event in await _read(socket, 3)] == [2, 3, 4]


async def test_numbers_in_events_are_masked(house: House) -> None:
    """The stream shows no citizen's number."""
    async with browsing(house, Role.ADMIN) as browser, await _open(browser) as socket:
        house.events.append("call.arrived", {"caller": NUMBER})
        assert (await _read(socket, 1))[0]["data"] == {"caller": MASKED}


@pytest.mark.parametrize("path", ["/events", "/events/list"])
@pytest.mark.parametrize("since", [7, 9_000])
async def test_events_that_are_gone(house: House, path: str, since: int) -> None:
    """Too old, or from a journal that was never ours: 410 with the oldest seq and where to begin."""
    house.events.oldest = 10
    house.events.append("call.arrived")
    async with browsing(house, Role.AGENT) as browser:
        status, answer = await browser.ask("GET", f"{path}?since={since}", headers=UPGRADE)
    assert (status, answer["error_id"]) == (410, "events_gone")
    assert answer["details"] == {"oldest_seq": 10, "newest_seq": 10, "snapshot": "/api/v1/status"}


async def test_the_list_pages_through_everything(house: House) -> None:
    """Following ``next_since`` meets every event once, filtered or not."""
    for number in range(7):
        house.events.append("call.arrived" if number % 2 else "seat.paused")
    async with browsing(house, Role.AGENT) as browser:
        seen, since = [], 0
        while True:
            _, page = await browser.get(f"/events/list?since={since}&limit=2&types=call.*")
            if page["next_since"] == since:
                break
            seen += [event["seq"] for event in page["items"]]
            since = page["next_since"]
    assert seen == [2, 4, 6]


async def test_a_slow_reader_is_cut_and_does_not_slow_others(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who does not read is cut after the limit and counted; who reads gets everything."""
    monkeypatch.setattr(stream, "SEND_LIMIT_S", 2.0)  # a busy machine delays the quick one, too
    bulky = {"text": "x" * 20_000}
    async with browsing(house, Role.AGENT) as browser:
        slow = await _open_without_reading(browser)
        async with await _open(browser) as quick:
            for _ in range(800):
                house.events.append("call.arrived", bulky)
            seen = await _read(quick, 800)
            await _until(lambda: house.registry.get_sample_value("callcenter_event_streams") == 1)
        assert [event["seq"] for event in seen] == list(range(1, 801))
        cut = house.registry.get_sample_value("callcenter_event_streams_closed_slow_total")
        assert cut == 1
        slow.close()


async def test_a_silent_stream_shows_that_it_lives(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """In silence the position is told, so that a page knows whether it is stale."""
    monkeypatch.setattr(stream, "HEARTBEAT_S", 0.02)
    house.events.append("call.arrived")
    async with browsing(house, Role.AGENT) as browser, await _open(browser) as socket:
        sign = (await _read(socket, 1))[0]
    assert (sign["type"], sign["seq"]) == ("stream.alive", 1)


async def test_a_reader_of_few_types_learns_the_position_too(house: House) -> None:
    """While much happens that it does not read it is told that the link lives, and from where to begin again."""
    async with browsing(house, Role.AGENT) as browser, await _open(browser, "?types=callback.*") as socket:
        house.clock.advance(stream.HEARTBEAT_S)
        house.events.append("call.ended")
        sign = (await _read(socket, 1))[0]
    assert (sign["type"], sign["seq"]) == ("stream.alive", 1)


async def test_signing_out_ends_the_streams(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream outlives its session by no more than one sign of life."""
    monkeypatch.setattr(stream, "HEARTBEAT_S", 0.02)
    async with browsing(house, Role.AGENT) as browser, await _open(browser) as socket:
        await browser.ask("DELETE", "/session")
        house.clock.advance(60)
        async with asyncio.timeout(30):
            async for _ in socket:
                pass
        assert socket.close_code == stream.SIGNED_OUT


async def test_one_account_cannot_take_all_streams(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond its share an account is refused while another one is served."""
    monkeypatch.setattr(stream, "STREAMS_PER_ACCOUNT", 1)
    async with browsing(house, Role.AGENT) as browser, await _open(browser):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await _open(browser)
        await sign_in(house, browser, Role.ADMIN)
        await (await _open(browser)).close()
    assert refused.value.status == 503


async def test_a_plain_request_is_told_to_use_a_websocket(house: House) -> None:
    """426 with the usual shape."""
    async with browsing(house, Role.AGENT) as browser:
        status, answer = await browser.get("/events")
    assert (status, answer["error_id"]) == (426, "websocket_only")


async def test_a_stopping_server_says_good_bye(house: House) -> None:
    """Open streams are closed with 'going away'."""
    async with browsing(house, Role.AGENT) as browser:
        socket = await _open(browser)
        closing = asyncio.create_task(browser.server.close())
        async with asyncio.timeout(30):
            message = await socket.receive()
        await closing
        assert message.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}
        assert socket.close_code == aiohttp.WSCloseCode.GOING_AWAY


async def test_many_readers_share_one_memory() -> None:
    """Live events are read from memory by all; only who is far behind asks the journal."""
    events = FakeEvents()
    feed = Feed(events)
    feed.open()
    for _ in range(RING + 100):
        events.append("call.arrived")
    for cursor in (RING, RING + 50, 200):
        assert [event.seq for event in await feed.after(cursor)][:1] == [cursor + 1]
    assert events.reads == 0
    assert (await feed.after(5))[0].seq == 6
    assert events.reads == 1
    feed.close()
    assert events.listeners == []


async def test_a_hole_in_the_live_end_is_filled_from_the_journal() -> None:
    """If the live end skipped something, readers get it from the journal instead."""
    events = FakeEvents()
    feed = Feed(events)
    feed.open()
    events.append("call.arrived")
    listener, events.listeners = events.listeners[0], []
    events.append("call.queued")
    events.listeners = [listener]
    events.append("call.ended")
    assert [event.seq for event in await feed.after(1)] == [2, 3]
    feed.close()
