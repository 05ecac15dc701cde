"""The desk of running recordings: what it asks of Asterisk, what it tells the controller, what a restart knows."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from rows import C1, NOW, StillClock, answered

from callcenter.controller import Controller
from callcenter.core.clock import Instant
from callcenter.core.contact import SaveContact
from callcenter.core.contacts import Contacts
from callcenter.core.errors import PeerError, UsageError
from callcenter.core.ids import ChannelName, SeatId
from callcenter.core.messages import calls, recording
from callcenter.core.messages.base import Message
from callcenter.recording_desk import RecordingDesk, recorders_left
from callcenter.store import contacts as rows
from callcenter.store import journal
from callcenter.store.database import Database
from recordings.core.pauses import Pauses
from recordings.recorders import Recorders

pytestmark = pytest.mark.contract

CHANNEL = ChannelName("PJSIP/trunk-00000001")
CALLED = ChannelName("PJSIP/trunk-00000007")
STARTED = recording.RecorderStarted(C1, CHANNEL)
PAUSED = recording.RecordingPaused(C1, "zhang", "身份证号")
RESUMED = recording.RecordingResumed(C1, "zhang", "")


class Actor:
    """Writes down what it is asked; the next answers are taken from ``refusals``."""

    def __init__(self, *refusals: str) -> None:
        self.states: list[str] = []
        self.refusals = list(refusals)

    async def ask(self, action: dict[str, str | list[str]]) -> object:
        """Take in one action."""
        assert (action["Action"], action["Channel"], action["Direction"]) == (
            "MixMonitorMute",
            CHANNEL,
            "both",
        )
        self.states.append(str(action["State"]))
        if self.refusals and (refusal := self.refusals.pop(0)):
            raise PeerError(f"Asterisk refused MixMonitorMute: {refusal}", code="ami_refused")
        return None


async def _commit() -> None:
    """What is told is kept at once here."""


@asynccontextmanager
async def _desk(actor: Actor) -> AsyncIterator[tuple[RecordingDesk, list[Message]]]:
    """A desk in a house where one talk is recorded, and what is journaled there."""
    told: list[Message] = []
    ledger = Contacts()
    ledger.reopen(answered(ended=False), 0.0, Instant(0.0))
    pauses, recorders = Pauses(ledger.get), Recorders(actor)
    unmuting: list[asyncio.Task[None]] = []
    controller = Controller(
        [ledger, pauses],
        {
            recording.UnmuteRecorder: lambda effect: unmuting.append(
                asyncio.create_task(recorders.unmute(effect))
            ),
            SaveContact: lambda effect: None,
        },
        lambda message, derived: told.append(message),
        StillClock(),
    )
    running = asyncio.create_task(controller.run())
    try:
        await controller.ask(STARTED)
        yield RecordingDesk(controller, ledger, pauses, recorders, _commit), told
        await asyncio.gather(*unmuting)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_pause_is_told_when_asterisk_has_done_it() -> None:
    """Muted both ways, then journaled; the same for going on."""
    actor = Actor()
    async with _desk(actor) as (desk, told):
        await desk.pause(C1, "zhang", "身份证号")
        assert (actor.states, told[-1]) == (["1"], PAUSED)
        with pytest.raises(UsageError):
            await desk.pause(C1, "zhang", "身份证号")
        await desk.resume(C1, "zhang", "")
        assert (actor.states, told[-1]) == (["1", "0"], RESUMED)
        assert desk.seat_of(C1) == "8001"


@pytest.mark.parametrize("refusal", ["No such channel", "Cannot set mute flag"])
async def test_a_recorder_that_is_gone_is_the_askers_news(refusal: str) -> None:
    """Nothing is told to the journal, and nothing counts as paused."""
    async with _desk(Actor(refusal)) as (desk, told):
        with pytest.raises(UsageError) as caught:
            await desk.pause(C1, "zhang", "身份证号")
        assert caught.value.code == "wrong_recording_state"
        assert told == [STARTED]


async def test_an_answer_that_does_not_come_leaves_nothing_muted() -> None:
    """Whether it was muted is unknown: it is unmuted, and the agent hears that it failed."""
    actor = Actor("it took too long")
    async with _desk(actor) as (desk, told):
        with pytest.raises(PeerError):
            await desk.pause(C1, "zhang", "身份证号")
        assert (actor.states, told) == (["1", "0"], [STARTED])


async def test_a_pause_that_the_talk_outlives_is_ended_by_the_house() -> None:
    """The talk ends: the recorder is unmuted, gone or not, and the journal tells."""
    actor = Actor("", "No such channel")
    async with _desk(actor) as (desk, told):
        await desk.pause(C1, "zhang", "身份证号")
        await desk.controller.ask(calls.CallTransferred(C1, SeatId("8001"), "8002"))
        assert recording.RecordingResumed(C1, "", recording.TALK_ENDED) in told
    assert actor.states == ["1", "0"]


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        ((), ()),
        ((STARTED,), ((CHANNEL, ""),)),
        ((STARTED, PAUSED), ((CHANNEL, "zhang"),)),
        ((STARTED, PAUSED, RESUMED), ((CHANNEL, ""),)),
        ((STARTED, PAUSED, replace(STARTED, channel=CALLED)), ((CALLED, "zhang"),)),
        ((PAUSED,), ((CHANNEL, "zhang"),)),
    ],
)
async def test_a_restart_reads_the_recorders_from_the_journal(
    database: Database, story: tuple[Message, ...], expected: tuple[tuple[str, str], ...]
) -> None:
    """Of contacts that are still open: on which channel, and who had paused it."""
    ledger = Contacts()
    ledger.reopen(answered(ended=False), 0.0, Instant(0.0))
    async with database.unit() as unit:
        await rows.save(unit, answered(ended=False))
        for number, message in enumerate(story):
            unit.record(journal.draft(message, NOW, Instant(float(number)), derived=False))
    found = await recorders_left(database, ledger)
    assert tuple((left.channel, left.by) for left in found.recorders) == expected
