"""The shift manager's desk between web and controller: it checks names, asks, and says what was decided."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from stories import C1, answered, arrived, joined, offered, queued, talked
from web_fakes import NUMBER, FakeClock
from web_fakes.callbacks import FakeCallbacks

from callcenter.clocks import SystemClock
from callcenter.controller import Controller
from callcenter.core.clock import Instant
from callcenter.core.contacts import Contacts
from callcenter.core.errors import PeerError, UsageError
from callcenter.core.ids import ContactId, QueueName, SeatId
from callcenter.core.messages import callbacks, offers, seats, surge
from callcenter.core.messages.base import Effect, Message
from callcenter.planner import Planner
from callcenter.settings import Settings
from callcenter.steering_desk import CareDesk, DayDesk, LineDesk, MessageDesk, OwedDesk, SurgeDesk
from callcenter.store.database import Database
from callcenter.web.readers.surge import SurgeLog
from queues.core.levels import Overview
from queues.core.seats import SeatRules, Seats
from queues.core.surge import PROFILES, SurgeLevel
from queues.core.waiting import WaitingLine

pytestmark = pytest.mark.adapters

S1 = SeatId("8001")
QUEUES = [QueueName("general"), QueueName("enterprise")]


class Refusing:
    """An engine that remembers what it is asked and may refuse the next wish."""

    def __init__(self) -> None:
        self.seen: list[Message] = []
        self.refusal: UsageError | None = None

    def receive(self, message: Message, now: Instant) -> None:
        """Remember, or refuse."""
        if self.refusal is not None:
            raise self.refusal
        self.seen.append(message)

    def on_deadline(self, now: Instant) -> None:
        """None."""

    def next_deadline(self) -> Instant | None:
        """None."""
        return None

    def take_effects(self) -> list[Effect]:
        """Nothing."""
        return []


class House:
    """A controller with the engines that the desks look at, and one that hears their wishes."""

    def __init__(self) -> None:
        self.line = WaitingLine(QUEUES)
        self.seats = Seats([S1], SeatRules(60.0, ring_outs_before_break=3), QUEUES)
        self.engine = Refusing()
        self.controller = Controller(
            [Contacts(), self.line, self.seats, self.engine],
            defaultdict(lambda: lambda effect: None),
            lambda message, derived: None,
            SystemClock(),
        )

    async def heard(self, *messages: Message) -> None:
        """What happens on the telephone."""
        for message in messages:
            await self.controller.ask(message)
        self.engine.seen.clear()


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """A house whose controller runs."""
    house = House()
    task = asyncio.create_task(house.controller.run())
    yield house
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def refused(work: Awaitable[object]) -> str:
    """The code of the refusal."""
    with pytest.raises(UsageError) as refusal:
        await work
    return refusal.value.code


class NoLog:
    """A surge log without entries."""

    async def newest(self, limit: int) -> list[Any]:
        """Nothing."""
        return []


def surge_desk(house: House, overview: Callable[[Instant], Overview]) -> SurgeDesk:
    """A desk on this engine's overview."""
    return SurgeDesk(house.controller, overview, cast(SurgeLog, NoLog()), FakeClock())


def seen_at(now: Instant) -> Overview:
    """A declared surge with a proposal, at the fake clock's time."""
    assert now == FakeClock().instant()
    profile = PROFILES[SurgeLevel.SURGE]
    owed = {"missed": 3, "accepted": 2, "message": 1}
    return Overview(2, True, 3, 1.23456, 312.54, 12, 17, 0, owed, profile)


async def test_the_view_is_the_engines_overview(house: House) -> None:
    """Level with name, who holds it, profile, figures, proposal, what is owed."""
    view = surge_desk(house, seen_at).view()
    assert view.as_of == datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    assert (view.level, view.level_name, view.mode, view.proposal) == (2, "高峰", "declared", 3)
    assert (view.load, view.ewt_s, view.waiting, view.staffed, view.free) == (1.235, 312.5, 12, 17, 0)
    assert view.owed.model_dump() == {"missed": 3, "accepted": 2, "message": 1}
    assert view.profile.model_dump() == {
        "notice": True,
        "surveys": False,
        "callbacks": True,
        "messages": True,
        "cloud_seats": True,
        "partner": True,
        "wrap_up_cap_s": 120.0,
    }


async def test_levels_are_asked_of_the_engine(house: House) -> None:
    """Declared, handed back, undone, each with who and why; a refusal comes back."""
    desk = surge_desk(house, seen_at)
    await desk.ask(2, False, "li", "storm")
    await desk.ask(None, True, "li", "mistake")
    assert house.engine.seen == [
        surge.LevelAsked(2, False, "li", "storm"),
        surge.LevelAsked(None, True, "li", "mistake"),
    ]
    house.engine.refusal = UsageError("there is no switch to undo", code="nothing_to_undo")
    assert await refused(desk.ask(None, True, "li", "again")) == "nothing_to_undo"


async def test_a_changed_roster_is_journaled_before_it_holds(house: House, tmp_path: Path) -> None:
    """The engine hears who asked and why, then the new plan; before the first plan there is nothing to tell."""
    usual = Settings().day.roster
    database = Database(f"sqlite:///{tmp_path / 'a.db'}")
    planner = Planner(Settings(), database, SystemClock(), house.controller.post)
    desk = DayDesk(house.controller, planner, usual)
    with pytest.raises(PeerError):
        desk.view()
    await database.upgrade()
    await planner.look()
    await database.close()
    assert (desk.view().roster, desk.view().is_usual_roster) == (list(usual), True)
    changed = await desk.change_roster([3] * 24, "li", "two are ill")
    assert (changed.roster, changed.is_usual_roster) == ([3] * 24, False)
    assert (changed.callback_from, changed.callback_to) == ("08:00", "21:00")
    assert surge.RosterAsked((3,) * 24, "li", "two are ill") in house.engine.seen


async def test_only_who_waits_is_moved(house: House) -> None:
    """In the queue that was named, and no other."""
    desk = LineDesk(house.controller, house.line)
    assert await refused(desk.prioritize(QUEUES[0], C1, True, "li", "alone")) == "unknown_contact"
    await house.heard(arrived(), queued())
    await desk.prioritize(QUEUES[0], C1, True, "li", "alone")
    assert house.engine.seen == [offers.PriorityAsked(C1, True, "li", "alone")]
    assert await refused(desk.prioritize(QUEUES[1], C1, True, "li", "alone")) == "unknown_contact"
    assert await refused(desk.prioritize(QueueName("x"), C1, True, "li", "alone")) == "unknown_queue"


async def test_a_message_is_reviewed_under_the_contact_that_began_it(house: House) -> None:
    """The engine knows a promise by its first contact, whichever of them the person names."""
    desk = MessageDesk(house.controller, Merged("c-1", "c-7"))
    await desk.reviewed(ContactId("c-7"), True, "li")
    assert house.engine.seen == [callbacks.MessageReviewed(ContactId("c-1"), True, "li")]


async def test_what_is_no_message_is_not_reviewed(house: House) -> None:
    """A missed call, nobody's contact, or a message that is a ticket or closed already."""
    desk = MessageDesk(house.controller, FakeCallbacks())
    assert await refused(desk.reviewed(ContactId("c-2"), False, "li")) == "unknown_message"
    assert await refused(desk.reviewed(ContactId("c-9"), False, "li")) == "unknown_message"
    changes: list[dict[str, object]] = [{"reviewed": True}, {"state": "closed"}]
    for change in changes:
        done = MessageDesk(house.controller, Merged("c-1", "c-1", change))
        assert await refused(done.reviewed(ContactId("c-1"), False, "li")) == "wrong_message_state"
    assert house.engine.seen == []


async def test_what_is_owed_is_changed_under_the_contact_that_began_it(house: House) -> None:
    """Closed or put off, by who and why, whichever of his contacts is named; the answer says when at the earliest."""
    desk = OwedDesk(house.controller, Merged("c-1", "c-7"), FakeClock())
    assert await desk.postpone(ContactId("c-7"), 600.0, "li", "meeting") == FakeClock().at() + timedelta(
        minutes=10
    )
    await desk.close(ContactId("c-7"), "li", "settled")
    assert house.engine.seen == [
        callbacks.PostponeAsked(ContactId("c-1"), NUMBER, 600.0, "li", "meeting"),
        callbacks.CloseAsked(ContactId("c-1"), NUMBER, "li", "settled"),
    ]


async def test_what_is_not_owed_is_not_changed(house: House) -> None:
    """Nobody's contact, or what is closed already."""
    kept = Merged("c-1", "c-1", {"state": "closed", "why": "kept"})
    desk = OwedDesk(house.controller, kept, FakeClock())
    assert await refused(desk.close(ContactId("c-1"), "li", "settled")) == "wrong_callback_state"
    unknown = OwedDesk(house.controller, FakeCallbacks(), FakeClock())
    assert await refused(unknown.postpone(ContactId("c-9"), 60.0, "li", "later")) == "unknown_callback"
    assert house.engine.seen == []


class Merged(FakeCallbacks):
    """One message that began with one contact and was left by another."""

    def __init__(self, first: str, last: str, change: dict[str, object] | None = None) -> None:
        super().__init__()
        message = super().entries()[1]
        ids = {"contact_id": first, "last_contact_id": last}
        self.message = message.model_copy(update=ids | (change or {}))

    async def get(self, contact_id: ContactId) -> Any:
        """It."""
        return self.message


async def test_a_rest_begins_now_or_after_the_call(house: House) -> None:
    """The answer says which; who is not at work needs none."""
    desk = CareDesk(house.controller, house.seats)
    await house.heard(seats.SeatReachable(S1, reachable=True))
    assert (await desk.rest(S1, "li")).takes_effect == "not_needed"
    await house.heard(joined(), arrived(), queued(), offered(), answered())
    assert (await desk.rest(S1, "li")).takes_effect == "after_call"
    await house.heard(talked())
    assert (await desk.rest(S1, "li")).takes_effect == "now"
    assert await refused(desk.rest(SeatId("8009"), "li")) == "unknown_seat"


async def test_skills_are_queues(house: House) -> None:
    """A word that is no queue is refused with those that are."""
    desk = CareDesk(house.controller, house.seats)
    assert (await desk.assign_skills(S1, QUEUES[1:], "li")).skills == ["enterprise"]
    assert house.seats.get(S1).skills == (QUEUES[1],)
    with pytest.raises(UsageError, match="general, enterprise") as refusal:
        await desk.assign_skills(S1, [QueueName("cooking")], "li")
    assert refusal.value.code == "unknown_queue"
    assert await refused(desk.assign_skills(SeatId("8009"), [], "li")) == "unknown_seat"
