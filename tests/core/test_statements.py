"""Who waits long may state his matter in line (先行陈述): he keeps his place, and nobody is lost in it."""

from dataclasses import replace

import pytest
from stories import C1, C2, NINE, answered, arrived, ended, queued, tell
from telephone import Telephone

from callcenter.core.contacts import Contacts
from callcenter.core.ids import ContactId
from callcenter.core.messages import callbacks, calls, offers, work
from callcenter.core.messages.calls import Outcome
from callcenter.core.messages.offers import Question

pytestmark = pytest.mark.core

ANNA, BO, CHEN, DENG = "13800000001", "13800000002", "13800000003", "13800000004"


def busy_house(from_s: float = 60.0) -> tuple[Telephone, ContactId]:
    """One seat, and it talks with Anna; who hears of a wait of ``from_s`` or more is invited."""
    house = Telephone(seat_count=1, statement_from_s=from_s)
    house.log_in()
    talking = house.arrive(ANNA)
    house.pick_up("8001")
    return house, talking


def refusing_offers(house: Telephone, number: str, key: str = "") -> ContactId:
    """A caller who wants to wait: he declines what is offered instead of it."""
    house.advance(0.5)
    contact = house.arrive(number, key)
    while house.asked.get(contact, Question.PRECOLLECT) is not Question.PRECOLLECT:
        house.reply(contact, accepted=False)
    return contact


def test_who_waits_long_is_invited_and_told_how_long() -> None:
    """The question names the wait, so nothing else does; he is in line after it."""
    house, _ = busy_house()
    contact = refusing_offers(house, BO)
    assert house.asked[contact] is Question.PRECOLLECT
    *_, asked = house.said[contact]
    assert isinstance(asked, offers.Ask)
    assert (asked.low_s, asked.high_s) == (house.estimates[0].low_s, house.estimates[0].high_s)
    assert house.places() == []
    house.reply(contact, accepted=True)
    assert house.places() == [contact]
    assert not [effect for effect in house.said[contact] if isinstance(effect, offers.TellWait)]


@pytest.mark.parametrize(("from_s", "key"), [(0.0, ""), (3600.0, ""), (60.0, "0"), (60.0, "9")])
def test_who_is_not_invited(from_s: float, key: str) -> None:
    """Where it is switched off or the wait is short, and who insists on a person or is urgent: straight to the line."""
    house, _ = busy_house(from_s)
    contact = refusing_offers(house, BO, key)
    assert house.places() == [contact]


def test_nobody_passes_one_who_states_his_matter() -> None:
    """Others come and are in line while he speaks; he comes back before them."""
    house, _ = busy_house()
    first = refusing_offers(house, BO)
    second = refusing_offers(house, CHEN)
    house.reply(second, accepted=False)
    house.advance(60.0)
    third = refusing_offers(house, DENG)
    house.reply(third, accepted=True)
    assert house.places() == [second, third]
    house.reply(first, accepted=True)
    assert house.places() == [first, second, third]


def test_a_seat_that_gets_free_meanwhile_serves_the_next_and_he_is_first_after_him() -> None:
    """His turn came while he spoke: the telephone rings for who stands in its line; he comes back to its head."""
    house, talking = busy_house()
    first = refusing_offers(house, BO)
    second, third = refusing_offers(house, CHEN), refusing_offers(house, DENG)
    for contact in (second, third):
        house.reply(contact, accepted=False)
    house.hang_up(talking)
    house.advance(60.0)
    assert list(house.ringing.values()) == [second]
    house.advance(10.0)
    house.reply(first, accepted=True)
    house.pick_up("8001")
    assert house.places() == [first, third]


def test_a_free_seat_waits_for_him_and_makes_no_call_back_meanwhile() -> None:
    """Nobody else is in line, one is owed a call: the seat is for him who was here first."""
    house, talking = busy_house()
    contact = refusing_offers(house, BO)
    house.hang_up(refusing_offers(house, CHEN))
    house.hang_up(talking)
    house.advance(80.0)
    assert house.dialed == []
    house.reply(contact, accepted=True)
    assert list(house.ringing.values()) == [contact]


def test_who_hangs_up_while_he_is_asked_is_missed_and_owed_a_call() -> None:
    """In the question or in his statement: he gave up waiting."""
    house, talking = busy_house()
    contact = refusing_offers(house, BO)
    house.tell(offers.MatterStated(contact, 4.0))
    house.hang_up(contact)
    assert [note.contact_id for note in house.missed] == [contact]
    assert house.owed[BO].ground == "missed"
    assert house.rows[contact].outcome is Outcome.ABANDONED
    house.advance(200.0)
    house.hang_up(talking)
    house.advance(60.0)
    assert house.dialed == [callbacks.callback_id(contact, 1)]


def test_a_redial_keeps_the_place_and_may_state_it_again() -> None:
    """He hung up in his statement and calls again: he stands where he stood."""
    house, _ = busy_house()
    first, second = refusing_offers(house, BO), refusing_offers(house, CHEN)
    house.reply(second, accepted=False)
    house.hang_up(first)
    house.advance(20.0)
    again = house.arrive(BO)
    while again in house.asked:
        house.reply(again, accepted=house.asked[again] is Question.PRECOLLECT)
    assert house.places() == [again, second]


def test_a_session_that_breaks_in_his_statement_leads_to_the_line() -> None:
    """The dialplan has him in its line; he is asked no second time."""
    house, talking = busy_house()
    contact = refusing_offers(house, BO)
    house.tell(calls.SessionLost(contact, "caller_gone"))
    house.fall_back(contact)
    assert house.places() == [contact]
    house.hang_up(talking)
    house.advance(60.0)
    assert list(house.ringing.values()) == [contact]


def test_a_controller_that_dies_meanwhile_finds_him_in_the_line() -> None:
    """The dialplan took him there; the next controller reads it."""
    house, talking = busy_house()
    contact = refusing_offers(house, BO)
    house.fall_back(contact)
    house.restart()
    assert house.places() == [contact]
    house.hang_up(talking)
    house.advance(60.0)
    house.pick_up("8001")
    assert house.state("8001").value == "talking"


@pytest.mark.parametrize("is_answered", [True, False])
def test_a_statement_is_kept_and_its_ticket_completed_however_he_ends(is_answered: bool) -> None:
    """Kept at once; the ticket is completed at the end, once, whether he is answered or gives up."""
    ledger = Contacts()
    tell(ledger, arrived(), calls.PromptEnded(C1, ""))
    assert tell(ledger, offers.MatterStated(C1, 4.0)) == [work.KeepStatement(C1)]
    tell(ledger, queued())
    if is_answered:
        assert work.DraftTicket(C1) in tell(ledger, answered())
    assert tell(ledger, ended()).count(work.CompleteTicket(C1)) == 1


def test_a_statement_that_is_told_after_the_end_is_kept_too() -> None:
    """He hung up in it, and that was heard first: nothing is remembered of who is gone."""
    ledger = Contacts()
    tell(ledger, arrived(), calls.PromptEnded(C1, ""), ended())
    assert tell(ledger, offers.MatterStated(C1, 4.0)) == [work.KeepStatement(C1)]
    later = replace(arrived(), contact_id=C2, at=NINE)
    tell(ledger, later)
    assert work.CompleteTicket(C1) not in tell(ledger, ended(C2))
