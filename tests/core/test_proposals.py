"""What words propose for a ticket's form: by the same words as the machine's draft, each with what it rests on."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some
from rows import NOW

from callcenter.tickets.catalog import load
from callcenter.tickets.core.proposal import NOTE_CHARACTERS_MAX, Proposal, due, propose
from callcenter.tickets.core.suggest import suggest

pytestmark = pytest.mark.core

CATALOG = load()
LINES = ["你好你好", "我家在枣园小区三号楼", "暖气不热，没有人来修", "好的谢谢"]


def proposed(*lines: str) -> dict[str, Proposal]:
    """By field."""
    catalog = CATALOG
    return dict(propose(lines, catalog.natures, catalog.topics, catalog.places, catalog.units))


def test_a_form_is_filled_from_what_is_said() -> None:
    """Nature, topic, place, unit and note, each with its words; greetings stay out of the note."""
    found = proposed(*LINES)
    assert {name: one.value for name, one in found.items()} == {
        "nature": "help",
        "topic": "heating",
        "place": "枣园小区三号楼",
        "unit": CATALOG.units["heating"],
        "note": "我家在枣园小区三号楼，暖气不热，没有人来修。",
    }
    assert found["topic"].words == found["unit"].words == ("暖气", "不热")


def test_a_pause_ends_a_name() -> None:
    """What was said before it is no part of the place."""
    assert proposed("暖气不热，人民路幸福小区")["place"].value == "人民路幸福小区"


def test_silence_proposes_nothing() -> None:
    """A field of which nothing was said is missing."""
    assert proposed() == proposed("嗯", "你好") == {}


def test_certainty_tells_clear_words_from_a_hint() -> None:
    """One strong word of one kind is sure, a weak one alone a third, two kinds share."""
    assert suggest("我要投诉", CATALOG.natures).certainty == 1.0
    assert suggest("请问", CATALOG.natures).certainty == pytest.approx(0.33)
    assert suggest("我要投诉，顺便咨询", CATALOG.natures).certainty == 0.5


@given(some.lists(some.sampled_from([*LINES, "投诉" * 30, "咨询公积金", "人民路停水"]), max_size=60))
def test_a_note_is_what_was_said(lines: list[str]) -> None:
    """Whole lines in their order, never longer than it may be, and every word of every proposal was said."""
    found = proposed(*lines)
    said = "".join(lines)
    assert all(word in said for one in found.values() for word in one.words)
    if "note" in found:
        assert len(found["note"].value) <= NOTE_CHARACTERS_MAX


def test_a_nature_has_its_day() -> None:
    """Three working days for a question; none where the city sets none."""
    zone = ZoneInfo("Asia/Shanghai")
    told = due("consult", NOW, CATALOG.workdays, zone)
    assert told is not None
    assert (told.workdays, told.at > NOW) == (3, True)
    assert due("praise", NOW, CATALOG.workdays, zone) is due(None, NOW, CATALOG.workdays, zone) is None
