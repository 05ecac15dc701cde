"""The list of tickets by what is to be done: how many, how old, of which topic; and words with their seconds."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from quality_world import R1, QualityHouse
from web_fakes import Browser, browsing

from callcenter.web.roles import Role

pytestmark = pytest.mark.web


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    """Somebody at a house with four tickets, made some hours ago; that of call 1 is late."""
    house = QualityHouse(tmp_path)
    await house.open()
    async with browsing(house, Role.TEAM_LEADER) as made:
        yield made
    await house.close()


async def test_tickets_are_counted_by_what_is_to_be_done(browser: Browser) -> None:
    """Open, ended, late, old."""
    _, told = await browser.get("/ticket-counts")
    assert told | {"oldest_at": ""} == {
        "open": 4, "answered": 0, "handed_on": 0, "late": 1, "day_old": 0, "oldest_at": "",
    }  # fmt: skip
    assert told["oldest_at"].startswith("2026-11-22T")


async def test_tickets_are_filtered_and_ordered(browser: Browser) -> None:
    """By topic, nature, age, deadline; newest or oldest first."""
    for query, found in (
        ("late=1", 1),
        ("topic=heating&standing=open", 3),
        ("topic=none", 0),
        ("older_h=1", 4),
        ("older_h=24", 0),
        ("nature=praise", 0),
    ):
        assert (await browser.get(f"/tickets?{query}"))[1]["filtered"] == found, query
    newest, oldest = [
        [row["ticket_no"] for row in (await browser.get(f"/tickets?{query}"))[1]["items"]]
        for query in ("", "oldest_first=1")
    ]
    assert newest == oldest[::-1]


async def test_every_word_has_its_second(browser: Browser) -> None:
    """Together they are the turn's text; numbers of persons are stars word by word."""
    _, told = await browser.get(f"/recordings/{R1}/transcripts")
    turns = told["items"][0]["turns"]
    for turn in turns:
        assert "".join(word["text"] for word in turn["words"]) == turn["text"]
        assert [word["from_s"] for word in turn["words"]] == sorted(word["from_s"] for word in turn["words"])
    assert (turns[0]["words"][1]["text"], turns[0]["words"][1]["from_s"]) == ("不归", 0.75)
    assert "一三八" not in str(told)
