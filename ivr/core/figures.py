"""What a flow's prompts and figures come to when they are heard: prompt ids only."""

from collections.abc import Mapping
from datetime import date

from ivr.core import say
from ivr.core.flow import Figure, Words

LOW_S, HIGH_S = "low_s", "high_s"
"""Facts of an expected wait, whole seconds."""

TODAY = "today"
"""Fact: the day on which this is heard (ISO), so that a date can be 今天."""


def prompts_of(words: Words, facts: Mapping[str, str]) -> tuple[str, ...]:
    """The prompt ids of ``words``, one after the other; a wait that is not known is not said.

    Raises:
        ValueError: a fact is missing, or cannot be said in this way.
    """
    return tuple(
        prompt for word in words for prompt in (_figure(word, facts) if isinstance(word, Figure) else (word,))
    )


def _figure(figure: Figure, facts: Mapping[str, str]) -> tuple[str, ...]:
    if figure.kind == "wait":
        low_s, high_s = int(facts.get(LOW_S, "0")), int(facts.get(HIGH_S, "0"))
        return say.wait(low_s, high_s) if high_s else ()
    if figure.fact not in facts:
        raise ValueError(f"the fact '{figure.fact}' is not known")
    today = date.fromisoformat(facts[TODAY]) if TODAY in facts else None
    return say.spoken(figure.kind, facts[figure.fact], today)
