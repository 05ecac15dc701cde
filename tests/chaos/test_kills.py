"""Processes die: what the house promises then, shown with real calls."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from crowd import busy, count
from sip_load import Callers
from system import START_S, System, fresh_system, frozen

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]

TRUNK = {"X-Trunk": "demo"}


@asynccontextmanager
async def house(**changes: object) -> AsyncIterator[System]:
    """A running instance with a home of its own."""
    async with fresh_system(**changes) as system:
        yield system


async def _is(system: System, talking: int, waiting: int) -> bool:
    return count(system, "talking") == talking and count(system, "waiting") == waiting


async def test_a_killed_controller_loses_no_call() -> None:
    """Kill -9 with 3 talking and 4 waiting: all go on, the state is rebuilt, a newcomer is served meanwhile."""
    async with house() as system, busy(system, talking=3, waiting=4) as crowd:
        before = await system.pbx.channels()
        await system.kill_controller()
        newcomer = asyncio.create_task(crowd.callers.call("12345", "13811111111", 60.0, 60.0))
        assert await system.pbx.channels() >= before
        await system.ready()

        async def is_rebuilt() -> bool:
            calls = (await system.status())["calls"]
            states = [call["state"] for call in calls]
            return states.count("talking") == 3 and states.count("waiting") == 5

        await system.until(is_rebuilt, "3 talk and 5 wait", START_S)
        newcomer.cancel()
        await asyncio.gather(newcomer, return_exceptions=True)
        await system.pbx.server.command("channel request hangup all")
        assert await system.pbx.is_quiet()
        await system.clean()
        assert system.rows("SELECT count(*) FROM contacts WHERE outcome IS NULL") == [(0,)]
        assert ("13811111111",) in system.rows("SELECT caller FROM contacts")


async def test_who_called_while_nobody_steered_is_entered_from_the_books() -> None:
    """A caller who came and went while the controller was dead has his contact and outcome afterwards."""
    async with house() as system:
        async with Callers(system.settings.sip_address, TRUNK) as callers:
            await system.kill_controller()
            await callers.call("12345", "13822222222", 3.0, 0.5)
        await system.ready()
        assert await system.pbx.is_quiet()

        async def is_entered() -> bool:
            return ("13822222222",) in system.rows("SELECT caller FROM contacts WHERE outcome IS NOT NULL")

        await system.until(is_entered, "the contact is entered")
        await system.clean()


async def test_losing_redis_degrades_the_board_and_no_call() -> None:
    """The private server is killed: ready all the same as long as nobody starts it anew, then it is back."""
    async with house() as system, busy(system, talking=1, waiting=1):
        pid = system.pid("redis")
        assert pid is not None

        async def is_up() -> bool:
            parts = {part["name"]: part["state"] for part in (await system.status())["components"]}
            return bool(parts["redis"] == "up")

        async def is_missed() -> bool:
            return not await is_up()

        async def is_back() -> bool:
            return system.pid("redis") not in (None, pid) and await is_up()

        with frozen(system.pid("supervisor")):
            os.kill(pid, signal.SIGKILL)
            await system.until(is_missed, "redis is missed")
            await system.ready()
            assert await _is(system, 1, 1)
        await system.until(is_back, "redis is back", START_S)


async def test_a_killed_asterisk_is_started_again_and_its_calls_are_accounted_for() -> None:
    """All its calls are lost; each contact is closed as such, nobody stays open."""
    async with house() as system, busy(system, talking=2, waiting=2):
        pid = system.pbx.server.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)

        async def is_back() -> bool:
            return system.pbx.server.pid not in (None, pid)

        await system.until(is_back, "Asterisk is back", START_S)
        await system.ready()

        async def is_settled() -> bool:
            return system.rows("SELECT count(*) FROM contacts WHERE outcome IS NULL") == [(0,)]

        await system.until(is_settled, "every contact has an outcome", START_S)
        outcomes = dict(system.rows("SELECT outcome, count(*) FROM contacts GROUP BY outcome"))
        assert outcomes == {"answered": 2, "lost": 2}


async def test_a_killed_supervisor_is_replaced_and_the_parts_are_adopted() -> None:
    """Nothing is restarted when the supervisor dies; the next ``up`` takes over what runs."""
    async with house() as system, busy(system, talking=1, waiting=1):
        supervisor, controller = system.pid("supervisor"), system.pid("controller")
        assert supervisor is not None
        os.kill(supervisor, signal.SIGKILL)
        await system.ready()
        await system.up()
        assert system.pid("supervisor") not in (None, supervisor)
        assert system.pid("controller") == controller
        assert await _is(system, 1, 1)
