"""Rules over times: silence, talking at once, interrupting, speaking rate, hold, transfers.

What these find is as sure as the recognizer was of the words around it: a word it missed looks like silence.
"""

from collections.abc import Iterable, Iterator

from recordings.core.qa.facts import Call, Span
from recordings.core.qa.heard import Heard, Stretch, comparable
from recordings.core.qa.hits import NOBODY, Hit, at, seconds, whole
from recordings.core.qa.rules import HoldTime, Interruptions, Overtalk, Rate, Silence, Transfers


def silence(rule: Silence, call: Call) -> Iterator[Hit]:
    """A hit on each silence from the answer to the last word. A call without words proves nothing."""
    busy = [Span(s.from_s, s.to_s) for voice in (call.citizen, call.agent) for s in voice.stretches]
    if not busy:
        return
    last = max(span.to_s for span in busy)
    holds = [Span(hold.from_s, min(hold.to_s, last)) for hold in call.facts.holds or ()]
    for gap in _gaps([Span(0.0, 0.0), *busy, *(hold for hold in holds if hold.from_s < last)]):
        lasted = gap.to_s - gap.from_s
        if lasted > rule.over_s:
            figures = {"seconds": seconds(lasted), "limit_s": seconds(rule.over_s)}
            yield Hit(NOBODY, gap.from_s, gap.to_s, "", call.confidence, figures)


def overtalk(rule: Overtalk, call: Call) -> Iterator[Hit]:
    """One hit, at the longest time of talking at once."""
    both = list(_overlaps(call.citizen.stretches, call.agent.stretches))
    at_once = sum(span.to_s - span.from_s for span in both)
    spoken = sum(s.to_s - s.from_s for voice in (call.citizen, call.agent) for s in voice.stretches)
    either = spoken - at_once
    if at_once <= rule.over_s or at_once <= rule.over_share * either:
        return
    longest = max(both, key=lambda span: span.to_s - span.from_s)
    figures = {"seconds": seconds(at_once), "share": f"{at_once / either:.0%}"}
    yield Hit(NOBODY, longest.from_s, longest.to_s, "", call.confidence, figures)


def interruptions(rule: Interruptions, call: Call) -> Iterator[Hit]:
    """One hit, at the agent's words of the first interruption, with their number."""
    found = list(_interrupting(rule, call))
    if len(found) > rule.over:
        first = call.agent.passage(found[0].first, found[0].last)
        yield at(first, count=str(len(found)), limit=str(rule.over))


def rate(rule: Rate, call: Call) -> Iterator[Hit]:
    """One hit, at the quickest or slowest stretch of speech."""
    voice = call.voice(rule.channel)
    spoken_s = sum(stretch.to_s - stretch.from_s for stretch in voice.stretches)
    if spoken_s < rule.at_least_s:
        return
    measured = 60.0 * sum(len(comparable(word.word)) for word in voice.words) / spoken_s
    if rule.slowest <= measured <= rule.fastest:
        return
    long_enough = [s for s in voice.stretches if s.to_s - s.from_s >= 1.0] or list(voice.stretches)
    pick = max if measured > rule.fastest else min
    there = pick(long_enough, key=lambda stretch: _rate_of(voice, stretch))
    figures = {
        "rate": f"{measured:.0f}",
        "slowest": f"{rule.slowest:.0f}",
        "fastest": f"{rule.fastest:.0f}",
    }
    yield at(voice.passage(there.first, there.last), **figures)


def hold_time(rule: HoldTime, call: Call) -> Iterator[Hit]:
    """One hit, at the longest hold. Unknown holds are no finding."""
    holds = call.facts.holds or ()
    held_s = sum(hold.to_s - hold.from_s for hold in holds)
    if held_s > rule.over_s:
        longest = max(holds, key=lambda hold: hold.to_s - hold.from_s)
        figures = {"seconds": seconds(held_s), "limit_s": seconds(rule.over_s)}
        yield Hit(NOBODY, longest.from_s, longest.to_s, "", 1.0, figures)


def transfers(rule: Transfers, call: Call) -> Iterator[Hit]:
    """One hit about the call."""
    if call.facts.transfers > rule.over:
        yield whole(1.0, count=str(call.facts.transfers), limit=str(rule.over))


def _gaps(spans: Iterable[Span]) -> Iterator[Span]:
    """The times between the first and the last of these that none covers."""
    covered = 0.0
    for span in sorted(spans, key=lambda span: span.from_s):
        if span.from_s > covered:
            yield Span(covered, span.from_s)
        covered = max(covered, span.to_s)


def _overlaps(ours: tuple[Stretch, ...], theirs: tuple[Stretch, ...]) -> Iterator[Span]:
    """Where both speak. Each side's stretches are in order and apart, so one walk over both is enough."""
    i = j = 0
    while i < len(ours) and j < len(theirs):
        from_s, to_s = max(ours[i].from_s, theirs[j].from_s), min(ours[i].to_s, theirs[j].to_s)
        if to_s > from_s:
            yield Span(from_s, to_s)
        if ours[i].to_s < theirs[j].to_s:
            i += 1
        else:
            j += 1


def _interrupting(rule: Interruptions, call: Call) -> Iterator[Stretch]:
    """The agent's stretches that begin in the middle of one of the citizen's."""
    theirs = iter(call.citizen.stretches)
    speaking = next(theirs, None)
    for stretch in call.agent.stretches:
        while speaking is not None and speaking.to_s < stretch.from_s:
            speaking = next(theirs, None)
        if speaking is None:
            return
        has_spoken = stretch.from_s - speaking.from_s >= rule.spoken_s
        if has_spoken and speaking.to_s - stretch.from_s >= rule.goes_on_s:
            yield stretch


def _rate_of(voice: Heard, stretch: Stretch) -> float:
    said = sum(len(comparable(word.word)) for word in voice.words[stretch.first : stretch.last + 1])
    return said / max(stretch.to_s - stretch.from_s, 0.1)
