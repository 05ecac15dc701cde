"""The steering: what callers meet, who rings, and what is owed, told as stories on a telephone without waiting."""

from dataclasses import replace
from datetime import timedelta

import pytest
from telephone import MIDNIGHT, USUAL, Telephone

from callcenter.core.clock import Instant
from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages import callbacks, calls, link, offers, surge
from callcenter.core.messages.calls import Outcome
from callcenter.core.messages.offers import Farewell, Question
from callcenter.core.messages.seats import SeatState

pytestmark = pytest.mark.core

ANNA, BO, CHEN, DENG = "13800000001", "13800000002", "13800000003", "13800000004"
WITHHELD = ""


def busy_house(**changes: object) -> tuple[Telephone, ContactId]:
    """One seat, and it talks with Anna."""
    house = Telephone(seat_count=1, **changes)  # type: ignore[arg-type]  # fields by name
    house.log_in()
    talking = house.arrive(ANNA)
    house.pick_up("8001")
    return house, talking


def with_offer(house: Telephone, number: str = BO) -> ContactId:
    """A caller who is offered a call-back on arrival (he declines the message first, if he is asked)."""
    contact = house.arrive(number)
    while house.asked.get(contact) in (Question.NOTICE, Question.MESSAGE):
        house.reply(contact, accepted=False)
    assert house.asked[contact] is Question.CALLBACK
    return contact


def promised(house: Telephone, number: str = BO) -> ContactId:
    """A caller who accepts a call-back on arrival."""
    contact = with_offer(house, number)
    house.reply(contact, accepted=True)
    return contact


def refusing(house: Telephone, number: str) -> ContactId:
    """A caller who refuses everything and waits."""
    house.advance(0.5)
    contact = house.arrive(number)
    while contact in house.asked:
        house.reply(contact, accepted=False)
    return contact


def seat_free_again(house: Telephone, talking: ContactId, talk_s: float = 200.0) -> None:
    """The talk ends, and so does the after-call work."""
    house.advance(talk_s)
    house.hang_up(talking)
    house.advance(60.0)


def test_a_free_seat_rings_without_a_word() -> None:
    """At normal load nobody is asked anything: greeting, then the phone rings."""
    house = Telephone()
    house.log_in()
    contact = house.arrive(ANNA)
    assert contact not in house.said
    assert list(house.ringing.values()) == [contact]


def test_who_waits_long_is_offered_a_call_back_and_gets_one() -> None:
    """Offer on arrival, yes, farewell, and when the seat is free it dials him, agent first."""
    house, talking = busy_house()
    contact = promised(house)
    assert house.farewells[contact] is Farewell.CALLBACK_PROMISED
    assert house.rows[contact].outcome is Outcome.CALLBACK
    assert house.owed[BO].origin == contact
    seat_free_again(house, talking)
    dialed = house.ringing[house.seat_ids[0]]
    assert callbacks.is_callback(dialed)
    assert house.state("8001") is SeatState.RINGING
    house.pick_up("8001")
    house.citizen_answers(dialed, "8001")
    house.advance(60.0)
    house.end_callback(dialed)
    assert BO not in house.owed
    assert [closed.why for closed in house.closed] == ["kept"]
    assert any(isinstance(news, callbacks.CallbackKept) for news in house.news)
    assert house.rows[dialed].outcome is Outcome.ANSWERED
    house.advance(60.0)
    assert house.state("8001") is SeatState.READY


def test_silence_at_every_offer_leads_to_the_line() -> None:
    """Refusing everything leads to the line, with a range that tells how long."""
    house, _ = busy_house()
    contact = refusing(house, BO)
    assert house.places() == [contact]
    told = [effect for effect in house.said[contact] if isinstance(effect, offers.TellWait)]
    assert len(told) == 1
    assert 0 <= told[0].low_s < told[0].high_s
    assert told[0].place == len(house.places())
    assert house.estimates[0].contact_id == contact


def test_zero_reaches_the_line_without_offers() -> None:
    """Whoever presses 0 in the greeting is asked nothing."""
    house, _ = busy_house()
    contact = house.arrive(BO, key="0")
    assert house.places() == [contact]
    assert not [effect for effect in house.said[contact] if isinstance(effect, offers.Ask)]


def test_the_urgent_key_goes_before_everybody() -> None:
    """9 in the greeting: no offer, and the head of the line."""
    house, _ = busy_house()
    first = refusing(house, BO)
    urgent = house.arrive(CHEN, key="9")
    assert house.places() == [urgent, first]


def test_a_call_back_is_offered_again_while_waiting() -> None:
    """After a while he is taken out of the line and asked; no leads back to his own place."""
    house, _ = busy_house()
    first, second = refusing(house, BO), refusing(house, CHEN)
    house.advance(91.0)
    assert house.asked[first] is Question.CALLBACK_WAITING
    house.reply(first, accepted=False)
    house.reply(second, accepted=False)
    assert house.places() == [first, second]


def test_who_refuses_first_is_not_the_first_for_that() -> None:
    """Two are asked while a third waits: whoever answers sooner, all come back to their own places."""
    house, _ = busy_house()
    first, second = refusing(house, BO), refusing(house, CHEN)
    house.advance(60.0)
    third = refusing(house, DENG)
    house.advance(31.0)
    assert set(house.asked) == {first, second}
    house.reply(second, accepted=False)
    assert house.places() == [second, third]
    house.reply(first, accepted=False)
    assert house.places() == [first, second, third]


def test_a_call_back_accepted_while_waiting() -> None:
    """Yes while waiting: promised, sent off, out of the line."""
    house, _ = busy_house()
    first = refusing(house, BO)
    house.advance(91.0)
    house.reply(first, accepted=True)
    assert house.places() == []
    assert house.owed[BO].ground == "accepted"
    assert house.rows[first].outcome is Outcome.CALLBACK


def test_a_seat_that_gets_free_during_the_question_is_not_lost() -> None:
    """While he is asked, the seat becomes ready; his no sends him to it at once."""
    house, talking = busy_house()
    first = refusing(house, BO)
    house.advance(91.0)
    seat_free_again(house, talking, talk_s=1.0)
    house.reply(first, accepted=False)
    assert list(house.ringing.values()) == [first]


def test_who_hangs_up_in_line_is_called_back_as_missed() -> None:
    """A missed call is one entry, and is dialed in the next quiet time."""
    house, talking = busy_house()
    contact = refusing(house, BO)
    house.advance(30.0)
    house.hang_up(contact)
    assert [note.contact_id for note in house.missed] == [contact]
    assert house.owed[BO].ground == "missed"
    seat_free_again(house, talking)
    assert house.dialed == [callbacks.callback_id(contact, 1)]


def test_who_hangs_up_during_an_offer_is_missed_too() -> None:
    """He asked for a person by staying after the greeting."""
    house, _ = busy_house()
    contact = with_offer(house)
    house.hang_up(contact)
    assert house.owed[BO].ground == "missed"
    assert house.rows[contact].outcome is Outcome.ABANDONED


def test_who_hangs_up_in_the_greeting_is_owed_nothing() -> None:
    """He never asked for a person."""
    house, _ = busy_house()
    contact = house.arrive(BO, key=None)
    house.hang_up(contact)
    assert BO not in house.owed
    assert house.missed == []
    assert house.rows[contact].outcome is Outcome.LEFT_EARLY


def test_a_withheld_number_is_noted_and_not_promised() -> None:
    """Nobody can be called back without a number: no such offer, but the missed call is on the list."""
    house, _ = busy_house()
    contact = house.arrive(WITHHELD)
    while contact in house.asked:
        assert house.asked[contact] is not Question.CALLBACK
        house.reply(contact, accepted=False)
    house.hang_up(contact)
    assert [note.contact_id for note in house.missed] == [contact]
    assert not house.owed


def test_a_redial_gets_the_old_place() -> None:
    """Who hung up and calls again within minutes stands where he stood."""
    house, _ = busy_house()
    first, second = refusing(house, BO), refusing(house, CHEN)
    house.hang_up(first)
    again = house.arrive(BO)
    while again in house.asked:
        house.reply(again, accepted=False)
    assert house.places() == [again, second]


def test_a_redial_that_is_answered_cancels_the_call_back() -> None:
    """Served on the line: nothing is owed any more, nobody is dialed."""
    house, talking = busy_house()
    promised(house)
    house.hang_up(talking)
    house.advance(1.0)
    again = house.arrive(BO, key="0")
    house.advance(60.0)
    assert house.pick_up("8001") == again
    house.advance(25.0)
    assert BO in house.owed
    house.hang_up(again)
    assert BO not in house.owed
    assert house.closed[-1].why == "answered"
    house.advance(3600.0)
    assert house.dialed == []


def test_a_talk_that_was_too_short_leaves_the_promise_open() -> None:
    """Five seconds are no talk: he is still owed his call."""
    house, talking = busy_house()
    promised(house)
    house.hang_up(talking)
    again = house.arrive(BO, key="0")
    house.advance(60.0)
    house.pick_up("8001")
    house.advance(5.0)
    house.hang_up(again)
    assert house.owed[BO].ground == "accepted"
    house.advance(61.0)
    assert len(house.dialed) == 1


def test_who_calls_while_he_is_called_back_is_owed_nothing_after_the_talk() -> None:
    """A second phone rings for his own call when the talk of the call-back ends: that one counts."""
    house = Telephone(seat_count=2)
    house.hang_up(house.arrive(BO))
    house.log_in("8001")
    dialed = house.pick_up("8001")
    house.citizen_answers(dialed, "8001")
    house.log_in("8002")
    own_call = house.arrive(BO, key="0")
    assert house.ringing == {SeatId("8002"): own_call}
    house.advance(30.0)
    house.end_callback(dialed)
    assert house.owed == {}


def test_nobody_answers_the_call_back() -> None:
    """A try is used up, the seat is ready again, the next try keeps its distance."""
    house, talking = busy_house()
    contact = promised(house)
    seat_free_again(house, talking)
    first = house.pick_up("8001")
    house.end_callback(first, packets=None)
    assert house.state("8001") is SeatState.READY
    assert house.owed[BO].tries == 1
    assert house.rows[first].outcome is Outcome.UNREACHED
    house.advance(1700.0)
    assert house.dialed == [first]
    house.advance(200.0)
    assert house.dialed == [first, callbacks.callback_id(contact, 2)]


def test_three_tries_are_enough() -> None:
    """After the last try the promise is closed as unreached, and nothing more is promised that day."""
    house, talking = busy_house()
    promised(house)
    seat_free_again(house, talking)
    for _ in range(3):
        house.end_callback(house.pick_up("8001"), packets=None)
        house.advance(1900.0)
    assert house.closed[-1].why == "unreached"
    assert len(house.dialed) == 3


@pytest.mark.parametrize("restarts", [False, True])
def test_who_was_not_reached_and_calls_in_vain_again_is_owed_a_call_tomorrow(restarts: bool) -> None:
    """Three tries a day, over a restart too; but nobody who calls is forgotten."""
    house, talking = busy_house()
    promised(house)
    seat_free_again(house, talking)
    for _ in range(3):
        house.end_callback(house.pick_up("8001"), packets=None)
        house.advance(1900.0)
    if restarts:
        house.restart()
    again = house.arrive(BO, key="0")
    house.hang_up(again)
    assert (house.owed[BO].origin, house.owed[BO].tries) == (again, 0)
    house.advance(86400.0 + 7.9 * 3600 - house.now)
    assert len(house.dialed) == 3
    house.tell(replace(house.day(), began=Instant(86400.0), began_at=MIDNIGHT + timedelta(days=1)))
    house.advance(0.2 * 3600)
    assert house.dialed[3:] == [callbacks.callback_id(again, 1)]


def test_an_agent_who_does_not_pick_up_costs_no_try() -> None:
    """The seat goes on break, the promise stays, another seat dials."""
    house = Telephone(seat_count=2)
    house.log_in("8001")
    talking = house.arrive(ANNA)
    house.pick_up("8001")
    promised(house)
    seat_free_again(house, talking)
    house.ring_out("8001")
    assert house.state("8001") is SeatState.ON_BREAK
    assert house.owed[BO].tries == 0
    house.log_in("8002")
    house.advance(31.0)
    assert list(house.ringing) == ["8002"]
    assert len(set(house.dialed)) == 2


@pytest.mark.parametrize(("talk_s", "packets"), [(19.0, (5000, 5000)), (60.0, (3, 5000)), (60.0, (5000, 3))])
def test_no_two_way_talk_is_no_call_back(talk_s: float, packets: tuple[int, int]) -> None:
    """Too short, or silent on one side: it was not done."""
    house, talking = busy_house()
    promised(house)
    seat_free_again(house, talking)
    dialed = house.pick_up("8001")
    house.citizen_answers(dialed, "8001")
    house.advance(talk_s)
    house.end_callback(dialed, packets=packets)
    assert BO in house.owed
    assert isinstance(house.news[-1], callbacks.CallbackFailed) or any(
        isinstance(news, callbacks.CallbackFailed) for news in house.news
    )


def test_a_lost_count_of_packets_does_not_undo_a_talk() -> None:
    """When the count never comes, the seconds decide, a moment later."""
    house, talking = busy_house()
    promised(house)
    seat_free_again(house, talking)
    dialed = house.pick_up("8001")
    house.citizen_answers(dialed, "8001")
    house.advance(30.0)
    house.end_callback(dialed, packets=None)
    assert BO in house.owed
    house.advance(4.0)
    assert BO not in house.owed


def test_a_message_instead_of_waiting() -> None:
    """Accepting the message ends the session; the house owes to hear it."""
    house, _ = busy_house(changes={"callback_margin": 0.0})
    contact = house.arrive(BO)
    while house.asked[contact] is not Question.MESSAGE:
        house.reply(contact, accepted=False)
    house.reply(contact, accepted=True)
    assert house.owed[BO].ground == "message"
    assert house.rows[contact].outcome is Outcome.MESSAGE


def test_a_reviewed_message_is_closed_or_called() -> None:
    """A person made it a ticket; a question left open keeps the call owed."""
    house, _ = busy_house(changes={"callback_margin": 0.0})
    contact = house.arrive(BO)
    while house.asked[contact] is not Question.MESSAGE:
        house.reply(contact, accepted=False)
    house.reply(contact, accepted=True)
    house.tell(callbacks.MessageReviewed(contact, needs_call=True, by="qa"))
    assert house.owed[BO].reviewed
    with pytest.raises(UsageError):
        house.tell(callbacks.MessageReviewed(ContactId("cc-999"), needs_call=True, by="qa"))


def test_a_manager_closes_what_is_owed() -> None:
    """By hand, with a reason: nobody dials him any more, also after a restart; calling in vain again owes him anew."""
    house, talking = busy_house()
    contact = promised(house)
    house.tell(callbacks.CloseAsked(contact, BO, "lead", "answered by the district"))
    assert [(closed.caller, closed.why) for closed in house.closed] == [(BO, "by_hand")]
    house.restart()
    seat_free_again(house, talking)
    assert (house.dialed, house.owed) == ([], {})
    other = house.arrive(ANNA)
    house.pick_up("8001")
    house.hang_up(refusing(house, BO))
    assert house.owed[BO].ground == "missed"
    house.hang_up(other)


def test_what_only_people_may_call_is_closed_by_hand_too() -> None:
    """A withheld number: the engine does not know it, the row is closed by its contact."""
    house, _ = busy_house()
    contact = refusing(house, WITHHELD)
    house.hang_up(contact)
    house.tell(callbacks.CloseAsked(contact, WITHHELD, "lead", "called from the desk phone"))
    assert house.closed == [callbacks.CloseOwed(WITHHELD, "by_hand", contact)]
    with pytest.raises(UsageError):
        house.tell(callbacks.PostponeAsked(contact, WITHHELD, 600.0, "lead", "later"))


def test_a_manager_has_a_citizen_called_later() -> None:
    """Not before the time that was asked for, over a restart as well; then he is called like everybody."""
    house, talking = busy_house()
    contact = promised(house)
    house.tell(callbacks.PostponeAsked(contact, BO, 3600.0, "lead", "he is in a meeting"))
    house.restart()
    seat_free_again(house, talking)
    house.advance(3000.0)
    assert house.dialed == []
    house.advance(600.0)
    assert house.dialed == [callbacks.callback_id(contact, 1)]


def test_what_is_being_kept_is_not_changed_by_hand() -> None:
    """While a call-back is dialed, or the citizen's own call rings a seat, it is neither closed nor put off."""
    house, talking = busy_house()
    contact = promised(house)
    seat_free_again(house, talking)
    for asked in (
        callbacks.CloseAsked(contact, BO, "lead", "mistake"),
        callbacks.PostponeAsked(contact, BO, 600.0, "lead", "mistake"),
        callbacks.CloseAsked(ContactId("cc-999"), BO, "lead", "another of his contacts"),
    ):
        with pytest.raises(UsageError, match="right now"):
            house.tell(asked)
    assert (BO in house.owed, house.closed) == (True, [])


def test_who_has_a_call_back_open_is_told_so() -> None:
    """A second call while the promise is open: he may rely on it, or wait."""
    house, _ = busy_house()
    promised(house)
    again = house.arrive(BO)
    assert house.asked[again] is Question.STATUS
    house.reply(again, accepted=True)
    assert house.farewells[again] is Farewell.CALLBACK_STAYS
    assert house.rows[again].outcome is Outcome.CALLBACK


def test_a_ring_out_keeps_the_place() -> None:
    """The seat did not answer: the caller is still first."""
    house, talking = busy_house()
    first, second = refusing(house, BO), refusing(house, CHEN)
    seat_free_again(house, talking)
    house.ring_out("8001")
    assert list(house.ringing.values()) == [first]
    assert house.places() == [first, second]


def test_the_line_rings_first_when_a_pause_comes_late() -> None:
    """A caller got the seat before it was secured: no call-back there, no try lost, and the seat is not forgotten."""
    house, talking = busy_house()
    promised(house)
    house.pauses_late = True
    seat_free_again(house, talking)
    caller = house.arrive(CHEN, key="0")
    assert house.ringing == {SeatId("8001"): caller}
    house.land_pauses()
    assert house.dialed == []
    assert house.owed[BO].tries == 0
    house.hang_up(caller)
    assert house.dialed == [callbacks.callback_id(caller, 1)]


def test_a_manager_moves_a_caller() -> None:
    """Urgent puts a waiting caller first, on the telephone and in the engine; somebody who does not wait is refused."""
    house, talking = busy_house()
    first, second = refusing(house, BO), refusing(house, CHEN)
    house.tell(offers.PriorityAsked(second, urgent=True, by="lead", why="gas leak"))
    assert house.places() == [second, first]
    seat_free_again(house, talking)
    assert house.pick_up("8001") == second
    with pytest.raises(UsageError):
        house.tell(offers.PriorityAsked(second, urgent=True, by="lead", why="again"))


def test_levels_by_hand_with_undo() -> None:
    """Declared, undone, handed back: each switch told once with its reason; nonsense is refused and changes nothing."""
    house = Telephone()
    house.tell(surge.LevelAsked(2, False, "lead", "epidemic"))
    assert house.overview().level == 2
    assert not house.steering.asks_survey()
    house.tell(surge.LevelAsked(None, True, "lead", "too early"))
    assert house.steering.asks_survey()
    switches = [news for news in house.news if isinstance(news, surge.LevelSwitched)]
    assert [(s.old, s.new, s.by, s.why) for s in switches] == [
        (0, 2, "lead", "epidemic"),
        (2, 0, "lead", "too early"),
    ]
    assert switches[0].wrap_up_cap_s > 0
    for wrong in (surge.LevelAsked(7, False, "x", "y"), surge.LevelAsked(1, False, "x", " ")):
        with pytest.raises(UsageError):
            house.tell(wrong)


def test_proposals_wait_for_the_manager() -> None:
    """Without automatic switches the figures propose, and one action applies."""
    house, _ = busy_house(automatic=False)
    for number in range(30):
        refusing(house, f"139000000{number:02}")
    overview = house.overview()
    assert overview.level == 0
    assert overview.proposal
    house.tell(surge.LevelAsked(overview.proposal, False, "lead", "as proposed"))
    assert house.overview().level == overview.proposal


def test_a_range_never_grows() -> None:
    """Whatever happens to the estimate, a citizen who calls again hears no longer wait than before."""
    house, _ = busy_house()
    first = refusing(house, BO)
    before = house.estimates[-1]
    house.hang_up(first)
    for number in range(20):
        refusing(house, f"139000000{number:02}")
    again = house.arrive(BO)
    while again in house.asked:
        house.reply(again, accepted=False)
    after = [e for e in house.estimates if e.contact_id == again][-1]
    assert (after.low_s, after.high_s) <= (before.low_s, before.high_s)


def test_nobody_is_dialed_at_night() -> None:
    """Call-back hours are kept; the promise waits for the morning."""
    house, talking = busy_house(now=20.9 * 3600)
    house.hang_up(refusing(house, BO))
    seat_free_again(house, talking, talk_s=600.0)
    house.advance(3600.0)
    assert house.dialed == []
    assert BO in house.owed


def test_the_owed_are_dialed_when_the_hours_begin() -> None:
    """Nobody calls in the morning, no seat moves: at eight the telephone rings all the same."""
    house = Telephone(seat_count=1, now=7.5 * 3600)
    contact = house.arrive(BO)
    house.hang_up(contact)
    house.log_in()
    house.advance(1790.0)
    assert house.dialed == []
    house.advance(20.0)
    assert house.dialed == [callbacks.callback_id(contact, 1)]


def test_nobody_is_dialed_while_he_is_on_the_line() -> None:
    """He was missed on one line and is still on another: the seat waits until that one is over, too."""
    house = Telephone(seat_count=1)
    missed, greeted = house.arrive(BO), house.arrive(BO, key=None)
    house.hang_up(missed)
    house.log_in()
    house.advance(25.0)
    assert house.dialed == []
    assert house.state("8001") is SeatState.READY
    house.hang_up(greeted)
    house.advance(31.0)
    assert house.dialed == [callbacks.callback_id(missed, 1)]


def test_a_restart_gives_no_seat_away_before_it_knows_who_waits() -> None:
    """One phone rings for Bo while Chen is owed a call: the new controller leaves the seat to Bo."""
    house = Telephone(seat_count=1)
    house.hang_up(house.arrive(CHEN))
    waiting = house.arrive(BO, key="0")
    house.log_in()
    assert list(house.ringing.values()) == [waiting]
    house.restart()
    assert house.state("8001") is SeatState.RINGING
    house.advance(4.0)
    assert house.dialed == []
    assert list(house.ringing.values()) == [waiting]


def test_a_talk_over_a_restart_counts_as_a_whole() -> None:
    """Twenty seconds before it and five after: he was served."""
    house = Telephone(seat_count=1)
    house.hang_up(house.arrive(BO))
    again = house.arrive(BO, key="0")
    house.log_in()
    house.pick_up("8001")
    house.advance(20.0)
    house.restart()
    house.advance(5.0)
    house.hang_up(again)
    assert house.owed == {}


def test_a_call_back_over_a_restart_counts_as_a_whole() -> None:
    """The same, when it was we who called."""
    house = Telephone(seat_count=1)
    house.hang_up(house.arrive(BO))
    house.log_in()
    dialed = house.pick_up("8001")
    house.citizen_answers(dialed, "8001")
    house.advance(20.0)
    house.restart()
    house.advance(5.0)
    house.end_callback(dialed)
    assert house.owed == {}
    assert house.rows[dialed].outcome is Outcome.ANSWERED


def test_who_calls_on_two_lines_is_one_citizen() -> None:
    """What is owed to a number is closed by a talk on either line, and owed anew when one of them is in vain."""
    house = Telephone(seat_count=1)
    house.hang_up(house.arrive(BO))
    first, second = house.arrive(BO, key="0"), house.arrive(BO, key="0")
    house.log_in()
    house.pick_up("8001")
    house.hang_up(second)
    assert set(house.owed) == {BO}
    house.advance(25.0)
    house.hang_up(first)
    assert house.owed == {}
    first, second = house.arrive(BO, key=None), house.arrive(BO, key="0")
    house.hang_up(second)
    assert house.owed[BO].origin == second


def test_a_restart_in_a_surge_loses_nobody_and_dials_nobody_twice() -> None:
    """Two hundred open call-backs, callers in line, one being dialed: the new controller takes them all up."""
    house = Telephone(seat_count=4)
    house.log_in()
    for n in range(4):
        house.arrive(f"1370000000{n}")
    for seat in house.seat_ids:
        house.pick_up(seat)
    for n in range(200):
        contact = house.arrive(f"136{n:08}")
        while contact in house.asked:
            house.reply(contact, accepted=house.asked[contact] is Question.CALLBACK)
        if contact in house.alive:
            house.hang_up(contact)
    waiting = [refusing(house, f"135{n:08}") for n in range(5)]
    owed = dict(house.owed)
    assert len(owed) == 200
    house.restart()
    assert house.places() == waiting
    assert house.owed == owed
    for contact in list(house.alive):
        house.hang_up(contact)
    for _ in range(3000):
        house.advance(20.0)
        for seat in [seat for seat in house.ringing if seat not in house.talking]:
            contact = house.pick_up(seat)
            if callbacks.is_callback(contact):
                house.citizen_answers(contact, seat)
        for contact in [c for c in house.talking.values() if callbacks.is_callback(c)]:
            house.advance(30.0)
            house.end_callback(contact)
        if house.now > 20 * 3600:
            break
    assert len(house.dialed) == len(set(house.dialed))
    assert {closed.caller for closed in house.closed if closed.why == "kept"} >= set(owed)


def from_books(
    house: Telephone, number: str, outcome: Outcome, ended_s: float, talk_s: float = 0.0
) -> calls.ContactSettled:
    """A call that ended ``ended_s`` seconds from now (mostly negative) while nobody watched."""
    ended_at = house.at() + timedelta(seconds=ended_s)
    began_at = ended_at - timedelta(seconds=talk_s)
    return calls.ContactSettled(
        ContactId(f"cc-gap-{number}-{ended_s}"),
        number,
        "12345",
        outcome,
        queue=None,
        seat_id=None,
        arrived_at=began_at,
        queued_at=began_at,
        answered_at=began_at if talk_s else None,
        ended_at=ended_at,
    )


def test_what_the_books_say_counts() -> None:
    """A call that ended while nobody watched: missed callers are owed, also since last night; served ones are not."""
    house, _ = busy_house()
    promised(house, BO)
    house.tell(from_books(house, CHEN, Outcome.ABANDONED, -60.0))
    house.tell(from_books(house, DENG, Outcome.BLOCKED, -14 * 3600.0))
    house.tell(from_books(house, BO, Outcome.ANSWERED, -60.0, talk_s=30.0))
    assert set(house.owed) == {CHEN, DENG}


def test_the_books_tell_late_of_a_call_before_the_talk() -> None:
    """He called in vain, called again and was served: nothing is owed for the first call, something for a later one."""
    house, talking = busy_house()
    house.advance(30.0)
    house.hang_up(talking)
    house.advance(10.0)
    house.tell(from_books(house, ANNA, Outcome.ABANDONED, -20.0))
    assert house.owed == {}
    house.tell(from_books(house, ANNA, Outcome.ABANDONED, -5.0))
    assert set(house.owed) == {ANNA}


def test_who_hangs_up_while_the_truth_is_read_is_told_by_the_books() -> None:
    """The truth has him no more, then the news of his end comes: he is no less owed a call, and once."""
    house, _ = busy_house()
    contact = refusing(house, BO)
    without_him = house.snapshot()
    without_him = replace(
        without_him, calls=tuple(c for c in without_him.calls if c.contact_id != contact), waiting=()
    )
    house.tell(link.LinkRestored(without_him, house.at()))
    house.hang_up(contact)
    house.tell(replace(from_books(house, BO, Outcome.ABANDONED, 0.0), contact_id=contact))
    assert [note.contact_id for note in house.missed] == [contact]
    assert house.owed[BO].origin == contact
    assert house.rows[contact].outcome is Outcome.ABANDONED


def test_a_message_left_while_nobody_watched_is_to_be_heard() -> None:
    """The dialplan took it; the house owes to hear it."""
    house, _ = busy_house()
    house.tell(from_books(house, BO, Outcome.MESSAGE, -60.0))
    assert house.owed[BO].ground == "message"


def test_who_was_served_before_the_phone_rings_is_not_dialed() -> None:
    """The seat is being paused for his call-back when the books tell of his talk: the seat is ready again."""
    house, talking = busy_house()
    house.hang_up(refusing(house, BO))
    house.pauses_late = True
    seat_free_again(house, talking)
    house.tell(from_books(house, BO, Outcome.ANSWERED, -1.0, talk_s=30.0))
    house.land_pauses()
    assert house.dialed == []
    assert house.state("8001") is SeatState.READY


def test_every_lost_session_ends_in_the_line() -> None:
    """The session breaks off in the middle of an offer: the dialplan's line is the truth, and the engine knows him there."""
    house, _ = busy_house()
    contact = with_offer(house)
    house.tell(calls.SessionLost(contact, "caller_gone"))
    house.fall_back(contact)
    assert house.overview().waiting == 1


def test_a_new_day_brings_its_own_forecast() -> None:
    """What the house learned of a weekday is what the engine reckons with from its midnight on."""
    house = Telephone(seat_count=1)
    usual = house.overview().ewt_s
    house.tell(replace(house.day(), talk_s=1000.0))
    assert house.overview().ewt_s == pytest.approx(usual + 1000.0 - USUAL.talk_s)
