"""Talks that began or ended while no controller lived: the books tell how they went."""

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


def test_a_kept_call_back_that_ended_unseen_is_not_tried_again() -> None:
    """The next try is long due when somebody steers again: first the books say how the last one went."""
    house, dialed = a_call_back_answered_unseen()
    house.advance(9.0)
    house.die()
    house.end_callback(dialed)
    house.now += 3600.0
    house.come_back()
    house.advance(1.0)
    assert house.owed == {}
    assert house.dialed == [dialed]


def a_call_of_one_who_is_owed_one() -> tuple[RoughTelephone, ContactId]:
    """Bo, who was missed, waits in line again; the controller is killed."""
    house = RoughTelephone(seat_count=2)
    house.hang_up(house.arrive(BO))
    call = house.arrive(BO, key="0")
    house.die()
    return house, call


def test_who_was_served_unseen_is_not_called_back() -> None:
    """A seat took him and both have hung up: the free seats of the next life let him be."""
    house, call = a_call_of_one_who_is_owed_one()
    house.sign_in("8001")
    house.pick_up("8001")
    house.now += 30.0
    house.hang_up(call)
    house.come_back()
    assert BO in house.owed
    house.advance(1.0)
    assert house.owed == {}
    assert house.dialed == []


def test_who_was_found_talking_is_called_back_only_if_the_books_say_so() -> None:
    """We saw ten seconds of it, the books nineteen, or twenty-two."""
    for unseen_s, is_owed in ((9.0, True), (12.0, False)):
        house, call = a_call_of_one_who_is_owed_one()
        house.sign_in("8001")
        house.pick_up("8001")
        house.now += unseen_s
        house.come_back()
        house.advance(10.0)
        house.hang_up(call)
        assert house.dialed == []
        house.advance(1.0)
        assert (BO in house.owed) == is_owed


def test_who_gave_up_unseen_is_owed_as_before() -> None:
    """He stood in line and hung up: his promise is the one that he had, and it is kept at once."""
    house, call = a_call_of_one_who_is_owed_one()
    house.hang_up(call)
    house.sign_in("8001")
    house.come_back()
    assert house.dialed == []
    house.advance(1.0)
    assert (house.owed[BO].ground, house.owed[BO].origin) == ("missed", "cc-1.1")
    assert house.dialed == ["callback-cc-1.1-1"]


def a_third_try() -> tuple[RoughTelephone, ContactId]:
    """Bo was called back twice in vain; his phone rings for the last time."""
    house = RoughTelephone(seat_count=2)
    house.hang_up(house.arrive(BO))
    house.sign_in("8001")
    for _ in range(2):
        house.end_callback(house.pick_up("8001"), packets=None)
        house.advance(1805.0)
    return house, house.pick_up("8001")


def test_a_last_try_that_was_never_begun_is_made_in_the_next_life() -> None:
    """Each of three controllers dies with its try written down, before the seat was paused: he is called, as the third."""
    house = RoughTelephone(seat_count=1)
    house.pauses_late = True
    house.hang_up(house.arrive(BO))
    house.sign_in("8001")
    for tries in (1, 2, 3):
        assert house.owed[BO].tries == tries
        house.die()
        house.now += 1900.0
        house.come_back()
    assert house.dialed == []
    house.land_pauses()
    house.advance(60.0)
    assert house.dialed == ["callback-cc-1.1-3"]


def test_a_last_try_that_ended_unseen_is_the_last() -> None:
    """The books tell that nobody answered: he is unreached, not called a fourth time."""
    house, dialed = a_third_try()
    house.die()
    house.end_callback(dialed, packets=None)
    house.now += 1900.0
    house.come_back()
    house.advance(4000.0)
    assert house.dialed[2:] == [dialed]
    assert [closed.why for closed in house.closed] == ["unreached"]


def test_a_last_try_that_failed_while_he_called_himself_is_the_last() -> None:
    """A seat rang for him, he hung up: he is unreached, and owed a call tomorrow for the call in vain."""
    house, dialed = a_third_try()
    house.sign_in("8002")
    call = house.arrive(BO, key="0")
    house.end_callback(dialed, packets=None)
    house.hang_up(call)
    house.advance(4000.0)
    assert house.dialed[2:] == [dialed]
    assert [closed.why for closed in house.closed] == ["unreached"]
    assert house.owed[BO].tries == 0


def test_who_was_served_unseen_after_a_call_in_vain_is_not_called_again() -> None:
    """Of the busy signal the books tell first, of the call-back after it a moment later."""
    house = RoughTelephone(seat_count=1)
    house.hang_up(house.arrive(BO))
    house.sign_in("8001")
    dialed = house.pick_up("8001")
    house.block(BO)
    house.die()
    house.citizen_answers(dialed, "8001")
    house.now += 1900.0
    house.end_callback(dialed)
    house.come_back()
    assert house.dialed == [dialed]
    house.advance(1.0)
    assert house.owed == {}
    assert house.dialed == [dialed]
