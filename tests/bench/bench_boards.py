"""Event in, every open board up to date: a hundred streams beside a surge, on the whole controller process.

Measured is the time from writing ``AgentConnect`` (the script is the Asterisk) to the frame that shows the call talking, at
each of the hundred readers, which live in another process. Beside it, in the same run: the plain thing, a hundred pages
that ask ``GET /api/v1/status`` again every two seconds.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from fake_ami import FakeAmi
from pbx import private_settings
from scripted_calls import HOUSE, Script, running_cell

from callcenter.bootstrap import Cell
from callcenter.settings import Settings
from callcenter.store.accounts import SqlAccounts
from callcenter.store.database import Database
from callcenter.web.passwords import Passwords
from callcenter.web.ports.accounts import Account
from callcenter.web.roles import Role

pytestmark = pytest.mark.bench

BOARDS = 100
CALLS_PER_S = 3.0
"""A bad day's 3,000 calls in ten hours are one in twelve seconds; this is 36 times as many."""
STEP_S = 0.6
DURATION_S = 60.0
"""So long that the slowest hundredth is more than one call."""
SETTLE_S = 3.0
POLL_S = 2.0
P99_MS_MAX = 300.0
ACCOUNTS, SECRET = 6, "a long enough secret"
READERS = Path(__file__).parents[1] / "support" / "board_readers.py"


def run() -> dict[str, Any]:
    """Measure once."""
    with tempfile.TemporaryDirectory(prefix="cc-") as home:
        return asyncio.run(_measured(Path(home)))


async def _measured(home: Path) -> dict[str, Any]:
    settings = private_settings(home, **HOUSE | {"seats": {"count": 17, "cloud_count": 36}})
    await _add_accounts(settings)
    async with FakeAmi() as server:
        script = Script(server, settings, STEP_S)
        async with running_cell(settings, server) as cell:
            url = f"http://{settings.http_address.host}:{settings.http_address.port}"
            async with aiohttp.ClientSession() as session:
                tokens = [await _sign_in(session, url, n) for n in range(ACCOUNTS)]
                pushed = await _pushed(script, cell, url, tokens)
                polled = await _polled(script, cell, session, url, tokens[0])
    return {
        "boards": BOARDS,
        "calls": pushed.pop("calls"),
        "pushed_ms": {**pushed, "p99": _at_most(pushed["p99"], P99_MS_MAX)},
        "missed": _at_most(pushed.pop("missed"), 0),
        "polled_every_2s_ms": polled,
    }


async def _add_accounts(settings: Settings) -> None:
    database = Database(settings.effective_database_url)
    await database.upgrade()
    hashed = await Passwords().hash(SECRET)
    for n in range(ACCOUNTS):
        await SqlAccounts(database).save(Account(f"board{n}", Role.SHIFT_MANAGER, hashed))
    await database.close()


async def _sign_in(session: aiohttp.ClientSession, url: str, n: int) -> str:
    body = {"name": f"board{n}", "password": SECRET, "kind": "token"}
    async with session.post(f"{url}/api/v1/session", json=body) as answer:
        return str((await answer.json())["token"])


async def _pushed(script: Script, cell: Cell, url: str, tokens: list[str]) -> dict[str, Any]:
    """Latencies of all calls at all readers, milliseconds."""
    readers = await asyncio.create_subprocess_exec(
        sys.executable, str(READERS), url, str(BOARDS), *tokens,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert readers.stdin is not None
    assert readers.stdout is not None
    assert await readers.stdout.readline() == b"open\n"
    script.connected.clear()
    await script.replay(cell, 0, CALLS_PER_S, DURATION_S)
    await asyncio.sleep(SETTLE_S)
    readers.stdin.close()
    seen: dict[str, list[float]] = json.loads(await readers.stdout.read())
    await readers.wait()
    latencies = [
        1000 * (at - connected)
        for contact_id, connected in script.connected.items()
        for at in seen.get(contact_id, ())
    ]
    missed = BOARDS * len(script.connected) - len(latencies)
    return {"calls": len(script.connected), "missed": missed, **_shares(latencies)}


async def _polled(
    script: Script, cell: Cell, session: aiohttp.ClientSession, url: str, token: str
) -> dict[str, float]:
    """What a hundred pages see that ask again every two seconds; one of them is timed, all are served."""
    seen: dict[str, float] = {}
    loop = asyncio.get_running_loop()

    async def ask(*, is_timed: bool) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        async with session.get(f"{url}/api/v1/status", headers=headers) as answer:
            for call in (await answer.json())["calls"]:
                if is_timed and call["state"] == "talking":
                    seen.setdefault(call["contact_id"], loop.time())

    async def poll(n: int) -> None:
        await asyncio.sleep(POLL_S * n / BOARDS)
        while True:
            due = loop.time() + POLL_S
            await ask(is_timed=n == 0)
            await asyncio.sleep(max(0.0, due - loop.time()))

    script.connected.clear()
    pages = [asyncio.create_task(poll(n)) for n in range(BOARDS)]
    await script.replay(cell, 100_000, CALLS_PER_S, DURATION_S / 3)
    for page in pages:
        page.cancel()
    await asyncio.gather(*pages, return_exceptions=True)
    latencies = [1000 * (seen[one] - at) for one, at in script.connected.items() if one in seen]
    return {"never_seen": len(script.connected) - len(latencies), **_shares(latencies)}


def _shares(latencies_ms: list[float]) -> dict[str, float]:
    ordered = sorted(latencies_ms) or [float("inf")]
    return {
        name: round(ordered[int(share * (len(ordered) - 1))], 1)
        for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1.0))
    }


def _at_most(value: float, limit: float) -> dict[str, Any]:
    return {"value": value, "target": f"<= {limit:g}", "ok": value <= limit}
