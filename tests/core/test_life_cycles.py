"""The tables of contact, seat and review, and their drawing."""

from itertools import product
from pathlib import Path

import pytest

from callcenter import diagrams
from callcenter.core.contact import CONTACT, ContactEvent, ContactState
from callcenter.core.errors import IllegalTransition
from callcenter.core.messages.seats import SeatState
from queues.core.seats import SEAT, SeatEvent
from recordings.core.qa.review import REVIEW, ReviewEvent, ReviewState

pytestmark = pytest.mark.core


@pytest.mark.parametrize(("state", "event"), list(product(ContactState, ContactEvent)))
def test_contact_pairs_outside_the_table_raise(state: ContactState, event: ContactEvent) -> None:
    """A pair of the table moves the contact; every other pair raises."""
    if CONTACT.allows(state, event):
        assert CONTACT.next(state, event) in ContactState
    else:
        with pytest.raises(IllegalTransition):
            CONTACT.next(state, event)


@pytest.mark.parametrize(("state", "event"), list(product(SeatState, SeatEvent)))
def test_seat_pairs_outside_the_table_raise(state: SeatState, event: SeatEvent) -> None:
    """A pair of the table moves the seat; every other pair raises."""
    if SEAT.allows(state, event):
        assert SEAT.next(state, event) in SeatState
    else:
        with pytest.raises(IllegalTransition):
            SEAT.next(state, event)


def test_every_state_can_be_reached() -> None:
    """No state of a life cycle is decoration."""
    assert {CONTACT.initial, *CONTACT.table.values()} == set(ContactState)
    assert {SEAT.initial, *SEAT.table.values()} == set(SeatState)
    assert {REVIEW.initial, *REVIEW.table.values()} == set(ReviewState)


def test_a_review_goes_one_way() -> None:
    """Handed in once, answered once, ruled once: nothing else happens to it, and a ruling is the end."""
    way = [REVIEW.initial]
    while way[-1] not in REVIEW.final:
        (event,) = [event for event in ReviewEvent if REVIEW.allows(way[-1], event)]
        way.append(REVIEW.next(way[-1], event))
    assert way == list(ReviewState)


def test_an_ended_contact_has_no_way_on() -> None:
    """The final state has no transition."""
    assert not [pair for pair in CONTACT.table if pair[0] in CONTACT.final]


def test_the_drawn_page_is_what_the_tables_say() -> None:
    """``docs/life-cycles.md`` is redrawn by ``make diagrams``."""
    drawn = Path(__file__).parents[2] / diagrams.PAGE
    assert drawn.read_text("utf-8") == diagrams.page()
