"""Contacts on their walk through the flows: the last step is kept, and who chose something better than the line."""

import pytest
from stories import C1, arrived, ended, queued, tell

from callcenter.core.contact import Contact, SaveContact
from callcenter.core.contacts import Contacts
from callcenter.core.messages import calls
from callcenter.core.messages.base import Message
from callcenter.core.messages.calls import Outcome
from callcenter.core.messages.flows import Exit, StepEntered, WalkEnded

pytestmark = pytest.mark.core


def closed(*story: Message) -> Contact:
    """The contact as it is written at its end."""
    effects = tell(Contacts(), arrived(), *story, ended())
    return [effect.contact for effect in effects if isinstance(effect, SaveContact)][-1]


def at(step: str) -> StepEntered:
    """He is at a step."""
    return StepEntered(C1, "night", 3, step)


def walked(way: Exit) -> WalkEnded:
    """His walk is over."""
    return WalkEnded(C1, "night", 3, "person", way)


def test_who_hangs_up_in_a_flow_leaves_his_last_step() -> None:
    """Flow and step; he left early, for he never asked for a person."""
    contact = closed(at("greeting"), at("emergency"), walked(Exit.LEFT))
    assert (contact.last_step, contact.outcome) == ("night.emergency", Outcome.LEFT_EARLY)


def test_the_step_stays_known_beyond_the_walk() -> None:
    """Also of one who waited and gave up."""
    contact = closed(at("person"), walked(Exit.LINE), calls.PromptEnded(C1, ""), queued())
    assert (contact.last_step, contact.outcome) == ("night.person", Outcome.ABANDONED)


@pytest.mark.parametrize(
    ("way", "outcome"),
    [
        (Exit.MESSAGE, Outcome.MESSAGE),
        (Exit.RESOLVED, Outcome.SELF_RESOLVED),
        (Exit.TRANSFER, Outcome.SELF_RESOLVED),
        (Exit.FAILED, Outcome.LEFT_EARLY),
    ],
)
def test_who_goes_elsewhere_than_to_a_person_ends_so(way: Exit, outcome: Outcome) -> None:
    """A message, help without a person, another service."""
    assert closed(at("message"), walked(way)).outcome is outcome


def test_a_step_alone_writes_nothing() -> None:
    """Twenty steps of a walk are no twenty writes: the row is written with the next change."""
    contacts = Contacts()
    tell(contacts, arrived())
    assert tell(contacts, *[at("greeting")] * 20) == []
