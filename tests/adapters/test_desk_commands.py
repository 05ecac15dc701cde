"""The shift manager's commands against a served house: what is asked arrives, what is printed is masked."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from desk import Desk
from loopback import free_port
from web_fakes import CHEAP, MASKED, NUMBER, House

from callcenter.commands import desk as desk_commands
from callcenter.core.messages.seats import SeatRequest
from callcenter.settings import Settings
from callcenter.web.passwords import Passwords
from callcenter.web.server import serving

pytestmark = [pytest.mark.adapters, pytest.mark.timeout(120)]

GROUPS = {
    "seats": desk_commands.seats_app,
    "surge": desk_commands.surge_app,
    "callbacks": desk_commands.callbacks_app,
    "line": desk_commands.line_app,
}


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk in front of a running house."""
    house = House(tmp_path)
    house.settings = Settings(home=str(tmp_path / "home"), http=f"127.0.0.1:{free_port()}")
    async with serving(house.ports, house.settings, passwords=Passwords(CHEAP)):
        yield Desk(house)


def test_every_command_explains_itself() -> None:
    """In Chinese first, and by an example."""
    for group, app in GROUPS.items():
        for command in app.registered_commands:
            assert command.callback
            assert not (command.callback.__doc__ or "").split(" / ")[0].isascii(), command.name
            assert (command.epilog or "").startswith(f"Example: callcenter {group}"), command.name


async def test_a_group_names_its_commands(desk: Desk) -> None:
    """``--help`` after the group, and after a command of it."""
    told = await desk.ok("surge", "--help")
    assert all(str(command.name) in told for command in GROUPS["surge"].registered_commands)
    assert "Example: callcenter surge set 2" in told
    assert "--why" in await desk.ok("line", "urgent", "--help")


async def test_the_surge_is_shown_without_a_word_more(desk: Desk) -> None:
    """Level, who holds it, proposal, profile, figures and what is owed, Chinese first."""
    told = await desk.ok("surge")
    for word in ("0 平时 / normal", "自动 / automatic", "2 高峰 / surge", "312.5", "漏话 / missed 3"):
        assert word in told, told
    assert (await desk.json("surge", "--json"))["owed"] == {"missed": 3, "accepted": 2, "message": 1}


async def test_levels_are_switched_and_logged(desk: Desk) -> None:
    """Set, hand back, undo, log: who is the operator."""
    assert "2 高峰 / surge" in await desk.ok("surge", "set", "2", "--why", "暴雨停水")
    assert (await desk.json("surge", "auto", "--why", "恢复正常", "--json"))["mode"] == "automatic"
    assert (await desk.json("surge", "undo", "--why", "误操作", "--json"))["level"] == 2
    assert desk.house.surge.asked == [
        (2, False, "operator", "暴雨停水"),
        (None, False, "operator", "恢复正常"),
        (None, True, "operator", "误操作"),
    ]
    assert [row["why"] for row in await desk.json("surge", "log", "--limit", "2", "--json")] == [
        "误操作",
        "恢复正常",
    ]
    table = await desk.ok("surge", "log")
    assert "11-22 17:00:00" in table  # 09:00 UTC in the city's zone
    assert "暴雨停水" in table


async def test_todays_roster_is_shown_and_changed(desk: Desk) -> None:
    """Hours that are not named stay as they are."""
    told = await desk.ok("surge", "day")
    assert "常规 / usual" in told
    changed = await desk.json("surge", "roster", "13-14=9", "20=5", "--why", "两人病假", "--json")
    assert changed["roster"] == [4] * 8 + [17] * 5 + [9, 9] + [17] * 5 + [5] + [17] * 3
    assert desk.house.day.asked == [("operator", "两人病假")]
    assert "13-17=15" in await desk.complaint(2, "surge", "roster", "25=3", "--why", "later")
    assert "a seat in at least one hour" in await desk.complaint(
        2, "surge", "roster", "0-23=0", "--why", "nobody"
    )
    assert "13-17=15" in await desk.complaint(2, "surge", "roster", "9-8=3", "--why", "later")


async def test_what_is_owed_is_a_masked_table(desk: Desk) -> None:
    """Filters reach the reader; no number is shown, as table or as JSON."""
    table = await desk.ok("callbacks")
    assert MASKED in table
    assert "留言 / message" in table
    assert [r["contact_id"] for r in await desk.json("callbacks", "--ground", "missed", "--json")] == ["c-2"]
    asked = desk.house.callbacks.asked
    await desk.ok("callbacks", "--state", "open", "--ground", "missed")
    assert (asked[0].state, asked[0].ground) == (None, None)
    assert (asked[-1].state, asked[-1].ground) == ("open", "missed")
    assert NUMBER not in table + await desk.ok("callbacks", "--json")


async def test_a_message_is_reviewed(desk: Desk) -> None:
    """With and without a call to come."""
    assert (await desk.json("callbacks", "reviewed", "c-1"))["needs_call"] is False
    assert (await desk.json("callbacks", "reviewed", "c-1", "--needs-call"))["needs_call"] is True
    assert desk.house.callbacks.reviews == [("c-1", False, "operator"), ("c-1", True, "operator")]


async def test_what_is_owed_is_closed_or_put_off(desk: Desk) -> None:
    """Each with its reason; who is the operator."""
    assert (await desk.json("callbacks", "close", "c-2", "--why", "已当面答复"))["contact_id"] == "c-2"
    later = await desk.json("callbacks", "postpone", "c-2", "--minutes", "90", "--why", "下午方便")
    assert later["not_before"].startswith("2026-11-22T")
    assert desk.house.callbacks.closed == [("c-2", "operator", "已当面答复")]
    assert desk.house.callbacks.postponed == [("c-2", 5400.0, "operator", "下午方便")]


async def test_a_waiting_caller_is_moved(desk: Desk) -> None:
    """His queue is found by his contact."""
    assert (await desk.json("line", "urgent", "c-1", "--why", "老人独居断电"))["queue"] == "general"
    assert (await desk.json("line", "normal", "c-1", "--why", "误操作"))["urgent"] is False
    assert desk.house.line.moved == [
        ("c-1", True, "operator", "老人独居断电"),
        ("c-1", False, "operator", "误操作"),
    ]


async def test_seats_rest_and_have_skills(desk: Desk) -> None:
    """Several, or none to take them back."""
    assert (await desk.json("seats", "rest", "8002"))["takes_effect"] == "after_call"
    assert (await desk.json("seats", "skills", "8001", "enterprise", "general"))["skills"] == [
        "enterprise",
        "general",
    ]
    assert (await desk.json("seats", "skills", "8001"))["skills"] == []
    assert [seat for seat, _ in desk.house.care.rested] == ["8002"]


async def test_a_seat_reads_what_its_caller_stated_in_line(desk: Desk) -> None:
    """Numbers of persons as stars; a seat without a caller, and one that does not exist, are told so."""
    said = await desk.ok("seats", "statement", "8002")
    assert "暖气" in said
    assert "*" in said
    for seat in ("8001", "9999"):
        assert seat in await desk.complaint(2, "seats", "statement", seat)


async def test_seats_answer_as_before(desk: Desk) -> None:
    """List, one seat, a request: no command name is needed."""
    assert "技能 / skills" in await desk.ok("seats")
    assert [s["seat_id"] for s in await desk.json("seats", "--json")] == ["8001", "8002"]
    assert [s["seat_id"] for s in await desk.json("seats", "8002", "--json")] == ["8002"]
    assert (await desk.json("seats", "8001", "break", "--reason", "午餐"))["takes_effect"] == "now"
    assert desk.house.seats.asked == [("8001", SeatRequest.BREAK, "午餐", "operator")]


async def test_mistakes_are_one_line(desk: Desk) -> None:
    """A wrong level, no reason, nobody of that id, a word that is no command: exit 2 and what is wrong."""
    assert "less than or equal to 3" in await desk.complaint(2, "surge", "set", "4", "--why", "storm")
    assert "--why" in await desk.complaint(2, "surge", "set", "2")
    assert "why" in await desk.complaint(2, "surge", "set", "2", "--why", "")
    assert "no switch to undo" in await desk.complaint(2, "surge", "undo", "--why", "again")
    assert "c-9" in await desk.complaint(2, "line", "urgent", "c-9", "--why", "alone")
    assert "--why" in await desk.complaint(2, "line", "urgent", "c-1")
    assert "no such message" in await desk.complaint(2, "callbacks", "reviewed", "c-9")
    assert "open" in await desk.complaint(2, "callbacks", "--state", "lost")
    assert "no such call-back" in await desk.complaint(2, "callbacks", "close", "c-9", "--why", "settled")
    assert "--why" in await desk.complaint(2, "callbacks", "close", "c-2")
    assert "10080" in await desk.complaint(
        2, "callbacks", "postpone", "c-2", "--why", "later", "--minutes", "20000"
    )
    assert "no such queue" in await desk.complaint(2, "seats", "skills", "8001", "cooking")
    assert await desk.complaint(2, "surge", "sett", "2")
    assert await desk.complaint(2, "line", "sideways")
    assert (desk.house.surge.asked, desk.house.line.moved) == ([], [])


async def test_a_system_that_is_down_is_named_so(desk: Desk, tmp_path: Path) -> None:
    """One line with the command to type, exit 1."""
    elsewhere = House(tmp_path)
    elsewhere.settings = Settings(home=str(tmp_path / "other"))
    for command in (
        ["surge"],
        ["callbacks"],
        ["line", "normal", "c-1", "--why", "ok"],
        ["seats", "rest", "8001"],
    ):
        assert "callcenter up" in await Desk(elsewhere).complaint(1, *command)


async def test_a_third_is_asked_into_a_talk(desk: Desk) -> None:
    """A seat, or a department by its name; what cannot be is said."""
    told = await desk.json("seats", "conference", "8001", "水务局")
    assert (told["seat_id"], told["third"]) == ("8001", "水务局")
    assert [asked[:2] for asked in desk.house.conferences.asked] == [("8001", "水务局")]
    assert "talks with nobody" in await desk.complaint(2, "seats", "conference", "8009", "8003")
