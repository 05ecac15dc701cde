"""The search over HTTP and on the command line: what is asked, audited, shown; hostile text stays text."""

import asyncio
import io
import json
import os
import sys
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from loopback import free_port
from rich.console import Console
from web_fakes import CHEAP, MASKED, NUMBER, SHANGHAI, House, browsing

from callcenter.commands import search as search_command
from callcenter.settings import Settings
from callcenter.web.passwords import Passwords
from callcenter.web.roles import Role
from callcenter.web.server import serving
from recordings.search import Filter

pytestmark = [pytest.mark.web, pytest.mark.timeout(120)]

ROOT = Path(__file__).parents[2]
HOSTILE = "<img src=x onerror=alert(1)>[red]\x1b[31m\x07\u202e"


async def test_a_call_comes_with_its_second(tmp_path: Path) -> None:
    """Voice, second, the words and what stands around them; the number is masked."""
    async with browsing(House(tmp_path), Role.AGENT) as browser:
        status, answer = await browser.get("/search?" + urlencode({"q": '暖气 "停了" -投诉'}))
    assert status == 200
    (call,) = answer["items"]
    assert call["passages"] == [
        {
            "channel": "citizen",
            "start_s": 12.5,
            "end_s": 13.0,
            "before": "我家",
            "hit": "暖气",
            "after": "停了",
        }
    ]
    assert (call["citizen"], call["topic_name"], call["score"]) == (MASKED, "供暖", 81.0)
    assert (answer["found"], answer["is_more"]) == (1, False)
    assert (answer["words"], answer["without"]) == (["暖气", "停了"], ["投诉"])


async def test_filters_arrive(tmp_path: Path) -> None:
    """Days and times without an offset are the city's."""
    house = House(tmp_path)
    asked = {
        "q": "暖气",
        "seat_id": "8001",
        "since": "2026-11-21",
        "until": "2026-11-22T08:30",
        "topic": "heating",
        "nature": "help",
        "outcome": "answered",
        "score_min": "10",
        "score_max": "60.5",
        "limit": "5",
        "offset": "10",
    }
    async with browsing(house, Role.QA_REVIEWER) as browser:
        assert (await browser.get("/search?" + urlencode(asked)))[0] == 200
    ((_, which, limit, offset),) = house.search.asked
    since, until = datetime(2026, 11, 21, tzinfo=SHANGHAI), datetime(2026, 11, 22, 8, 30, tzinfo=SHANGHAI)
    assert which == Filter("8001", since, until, "heating", "help", "answered", 10.0, 60.5)
    assert (limit, offset) == (5, 10)


async def test_every_question_is_audited(tmp_path: Path) -> None:
    """Who searched, and for what; a number in it is masked in the book."""
    house = House(tmp_path)
    async with browsing(house, Role.AGENT) as browser:
        await browser.get("/search?" + urlencode({"q": f"暖气 {NUMBER}"}))
    (entry,) = [entry for entry in house.audit.entries if entry.action == "transcript.searched"]
    assert (entry.by, entry.resource) == ("agent", "search")
    assert entry.why.startswith("暖气")
    assert NUMBER not in entry.why


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "bad_query"),
        ({"q": ""}, "bad_search"),
        ({"q": "-暖气"}, "bad_search"),
        ({"q": "停" * 201}, "bad_query"),
        ({"q": "a b c d e f g h i"}, "bad_search"),
        ({"q": "暖气", "since": "yesterday"}, "bad_time"),
        ({"q": "暖气", "since": "9999-99-99"}, "bad_time"),
        ({"q": "暖气", "seat_id": "8001' OR 1=1"}, "bad_query"),
        ({"q": "暖气", "topic": "a\nb"}, "bad_query"),
        ({"q": "暖气", "score_min": "nan"}, "bad_query"),
        ({"q": "暖气", "limit": "1000"}, "bad_query"),
        ({"q": "暖气", "offset": "-1"}, "bad_query"),
        ({"q": "暖气", "unmask": "1"}, "bad_query"),
    ],
)
async def test_what_cannot_be_meant_is_refused(asked: dict[str, str], code: str, tmp_path: Path) -> None:
    """One clear refusal, and nothing is looked up."""
    house = House(tmp_path)
    async with browsing(house, Role.AGENT) as browser:
        status, answer = await browser.get("/search?" + urlencode(asked))
    assert (400 <= status < 500, answer["error_id"]) == (True, code)
    assert house.search.asked == []


async def test_hostile_speech_is_text(tmp_path: Path) -> None:
    """Markup and control characters leave as JSON text, never as HTML."""
    house = House(tmp_path)
    house.search.text = HOSTILE
    async with browsing(house, Role.AGENT) as browser:
        answer = await browser.raw("GET", "/search?q=x")
        assert answer.content_type == "application/json"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert (await answer.json())["items"][0]["passages"][0]["hit"] == HOSTILE


async def test_the_command_line_prints_text(tmp_path: Path) -> None:
    """Seconds as minutes, the number masked, no control character and no markup from what was said."""
    house = House(tmp_path)
    house.search.text = HOSTILE
    async with browsing(house, Role.AGENT) as browser:
        _, answer = await browser.get("/search?q=x")
    paper = io.StringIO()
    search_command.print_found(Console(file=paper, width=200), answer, SHANGHAI)
    printed = paper.getvalue()
    assert "00:12 市民  我家<img src=x onerror=alert(1)>[red]" in printed
    assert "2026-11-22 17:00" in printed
    assert MASKED in printed
    assert not set(printed) & set("\x1b\x07\u202e")
    assert "--until" not in printed


async def test_the_command_line_says_how_far_back_was_searched(tmp_path: Path) -> None:
    """When too many calls had to be compared, the next command is shown, in the city's time."""
    async with browsing(House(tmp_path), Role.AGENT) as browser:
        _, answer = await browser.get("/search?q=x")
    paper = io.StringIO()
    answer["searched_from"] = "2026-11-21T01:02:03+00:00"
    search_command.print_found(Console(file=paper, width=200), answer, SHANGHAI)
    assert "--until 2026-11-21T09:02:03" in paper.getvalue()


async def test_the_command_asks_the_running_system(tmp_path: Path) -> None:
    """``callcenter search`` hands everything on and prints JSON on demand; a wrong question is one line."""
    house = House(tmp_path)
    home = tmp_path / "home"
    home.mkdir()
    house.settings = Settings(home=str(home), http=f"127.0.0.1:{free_port()}")
    async with serving(house.ports, house.settings, passwords=Passwords(CHEAP)):
        code, out, _ = await _command(house, "暖气 -停", "--seat", "8001", "--from", "2026-11-21", "--json")
        assert (code, json.loads(out)["found"]) == (0, 1)
        question, which, _, _ = house.search.asked[0]
        assert (question.wanted, question.unwanted, which.seat_id) == (("暖气",), ("停",), "8001")
        code, _, complaint = await _command(house, "，。")
        assert (code, len(complaint.splitlines())) == (2, 1)


async def _command(house: House, *arguments: str) -> tuple[int, str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CALLCENTER_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "callcenter", "search", *arguments),
        cwd=house.folder,
        env=clean
        | {
            "PYTHONPATH": str(ROOT),
            "CALLCENTER_HOME": house.settings.home,
            "CALLCENTER_HTTP": house.settings.http,
        },
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()
