"""The observer's watch: truth first, then events in order; every gap is told and closed by a new truth."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fake_ami import Action, FakeAmi, FakeSession, event, running, until

from callcenter.asterisk import watch as watch_module
from callcenter.asterisk.ami import AmiLink, Timing
from callcenter.asterisk.watch import Watch
from callcenter.clocks import SystemClock
from callcenter.core.errors import PeerError
from callcenter.core.messages import calls, link
from callcenter.core.messages.base import Message

pytestmark = pytest.mark.adapters

FORGED = "Event: Hangup\r\nEvent: Hangup\r\n\r\n"


def joins(n: int) -> str:
    """The ``n``-th citizen comes into the line."""
    uniqueid = f"cc1-1.{n}"
    return event(
        "QueueCallerJoin",
        Channel=f"PJSIP/trunk-{n:08x}",
        Uniqueid=uniqueid,
        Linkedid=uniqueid,
        Queue="main",
        Position="1",
    )


class Tower:
    """A watch on a fake Asterisk. ``deaf``: the inbox is full. ``reading``: the answer to the last question waits."""

    def __init__(self, server: FakeAmi) -> None:
        self.server = server
        self.posted: list[Message] = []
        self.deaf = False
        self.held: list[tuple[FakeSession, Action]] = []
        self.holds = False
        self.refuses = False
        server.replies |= {
            "CoreSettings": lambda s, a: s.respond(a, SystemName="cc1"),
            "CoreStatus": lambda s, a: s.respond(a, CoreStartupDate="2026-11-22", CoreStartupTime="09:00:00"),
            "QueueStatus": lambda s, a: s.respond_list(a, "QueueStatusComplete"),
            "CoreShowChannels": self._channels,
            "DeviceStateList": lambda s, a: s.respond_list(a, "DeviceStateListComplete"),
        }
        self.watch = Watch(self._connect, self.post, SystemClock())

    def post(self, message: Message) -> None:
        """The controller's inbox."""
        if self.deaf:
            raise PeerError("the inbox is full", code="inbox_full")
        self.posted.append(message)

    def release(self) -> None:
        """Give the answers that were held back."""
        self.holds = False
        for session, action in self.held:
            session.respond_list(action, "CoreShowChannelsComplete")
        self.held.clear()

    def count(self, kind: type[Message]) -> int:
        """How many of this kind were posted."""
        return sum(isinstance(message, kind) for message in self.posted)

    def queued(self) -> list[str]:
        """The contacts that came into the line, in order."""
        return [message.contact_id for message in self.posted if isinstance(message, calls.CallQueued)]

    def questions(self) -> int:
        """How often the truth was asked."""
        return sum(action["Action"] == ["CoreShowChannels"] for action in self.server.actions)

    def _channels(self, session: FakeSession, action: Action) -> None:
        if self.refuses:
            session.respond(action, "Error", Message="Permission denied")
        elif self.holds:
            self.held.append((session, action))
        else:
            session.respond_list(action, "CoreShowChannelsComplete")

    def _connect(self, watch: Watch) -> AmiLink:
        return AmiLink(
            "observer",
            self.server.address,
            "observer",
            "right",
            on_frame=watch.on_frame,
            on_up=watch.on_up,
            on_down=watch.on_down,
            on_alarm=watch.on_alarm,
            await_boot=True,
            timing=Timing(backoff_first_s=0.01, backoff_last_s=0.05),
        )


@asynccontextmanager
async def watching(**state: bool) -> AsyncIterator[Tower]:
    """A running watch; ``state`` is set before it connects."""
    async with FakeAmi() as server:
        tower = Tower(server)
        for name, value in state.items():
            setattr(tower, name, value)
        async with running(asyncio.create_task(tower.watch.run())):
            yield tower


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Truths may follow each other quickly here."""
    monkeypatch.setattr(watch_module, "RESYNC_GAP_S", 0.01)


async def test_the_truth_comes_first_and_what_happened_meanwhile_follows() -> None:
    """Events during the snapshot are delivered after it, in order, once; later ones at once."""
    async with watching(holds=True) as tower:
        await until(lambda: tower.held)
        tower.server.last.send(joins(1) + joins(2))
        await until(lambda: len(tower.watch._buffer or []) == 2)
        assert tower.posted == []
        assert not tower.watch.has_truth
        tower.release()
        await until(lambda: tower.watch.has_truth)
        tower.server.last.send(joins(3))
        await until(lambda: len(tower.posted) == 4)
    assert isinstance(tower.posted[0], link.LinkRestored)
    assert tower.queued() == ["cc1-1.1", "cc1-1.2", "cc1-1.3"]


async def test_a_truth_that_cannot_be_read_cuts_the_link_and_the_next_one_asks_anew() -> None:
    """What came in beside the failed reading is forgotten: the new truth contains it."""
    async with watching(refuses=True) as tower:
        await until(lambda: len(tower.server.sessions) >= 2)
        assert tower.posted == []
        tower.refuses = False
        await until(lambda: tower.watch.has_truth)
        assert [type(message) for message in tower.posted] == [link.LinkRestored]


async def test_a_dropped_frame_opens_a_gap_and_leads_to_a_new_truth() -> None:
    """What it said is unknown: the gap is told, then the truth, on the same connection."""
    async with watching() as tower:
        await until(lambda: tower.count(link.LinkRestored) == 1)
        tower.server.last.send(FORGED)
        await until(lambda: tower.count(link.LinkRestored) == 2)
    assert [type(message) for message in tower.posted] == [
        link.LinkRestored,
        link.FrameDropped,
        link.LinkRestored,
    ]
    assert len(tower.server.sessions) == 1


async def test_an_event_that_lacks_its_facts_leads_to_a_new_truth_too() -> None:
    """No guess is made of half an event."""
    async with watching() as tower:
        await until(lambda: tower.count(link.LinkRestored) == 1)
        tower.server.last.send(event("QueueCallerJoin", Channel="PJSIP/trunk-00000001"))
        await until(lambda: tower.count(link.LinkRestored) == 2)
    assert tower.count(link.FrameDropped) == 1
    assert tower.queued() == []


async def test_a_lost_link_is_told_once_and_healed_by_the_truth() -> None:
    """One gap however many attempts fail; it is closed by the truth of the next connection."""
    async with watching() as tower:
        await until(lambda: tower.watch.has_truth)
        server = tower.server
        await server.__aexit__(None, None, None)
        await until(lambda: tower.count(link.LinkLost) == 1)
        assert not tower.watch.has_truth
        await asyncio.sleep(0.2)  # several attempts fail meanwhile
        assert tower.count(link.LinkLost) == 1
        await server.__aenter__()
        await until(lambda: tower.watch.has_truth)
    assert [type(message) for message in tower.posted] == [
        link.LinkRestored,
        link.LinkLost,
        link.LinkRestored,
    ]


async def test_a_link_lost_before_the_truth_opens_no_second_gap() -> None:
    """There was no truth yet, so nothing was lost; what was kept aside is dropped."""
    async with watching(holds=True) as tower:
        await until(lambda: tower.held)
        tower.server.last.send(joins(1))
        await until(lambda: tower.watch._buffer)
        tower.holds = False
        tower.server.last.cut()
        await until(lambda: tower.watch.has_truth)
    assert [type(message) for message in tower.posted] == [link.LinkRestored]


async def test_a_full_inbox_cuts_the_link_and_costs_nothing_else() -> None:
    """Nothing is dropped in silence: the gap is told as soon as there is room, then the truth."""
    async with watching() as tower:
        await until(lambda: tower.watch.has_truth)
        tower.deaf = True
        tower.server.last.send(joins(1))
        await until(lambda: len(tower.server.sessions) >= 3)
        tower.deaf = False
        await until(lambda: tower.watch.has_truth)
    assert [type(message) for message in tower.posted] == [
        link.LinkRestored,
        link.LinkLost,
        link.LinkRestored,
    ]


async def test_a_forged_frame_on_a_full_inbox_is_told_later() -> None:
    """The alarm waits for room; the watch goes on."""
    async with watching() as tower:
        await until(lambda: tower.watch.has_truth)
        tower.deaf = True
        tower.server.last.send(FORGED)
        await until(lambda: tower.watch._untold)
        tower.deaf = False
        await until(lambda: tower.count(link.LinkRestored) == 2)
    assert tower.count(link.FrameDropped) == 1


async def test_wishes_for_the_truth_are_answered_together() -> None:
    """Many reasons at once lead to one reading, not to a storm of questions."""
    async with watching() as tower:
        await until(lambda: tower.watch.has_truth)
        before = tower.questions()
        for _ in range(50):
            tower.watch.want_truth("illegal transition")
        await until(lambda: tower.questions() > before)
        await until(lambda: tower.count(link.LinkRestored) == 2)
        assert tower.questions() == before + 1
