"""The pictures of the documentation, made anew by ``make pictures``: every desk, on a usual day and in a running surge."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from agent_house import AgentHouse
from browser import SMALL, WALL, at_desk
from busy_house import BusyHouse
from quality_world import R1, QualityHouse
from web_fakes import House

from callcenter.core.messages.seats import SeatState
from callcenter.web.roles import Role

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.skipif("CALLCENTER_SCREENS" not in os.environ, reason="made by: make pictures"),
]

LIGHT, DARK, ENGLISH = ("zh", "light"), ("zh", "dark"), ("en", "dark")
MANAGER, AGENT, QA, ADMIN = Role.SHIFT_MANAGER, Role.AGENT, Role.QA_REVIEWER, Role.ADMIN

PICTURES = [
    ("board", "usual", MANAGER, "/board", ".seats li", [LIGHT]),
    ("board", "surge", MANAGER, "/board", ".proposals li, .seats li", [LIGHT, ENGLISH]),
    ("wall", "usual", MANAGER, "/wall", ".seats li", [DARK]),
    ("wall", "surge", MANAGER, "/wall", ".seats li", [DARK]),
    ("owed", "usual", MANAGER, "/owed", "table", [LIGHT]),
    ("owed", "surge", MANAGER, "/owed", "table", [LIGHT, ENGLISH]),
    ("support", "usual", MANAGER, "/support", "h2", [LIGHT]),
    ("support", "surge", MANAGER, "/support", "h2", [LIGHT, ENGLISH]),
    ("duty", "usual", MANAGER, "/duty", "h2", [LIGHT, ENGLISH]),
    ("agent", "usual", AGENT, "/agent", ".seat-bar", [LIGHT]),
    ("agent", "surge", AGENT, "/agent", ".seat-bar", [LIGHT, ENGLISH]),
    ("mine", "usual", AGENT, "/mine", "td", [LIGHT, ENGLISH]),
    ("tickets", "usual", QA, "/tickets", ".cards-list li", [LIGHT, ENGLISH]),
    ("quality", "usual", QA, f"/quality/{R1}", ".player", [LIGHT, ENGLISH]),
    ("search", "usual", QA, "/search", "form.ask", [LIGHT, ENGLISH]),
    ("house", "usual", ADMIN, "/house/settings", "tbody tr", [LIGHT, ENGLISH]),
]
"""Desk, day, who looks, where, what is there when it is drawn, in which looks."""


@asynccontextmanager
async def a_house(desk: str, day: str, folder: Path) -> AsyncIterator[House]:
    """The house that the picture is of."""
    if desk in ("agent", "mine"):
        agents = AgentHouse(folder)
        if day == "surge":
            agents.moves(SeatState.TALKING, call={"duration_s": 96.0})
            agents.says("枣园小区三号楼暖气不热，没有人来修")
        else:
            agents.moves(SeatState.WRAP_UP, lasts_s=95.0, reason="wrap_up")
        yield agents
    elif desk in ("tickets", "quality", "search"):
        calls = QualityHouse(folder)
        await calls.open()
        yield calls
        await calls.close()
    else:
        yield BusyHouse(folder, level=3 if day == "surge" else 0)


@pytest.mark.parametrize(
    ("desk", "day", "role", "path", "mark", "looks"), PICTURES, ids=[f"{row[0]}-{row[1]}" for row in PICTURES]
)
async def test_a_picture(
    tmp_path: Path, desk: str, day: str, role: Role, path: str, mark: str, looks: list[tuple[str, str]]
) -> None:
    """It is made of the real page, drawn whole."""
    async with a_house(desk, day, tmp_path) as house:
        for language, scheme in looks:
            size = WALL if desk == "wall" else SMALL
            async with at_desk(house, role, language=language, scheme=scheme, size=size) as page:
                await page.open(path)
                await page.page.wait_for_selector(mark)
                if desk == "search":
                    await page.page.fill("input[name=q]", "暖气")
                    await page.page.press("input[name=q]", "Enter")
                    await page.page.click("mark >> nth=0")
                await page.page.wait_for_load_state("networkidle")
                await page.page.wait_for_timeout(700)  # charts are drawn, words are shown
                await page.shot(f"{desk}-{day}-{language}-{scheme}", whole=desk in ("board", "support"))
