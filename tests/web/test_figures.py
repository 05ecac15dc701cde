"""The figures over HTTP and on the command line: each with its formula, its parts, its window and its gaps."""

import asyncio
import io
import json
import os
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from loopback import free_port
from rich.console import Console
from web_fakes import CHEAP, NUMBER, START, House, browsing

from callcenter.reports import command
from callcenter.reports.core.counting import COUNTERS
from callcenter.reports.core.formulas import FORMULAS
from callcenter.reports.core.rows import ContactRow
from callcenter.settings import Settings
from callcenter.web.passwords import Passwords
from callcenter.web.roles import Role
from callcenter.web.server import serving

pytestmark = [pytest.mark.web, pytest.mark.timeout(120)]

ROOT = Path(__file__).parents[2]
LATE = timedelta(hours=1)


def row(minute: int, outcome: str, wait_s: float, talk_s: float | None = None) -> ContactRow:
    """A caller of the hour before ``START``."""
    at = START - LATE + timedelta(minutes=minute)
    left = at + timedelta(seconds=wait_s)
    ended = left + timedelta(seconds=talk_s or 0)
    answered = left if talk_s is not None else None
    return ContactRow(f"c-{minute}", NUMBER, "controller", outcome, at, at, answered, ended, ended, talk_s)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house where one caller dialed three times and was answered the third time."""
    house = House(tmp_path)
    house.clock.advance(120)
    house.figures.contacts += [row(0, "abandoned", 3), row(5, "abandoned", 90), row(9, "answered", 10, 120)]
    return house


def figure(answer: dict[str, Any], name: str, scope: str = "all") -> dict[str, Any]:
    """One figure of an answer."""
    found: dict[str, Any] = next(
        f for f in answer["figures"] if (f["formula"], f["scope"]) == (f"{name}@1", scope)
    )
    return found


async def test_every_figure_carries_its_parts(house: House) -> None:
    """Formula with version, names, numerator, denominator, unit; window, gaps and time of counting beside them."""
    async with browsing(house, Role.AGENT) as browser:
        status, answer = await browser.get("/figures")
    assert status == 200
    assert answer["window"] == {
        "from_at": "2026-11-22T00:00:00+08:00",
        "until_at": "2026-11-22T17:02:00+08:00",
        "time_zone": "Asia/Shanghai",
    }
    assert answer["as_of"] == "2026-11-22T17:02:00+08:00"
    assert [(gap["from_at"], gap["reason"]) for gap in answer["gaps"]] == [
        ("2026-11-22T17:00:00+08:00", "link lost")
    ]
    assert figure(answer, "connect_rate_agent") == {
        "formula": "connect_rate_agent@1",
        "zh": "人工接通率",
        "en": "answered of person requests",
        "value": pytest.approx(1 / 3),
        "numerator": 1,
        "denominator": 3,
        "unit": "ratio",
        "scope": "all",
    }
    assert {f["formula"] for f in answer["figures"]} == set(FORMULAS)
    assert list(answer["counters"]) == list(COUNTERS)
    assert answer["violations"] == []
    assert [worst["formula"] for worst in answer["worst_24h"]] == [
        "connect_rate_agent@1",
        "connect_rate_call@1",
    ]
    assert (answer["worst_24h"][0]["numerator"], answer["worst_24h"][0]["denominator"]) == (1, 3)
    assert answer["worst_24h"][0]["window"]["until_at"] == "2026-11-22T16:15:00+08:00"
    assert NUMBER not in json.dumps(answer)


async def test_nothing_to_divide_by_is_null(house: House) -> None:
    """Yesterday nobody called: no figure is 0 or 1."""
    async with browsing(house, Role.AUDITOR) as browser:
        house.figures.contacts.clear()
        _, answer = await browser.get("/figures?window=15min")
    assert {f["value"] for f in answer["figures"]} == {None}
    assert [worst["window"] for worst in answer["worst_24h"]] == [None, None]


async def test_a_contradiction_is_told(house: House) -> None:
    """An identity that does not hold is part of the answer."""
    house.figures.contacts.append(row(20, "left_early", 30))
    async with browsing(house, Role.ADMIN) as browser:
        _, answer = await browser.get("/figures?window=today")
    assert [(broken["whole"], broken["parts"]) for broken in answer["violations"]] == [(4, 5), (4, 3)]


async def test_a_day_by_the_hour(house: House) -> None:
    """Twenty-four hours; those to come are null, those not watched tell how long."""
    async with browsing(house, Role.AGENT) as browser:
        status, answer = await browser.get("/figures/hours?day=2026-11-22")
        assert (await browser.get("/figures/hours"))[1] == answer
    assert status == 200
    assert (answer["day"], answer["time_zone"], len(answer["hours"])) == ("2026-11-22", "Asia/Shanghai", 24)
    sixteen, seventeen, eighteen = answer["hours"][16:19]
    assert sixteen["counts"]["attempts"] == 3
    assert (seventeen["gap_s"], seventeen["counts"]["attempts"]) == (60, 0)
    assert eighteen["counts"] is None


@pytest.mark.parametrize(
    ("path", "status", "error_id"),
    [
        ("/figures?window=yesterday", 400, "bad_window"),
        ("/figures?window=2026-11-23", 400, "bad_window"),
        ("/figures?window=" + "1" * 101, 422, "bad_query"),
        ("/figures?widnow=today", 422, "bad_query"),
        ("/figures/hours?day=today", 422, "bad_query"),
    ],
)
async def test_other_windows_are_refused(house: House, path: str, status: int, error_id: str) -> None:
    """In one line; what does not fit is named."""
    async with browsing(house, Role.AGENT) as browser:
        found, answer = await browser.get(path)
    assert (found, answer["error_id"]) == (status, error_id)


async def test_strangers_see_no_figures(house: House) -> None:
    """Signing in comes first."""
    async with browsing(house) as browser:
        assert (await browser.get("/figures"))[0] == 401


@pytest_asyncio.fixture
async def served(house: House) -> AsyncIterator[House]:
    """The house behind its control socket."""
    house.settings = Settings(home=house.settings.home, http=f"127.0.0.1:{free_port()}")
    async with serving(house.ports, house.settings, passwords=Passwords(CHEAP)):
        yield house


async def run(house: House, *arguments: str) -> tuple[int, str, str]:
    """``callcenter figures``: exit code, output, complaint."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CALLCENTER_")}
    own = {"PYTHONPATH": str(ROOT), "COLUMNS": "200", "CALLCENTER_HOME": house.settings.home}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "callcenter",
        "figures",
        *arguments,
        cwd=house.folder,
        env=clean | own,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


async def test_the_command_prints_a_table(served: House) -> None:
    """Chinese first, English beside, per cent with its parts, the gap note, the worst day."""
    code, out, err = await run(served)
    assert (code, err) == (0, "")
    line = next(line for line in out.splitlines() if "人工接通率" in line)
    assert "answered of person requests" in line
    assert "33.33 %" in line
    assert "1 / 3" in line
    assert "connect_rate_agent@1" in line
    assert "数据缺口" in out
    assert "1.0 min" in out
    assert "最差连续24小时" in out


async def test_the_command_gives_json_and_hours(served: House) -> None:
    """The API's answer as it is; a window by its ends; a day by its hours."""
    code, out, _ = await run(served, "--from", "2026-11-22T16:00", "--until", "2026-11-22T16:06", "--json")
    assert code == 0
    assert json.loads(out)["counters"]["attempts"] == 2
    code, out, _ = await run(served, "--day", "2026-11-22", "--hours")
    assert code == 0
    assert any("16:00" in line and " 3 " in line for line in out.splitlines())


@pytest.mark.parametrize(
    "arguments",
    [
        ("--window", "never"),
        ("--window", "today", "--day", "2026-11-22"),
        ("--until", "2026-11-22"),
        ("--hours", "--window", "today"),
    ],
)
async def test_a_mistake_is_one_line(served: House, arguments: tuple[str, ...]) -> None:
    """What is wrong and what to write instead; exit code 2."""
    code, out, err = await run(served, *arguments)
    assert (code, out, len(err.splitlines())) == (2, "", 1)


async def test_nobody_to_ask_is_one_line(house: House) -> None:
    """Without a running system the command says how to start one."""
    code, _, err = await run(house)
    assert code == 1
    assert "not running" in err


def test_the_screen_knows_no_zero_for_unknown() -> None:
    """Null is a dash; a complete window says so; a contradiction is shown."""
    out = io.StringIO()
    answer = {
        "window": {
            "from_at": "2026-11-22T00:00:00+08:00",
            "until_at": "2026-11-22T01:00:00+08:00",
            "time_zone": "Asia/Shanghai",
        },
        "as_of": "2026-11-22T01:00:00+08:00",
        "gaps": [],
        "violations": [{"identity": "attempts = blocked", "whole": 1, "parts": 0}],
        "counters": {},
        "figures": [
            {
                "formula": "asa@1",
                "zh": "平均应答速度",
                "en": "asa",
                "value": None,
                "numerator": 0,
                "denominator": 0,
                "unit": "s",
                "scope": "surge",
            }
        ],
        "worst_24h": [],
    }
    command.print_figures(Console(file=out, width=200), answer)
    assert "—" in out.getvalue()
    assert "no gaps" in out.getvalue()
    assert "1 ≠ 0" in out.getvalue()
    assert "surge citizens" in out.getvalue()


def test_every_counter_has_a_chinese_name() -> None:
    """The screen names all counters, in their order."""
    assert tuple(command.COUNTERS) == COUNTERS
