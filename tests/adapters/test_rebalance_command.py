"""``callcenter rebalance`` as a shift manager types it: a real process, a real control socket, a fake house behind."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from desk import Desk
from loopback import free_port
from web_fakes import CHEAP, House

from callcenter.settings import Settings
from callcenter.web.passwords import Passwords
from callcenter.web.server import serving

pytestmark = [pytest.mark.adapters, pytest.mark.timeout(120)]


class RebalanceDesk(Desk):
    """Commands of one group."""

    words = ("rebalance",)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[RebalanceDesk]:
    """A served house and a shell beside it."""
    house = House(tmp_path)
    house.settings = Settings(home=str(tmp_path / "home"), http=f"127.0.0.1:{free_port()}")
    async with serving(house.ports, house.settings, passwords=Passwords(CHEAP)):
        yield RebalanceDesk(house)


async def test_a_plan_is_shown_and_told_how_to_do_it(desk: RebalanceDesk) -> None:
    """Before and after, what it is estimated from, and the command with the versions that were seen."""
    out = await desk.ok("preview", "8001:enterprise", "8004:surveys", "--hours", "2")
    assert "8001: 不分组/all → enterprise，本次通话后生效" in out
    assert "8004: 不分组/all → 回访/surveys" in out
    assert "20 s → 56 s" in out
    assert "按最近一小时120次来电估计" in out
    assert "callcenter rebalance apply 8001:enterprise@3 8004:surveys@3 --why" in out


async def test_moves_are_applied_listed_and_undone(desk: RebalanceDesk) -> None:
    """Without a version the seat is taken as it is now; with an old one the manager is told who was faster."""
    done = await desk.json("apply", "8001:enterprise", "--why", "高峰", "--json")
    assert (done["by"], done["seats"][0]["after"]["skills"]) == ("operator", ["enterprise"])
    assert "王某" in await desk.complaint(2, "apply", "8001:enterprise@1", "--why", "高峰")
    assert "未撤销 / not undone: 8002" in await desk.ok("undo", "--why", "误操作")
    out = await desk.ok("list")
    assert "8001: 不分组/all → enterprise" in out
    assert "callcenter rebalance apply 8004:inbound --why" in out


async def test_what_is_no_move_is_explained(desk: RebalanceDesk) -> None:
    """By its word."""
    assert "write 8003:enterprise" in await desk.complaint(2, "preview", "enterprise")
    assert "after @ comes the version" in await desk.complaint(2, "apply", "8001:all@x", "--why", "高峰")
