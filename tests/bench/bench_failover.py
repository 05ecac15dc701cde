"""What a killed controller costs a full house: 17 talk, 40 wait, kill -9; calls lost, seconds until all is known.

A call is lost when somebody hung up on it, or when the board no longer shows it as it was. The seconds count
from the new process to a board that shows every call as before, and also from the kill.
"""

import asyncio
import os
import signal
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from crowd import busy
from system import System, whole_system

from callcenter.clocks import SystemClock
from callcenter.core.errors import PeerError

pytestmark = pytest.mark.bench

TALKING, WAITING = 17, 40
REBUILT_S_MAX = 5.0
GIVE_UP_S = 60.0
LOOK_EVERY_S = 0.02
KEPT = ("talking", "waiting")

clock = SystemClock()


def run() -> dict[str, Any]:
    """Measure once: a full house, one kill."""
    with tempfile.TemporaryDirectory(prefix="cc-") as home:
        return asyncio.run(_measured(Path(home)))


async def _measured(home: Path) -> dict[str, Any]:
    async with whole_system(home) as system:
        async with busy(system, TALKING, WAITING) as crowd:
            before = await _calls(system)
            figures = await _killed(system, before)
            lost = len(before.items() - (await _calls(system)).items()) + crowd.hung_up_on
            await system.pbx.server.command("channel request hangup all")
            assert await system.pbx.is_quiet()
        is_clean = await _becomes_clean(system)
        open_rows = system.rows("SELECT count(*) FROM contacts WHERE outcome IS NULL")[0][0]
    return {
        "calls": dict(Counter(before.values())),
        "calls_lost": {"value": lost, "target": "0", "ok": lost == 0},
        **figures,
        "ledger_clean": {"value": is_clean, "target": "True", "ok": is_clean},
        "contacts_left_open": {"value": open_rows, "target": "0", "ok": open_rows == 0},
    }


async def _killed(system: System, before: dict[str, str]) -> dict[str, Any]:
    """Kill the controller and take the times of its return."""
    old = system.pid("controller")
    assert old is not None
    killed = clock.instant()
    os.kill(old, signal.SIGKILL)

    async def is_restarted() -> bool:
        return system.pid("controller") not in (None, old)

    async def is_rebuilt() -> bool:
        with suppress(PeerError):
            return await _calls(system) == before
        return False

    restarted = await _when(is_restarted)
    rebuilt = await _when(is_rebuilt)
    seconds = round(rebuilt - restarted, 2)
    return {
        "rebuilt_s_from_restart": {
            "value": seconds,
            "target": f"<= {REBUILT_S_MAX:g}",
            "ok": seconds <= REBUILT_S_MAX,
        },
        "rebuilt_s_from_kill": round(rebuilt - killed, 2),
        "restarted_s_from_kill": round(restarted - killed, 2),
    }


async def _when(holds: Callable[[], Awaitable[bool]]) -> float:
    """The instant at which the condition began to hold; the limit's, when it never does."""
    with suppress(TimeoutError):
        async with asyncio.timeout(GIVE_UP_S):
            while not await holds():
                await asyncio.sleep(LOOK_EVERY_S)
    return clock.instant()


async def _calls(system: System) -> dict[str, str]:
    """Who talks and who waits, as the board has it."""
    calls = (await system.status())["calls"]
    return {call["contact_id"]: call["state"] for call in calls if call["state"] in KEPT}


async def _becomes_clean(system: System) -> bool:
    try:
        await system.until(system.is_ledger_clean, "the ledger is clean", GIVE_UP_S)
    except AssertionError:
        return False
    return True
