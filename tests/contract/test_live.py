"""The live view on a real Redis-protocol server: boards, signals, and what happens when it dies."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from redis_servers import PrivateRedis
from rows import NOW, StillClock, until

from callcenter.core.errors import UsageError
from callcenter.processes import start_ticks
from callcenter.store import live
from callcenter.store.live import LiveView

pytestmark = pytest.mark.contract

BOARD = {"waiting": 3, "seats": ["八千零一"]}


@pytest_asyncio.fixture
async def server() -> AsyncIterator[PrivateRedis]:
    """A running private server."""
    server = PrivateRedis()
    try:
        await server.start()
        yield server
    finally:
        await server.remove()


@pytest_asyncio.fixture
async def view(server: PrivateRedis) -> AsyncIterator[LiveView]:
    """A client whose clock stands still."""
    view = LiveView(server.url, StillClock())
    yield view
    await view.close()


async def test_a_board_comes_back(view: LiveView) -> None:
    """What was shown can be seen, with the time that it shows."""
    assert await view.get() is None
    assert await view.put(NOW, BOARD)
    board = await view.get()
    assert board is not None
    assert (board.as_of, board.data, board.is_stale) == (NOW, BOARD, False)


async def test_an_old_board_says_so(server: PrivateRedis) -> None:
    """A board that nobody has written lately is marked stale."""
    clock = StillClock()
    view = LiveView(server.url, clock)
    await view.put(NOW, BOARD)
    clock.advance(live.STALE_S + 1)
    board = await view.get()
    assert board is not None
    assert board.is_stale
    await view.close()


async def test_instances_share_a_server_without_meeting(server: PrivateRedis, view: LiveView) -> None:
    """Another prefix is another board."""
    other = LiveView(server.url, StillClock(), prefix="other")
    await view.put(NOW, BOARD)
    assert await other.get() is None
    await other.close()


async def test_a_worker_is_woken(view: LiveView) -> None:
    """A waiting worker hears of work at once; a signal given before it looked is not lost."""
    waiting = asyncio.create_task(view.wait_for_work("transcribe", 30))
    await asyncio.sleep(0)
    assert await view.wake("transcribe")
    assert await waiting
    await view.wake("transcribe")
    assert await view.wait_for_work("transcribe", 30)
    assert not await view.wait_for_work("transcribe", 0.1)


async def test_signals_and_events_are_bounded(
    server: PrivateRedis, view: LiveView, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody reading never fills the memory."""
    monkeypatch.setattr(live, "SIGNALS_KEPT", 5)
    monkeypatch.setattr(live, "EVENTS_KEPT", 5)
    for number in range(300):
        await view.wake("x")
        await view.publish({"seq": number})
    client = Redis.from_url(server.url, decode_responses=True)
    assert await client.llen("callcenter:wake:x") == 5
    assert await client.xlen("callcenter:events") < 200
    newest: Any = await client.xrevrange("callcenter:events", count=1)
    assert json.loads(newest[0][1]["event"]) == {"seq": 299}
    await client.aclose()


async def test_a_killed_server_degrades_the_board_only(server: PrivateRedis) -> None:
    """After kill -9 every call answers at once with nothing; after the restart the board is back."""
    clock = StillClock()
    view = LiveView(server.url, clock)
    await view.put(NOW, BOARD)
    pid = server.pid
    server.kill()
    await until(lambda: not server.part.is_running())
    assert await view.put(NOW, BOARD) is False
    assert (await view.get(), await view.wake("x"), await view.publish({}), view.is_up) == (
        None,
        False,
        False,
        False,
    )
    assert await view.wait_for_work("x", 0) is False
    await server.start()
    assert server.pid != pid
    clock.advance(live.PAUSE_FIRST_S + 0.1)
    assert await view.put(NOW, BOARD)
    assert view.is_up
    await view.close()


async def test_a_hanging_server_holds_nobody_up(
    server: PrivateRedis, view: LiveView, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that does not answer is given up after a short while, and left alone then."""
    monkeypatch.setattr(live, "PATIENCE_S", 0.1)
    assert server.pid is not None
    os.kill(server.pid, signal.SIGSTOP)
    try:
        async with asyncio.timeout(live.PATIENCE_S + 30):
            assert [await view.put(NOW, BOARD) for _ in range(100)] == [False] * 100
    finally:
        os.kill(server.pid, signal.SIGCONT)


async def test_a_damaged_board_is_no_board(server: PrivateRedis, view: LiveView) -> None:
    """What somebody else wrote under our key is not shown."""
    client = Redis.from_url(server.url)
    for text in ("{", "[]", '{"as_of": 1}'):
        await client.set("callcenter:board", text)
        assert await view.get() is None
    await client.aclose()


async def test_the_server_is_adopted_not_started_twice(server: PrivateRedis) -> None:
    """A running server is found again, also when its pid file is gone."""
    pid = server.pid
    (server.home / "redis.pid").unlink()
    await server.start()
    assert server.pid == pid
    assert server.part.is_running()


async def test_the_server_outlives_who_started_it(tmp_path: Path) -> None:
    """The process that started the server ends, and the server goes on."""
    server = PrivateRedis()
    script = (
        "import asyncio; from pathlib import Path; from callcenter.settings import Settings;"
        "from callcenter.store.redis_server import RedisServer;"
        f"asyncio.run(RedisServer(Settings(home={str(server.home)!r}), Path({str(server.home)!r}))"
        ".start(lambda text: None))"
    )
    try:
        starter = await asyncio.create_subprocess_exec(sys.executable, "-c", script)
        assert await starter.wait() == 0
        assert server.pid is not None
        assert start_ticks(server.pid)
    finally:
        await server.remove()


async def test_a_stopped_server_is_gone() -> None:
    """After stop there is no process, and what it held is on the disk for the next start."""
    server = PrivateRedis()
    try:
        await server.start()
        view = LiveView(server.url, StillClock())
        await view.put(NOW, BOARD)
        await view.close()
        await server.part.stop()
        assert not server.part.is_running()
        await server.start()
        view = LiveView(server.url, StillClock())
        assert await view.get() is not None
        await view.close()
    finally:
        await server.remove()


@pytest.mark.parametrize("url", ["nonsense", "http://user:hunter2@host", "redis://:hunter2@host:port/0"])
def test_a_wrong_url_is_a_usage_error(url: str) -> None:
    """A URL that cannot be meant is refused without showing its password."""
    with pytest.raises(UsageError) as caught:
        LiveView(url, StillClock())
    assert (caught.value.code, "hunter2" in str(caught.value)) == ("bad_redis_url", False)
