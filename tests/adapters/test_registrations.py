"""Which phone a seat has: told by what Asterisk says of its contacts."""

import pytest

from callcenter.asterisk.frames import Frame, parse
from callcenter.asterisk.registrations import Registrations
from callcenter.core.ids import SeatId
from callcenter.core.messages.base import Message
from callcenter.core.messages.cloud import PhoneChanged
from callcenter.core.messages.seats import SeatReachable

pytestmark = pytest.mark.adapters

S1 = SeatId("8101")
HERE, THERE = SeatReachable(S1, True), SeatReachable(S1, False)
OTHER = PhoneChanged(S1)
HOME = "sip:8101@192.0.2.7:5060"
AT_HOME_BY_ANOTHER_PORT = "sip:8101@192.0.2.7:40123;x-ast-orig-host=10.0.0.3:5060"
OTHER_PHONE_AT_HOME = "sip:x7f3@192.0.2.7:5062"
ELSEWHERE = "sip:8101@198.51.100.4:5060"


def told(*events: tuple[str, str]) -> list[Message]:
    """What these contacts and their states mean, in order."""
    memory = Registrations()
    return [message for contact, status in events for message in memory.see(frame(contact, status))]


def frame(contact: str, status: str, seat: str = "8101") -> Frame:
    """One event."""
    return parse(f"Event: ContactStatus\r\nURI: {contact}\r\nContactStatus: {status}\r\nAOR: {seat}")


@pytest.mark.parametrize(
    ("contact", "news"),
    [
        (HOME, [HERE]),
        (AT_HOME_BY_ANOTHER_PORT, [HERE]),
        (OTHER_PHONE_AT_HOME, [OTHER, HERE]),
        (ELSEWHERE, [OTHER, HERE]),
    ],
)
def test_another_phone_is_news_and_a_phone_that_comes_back_is_not(contact: str, news: list[Message]) -> None:
    """Same host and name: the same phone, whatever its port."""
    assert told((HOME, "NonQualified"), (HOME, "Removed"), (contact, "NonQualified")) == [HERE, THERE, *news]


def test_a_seat_whose_phone_moves_was_never_gone() -> None:
    """The old address is removed when the new one is there already."""
    events = (HOME, "NonQualified"), (ELSEWHERE, "NonQualified"), (HOME, "Removed"), (ELSEWHERE, "Reachable")
    assert told(*events) == [HERE, OTHER, HERE, HERE]


def test_a_phone_that_answers_no_more_is_unreachable_even_if_it_is_the_first_news_of_it() -> None:
    """A controller that has just started knows no phone yet."""
    assert told((HOME, "Unreachable"), (HOME, "Reachable")) == [THERE, HERE]


def test_other_contacts_and_states_say_nothing() -> None:
    """The trunk is no seat; an update is no news."""
    memory = Registrations()
    assert not memory.see(frame(HOME, "Reachable", seat="trunk"))
    assert not memory.see(frame(HOME, "Updated"))
    assert not memory.see(parse("Event: PeerStatus\r\nPeer: PJSIP/8101\r\nPeerStatus: Reachable"))
