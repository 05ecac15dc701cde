"""The controller: one inbox in order, effects handed on, commands answered, refusals harmless."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from stories import C1, S1, answered, arrived, joined, offered, queued, talked

from callcenter.clocks import SystemClock
from callcenter.controller import Controller
from callcenter.core.clock import Instant
from callcenter.core.contact import SaveContact
from callcenter.core.contacts import Contacts
from callcenter.core.engine import Engine
from callcenter.core.errors import PeerError, UsageError
from callcenter.core.messages import link, seats, work
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.seats import SeatRequest, SeatState
from queues.core.seats import SeatRules, Seats

pytestmark = pytest.mark.adapters


class House:
    """A controller with the real engines; effects and journal are lists."""

    def __init__(self, wrap_up_s: float = 60.0) -> None:
        self.contacts = Contacts()
        self.seats = Seats([S1], SeatRules(wrap_up_s, ring_outs_before_break=3))
        self.seats.receive(seats.SeatReachable(S1, reachable=True), Instant(0.0))
        self.effects: list[Effect] = []
        self.journal: list[tuple[Message, bool]] = []
        kinds = [SaveContact, work.DraftTicket, work.CompleteTicket, work.SealRecording, link.Resync]
        kinds += [seats.AddSeat, seats.RemoveSeat, seats.PauseSeat, seats.ResumeSeat]
        engines: list[Engine] = [self.contacts, self.seats]
        self.controller = Controller(
            engines,
            dict.fromkeys(kinds, self.effects.append),
            lambda message, derived: self.journal.append((message, derived)),
            SystemClock(),
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator["House"]:
        """While the inbox is consumed."""
        task = asyncio.create_task(self.controller.run())
        try:
            yield self
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def until(self, holds: Callable[[], Any]) -> None:
        """Wait for a condition, within a limit."""
        async with asyncio.timeout(20):
            while not holds():
                await asyncio.sleep(0.005)


async def test_messages_are_journaled_in_order_and_effects_follow() -> None:
    """What was posted is decided and journaled one after the other."""
    story = [arrived(), queued()]
    async with House().running() as house:
        for message in story:
            house.controller.post(message)
        await house.until(lambda: len(house.journal) == 2)
    assert [message for message, _ in house.journal] == story
    assert [type(effect) for effect in house.effects] == [SaveContact]


async def test_an_illegal_event_asks_for_the_truth_and_the_rest_goes_on() -> None:
    """An answer out of nowhere is refused by its engine; the next message is taken as usual."""
    async with House().running() as house:
        for message in (arrived(), answered(), queued()):
            house.controller.post(message)
        await house.until(lambda: len(house.journal) == 3)
    assert house.controller.refused == 2  # by the contact's life cycle and by the seat's
    assert house.effects.count(link.Resync("illegal transition")) == 2
    contact = house.contacts.get(C1)
    assert contact is not None
    assert contact.queue == "general"


async def test_a_refused_command_reaches_who_asked_and_is_not_journaled() -> None:
    """The reason comes back as the exception."""
    async with House().running() as house:
        with pytest.raises(UsageError, match="not logged in"):
            await house.controller.ask(seats.SeatAsked(S1, SeatRequest.BREAK, "lunch", "8001"))
    assert house.journal == []


async def test_derived_news_are_journaled_as_such() -> None:
    """A seat's new state is told to the outside, marked as derived."""
    async with House().running() as house:
        house.controller.post(joined())
        await house.until(lambda: len(house.journal) == 2)
    news = seats.SeatStateChanged(S1, SeatState.OFF, SeatState.READY, "")
    assert house.journal[1] == (news, True)


async def test_deadlines_are_kept_while_the_inbox_is_quiet() -> None:
    """After-call work of no length ends by itself, without any further message."""
    async with House(wrap_up_s=0.01).running() as house:
        for message in (joined(), arrived(), queued(), offered(), answered(), talked()):
            house.controller.post(message)
        await house.until(lambda: seats.ResumeSeat(S1) in house.effects)


async def test_a_full_inbox_says_so() -> None:
    """Nothing is dropped in silence: who posts must cut its link."""
    house = House()
    house.controller._inbox = asyncio.Queue(1)
    house.controller.post(arrived())
    with pytest.raises(PeerError) as refusal:
        house.controller.post(queued())
    assert refusal.value.code == "inbox_full"
