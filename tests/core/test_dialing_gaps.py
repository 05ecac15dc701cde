"""Call-backs that somebody answered while no controller lived."""

import pytest
from rough_telephone import RoughTelephone

from callcenter.core.ids import ContactId

pytestmark = pytest.mark.core

BO = "13800000002"


def a_call_back_answered_unseen() -> tuple[RoughTelephone, ContactId]:
    """The controller is killed while the citizen's phone rings; the next one finds him talking twelve seconds later."""
    house = RoughTelephone(seat_count=1)
    house.hang_up(house.arrive(BO))
    house.sign_in("8001")
    dialed = house.pick_up("8001")
    house.die()
    house.citizen_answers(dialed, "8001")
    house.now += 12.0
    house.come_back()
    return house, dialed


def test_a_talk_that_began_unseen_counts_whole() -> None:
    """Twenty-one seconds, of which we saw nine: the promise is kept, as the books tell."""
    house, dialed = a_call_back_answered_unseen()
    house.advance(9.0)
    house.end_callback(dialed)
    assert BO in house.owed
    house.advance(1.0)
    assert house.owed == {}
    assert [closed.why for closed in house.closed] == ["kept"]


def test_a_short_talk_that_began_unseen_is_no_talk() -> None:
    """Nineteen seconds in all: he is owed his call as before."""
    house, dialed = a_call_back_answered_unseen()
    house.advance(7.0)
    house.end_callback(dialed)
    house.advance(1.0)
    assert house.owed[BO].tries == 1


def test_a_talk_that_began_unseen_is_known_after_another_restart() -> None:
    """The second life does not pass its guess on to the third."""
    house, dialed = a_call_back_answered_unseen()
    house.advance(5.0)
    house.die()
    house.come_back()
    house.advance(4.0)
    house.end_callback(dialed)
    house.advance(1.0)
    assert [closed.why for closed in house.closed] == ["kept"]
