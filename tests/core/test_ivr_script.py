"""What a caller hears and what his key means: one key for yes."""

from itertools import product

import pytest

from callcenter.core.messages.offers import Farewell, Question
from callcenter.sections import Surge
from ivr.core.script import ANY_KEY, Line, farewell, is_yes, script, wait_line, wants_reply
from ivr.prompts import catalogue

pytestmark = pytest.mark.core

HOUR_S = 3600


def said(prompts: tuple[str, ...]) -> str:
    """The Chinese that the prompts speak."""
    return "".join(catalogue()[prompt].zh for prompt in prompts)


def test_a_wait_is_told_and_any_key_skips_it() -> None:
    """How it is said: ``test_ivr_say``."""
    line = wait_line(180, 300)
    assert said(line.prompts) == "预计等待三到五分钟"
    assert line.keys == ANY_KEY


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
