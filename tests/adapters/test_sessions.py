"""IVR sessions on the real FastAGI server: what the caller hears, and what the dialplan may believe."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fake_agi_peer import FakeAgiPeer, calling
from fake_ami import until

from callcenter.asterisk.agi import AgiServer
from callcenter.clocks import SystemClock
from callcenter.core.errors import PeerError
from callcenter.core.ids import ContactId, QueueName
from callcenter.core.messages import calls
from callcenter.core.messages.base import Message
from ivr.agi import Sessions, arrival_time, believable_number

pytestmark = pytest.mark.adapters

CONTACT = ContactId("c-1700000000.1")
PLAY = calls.Play(CONTACT, ("greeting", "wait"), "0")
ENQUEUE = calls.Enqueue(CONTACT, QueueName("main"), priority=0)
OK = "200 result=1"
PLAYED = "200 result=0 endpos=800"

LIMIT = 'SET VARIABLE "TIMEOUT(absolute)" "120"'
GREETED = 'SET VARIABLE "CC_GREETED" "1"'
GREETING = 'STREAM FILE "/prompts/greeting" "0"'
WAIT = 'STREAM FILE "/prompts/wait" "0"'
DONE = 'EXEC "MSet" "CC_QUEUE=main,CC_PRIORITY=0,CC_DONE=1"'


class House:
    """Sessions whose commit is a gate of the test's, and whose engine is the test itself."""

    def __init__(self) -> None:
        self.arrived: list[calls.CallArrived] = []
        self.posted: list[Message] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.trouble: PeerError | None = None
        prompts = Path("/prompts")
        self.sessions = Sessions(
            self._commit, self.posted.append, lambda name: prompts / f"{name}.wav", SystemClock(), 120.0
        )

    async def _commit(self, arrived: calls.CallArrived) -> None:
        self.arrived.append(arrived)
        await self.gate.wait()
        if self.trouble is not None:
            raise self.trouble

    def kinds(self) -> list[str]:
        """The types of what was posted."""
        return [message.type for message in self.posted]

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[int]:
        """The port of a server with these sessions."""
        server = AgiServer("127.0.0.1", 0, self.sessions.handle)
        await server.start()
        try:
            yield server.port
        finally:
            await server.stop()

    @asynccontextmanager
    async def call(self, **headers: str) -> AsyncIterator[FakeAgiPeer]:
        """Asterisk calls and says its headers."""
        async with self.serving() as port, calling(port) as peer:
            peer.send_headers(**headers)
            yield peer


async def is_silent(peer: FakeAgiPeer, within_s: float = 0.2) -> bool:
    """Whether nothing comes, for a moment."""
    try:
        async with asyncio.timeout(within_s):
            await peer.reader.readline()
    except TimeoutError:
        return True
    return False


async def test_no_prompt_before_the_contact_is_committed() -> None:
    """A slow database means silence: neither a word to the caller nor to the engines."""
    house = House()
    house.gate.clear()
    async with house.call() as peer:
        await until(lambda: house.arrived)
        house.sessions.perform(PLAY)
        assert await is_silent(peer)
        assert house.posted == []
        house.gate.set()
        await peer.answer(LIMIT, OK)
        [told] = house.posted
        assert isinstance(told, calls.CallArrived)
        assert told.late_s >= 0.2  # the ledger's times count from the arrival, not from the commit
        house.sessions.perform(PLAY)
        await peer.answer(GREETED, OK)
        await peer.expect(GREETING)


async def test_a_commit_that_fails_leaves_the_caller_to_the_dialplan() -> None:
    """The session ends without a word: no greeting, no completion, no contact in the engines."""
    house = House()
    house.trouble = PeerError("the database is busy", code="store_busy")
    async with house.call() as peer:
        assert await peer.is_closed_by_server()
    assert len(house.arrived) == 1
    assert house.posted == []


async def test_the_completion_word_is_set_last() -> None:
    """Prompts in order, then one command whose last variable is the completion; then nothing more."""
    house = House()
    async with house.call() as peer:
        await peer.answer(LIMIT, OK)
        house.sessions.perform(PLAY)
        await peer.answer(GREETED, OK)
        await peer.answer(GREETING, PLAYED)
        await peer.answer(WAIT, PLAYED)
        await until(lambda: len(house.posted) == 2)
        assert house.posted[-1] == calls.PromptEnded(CONTACT, "")
        house.sessions.perform(ENQUEUE)
        await peer.answer(DONE, OK)
        assert await peer.is_closed_by_server()
    assert len(house.posted) == 2


async def test_a_key_cuts_the_prompts_short() -> None:
    """The remaining prompts are not played, and the engine learns the key."""
    house = House()
    async with house.call() as peer:
        await peer.answer(LIMIT, OK)
        house.sessions.perform(PLAY)
        await peer.answer(GREETED, OK)
        await peer.answer(GREETING, f"200 result={ord('0')} endpos=160")
        await until(lambda: len(house.posted) == 2)
        assert house.posted[-1] == calls.PromptEnded(CONTACT, "0")


@pytest.mark.parametrize(
    "last_word", ["200 result=-1 endpos=160", "511 Command Not Permitted on a dead channel"]
)
async def test_hang_up_in_the_prompt_is_told_once(last_word: str) -> None:
    """The session is lost; what is decided for it afterwards goes nowhere and hurts nobody."""
    house = House()
    async with house.call() as peer:
        await peer.answer(LIMIT, OK)
        house.sessions.perform(PLAY)
        await peer.answer(GREETED, OK)
        await peer.answer(GREETING, last_word)
        assert await peer.is_closed_by_server()
    assert house.posted[1:] == [calls.SessionLost(CONTACT, "caller_gone")]
    house.sessions.perform(ENQUEUE)


async def test_a_vanished_connection_is_told_too() -> None:
    """Asterisk dies in the middle of a prompt: the engine learns it from the broken connection."""
    house = House()
    async with house.serving() as port:
        async with calling(port) as peer:
            peer.send_headers()
            await peer.answer(LIMIT, OK)
            house.sessions.perform(PLAY)
            await peer.answer(GREETED, OK)
            await peer.expect(GREETING)
        await until(lambda: len(house.posted) == 2)
    assert house.posted[1] == calls.SessionLost(CONTACT, "caller_gone")


async def test_sessions_do_not_hear_each_other() -> None:
    """Each effect reaches the session of its contact only."""
    house = House()
    other = ContactId("c-1700000000.2")
    async with house.serving() as port, calling(port) as first, calling(port) as second:
        first.send_headers()
        second.send_headers(agi_uniqueid=other, agi_channel="PJSIP/trunk-00000002")
        await first.answer(LIMIT, OK)
        await second.answer(LIMIT, OK)
        house.sessions.perform(calls.Enqueue(other, QueueName("enterprise"), priority=5))
        await second.answer('EXEC "MSet" "CC_QUEUE=enterprise,CC_PRIORITY=5,CC_DONE=1"', OK)
        assert await second.is_closed_by_server()
        assert await is_silent(first)


HOSTILE = [
    "13800000000'; DROP TABLE contacts;--",
    "${SHELL(reboot)}",
    "<script>",
    "=1+1",
    "1" * 700,
    "+",
    "12",
    "\uff11\uff13\uff18" + "\uff10" * 8,
    "138\x0b00000000",
    "138 0000 0000",
]


@pytest.mark.parametrize("number", HOSTILE)
async def test_a_hostile_number_is_a_withheld_one(number: str) -> None:
    """What is no telephone number reaches neither ledger nor engines."""
    house = House()
    async with house.call(agi_arg_1=number, agi_arg_2=number) as peer:
        await peer.expect(LIMIT)
    assert [(arrived.caller, arrived.called) for arrived in house.arrived] == [("", "")]


@pytest.mark.parametrize("number", ["13800000000", "+8613800000000", "12345", "110"])
def test_a_number_is_believed_as_it_is(number: str) -> None:
    """Real numbers are not touched."""
    assert believable_number(number) == number


@pytest.mark.parametrize(
    ("uniqueid", "seconds_ago"),
    [
        ("c-1700000100.7", 0.0),
        ("cc1-x-1700000090.1", 9.5),
        ("c-1700000200.1", 0.0),
        ("c-soon.1", 0.0),
        ("", 0.0),
    ],
)
def test_who_waited_for_the_controller_arrived_before_it_listened(uniqueid: str, seconds_ago: float) -> None:
    """Asterisk's own second counts when it is past; what is no second, or yet to come, does not."""
    now = datetime.fromtimestamp(1_700_000_100.5, UTC)
    assert (now - arrival_time(uniqueid, now)).total_seconds() == pytest.approx(seconds_ago, abs=0.01)
