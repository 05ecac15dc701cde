"""A served house of fakes for each test; its real parts have their own tests in ``web/`` and ``contract/``."""

from pathlib import Path

import pytest
from web_fakes import House

from callcenter.web.roles import Role


@pytest.fixture
def house(tmp_path: Path) -> House:
    """With an agent at a seat."""
    made = House(tmp_path)
    made.add_account(Role.AGENT, seat_id="8001")
    return made
