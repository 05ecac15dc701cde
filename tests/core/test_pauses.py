"""Pauses of recordings: asked for in a talk, confirmed by Asterisk, never longer than the talk."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from callcenter.core.clock import Instant
from callcenter.core.contact import Contact, ContactState
from callcenter.core.errors import UsageError
from callcenter.core.ids import ChannelName, ContactId, QueueName, SeatId
from callcenter.core.messages import calls, link, recording
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.seats import Publish
from recordings.core.pauses import Pauses

pytestmark = pytest.mark.core

C1 = ContactId("cc-1.1")
OWN, CALLED = ChannelName("PJSIP/trunk-00000001"), ChannelName("PJSIP/trunk-00000009")
MAIN, SEAT = QueueName("main"), SeatId("8001")
AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
PAUSED = recording.RecordingPaused(C1, "zhang", "身份证号")
RESUMED = recording.RecordingResumed(C1, "zhang", "")
ENDED = Publish(recording.RecordingResumed(C1, "", recording.TALK_ENDED))
TALK_ENDED = calls.TalkEnded(C1, MAIN, SEAT, 30.0)
HANGUP = calls.CallEnded(C1, 16, AT)


class House:
    """The engine and a ledger with one call."""

    def __init__(self) -> None:
        self.contact: Contact | None = Contact(C1, OWN, "", "12345", "controller", ContactState.TALKING, AT)
        self.engine = Pauses(lambda contact_id: self.contact if contact_id == C1 else None)
        self.take(recording.RecorderStarted(C1, OWN))

    def take(self, message: Message, state: ContactState | None = ContactState.TALKING) -> list[Effect]:
        """Tell the engine; ``state``: what the ledger says by then, ``None``: the call is gone."""
        if self.contact is not None:
            self.contact = replace(self.contact, state=state) if state else None
        self.engine.receive(message, Instant(0.0))
        effects = self.engine.take_effects()
        for effect in effects:
            if isinstance(effect, Publish):
                self.engine.receive(effect.message, Instant(0.0))
        return effects


@pytest.fixture
def house() -> House:
    """A talk that is recorded."""
    return House()


def test_a_talk_is_paused_and_goes_on(house: House) -> None:
    """On the channel of its recorder; each only once."""
    assert house.engine.channel_of(C1, paused=True) == OWN
    assert house.take(PAUSED) == []
    assert house.engine.is_paused(C1)
    with pytest.raises(UsageError, match="paused already"):
        house.engine.channel_of(C1, paused=True)
    assert house.engine.channel_of(C1, paused=False) == OWN
    assert house.take(RESUMED) == []
    assert not house.engine.is_paused(C1)
    with pytest.raises(UsageError, match="not paused"):
        house.engine.channel_of(C1, paused=False)


@pytest.mark.parametrize("state", [s for s in ContactState if s is not ContactState.TALKING])
def test_only_a_talk_can_be_paused(house: House, state: ContactState) -> None:
    """Before and after it nothing is recorded."""
    house.take(calls.CallQueued(C1, MAIN, 1), state)
    with pytest.raises(UsageError) as caught:
        house.engine.channel_of(C1, paused=True)
    assert caught.value.code == "wrong_recording_state"
    with pytest.raises(UsageError) as caught:
        house.engine.channel_of(ContactId("cc-1.2"), paused=True)
    assert caught.value.code == "unknown_call"


@pytest.mark.parametrize(
    ("message", "state", "unmutes"),
    [
        (TALK_ENDED, ContactState.TALKED, True),
        (calls.CallTransferred(C1, SEAT, "8002"), ContactState.TALKING, True),
        (calls.CallQueued(C1, MAIN, 1), ContactState.WAITING, True),
        (HANGUP, None, False),
        (calls.ContactSettled(C1, "", "", calls.Outcome.ANSWERED, None, None, AT, None, AT, AT), None, False),
    ],
    ids=["talk ended", "transferred", "queued again", "hung up", "settled"],
)
def test_a_pause_ends_with_its_talk(
    house: House, message: Message, state: ContactState | None, unmutes: bool
) -> None:
    """The journal tells it; a recorder that may still run records again."""
    house.take(PAUSED)
    effects = house.take(message, state)
    assert effects == [*([recording.UnmuteRecorder(C1, OWN)] if unmutes else []), ENDED]
    assert not house.engine.is_paused(C1)
    assert house.take(HANGUP, None) == []


def test_a_talk_that_ended_meanwhile_is_not_left_paused(house: House) -> None:
    """Asterisk confirmed when the talk was over already."""
    house.take(TALK_ENDED, ContactState.TALKED)
    assert house.take(PAUSED, ContactState.TALKED) == [recording.UnmuteRecorder(C1, OWN), ENDED]


def test_without_a_pause_an_end_is_no_news(house: House) -> None:
    """Most talks are never paused."""
    assert house.take(TALK_ENDED, ContactState.TALKED) == []
    assert house.take(HANGUP, None) == []


def test_the_newest_recorder_counts(house: House) -> None:
    """A transfer starts another; a call-back's runs on the called citizen's channel."""
    house.take(recording.RecorderStarted(C1, CALLED))
    assert house.engine.channel_of(C1, paused=True) == CALLED


def test_a_new_recorder_of_a_paused_talk_is_muted(house: House) -> None:
    """Recorders begin unmuted: what must not be kept is not kept again by accident; without a pause nothing is asked."""
    assert house.take(recording.RecorderStarted(C1, OWN)) == []
    house.take(PAUSED)
    assert house.take(recording.RecorderStarted(C1, CALLED)) == [recording.MuteRecorder(C1, CALLED)]
    assert house.engine.is_paused(C1)


def test_after_a_gap_a_paused_talk_is_muted_anew(house: House) -> None:
    """It may have been handed over meanwhile, to a new recorder; one whose talk is over is told so instead."""
    restored = link.LinkRestored(link.Snapshot("cc", (), (), (), frozenset()), AT)
    assert house.take(restored) == []
    house.take(PAUSED)
    assert house.take(restored) == [recording.MuteRecorder(C1, OWN)]
    assert house.take(restored, ContactState.TALKED) == [recording.UnmuteRecorder(C1, OWN), ENDED]


def test_a_recorder_that_started_unseen_is_that_of_the_citizens_channel() -> None:
    """After a gap in the events; a call-back whose channel is not known is refused."""
    house = House()
    house.engine = Pauses(lambda _: house.contact)
    assert house.engine.channel_of(C1, paused=True) == OWN
    assert house.contact is not None
    house.contact = replace(house.contact, channel=ChannelName(""))
    with pytest.raises(UsageError):
        house.engine.channel_of(C1, paused=True)


def test_a_new_controller_knows_what_was_paused(house: House) -> None:
    """And that its talk ended while nobody steered."""
    left = recording.RecordersRestored((recording.PausedBefore(C1, CALLED, "zhang", "身份证号"),))
    house.engine = Pauses(lambda _: house.contact)
    assert house.take(left) == []
    assert house.engine.is_paused(C1)
    assert house.engine.channel_of(C1, paused=False) == CALLED
    house.engine = Pauses(lambda _: house.contact)
    assert house.take(left, ContactState.TALKED) == [recording.UnmuteRecorder(C1, CALLED), ENDED]


def test_it_waits_for_nothing(house: House) -> None:
    """No deadline: a pause is as long as its talk."""
    assert house.engine.next_deadline() is None
    house.engine.on_deadline(Instant(0.0))
    assert house.engine.take_effects() == []
