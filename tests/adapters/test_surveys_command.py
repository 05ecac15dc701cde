"""``callcenter surveys`` as an agent or a shift manager types it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from desk import Desk
from loopback import free_port
from web_fakes import CHEAP, MASKED, House

from callcenter.settings import Settings
from callcenter.web.passwords import Passwords
from callcenter.web.server import serving

pytestmark = [pytest.mark.adapters, pytest.mark.timeout(120)]


class SurveysDesk(Desk):
    """Commands of one group."""

    words = ("surveys",)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[SurveysDesk]:
    """A served house and a shell beside it."""
    house = House(tmp_path)
    house.settings = Settings(home=str(tmp_path / "home"), http=f"127.0.0.1:{free_port()}")
    async with serving(house.ports, house.settings, passwords=Passwords(CHEAP)):
        yield SurveysDesk(house)


async def test_the_next_is_called_and_his_grade_kept(desk: SurveysDesk) -> None:
    """Masked in what is printed; who has nobody to ask is told so."""
    assert f"正在呼叫 {MASKED}" in await desk.ok("next", "--seat", "8004")
    assert "nobody is to be asked" in await desk.complaint(2, "next", "--seat", "8004")
    assert "已录入" in await desk.ok("grade", "c-1", "5")
    assert "answered before" in await desk.complaint(2, "declined", "c-1")
    out = await desk.ok("list")
    assert "高峰，暂停回访" in out
    assert MASKED in out
