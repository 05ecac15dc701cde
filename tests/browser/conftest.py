"""A served house of fakes for each test; its real parts have their own tests in ``web/`` and ``contract/``.

All stories of a worker live on one event loop and share its Chromium: to start one takes as long as a short story.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from agent_house import AgentHouse
from browser import shared_chromiums
from web_fakes import House

from callcenter.core.messages.seats import SeatState
from callcenter.web.roles import Role

HERE = Path(__file__).parent
LEAVE_S = 10
"""The driver has this long to end its tasks for a page that was closed."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One event loop for all of them."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session", autouse=True)
async def _chromiums() -> AsyncIterator[None]:
    """The browsers of this worker."""
    async with shared_chromiums():
        yield


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def _no_leaked_tasks(_chromiums: None) -> AsyncIterator[None]:
    """Fail a story that leaves asyncio tasks running on the loop that all share."""
    before = asyncio.all_tasks()
    yield
    if left := asyncio.all_tasks() - before - {asyncio.current_task()}:
        _, leaked = await asyncio.wait(left, timeout=LEAVE_S)
        assert not leaked, f"tasks left behind: {leaked}"


@pytest.fixture
def house(tmp_path: Path) -> House:
    """With an agent at a seat."""
    made = House(tmp_path)
    made.add_account(Role.AGENT, seat_id="8001")
    return made


@pytest.fixture
def calls(tmp_path: Path) -> AgentHouse:
    """Seat 8001 is ready, and its phone is the page."""
    house = AgentHouse(tmp_path)
    house.phones.pages.add("8001")
    house.moves(SeatState.READY, contact_id=None)
    return house
