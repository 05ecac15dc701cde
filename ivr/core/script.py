"""What a caller hears when he is asked or told something, and what a key of his means.

Invariants: ``1`` is yes and nothing else is; ``0`` is never a yes, it leads on to a person.
"""

from dataclasses import dataclass

from callcenter.core.messages.offers import Farewell, Question
from ivr.core import say

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


@dataclass(frozen=True, slots=True)
class Line:
    """Prompt ids, heard one after the other; a key of ``keys`` cuts them short."""

    prompts: tuple[str, ...]
    keys: str = ""


def script(question: Question, low_s: int = 0, high_s: int = 0) -> Line:
    """The question, after the wait of ``low_s`` to ``high_s`` seconds; both 0: no wait is named."""
    wait = say.wait(low_s, high_s) if high_s else ()
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
    return Line(say.wait(low_s, high_s), ANY_KEY)
