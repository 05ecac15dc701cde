"""The board on the event stream: whole at first, then what changes, and only for who names it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import aiohttp
import pytest
from web_fakes import MASKED, NUMBER, START, House, browsing
from web_fakes.board import FakeBoard
from web_fakes.readers import FakeGaps

from callcenter.core.messages.seats import SeatState
from callcenter.web import alarms, live_board
from callcenter.web.roles import Role
from callcenter.web.views.board import ComponentView, StatusView
from callcenter.web.views.ledger import GapView

pytestmark = pytest.mark.web


@dataclass
class MovingBoard(FakeBoard):
    """A board whose rows a test replaces."""

    now: dict[str, Any] = field(default_factory=dict)

    def status(self) -> StatusView:
        """The rows as they are now."""
        return super().status().model_copy(update=self.now)

    def move(self, seat_id: str, **changes: Any) -> None:
        """A seat changes."""
        seats = self.status().seats
        self.now["seats"] = [
            row.model_copy(update=changes) if row.seat_id == seat_id else row for row in seats
        ]


@dataclass
class OpenGap(FakeGaps):
    """A gap that lasts until a test ends it."""

    closed_at: datetime | None = None

    async def list(self, limit: int) -> list[GapView]:
        """The one gap."""
        return [GapView(opened_at=START, closed_at=self.closed_at, reason="link lost")]


@pytest.fixture
def board(house: House) -> MovingBoard:
    """Its board."""
    assert isinstance(house.ports.board, MovingBoard)
    return house.ports.board


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house of fakes with a board that moves."""
    house = House(tmp_path)
    house.ports = replace(house.ports, board=MovingBoard(house.clock))
    return house


@asynccontextmanager
async def following(
    house: House, types: str, role: Role = Role.AGENT
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A stream of these types."""
    async with browsing(house, role) as browser:
        url = browser.server.make_url(f"/api/v1/events?types={types}")
        async with browser.http.ws_connect(url, headers=browser.headers) as socket:
            yield socket


async def read(socket: aiohttp.ClientWebSocketResponse) -> dict[str, Any]:
    """The next frame."""
    async with asyncio.timeout(30):
        return dict(json.loads(await socket.receive_str()))


async def test_the_first_frame_is_whole_and_masked(house: House) -> None:
    """Everything that the board shows and the surge; a citizen's number as stars."""
    async with following(house, "board.changed") as socket:
        frame = await read(socket)
    assert frame["whole"] is True
    assert [row["seat_id"] for row in frame["seats"]] == ["8001", "8002"]
    assert frame["calls"][0]["citizen"] == MASKED
    assert NUMBER not in json.dumps(frame)
    assert frame["surge"]["level_name"] == "平时"


async def test_then_only_what_changes(house: House, board: MovingBoard) -> None:
    """A seat that moves comes alone; a call that ends is named; what only grows older is silent."""
    async with following(house, "board.*") as socket:
        await read(socket)
        house.clock.advance(3)
        for row in board.status().seats:
            board.move(row.seat_id, state_s=row.state_s + 3)
        grown = board.status()
        board.now["calls"] = [grown.calls[0].model_copy(update={"duration_s": grown.calls[0].duration_s + 3})]
        board.now["queues"] = [grown.queues[0].model_copy(update={"longest_wait_s": 64.5})]
        board.move("8001", state=SeatState.RINGING, state_s=0.0)
        house.events.append("call.offered")
        frame = await read(socket)
        assert frame["whole"] is False
        assert [(row["seat_id"], row["state"]) for row in frame["seats"]] == [("8001", "ringing")]
        assert (frame["calls"], frame["queues"], frame["components"], frame["gone"]) == ([], [], [], [])
        board.now["calls"] = []
        house.events.append("call.ended")
        assert (await read(socket))["gone"] == ["c-1"]


async def test_another_first_caller_is_told(house: House, board: MovingBoard) -> None:
    """As many wait as before, but the longest wait is another one."""
    async with following(house, "board.changed") as socket:
        await read(socket)
        board.now["queues"] = [board.status().queues[0].model_copy(update={"longest_wait_s": 5.0})]
        house.events.append("call.left_queue")
        assert [row["longest_wait_s"] for row in (await read(socket))["queues"]] == [5.0]


async def test_a_switch_of_the_level_is_told(house: House) -> None:
    """The surge comes when its figures change, without any row."""
    async with following(house, "board.changed") as socket:
        await read(socket)
        house.surge.level = 2
        house.events.append("surge.level_switched")
        frame = await read(socket)
    assert (frame["surge"]["level"], frame["seats"]) == (2, [])


async def test_what_happens_right_after_a_look_is_not_slept_through(
    house: House, board: MovingBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The board rests a moment after each look; what comes meanwhile is told at its end, not with the next event."""
    monkeypatch.setattr(live_board, "LOOK_S", 60.0)
    monkeypatch.setattr(live_board, "PAUSE_S", 0.5)
    async with following(house, "board.changed") as socket:
        await read(socket)
        for state in (SeatState.RINGING, SeatState.TALKING, SeatState.WRAP_UP):
            board.move("8001", state=state)
            house.events.append("call.offered")
            while not (frame := await read(socket))["seats"]:
                pass
            assert [row["state"] for row in frame["seats"]] == [state]


async def test_a_board_that_cannot_be_read_ends_its_streams(
    house: House, board: MovingBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A desk that is told nothing would show the past as the present; who comes back once it can be read has it whole."""
    async with following(house, "board.changed") as socket:
        await read(socket)
        with monkeypatch.context() as broken:
            broken.setattr(board, "status", lambda: 1 / 0)
            async with asyncio.timeout(10):
                while (await socket.receive()).type is aiohttp.WSMsgType.TEXT:
                    pass
    async with following(house, "board.changed") as socket:
        assert (await read(socket))["whole"]


async def test_who_does_not_name_it_does_not_get_it(house: House) -> None:
    """The events alone, as before."""
    async with following(house, "call.*") as socket:
        house.events.append("call.ended")
        assert (await read(socket))["type"] == "call.ended"


async def test_events_and_board_share_a_stream(house: House) -> None:
    """One connection is enough for a desk."""
    async with following(house, "board.changed,call.*") as socket:
        house.events.append("call.ended")
        assert {(await read(socket))["type"] for _ in range(2)} == {"board.changed", "call.ended"}


def disk(state: Literal["up", "degraded"]) -> list[ComponentView]:
    """The parts of a house whose disk is so."""
    return [ComponentView(name="disk", state=state, required=False, detail="")]


async def test_alarms_come_and_go_with_the_board(house: House, board: MovingBoard) -> None:
    """What begins and what is over is told by the look that sees it; nobody asks, and no event tells of it."""
    async with following(house, "board.changed") as socket:
        board.now["components"] = disk("up")
        await until(socket, "link_gap_over")
        board.now["components"] = disk("degraded")
        assert (await until(socket, "disk", "link_gap_over"))["disk"] is None
        house.ports.alarms.acknowledge("disk", "shift_manager", house.clock.at())
        assert (await until(socket, "disk", "link_gap_over"))["disk"]["by"] == "shift_manager"
        board.now["components"] = disk("up")
        await until(socket, "link_gap_over")


async def test_what_the_stores_tell_of_alarms_is_asked_again(house: House) -> None:
    """A gap in the events from Asterisk that ends is told as over, without any event."""
    gaps = OpenGap()
    house.ports = replace(house.ports, gaps=gaps)
    async with following(house, "board.changed") as socket:
        await until(socket, "link_gap")
        gaps.closed_at = START
        house.clock.advance(alarms.FRESH_S)
        await until(socket, "link_gap_over")


async def until(socket: aiohttp.ClientWebSocketResponse, *names: str) -> dict[str, Any]:
    """The first time that just these alarms are told: each with who has seen it."""
    while True:
        told = (await read(socket))["alarms"]
        if told is not None and {alarm["id"] for alarm in told} == {*names}:
            return {alarm["id"]: alarm["seen"] for alarm in told}
