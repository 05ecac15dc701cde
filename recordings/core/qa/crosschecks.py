"""Rules that compare what was said with what the ticket says (工单核对)."""

from collections.abc import Iterator

from recordings.core.qa.facts import Call
from recordings.core.qa.heard import Passage
from recordings.core.qa.hits import Hit, all_at, at, whole
from recordings.core.qa.phrases import hits, said_near
from recordings.core.qa.rules import Missing, Promise, Recorded, Repeated, Urgent
from recordings.core.qa.times import terms

NEAR_CHARACTERS = 20
"""A time belongs to a promise when words such as 答复 stand so close to it."""


def promise(rule: Promise, call: Call) -> Iterator[Hit]:
    """A hit on each promised time that is not the ticket's deadline. Without a deadline there is nothing to compare."""
    ticket, day = call.facts.ticket, call.facts.answered_on
    if ticket is None or ticket.deadline is None or day is None:
        return
    for begin, end, term in terms(call.agent):
        is_promise = said_near(call.agent, rule.phrases, begin, end, NEAR_CHARACTERS)
        if is_promise and term.due(day) != ticket.deadline:
            yield at(term.said, promised=str(term), deadline=ticket.deadline.isoformat())


def recorded(rule: Recorded, call: Call) -> Iterator[Hit]:
    """One hit, on the first words that speak against the ticket's nature."""
    nature = call.facts.ticket.nature if call.facts.ticket else None
    if nature in rule.as_:
        said = next(hits(call.citizen, rule.phrases, rule.hidden), None)
        if said is not None:
            yield at(said, nature=nature.value)


def missing(rule: Missing, call: Call) -> Iterator[Hit]:
    """One hit when the ticket lacks what a unit needs to act."""
    ticket = call.facts.ticket
    if ticket is None or (rule.field == "place" and ticket.nature not in rule.natures):
        return
    if rule.field == "phone":
        if not (ticket.has_phone or call.citizen.names_a_phone() or call.agent.names_a_phone()):
            yield whole(call.confidence)
    elif ticket.place == "":
        yield _place_said(rule, call) or whole(1.0)
    elif ticket.place is None and call.citizen.words and _place_said(rule, call) is None:
        yield whole(call.confidence)


def repeated(rule: Repeated, call: Call) -> Iterator[Hit]:
    """One hit, on the first words that tell of an earlier time, with the number of earlier contacts."""
    said = next(hits(call.citizen, rule.phrases, rule.hidden), None)
    if said is not None:
        earlier = call.facts.earlier
        yield at(said, earlier="—" if earlier is None else str(earlier))


def urgent(rule: Urgent, call: Call) -> Iterator[Hit]:
    """A hit on each urgent word, unless the agent handed it on afterwards."""
    said: list[Passage] = list(hits(call.citizen, rule.phrases, rule.hidden))
    if not said or call.facts.transfers:
        return
    escalated = [passage.to_s for passage in hits(call.agent, rule.escalated)]
    if not any(moment >= said[0].from_s for moment in escalated):
        yield from all_at(said)


def _place_said(rule: Missing, call: Call) -> Hit | None:
    for voice in (call.citizen, call.agent):
        said = next(hits(voice, rule.spoken, rule.hidden), None)
        if said is not None:
            return at(said)
    return None
