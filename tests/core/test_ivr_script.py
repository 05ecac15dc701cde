"""What a caller hears and what his key means: waits never shorter than true, one key for yes."""

import re
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from callcenter.core.messages.offers import Farewell, Question
from callcenter.sections import Surge
from ivr.core.numbers import counted
from ivr.core.script import ANY_KEY, Line, farewell, is_yes, script, wait_line, wants_reply
from ivr.prompts import catalogue

pytestmark = pytest.mark.core

HOUR_S = 3600


def said(prompts: tuple[str, ...]) -> str:
    """The Chinese that the prompts speak."""
    return "".join(catalogue()[prompt].zh for prompt in prompts)


@pytest.mark.parametrize(
    ("low_s", "high_s", "sentence"),
    [
        (180, 300, "预计等待三到五分钟"),
        (0, 0, "预计等待不到一分钟"),
        (20, 59, "预计等待不到一分钟"),
        (30, 60, "预计等待一分钟以内"),
        (0, 119, "预计等待两分钟以内"),
        (60, 61, "预计等待一到两分钟"),
        (120, 240, "预计等待两到四分钟"),
        (179, 181, "预计等待两到四分钟"),
        (180, 180, "预计等待三分钟"),
        (120, 120, "预计等待两分钟"),
        (725, 900, "预计等待十二到十五分钟"),
        (600, 1300, "预计等待十到二十二分钟"),
        (2700, 3600, "预计等待四十五到六十分钟"),
        (3000, 3601, "预计等待五十分钟以上"),
        (30, 3601, "预计等待一分钟以上"),
        (3599, 7200, "预计等待五十九分钟以上"),
        (3600, 3600, "预计等待一小时以上"),
        (5000, 9000, "预计等待一小时以上"),
    ],
)
def test_a_wait_is_one_sentence(low_s: int, high_s: int, sentence: str) -> None:
    """In minutes, as one says it."""
    line = wait_line(low_s, high_s)
    assert said(line.prompts) == sentence
    assert line.keys == ANY_KEY


NUMBERS = {said(counted(number)): number for number in range(61)}
SPAN = re.compile(r"预计等待(?:(?P<low>.+)到(?P<high>.+)|(?P<one>[^到]+))分钟(?P<edge>以内|以上)?")
ENDLESS = float("inf")


def heard(sentence: str) -> tuple[float, float]:
    """From when to when a citizen expects to be served, in seconds."""
    if sentence == "预计等待不到一分钟":
        return 0, 60
    if sentence == "预计等待一小时以上":
        return HOUR_S, ENDLESS
    match = SPAN.fullmatch(sentence)
    assert match is not None
    low, high = (60 * NUMBERS[match[name] or match["one"]] for name in ("low", "high"))
    return (0 if match["edge"] == "以内" else low), (ENDLESS if match["edge"] == "以上" else high)


@given(st.integers(0, 3 * HOUR_S), st.integers(0, 3 * HOUR_S))
@example(0, 60)
@example(HOUR_S, HOUR_S)
def test_no_wait_is_told_shorter_than_it_is(one_s: int, other_s: int) -> None:
    """The end is never before the true one; nobody is told an end beyond an hour."""
    low_s, high_s = sorted((one_s, other_s))
    begin, end = heard(said(wait_line(low_s, high_s).prompts))
    assert end >= high_s
    assert begin <= max(low_s, 60)
    assert end <= HOUR_S or end == ENDLESS


def test_an_offer_names_the_wait_first() -> None:
    """So that the citizen knows what he chooses between."""
    offer = script(Question.CALLBACK, 180, 300)
    assert said(offer.prompts).startswith("预计等待三到五分钟")
    assert offer.prompts[-1] == "offer_callback"
    assert script(Question.CALLBACK).prompts == ("offer_callback",)


def test_one_is_yes_and_nothing_else() -> None:
    """Silence, 0 and any other key are no; both that mean something cut the question short."""
    for question in set(Question) - {Question.NOTICE}:
        assert wants_reply(question)
        assert [key for key in ("", *ANY_KEY) if is_yes(question, key)] == ["1"]
        assert set(script(question).keys) == {"0", "1"}
        assert "请按1" in said(script(question).prompts)


def test_a_notice_asks_nothing() -> None:
    """Any key skips it, none is an answer."""
    assert script(Question.NOTICE).keys == ANY_KEY
    assert not wants_reply(Question.NOTICE)
    assert not any(is_yes(Question.NOTICE, key) for key in ANY_KEY)


def test_a_promise_is_heard_to_the_end() -> None:
    """No key cuts the last words."""
    assert all(farewell(kind).keys == "" for kind in Farewell)


def test_whatever_can_be_said_is_in_the_catalogue() -> None:
    """A prompt that is missing would be silence in a call."""
    minutes = range(0, 2 * HOUR_S, 60)
    lines: list[Line] = [wait_line(low, high) for low, high in product(minutes, minutes) if low <= high]
    lines += [script(question) for question in Question] + [farewell(kind) for kind in Farewell]
    named = {prompt for line in lines for prompt in line.prompts} | {
        profile.greeting for profile in Surge().levels()
    }
    assert named <= set(catalogue())
