"""What a caller hears when he is asked or told something, and what a key of his means.

Invariants: ``1`` is yes and nothing else is; ``0`` is never a yes, it leads on to a person; a wait is never told shorter
than it is: the low end is rounded down, the high end up, and none is named that lies beyond an hour.
"""

from dataclasses import dataclass

from callcenter.core.messages.offers import Farewell, Question
from ivr.core.numbers import counted

YES = "1"
TO_PERSON = "0"
ANY_KEY = "0123456789*#"

_QUESTIONS = {
    Question.STATUS: "status_open",
    Question.NOTICE: "surge_notice",
    Question.CALLBACK: "offer_callback",
    Question.CALLBACK_WAITING: "offer_callback_waiting",
    Question.MESSAGE: "offer_message",
}
_FAREWELLS = {
    Farewell.CALLBACK_PROMISED: "callback_promised",
    Farewell.CALLBACK_STAYS: "callback_stays",
}
_MINUTE_S = 60
_HOUR_MIN = 60


@dataclass(frozen=True, slots=True)
class Line:
    """Prompt ids, heard one after the other; a key of ``keys`` cuts them short."""

    prompts: tuple[str, ...]
    keys: str = ""


def script(question: Question, low_s: int = 0, high_s: int = 0) -> Line:
    """The question, after the wait of ``low_s`` to ``high_s`` seconds; both 0: no wait is named."""
    wait = _expected_wait(low_s, high_s) if high_s else ()
    keys = YES + TO_PERSON if wants_reply(question) else ANY_KEY
    return Line((*wait, _QUESTIONS[question]), keys)


def wants_reply(question: Question) -> bool:
    """Whether a key is awaited after the last word; a notice is only heard."""
    return question is not Question.NOTICE


def is_yes(question: Question, key: str) -> bool:
    """What ``key`` (one, or ``""`` for silence) says to the question."""
    return key == YES and wants_reply(question)


def farewell(kind: Farewell) -> Line:
    """The last words; no key cuts them short."""
    return Line((_FAREWELLS[kind],))


def wait_line(low_s: int, high_s: int) -> Line:
    """How long he may wait, ``0 <= low_s <= high_s``; any key skips it."""
    return Line(_expected_wait(low_s, high_s), ANY_KEY)


def _expected_wait(low_s: int, high_s: int) -> tuple[str, ...]:
    return ("wait_expected", *_duration(low_s, high_s))


def _duration(low_s: int, high_s: int) -> tuple[str, ...]:
    low, high = low_s // _MINUTE_S, -(-high_s // _MINUTE_S)
    if high_s < _MINUTE_S:
        return ("wait_under_minute",)
    if low >= _HOUR_MIN:
        return ("wait_over_hour",)
    if high > _HOUR_MIN:
        return (*counted(max(low, 1)), "word_minutes", "word_or_more")
    if low == 0:
        return (*counted(high), "word_minutes", "word_or_less")
    if low == high:
        return (*counted(low), "word_minutes")
    return (*counted(low), "word_to", *counted(high), "word_minutes")
