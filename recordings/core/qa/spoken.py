"""Rules over words: what must be said, what must not, what is owed to an upset citizen."""

from bisect import bisect_left
from collections.abc import Iterator

from recordings.core.qa.facts import Call
from recordings.core.qa.heard import Heard, Passage
from recordings.core.qa.hits import Hit, all_at, at, seconds
from recordings.core.qa.phrases import hits
from recordings.core.qa.rules import Forbidden, Required, Soothed


def required(rule: Required, call: Call) -> Iterator[Hit]:
    """One hit when none of the phrases was heard in the window; a silent channel proves nothing."""
    voice = call.voice(rule.channel)
    if not voice.words:
        return
    from_s = 0.0 if rule.last_s is None else max(0.0, call.ends_s - rule.last_s)
    to_s = call.ends_s if rule.first_s is None else min(call.ends_s, rule.first_s)
    if any(passage.to_s > from_s and passage.from_s < to_s for passage in hits(voice, rule.phrases)):
        return
    said = _said_between(voice, from_s, to_s)
    limit = seconds(rule.first_s or rule.last_s or 0.0)
    yield Hit(rule.channel, from_s, to_s, said.words if said else "", voice.confidence, {"limit_s": limit})


def forbidden(rule: Forbidden, call: Call) -> Iterator[Hit]:
    """A hit on each forbidden phrase."""
    yield from all_at(hits(call.voice(rule.channel), rule.phrases, rule.hidden))


def soothed(rule: Soothed, call: Call) -> Iterator[Hit]:
    """A hit on upset words that no soothing phrase answers in time; one for each outburst."""
    if not call.agent.words:
        return
    answers = [passage.from_s for passage in hits(call.agent, rule.phrases)]
    answered_until = -1.0
    for upset in hits(call.citizen, rule.upset, rule.hidden):
        until = upset.to_s + rule.within_s
        if upset.from_s < answered_until:
            continue
        answered_until = until
        if not _any_between(answers, upset.from_s, until):
            doubt = min(upset.confidence, call.agent.confidence)
            hit = at(upset, limit_s=seconds(rule.within_s))
            yield Hit(hit.channel, hit.from_s, hit.to_s, hit.words, doubt, hit.figures)


def _any_between(moments: list[float], from_s: float, to_s: float) -> bool:
    """Whether one of the moments, which stand in order, is in the interval."""
    index = bisect_left(moments, from_s)
    return index < len(moments) and moments[index] <= to_s


def _said_between(voice: Heard, from_s: float, to_s: float) -> Passage | None:
    inside = [i for i, word in enumerate(voice.words) if word.end > from_s and word.start < to_s]
    return voice.passage(inside[0], inside[-1]) if inside else None
