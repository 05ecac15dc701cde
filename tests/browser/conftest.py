"""A served house of fakes for each test; its real parts have their own tests in ``web/`` and ``contract/``."""

from pathlib import Path

import pytest
from agent_house import AgentHouse
from web_fakes import House

from callcenter.core.messages.seats import SeatState
from callcenter.web.roles import Role


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
