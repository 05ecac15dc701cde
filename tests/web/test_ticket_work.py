"""Work on tickets over HTTP: who may, what is refused, what is audited."""

from pathlib import Path

import pytest
from web_fakes import TICKET, House, browsing

from callcenter.web.roles import Role

pytestmark = pytest.mark.web

PATH = f"/tickets/{TICKET}"


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house of fakes."""
    return House(tmp_path)


async def test_an_agent_works_on_a_ticket(house: House) -> None:
    """What is typed is saved field by field; a null or missing field stays; lines are kept in the note only."""
    async with browsing(house, Role.AGENT) as browser:
        status, saved = await browser.ask(
            "PATCH", PATH, json={"version": 0, "place": "枣园小区", "note": "两户\n都没有暖气"}
        )
        assert (status, saved["version"], saved["place"], saved["by"]) == (200, 1, "枣园小区", "agent")
        status, saved = await browser.ask("PATCH", PATH, json={"version": 1, "place": ""})
        assert (saved["place"], saved["note"]) == (None, "两户\n都没有暖气")
        assert (await browser.get(f"{PATH}/work"))[1]["version"] == 2
        assert (await browser.ask("PATCH", PATH, json={"version": 2, "place": "两\n行"}))[0] == 422
        assert (await browser.ask("PATCH", PATH, json={"version": 2, "note": "\x07"}))[0] == 422


async def test_who_is_late_is_told(house: House) -> None:
    """409, and nothing is overwritten."""
    async with browsing(house, Role.AGENT) as browser:
        await browser.ask("PATCH", PATH, json={"version": 0, "note": "x"})
        status, answer = await browser.ask("PATCH", PATH, json={"version": 0, "note": "y"})
        assert (status, answer["error_id"]) == (409, "wrong_version")
    assert house.ticket_desk.work.note == "x"


async def test_opening_again_needs_a_reason(house: House) -> None:
    """It is audited; ending is not, the journal has it."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        status, done = await browser.post(f"{PATH}/end", {"version": 0, "ending": "answered"})
        assert (status, done["standing"]) == (200, "answered")
        assert (await browser.post(f"{PATH}/reopen", {"version": 1}))[0] == 422
        assert (await browser.post(f"{PATH}/reopen", {"version": 1, "why": "市民再次来电"}))[0] == 200
    assert [entry.action for entry in house.audit.entries if "ticket" in entry.action] == ["ticket.reopened"]


async def test_the_words_of_the_form(house: House) -> None:
    """Natures and topics by key."""
    async with browsing(house, Role.AGENT) as browser:
        assert (await browser.get("/ticket-words"))[1] == {
            "natures": {"consult": "咨询"},
            "topics": {"heating": "供暖"},
        }
