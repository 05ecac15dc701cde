"""Who is woken when a seat becomes ready: those whose turn it is in the telephone's own order, and nobody else."""

import pytest
from telephone import MAIN, Telephone

from callcenter.core.ids import ContactId
from callcenter.core.messages import calls, offers

pytestmark = pytest.mark.core

ANNA, BEN, BO, CHEN, DENG = (f"1380000000{n}" for n in range(1, 6))


def talking_house(*seat_callers: str) -> tuple[Telephone, list[ContactId]]:
    """As many seats as callers, and each talks with one."""
    house = Telephone(seat_count=len(seat_callers))
    house.log_in()
    talks = [house.arrive(number, key="0") for number in seat_callers]
    for seat_id in house.seat_ids:
        house.pick_up(seat_id)
    return house, talks


def end(house: Telephone, *talks: ContactId) -> None:
    """The talks end, and so does the after-call work."""
    for talk in talks:
        house.hang_up(talk)
    house.advance(60.0)


def test_the_first_is_woken_when_the_seat_is_ready_again() -> None:
    """Not when the talk ends, not while the agent still works, and only he."""
    house, talks = talking_house(ANNA)
    first, _ = house.arrive(BO, key="0"), house.arrive(CHEN, key="0")
    house.hang_up(talks[0])
    house.advance(59.0)
    assert house.woken == []
    house.advance(1.0)
    assert house.woken == [first]


def test_two_seats_at_once_wake_two() -> None:
    """Each seat has its caller, and nobody is woken twice; the third sleeps on."""
    house, talks = talking_house(ANNA, BEN)
    first, second, third = (house.arrive(number, key="0") for number in (BO, CHEN, DENG))
    end(house, *talks)
    assert house.woken == [first, second]
    assert third in house.places()


def test_an_agent_who_comes_back_wakes_the_first() -> None:
    """A log-in is the beginning of work as much as the end of a pause."""
    house = Telephone(seat_count=1)
    first = house.arrive(BO, key="0")
    house.log_in()
    assert house.woken == [first]


def test_the_order_is_asterisks() -> None:
    """Who came into the queue first is next, though we had sent another one before."""
    house, talks = talking_house(ANNA)
    first, second = house.arrive(BO, key="0"), house.arrive(CHEN, key="0")
    house.tell(calls.CallQueued(second, MAIN, 1))
    end(house, *talks)
    assert house.woken == [second]
    assert first in house.places()


def test_the_urgent_and_the_preferred_come_first() -> None:
    """The key in the greeting and the manager's word count as they do in the line."""
    house, talks = talking_house(ANNA)
    first, moved, urgent = house.arrive(BO, key="0"), house.arrive(CHEN, key="0"), house.arrive(DENG, key="9")
    house.tell(offers.PriorityAsked(moved, urgent=True, by="lead", why="gas leak"))
    woken = []
    for talk in (*talks, urgent, moved):
        end(house, talk)
        house.pick_up("8001")
        woken.append(house.woken[-1])
    assert woken == [urgent, moved, first]


def test_who_is_back_among_the_others_comes_after_them() -> None:
    """What the manager gave he can take back."""
    house, talks = talking_house(ANNA)
    moved, other = house.arrive(BO, key="0"), house.arrive(CHEN, key="0")
    for urgent in (True, False):
        house.tell(offers.PriorityAsked(moved, urgent, by="lead", why="gas leak"))
    end(house, *talks)
    assert house.woken == [other]


def test_nobody_is_woken_who_does_not_stand_in_the_line() -> None:
    """Neither who is asked something nor who hung up nor who talks; a free seat without a line wakes nobody."""
    house, talks = talking_house(ANNA)
    asked, gone = house.arrive(BO), house.arrive(CHEN, key="0")
    assert asked in house.asked
    house.hang_up(gone)
    end(house, *talks)
    assert house.woken == []


def test_who_was_taken_out_of_the_line_is_not_woken() -> None:
    """He hears a question: a key event would be none of his. Who waits behind him is next."""
    house, talks = talking_house(ANNA)
    asked = house.arrive(BO)
    while asked in house.asked:
        house.reply(asked, accepted=False)
    second = house.arrive(CHEN, key="0")
    house.advance(91.0)
    assert asked in house.asked
    end(house, *talks)
    assert house.woken == [second]


def test_a_seat_that_calls_back_wakes_nobody() -> None:
    """It is not for the line: neither when it is taken nor while it dials."""
    house, talks = talking_house(ANNA)
    house.hang_up(house.arrive(BO, key="0"))
    end(house, *talks)
    assert len(house.dialed) == 1
    house.arrive(CHEN, key="0")
    assert house.woken == []


def test_the_line_is_known_after_a_restart() -> None:
    """The new controller reads it from Asterisk."""
    house, talks = talking_house(ANNA)
    first, second = house.arrive(BO, key="0"), house.arrive(CHEN, key="0")
    house.restart()
    end(house, *talks)
    assert house.woken == [first]
    house.hang_up(first)
    assert house.woken == [first, second]
