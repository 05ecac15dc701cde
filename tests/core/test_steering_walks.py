"""What the steering makes of a caller's walk: a line of his own choice, or something better than a line."""

import pytest
from telephone import Telephone

from callcenter.core.ids import ContactId, QueueName
from callcenter.core.messages import calls, flows, offers
from callcenter.core.messages.calls import Outcome
from callcenter.core.messages.flows import Exit
from callcenter.core.messages.offers import Question

pytestmark = pytest.mark.core

ANNA, BO, CHEN = "13800000001", "13800000002", "13800000003"


def busy_house() -> Telephone:
    """One seat, and it talks with Anna."""
    house = Telephone(seat_count=1)
    house.log_in()
    house.arrive(ANNA)
    house.pick_up("8001")
    return house


def walked(house: Telephone, contact: ContactId, way: Exit) -> None:
    """His walk is over, and he hangs up a minute later."""
    house.tell(flows.WalkEnded(contact, "night", 0, "message", way))
    house.advance(60.0)
    house.hang_up(contact)


def test_a_message_by_key_is_owed_a_hearing() -> None:
    """From the greeting, as if it had been offered."""
    house = busy_house()
    contact = house.arrive(BO, key=None)
    walked(house, contact, Exit.MESSAGE)
    assert house.owed[BO].ground == "message"
    assert house.rows[contact].outcome is Outcome.MESSAGE
    assert house.missed == []


@pytest.mark.parametrize("way", [Exit.RESOLVED, Exit.TRANSFER, Exit.GOODBYE])
def test_who_needs_no_seat_is_not_missed(way: Exit) -> None:
    """Nothing is owed to him, and nobody rings for him."""
    house = busy_house()
    contact = house.arrive(BO, key=None)
    walked(house, contact, way)
    assert BO not in house.owed
    assert house.missed == []
    assert contact not in house.places()


def test_who_resolved_it_himself_is_not_called_back() -> None:
    """He was missed an hour ago; now self-service has answered him."""
    house = busy_house()
    first = house.arrive(BO)
    while first in house.asked:
        house.reply(first, accepted=False)
    house.hang_up(first)
    assert BO in house.owed
    second = house.arrive(BO, key=None)
    walked(house, second, Exit.RESOLVED)
    assert [(closed.caller, closed.why) for closed in house.closed] == [(BO, "self_resolved")]


def test_who_hangs_up_in_a_flow_or_goes_to_a_person_is_as_ever() -> None:
    """A walk that ends in the line, or by a hang-up, decides nothing by itself."""
    house = busy_house()
    contact = house.arrive(BO, key=None)
    house.tell(flows.WalkEnded(contact, "intake", 0, "person", Exit.LINE))
    house.tell(calls.PromptEnded(contact, ""))
    assert contact in house.asked or contact in house.places()


def test_the_flows_line_is_the_callers_line() -> None:
    """The enterprise desk's caller is sent to its queue, also when he was asked something first."""
    house = Telephone(seat_count=1)
    house.log_in()
    contact = house.arrive(BO, key=None)
    sent: list[calls.Enqueue] = []
    orders = house._orders()
    orders[calls.Enqueue] = sent.append
    house._orders = lambda: orders  # type: ignore[method-assign]  # the telephone has one line only
    house.tell(calls.PromptEnded(contact, "", QueueName("enterprise")))
    assert [effect.queue for effect in sent] == ["enterprise"]


def test_who_is_owed_a_call_is_told_his_place_and_by_when() -> None:
    """Second of two who were missed; nine in the evening is when the house stops calling."""
    house = busy_house()
    for number in (CHEN, BO):
        house.advance(1.0)
        contact = house.arrive(number)
        while contact in house.asked:
            house.reply(contact, accepted=False)
        house.hang_up(contact)
    again = house.arrive(BO)
    [asked] = [effect for effect in house.said[again] if isinstance(effect, offers.Ask)]
    assert asked.question is Question.STATUS
    assert (asked.place, asked.due_s) == (2, 21 * 3600)
