"""A talk that broke, because the seat's phone died: one contact all the same, with one outcome and its own seconds."""

import pytest
from stories import C1, GENERAL, S1, answered, arrived, ended, offered, queued, talked, tell

from callcenter.core.contact import Contact, ContactState, SaveContact
from callcenter.core.contacts import Contacts
from callcenter.core.ids import SeatId
from callcenter.core.messages import calls
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.calls import Outcome

pytestmark = pytest.mark.core

S2 = SeatId("8002")
BROKEN = calls.TalkBroken(C1, S1)
SECOND = calls.CallAnswered(C1, GENERAL, S2, 4)
SECOND_ENDS = calls.TalkEnded(C1, GENERAL, S2, 30)


def story(*more: tuple[float, Message]) -> tuple[Contacts, list[Effect]]:
    """A talk of ten seconds that breaks, and what follows at these seconds."""
    contacts = Contacts()
    effects = tell(contacts, arrived(), queued(), offered(), answered(), at=100.0)
    effects += tell(contacts, BROKEN, at=110.0)
    for at, message in more:
        effects += tell(contacts, message, at=at)
    return contacts, effects


def closed(effects: list[Effect]) -> Contact:
    """The row that was written with an outcome; there is one."""
    (contact,) = [it.contact for it in effects if isinstance(it, SaveContact) and it.contact.outcome]
    return contact


def test_he_waits_again_and_is_answered_by_another_seat() -> None:
    """The first seat has the row, as in the books; only what was talked is talk, in both talks."""
    _, effects = story((110.2, queued()), (114.0, SECOND), (144.0, SECOND_ENDS), (150.0, ended()))
    contact = closed(effects)
    assert (contact.outcome, contact.seat_id) == (Outcome.ANSWERED, S1)
    assert contact.talk_s == pytest.approx(40.0)
    assert contact.apart_s == pytest.approx(4.0)


@pytest.mark.parametrize("late_at", [112.0, 120.0, 150.0])
def test_the_late_news_of_the_broken_talks_end_changes_nothing(late_at: float) -> None:
    """Asterisk tells of it when the citizen hangs up: while he waits, in the second talk, or after it."""
    steps = (110.2, queued()), (114.0, SECOND), (144.0, SECOND_ENDS), (late_at, talked()), (151.0, ended())
    contact = closed(story(*sorted(steps, key=lambda step: step[0]))[1])
    assert contact.talk_s == pytest.approx(40.0)


def test_who_gives_up_in_the_line_after_a_broken_talk_was_answered() -> None:
    """One outcome, and the seconds of the only talk."""
    contact = closed(story((110.2, queued()), (170.0, talked()), (170.0, ended()))[1])
    assert contact.outcome is Outcome.ANSWERED
    assert contact.talk_s == pytest.approx(10.0)


def test_while_he_waits_he_is_no_talk() -> None:
    """The board shows him in line."""
    contacts, _ = story((110.2, queued()))
    (contact,) = contacts.live()
    assert contact.state is ContactState.WAITING


RETURNED = calls.CallAnswered(C1, GENERAL, S1, 0)


def test_a_page_that_is_back_has_its_citizen_again() -> None:
    """The same seat, rung once more without the line: one talk with a gap. Its leg tells the end."""
    steps = (110.4, offered()), (111.0, RETURNED), (141.0, calls.LegEnded(C1, S1)), (150.0, ended())
    contact = closed(story(*steps)[1])
    assert (contact.outcome, contact.seat_id) == (Outcome.ANSWERED, S1)
    assert contact.talk_s == pytest.approx(40.0)
    assert contact.apart_s == pytest.approx(1.0)


def test_a_page_that_is_back_and_does_not_answer_gives_him_to_the_line() -> None:
    """He waits as any other whose talk broke."""
    missed = calls.OfferTimedOut(C1, GENERAL, S1, 0)
    contacts, _ = story(
        (110.4, offered()), (114.4, calls.LegEnded(C1, S1)), (114.5, missed), (114.6, queued())
    )
    (contact,) = contacts.live()
    assert contact.state is ContactState.WAITING


def test_who_hangs_up_while_his_page_comes_back_was_answered() -> None:
    """Whether it rings already or not."""
    for more in ((), ((110.4, offered()),)):
        contact = closed(story(*more, (112.0, ended()))[1])
        assert contact.outcome is Outcome.ANSWERED
        assert contact.talk_s == pytest.approx(10.0)
