"""Live captions: switched by the machine's pressure, given to few calls, numbers hidden while they are said."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.clock import Instant
from callcenter.core.ids import ContactId
from recordings.core.captions import (
    SETTLE_S,
    Machine,
    Mode,
    Pressure,
    Reason,
    Rules,
    Switchboard,
    Talk,
    Verdict,
    chosen,
    masked,
    never,
)

pytestmark = pytest.mark.core

RULES = Rules(
    Mode.AUTO, keep_free_cores=2.0, off_above=0.75, on_below=0.5, behind_s=1.0, hold_s=60.0, calls_max=8
)
ROOMY = Machine(cores=4, hears_live=True)
CALM = Pressure(busy_ratio=0.2, behind_s=0.1, captioned=0)
FULL = Verdict(8, Reason.ROOM)


class Board:
    """A switchboard whose clock the test moves."""

    def __init__(self, rules: Rules = RULES, machine: Machine = ROOMY) -> None:
        self.board = Switchboard(rules, machine)
        self.now = 0.0

    def after(self, seconds: float, busy: float | None = 0.2, behind: float = 0.1, calls: int = 3) -> object:
        """What is decided so many seconds later."""
        self.now += seconds
        return self.board.judge(Pressure(busy, behind, calls), Instant(self.now))


@pytest.mark.parametrize(
    ("mode", "cores", "hears_live", "why"),
    [
        (Mode.AUTO, 2, True, Reason.TOO_FEW_CORES),
        (Mode.AUTO, 3, True, None),
        (Mode.ON, 1, True, None),
        (Mode.ON, 64, False, Reason.NO_LIVE_MODEL),
        (Mode.AUTO, 64, False, Reason.NO_LIVE_MODEL),
        (Mode.OFF, 64, True, Reason.SET_OFF),
    ],
)
def test_when_there_are_never_captions(mode: Mode, cores: int, hears_live: bool, why: Reason | None) -> None:
    """By itself only where cores are left beside the recognizer's; never with a model that hears no running speech."""
    rules, machine = replace(RULES, mode=mode), Machine(cores, hears_live)
    assert never(rules, machine) is why
    board = Switchboard(rules, machine)
    decided = board.judge(CALM, Instant(0.0))
    assert decided == (FULL if why is None else None)
    assert board.verdict == (FULL if why is None else Verdict(0, why))


def test_captions_end_at_once_when_the_cores_are_short_and_wait_before_they_return() -> None:
    """Off in the same second; in the middle nothing changes; back after a minute of quiet, all of them."""
    board = Board()
    assert board.after(0) == FULL
    assert board.after(10, busy=0.74) is None
    assert board.after(1, busy=0.76) == Verdict(0, Reason.CPU_SHORT)
    assert board.after(1, busy=0.9) is None
    assert board.after(300, busy=0.6) is None
    assert board.after(59) is None
    assert board.after(1) == FULL


def test_who_does_not_keep_up_captions_one_call_less_and_tries_one_more_later() -> None:
    """Late captions take places one at a time, down to none, and give them back one at a time."""
    board = Board()
    board.after(0)
    assert board.after(1, behind=1.5, calls=0) is None
    assert board.after(SETTLE_S, behind=1.5, calls=3) == Verdict(2, Reason.BEHIND)
    assert board.after(1, behind=1.5, calls=2) is None
    assert board.after(SETTLE_S, behind=1.5, calls=2) == Verdict(1, Reason.BEHIND)
    assert board.after(SETTLE_S, behind=1.5, calls=1) == Verdict(0, Reason.BEHIND)
    assert board.after(59, behind=0.0, calls=0) is None
    assert board.after(1, behind=0.0, calls=0) == Verdict(1, Reason.ROOM)
    assert board.after(60, behind=0.0, calls=1) == Verdict(2, Reason.ROOM)


def test_what_cannot_be_measured_counts_as_short() -> None:
    """Without figures of the machine there are no captions."""
    board = Board()
    assert board.after(0, busy=None) == Verdict(0, Reason.CPU_UNKNOWN)
    assert board.after(60) == FULL


@given(
    st.lists(st.tuples(st.floats(0.1, 100), st.none() | st.floats(0, 1), st.floats(0, 10), st.integers(0, 8)))
)
def test_places_are_bounded_and_short_cores_take_all(
    steps: list[tuple[float, float | None, float, int]],
) -> None:
    """Whatever is measured: 0 to ``calls_max`` places, none while the cores are short, each change a real one."""
    board = Board()
    before = board.board.verdict
    for seconds, busy, behind, calls in steps:
        decided = board.after(seconds, busy, behind, calls)
        verdict = board.board.verdict
        assert 0 <= verdict.places <= RULES.calls_max
        assert (decided is None) == (verdict == before)
        if busy is None or busy > RULES.off_above:
            assert verdict.places == 0
        before = verdict


def talks(*names: str) -> list[Talk]:
    """Talks, oldest first; a paused one ends with ``!``."""
    return [Talk(ContactId(name.rstrip("!")), name.endswith("!")) for name in names]


@pytest.mark.parametrize(
    ("going", "captioned", "places", "expected"),
    [
        (talks("a", "b", "c"), [], 2, ["a", "b"]),
        (talks("a", "b", "c"), ["c"], 2, ["c", "a"]),
        (talks("a!", "b", "c"), ["a"], 2, ["b", "c"]),
        (talks("a", "b"), ["a", "b"], 0, []),
        (talks("b"), ["a", "b"], 8, ["b"]),
    ],
)
def test_which_calls_are_captioned(
    going: list[Talk], captioned: list[str], places: int, expected: list[str]
) -> None:
    """Who has captions keeps them; a paused recording and a call that ended have none."""
    assert chosen(going, [ContactId(name) for name in captioned], places) == expected


@pytest.mark.parametrize(
    ("before", "text", "shown"),
    [
        ([], "我的电话是一三", "我的电话是一三"),
        ([], "我的电话是一三八", "我的电话是***"),
        ([], "我的电话是一三八零零零零一二三四", "我的电话是***********"),
        (["我的电话是一三", "嗯"], "八零", "**"),
        ([], "五号楼三单元停了三天", "五号楼三单元停了三天"),
        ([], "一九八五年三月", "*******"),
        (["一三八零零零零一二三四"], "暖气不热", "暖气不热"),
    ],
)
def test_numbers_are_hidden_while_they_are_said(before: list[str], text: str, shown: str) -> None:
    """Neither a partial text nor one spread over several lines shows more than two digits of a number."""
    assert masked(before, text) == shown
