"""What was said, over HTTP: numbers of persons are stars to all who do not look behind the mask."""

from pathlib import Path

import pytest
from web_fakes import House, browsing

from callcenter.web.roles import Role

pytestmark = pytest.mark.web

TICKET = "/tickets/20261122-000001"
SAID = "市民：一三八零零零零，一二三四。\n坐席：三月五号停水吗？"


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house of fakes, whose ticket has a telephone number in its transcript."""
    made = House(tmp_path)
    made.tickets.text = SAID
    return made


@pytest.mark.parametrize("role", [Role.AGENT, Role.QA_REVIEWER, Role.AUDITOR, Role.ADMIN])
async def test_spoken_numbers_are_stars_for_every_role(house: House, role: Role) -> None:
    """What the ticket is about stays readable."""
    async with browsing(house, role) as browser:
        _, ticket = await browser.get(TICKET)
    assert ticket["transcript"] == "市民：*******，****。\n坐席：三月五号停水吗？"


async def test_who_may_and_says_why_reads_the_words_and_is_audited(house: House) -> None:
    """The same permission and the same book as for the citizen's own number."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        _, ticket = await browser.get(f"{TICKET}?unmask=1&why=call+back")
    assert ticket["transcript"] == SAID
    entry = house.audit.entries[-1]
    assert (entry.action, entry.resource) == ("number.unmasked", "ticket/20261122-000001")


@pytest.mark.parametrize("role", [Role.AGENT, Role.SHIFT_MANAGER])
async def test_everybody_sees_how_far_transcription_is(house: House, role: Role) -> None:
    """Numbers of jobs and seconds, and nothing of what was said."""
    async with browsing(house, role) as browser:
        status, queue = await browser.get("/transcripts/queue")
    assert (status, queue["waiting"], queue["eta_s"]) == (200, 7, 200.0)


async def test_every_models_transcript_is_read_masked_or_audited(house: House) -> None:
    """Turns with their seconds; a number over two turns is hidden in both; who looks behind says why."""
    path = "/recordings/r-1/transcripts"
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        _, masked = await browser.get(path)
        _, shown = await browser.get(f"{path}?unmask=1&why=call+back")
        assert (await browser.get(f"{path}?unmask=1"))[1]["error_id"] == "why_missing"
        assert (await browser.get("/recordings/r-2/transcripts"))[0] == 404
    assert [(turn["from_s"], turn["text"]) for turn in masked["items"][0]["turns"]] == [
        (1.0, "*******。"),
        (4.0, "****。"),
    ]
    assert shown["items"][0]["turns"][1]["text"] == "一二三四。"
    assert house.audit.entries[-1].resource == "recording/r-1"
    async with browsing(house, Role.AGENT) as browser:
        assert (await browser.get(f"{path}?unmask=1&why=curious"))[0] == 403
