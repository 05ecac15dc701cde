"""The contact ledger: one contact, one outcome."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stories import (
    C1,
    C2,
    GENERAL,
    NINE,
    S1,
    S2,
    abandoned,
    answered,
    arrived,
    ended,
    offered,
    queued,
    rang_out,
    snapshot,
    talked,
    tell,
)

from callcenter.core.clock import Instant
from callcenter.core.contact import ContactState, SaveContact
from callcenter.core.contacts import Contacts
from callcenter.core.errors import IllegalTransition
from callcenter.core.ids import ChannelName
from callcenter.core.messages import calls, conference, link, work
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.calls import Outcome

pytestmark = pytest.mark.core


def saved(effects: list[Effect]) -> list[SaveContact]:
    """The saves among the effects."""
    return [effect for effect in effects if isinstance(effect, SaveContact)]


@pytest.mark.parametrize(
    ("story", "outcome"),
    [
        ([], Outcome.LEFT_EARLY),
        ([queued()], Outcome.ABANDONED),
        ([queued(), abandoned()], Outcome.ABANDONED),
        ([queued(), offered(), abandoned()], Outcome.ABANDONED),
        ([queued(), offered(), rang_out(), offered(), answered(), talked()], Outcome.ANSWERED),
        ([queued(), offered(), answered()], Outcome.ANSWERED),
    ],
)
def test_hanging_up_closes_the_contact_once(story: list[Message], outcome: Outcome) -> None:
    """Whenever the citizen hangs up, his contact gets exactly the outcome of its last step."""
    contacts = Contacts()
    effects = tell(contacts, arrived(), *story, ended())
    outcomes = [save.contact.outcome for save in saved(effects) if save.contact.outcome]
    assert outcomes == [outcome]
    assert not list(contacts.live())


def test_durations_come_from_the_monotonic_clock() -> None:
    """Waiting and talking seconds are differences of instants, put upon the arrival's stamp."""
    contacts = Contacts()
    tell(contacts, arrived(), at=100.0)
    tell(contacts, queued(), at=105.0)
    tell(contacts, offered(), answered(), at=125.0)
    tell(contacts, talked(), at=185.0)
    last = saved(tell(contacts, ended(), at=186.0))[-1].contact
    assert last.queued_at == NINE + timedelta(seconds=5)
    assert last.wait_s == pytest.approx(20.0)
    assert last.talk_s == pytest.approx(60.0)


def test_a_row_that_was_committed_late_shifts_no_time() -> None:
    """The arrival is when the citizen came, not when the database had room for him."""
    contacts = Contacts()
    tell(contacts, replace(arrived(), late_s=3.0), at=103.0)
    [save] = saved(tell(contacts, queued(), at=105.0))
    assert save.contact.queued_at == NINE + timedelta(seconds=5)


def test_a_transferred_citizen_talks_until_he_hangs_up() -> None:
    """After a transfer the talk lasts to the end of his own channel."""
    contacts = Contacts()
    tell(contacts, arrived(), queued(), offered(), answered(), at=0.0)
    tell(contacts, calls.CallTransferred(C1, S1, "8002"), talked(), at=30.0)
    last = saved(tell(contacts, ended(), at=90.0))[-1].contact
    assert last.talk_s == pytest.approx(90.0)


def test_a_citizen_who_was_handed_over_talks_with_the_next_seat() -> None:
    """The first seat's end is not his: only the next one's telephone ends the talk."""
    contacts = Contacts()
    tell(contacts, arrived(), queued(), offered(), answered())
    tell(contacts, calls.CallTransferred(C1, S1, S2, joined=True), talked(), at=30.0)
    state = [contact.state for contact in contacts.live()]
    assert (state, contacts.talks_with(C1)) == ([ContactState.TALKING], S2)
    tell(contacts, calls.LegEnded(C1, S2), calls.LegEnded(C2, S2), at=60.0)
    assert [contact.state for contact in contacts.live()] == [ContactState.TALKED]
    assert saved(tell(contacts, ended(), at=90.0))[-1].contact.seat_id == S1


@pytest.mark.parametrize("came_about", [True, False])
def test_a_conference_is_one_talk(came_about: bool) -> None:
    """Whoever leaves it first; one that did not come about leaves the talk as it was."""
    contacts = Contacts()
    tell(contacts, arrived(), queued(), offered(), answered())
    tell(contacts, conference.ConferenceBegun(C1, S1, S2), at=30.0)
    if came_about:
        tell(contacts, talked(), at=40.0)
        assert [contact.state for contact in contacts.live()] == [ContactState.TALKING]
    tell(contacts, conference.ConferenceEnded(C1, came_about), at=60.0)
    over = ContactState.TALKED if came_about else ContactState.TALKING
    assert [contact.state for contact in contacts.live()] == [over]
    assert saved(tell(contacts, talked(), ended(), at=60.0))[-1].contact.talk_s == pytest.approx(60.0)


def test_an_answered_contact_leads_to_recording_and_ticket() -> None:
    """The draft opens at the answer; recording and completion follow the hang-up."""
    contacts = Contacts()
    at_answer = tell(contacts, arrived(), queued(), offered(), answered())
    assert work.DraftTicket(C1) in at_answer
    at_end = tell(contacts, talked(), ended(), at=60.0)
    assert work.SealRecording(C1, 60.0) in at_end
    assert work.CompleteTicket(C1) in at_end


def test_an_impossible_event_raises_and_changes_nothing() -> None:
    """An answer before the queue is refused; the contact stays as it was and makes no effect."""
    contacts = Contacts()
    tell(contacts, arrived())
    before = contacts.get(C1)
    with pytest.raises(IllegalTransition):
        contacts.receive(answered(), Instant(1.0))
    assert contacts.get(C1) == before
    assert contacts.take_effects() == []


def test_who_was_never_met_is_settled_at_his_end() -> None:
    """A caller whom the dialplan refused or served alone is entered from the second book, once he is gone."""
    contacts = Contacts()
    assert tell(contacts, queued(), answered()) == []
    assert tell(contacts, ended()) == [calls.SettleFromBooks((C1,))]


def test_an_arrival_after_the_hang_up_is_settled_from_the_books() -> None:
    """The row took too long and the citizen is gone: his end is looked up, he does not stay open for ever."""
    contacts = Contacts()
    assert tell(contacts, ended()) == [calls.SettleFromBooks((C1,))]
    assert tell(contacts, arrived()) == [calls.SettleFromBooks((C1,))]


def test_an_arrival_after_the_queue_asks_for_the_truth() -> None:
    """The dialplan queued him by itself meanwhile: where he stands now is asked."""
    contacts = Contacts()
    tell(contacts, queued())
    assert tell(contacts, arrived()) == [link.Resync("arrival came late")]


def test_who_vanished_in_a_gap_is_settled_from_the_books() -> None:
    """Nobody's end is guessed: the second book knows it."""
    contacts = Contacts()
    tell(contacts, arrived(), queued())
    assert tell(contacts, snapshot()) == [calls.SettleFromBooks((C1,)), calls.CatchUp(())]
    settled = calls.ContactSettled(
        C1, "13800000001", "12345", Outcome.ANSWERED, GENERAL, S1, NINE, NINE, NINE, NINE
    )
    effects = tell(contacts, settled)
    assert saved(effects)[-1].contact.outcome is Outcome.ANSWERED
    assert work.DraftTicket(C1) in effects
    assert not list(contacts.live())


def test_who_is_found_alive_is_adopted_and_settled_at_his_end() -> None:
    """A caller served by the dialplan alone becomes a contact, too."""
    contacts = Contacts()
    call = link.LiveCall(C2, ChannelName("PJSIP/trunk-00000002"), "12345", 50.0, None)
    entry = link.WaitingCall(C2, GENERAL, 1, 0, 40.0)
    effects = tell(contacts, snapshot(live=(call,), waiting=(entry,)), at=1000.0)
    adopted = saved(effects)[-1].contact
    assert (adopted.state, adopted.source) == (ContactState.WAITING, "found")
    assert adopted.arrived_at == NINE - timedelta(seconds=50)
    assert tell(contacts, ended(C2), at=1010.0) == [calls.SettleFromBooks((C2,))]


def test_who_was_answered_in_a_gap_is_found_talking() -> None:
    """After a restart a waiting contact that talks by now is corrected, with its draft; since when, the books know."""
    contacts = Contacts()
    tell(contacts, arrived(), queued())
    waiting = contacts.get(C1)
    assert waiting is not None
    reborn = Contacts()
    reborn.reopen(waiting, 60.0, Instant(500.0))
    call = link.LiveCall(C1, waiting.channel, "12345", 60.0, S1)
    effects = tell(reborn, snapshot(live=(call,)), at=500.0)
    found = saved(effects)[-1].contact
    assert (found.state, found.answered_at) == (ContactState.TALKING, None)
    assert work.DraftTicket(C1) in effects
    again = Contacts()
    again.reopen(found, 90.0, Instant(530.0))
    assert tell(again, snapshot(live=(call,)), at=530.0) == [calls.CatchUp((C1,))]
    assert tell(again, ended(), at=560.0) == [calls.SettleFromBooks((C1,))]


def test_a_talk_that_was_seen_to_begin_is_ours_over_a_restart() -> None:
    """Its stamps are the arrival's and the monotonic clock's; the books are not asked."""
    contacts = Contacts()
    tell(contacts, arrived(), queued(), answered())
    talking = contacts.get(C1)
    assert talking is not None
    reborn = Contacts()
    reborn.reopen(talking, 60.0, Instant(500.0))
    tell(reborn, snapshot(live=(link.LiveCall(C1, talking.channel, "12345", 60.0, S1),)), at=500.0)
    last = saved(tell(reborn, ended(), at=560.0))[-1].contact
    assert (last.outcome, last.answered_at) == (Outcome.ANSWERED, talking.answered_at)
    assert last.ended_at == NINE + timedelta(seconds=120)


def test_who_stated_his_matter_before_a_restart_has_his_ticket_after_it() -> None:
    """The desks show that there is a statement, and giving up completes the ticket, as without a restart."""
    contacts = Contacts()
    tell(contacts, arrived(), queued())
    waiting = contacts.get(C1)
    assert waiting is not None
    reborn = Contacts()
    reborn.reopen(waiting, 60.0, Instant(500.0), has_stated=True)
    assert reborn.has_stated(C1)
    assert work.CompleteTicket(C1) in tell(reborn, abandoned(), ended(), at=560.0)


@given(
    st.lists(
        st.sampled_from([queued(), offered(), rang_out(), answered(), talked(), abandoned()]), max_size=12
    )
)
def test_no_story_closes_a_contact_twice(story: list[Message]) -> None:
    """Whatever arrives in whatever order, a contact ends once, and only by its own end."""
    contacts = Contacts()
    tell(contacts, arrived())
    for message in story:
        try:
            contacts.receive(message, Instant(1.0))
        except IllegalTransition:
            continue
    before = saved(contacts.take_effects())
    assert all(save.contact.outcome is None for save in before)
    closing = saved(tell(contacts, ended()))
    assert len(closing) == 1
    assert closing[0].contact.outcome is not None
    assert saved(tell(contacts, ended())) == []
