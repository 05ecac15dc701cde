"""Callers who wait are moved: into a session and back into the line, to another place in it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fake_controller import Caller, Session, crashing, fake_controller, silent
from pbx import Pbx, Witness, running_pbx
from real_asterisk import TRUNK, until
from tones import channels, tone, tone_seconds

from callcenter.asterisk.ami import AmiLink
from callcenter.asterisk.books import cel_path, read_cel
from callcenter.asterisk.frames import Frame
from callcenter.asterisk.render import KEPT_PLACE_PRIORITY, layout
from callcenter.core.ids import ChannelName, ContactId, QueueName
from callcenter.core.messages import offers
from callcenter.core.messages.base import Message
from callcenter.phones import Call, PhoneBox
from queues.caller import Callers

pytestmark = pytest.mark.asterisk

MAIN = QueueName("main")


def deciding(**variables: str) -> Session:
    """A session that sets ``CC_...`` variables in this order."""

    async def session(caller: Caller) -> None:
        await caller.set("TIMEOUT(absolute)", "30")
        for name, value in variables.items():
            await caller.set(f"CC_{name}", value)

    return session


TO_MAIN = deciding(QUEUE="main", PRIORITY="0", POSITION="0", DONE="1")


class House:
    """Callers in line, and who steers them. ``resume``: what a session does with a withdrawn caller."""

    def __init__(self, pbx: Pbx, events: Witness, phones: PhoneBox, actor: AmiLink):
        self.pbx = pbx
        self.events = events
        self.phones = phones
        self.sessions: list[Mapping[str, str]] = []
        self.posted: list[Message] = []
        self.callers = Callers(actor, self.posted.append)
        self.intake: Session = TO_MAIN
        self.resume: Session = TO_MAIN

    async def serve(self, caller: Caller) -> None:
        """A session of either kind."""
        is_resumed = caller.headers["agi_network_script"] == "resume"
        await (self.resume if is_resumed else self.intake)(caller)

    async def waiting(self, number: str = "13800138000") -> tuple[Call, Frame]:
        """A citizen who waits in the main line, and the event that said so."""
        count = len(self.events.joined) + 1
        call = await (await self.phones.citizen(number)).dial("12345", headers=TRUNK)
        await call.established()
        await self.events.until(lambda: len(self.events.joined) >= count, "the citizen waits")
        return call, self.events.all("QueueCallerJoin")[-1]

    async def withdraw(self, joined: Frame) -> None:
        """Take him out of the line."""
        await self.callers.withdraw(
            offers.Withdraw(
                ContactId(joined.get("Linkedid")),
                ChannelName(joined.get("Channel")),
                QueueName(joined.get("Queue")),
            )
        )

    async def back(self, joined: Frame) -> Frame:
        """His second entry into a line."""
        return await self.events.seen("QueueCallerJoin", count=2, Channel=joined.get("Channel"))

    async def order(self, queue: str = MAIN) -> list[tuple[str, str]]:
        """Channel and priority of those who wait, first in line first."""
        async with self.pbx.acting() as link:
            items = await link.ask_list({"Action": "QueueStatus", "Queue": queue})
        entries = sorted(
            (it for it in items if it.event == "QueueEntry"), key=lambda it: int(it.get("Position"))
        )
        return [(entry.get("Channel"), entry.get("Priority")) for entry in entries]


@pytest.fixture
async def house(pbx: Pbx, events: Witness, phones: PhoneBox) -> AsyncIterator[House]:
    """A house with a controller whose sessions the test decides."""
    async with opened(pbx, events, phones) as it:
        yield it


@asynccontextmanager
async def opened(pbx: Pbx, events: Witness, phones: PhoneBox) -> AsyncIterator[House]:
    """The same for any Asterisk."""
    async with pbx.acting() as actor:
        it = House(pbx, events, phones, actor)
        async with fake_controller(pbx.server.ports.agi, it.serve) as it.sessions:
            yield it


async def test_a_withdrawn_caller_comes_into_a_session_and_back_into_line(house: House) -> None:
    """The session knows who he is; where it sends him, there he waits."""
    house.resume = deciding(QUEUE="enterprise", PRIORITY="7", POSITION="", DONE="1")
    call, joined = await house.waiting()
    await house.withdraw(joined)
    back = await house.back(joined)
    assert (back.get("Queue"), await house.order("enterprise")) == (
        "enterprise",
        [(joined.get("Channel"), "7")],
    )
    seen = house.sessions[1]
    assert (seen["agi_network_script"], seen["agi_uniqueid"]) == ("resume", joined.get("Linkedid"))
    assert (seen["agi_arg_1"], seen["agi_arg_2"]) == ("13800138000", "12345")
    assert house.posted == []
    await call.hangup()


@pytest.mark.parametrize(
    "session",
    [
        crashing,
        silent,
        deciding(),
        deciding(QUEUE="nowhere", PRIORITY="0", DONE="1"),
        deciding(QUEUE="enterprise", PRIORITY="0", POSITION="9"),
    ],
    ids=["crashing", "silent", "undecided", "nonsense", "unfinished"],
)
async def test_who_comes_back_from_a_failed_session_keeps_his_place(house: House, session: Session) -> None:
    """Same line, before those who came after him; nobody is lost."""
    house.resume = session
    first, joined = await house.waiting()
    second, later = await house.waiting("13900139000")
    await house.withdraw(joined)
    await house.back(joined)
    assert await house.order() == [
        (joined.get("Channel"), str(KEPT_PLACE_PRIORITY)),
        (later.get("Channel"), "0"),
    ]
    await first.hangup()
    await second.hangup()


async def test_a_position_puts_him_before_others(house: House) -> None:
    """With the same priority he gets the place that the session names; without one he is last."""
    waiting = [await house.waiting(f"1380013800{n}") for n in range(3)]
    (_, a), (_, b), (_, c) = waiting
    house.resume = deciding(QUEUE="main", PRIORITY="0", POSITION="2", DONE="1")
    await house.withdraw(c)
    await house.back(c)
    house.resume = deciding(QUEUE="main", PRIORITY="0", POSITION="0", DONE="1")
    await house.withdraw(a)
    await house.back(a)
    assert [channel for channel, _ in await house.order()] == [it.get("Channel") for it in (c, b, a)]
    for call, _ in waiting:
        await call.hangup()


async def test_a_position_counts_the_whole_line(house: House) -> None:
    """Also those of a higher priority, but he never comes before them."""
    waiting = [await house.waiting(f"1380013800{n}") for n in range(3)]
    (_, a), (_, b), (_, c) = waiting
    await house.callers.reprioritize(
        offers.Reprioritize(ContactId("a"), ChannelName(a.get("Channel")), MAIN, 50)
    )
    for position in ("2", "1"):
        house.resume = deciding(QUEUE="main", PRIORITY="0", POSITION=position, DONE="1")
        moved = c if position == "2" else b
        await house.withdraw(moved)
        await house.back(moved)
        place = [channel for channel, _ in await house.order()].index(moved.get("Channel")) + 1
        assert place == 2
    for call, _ in waiting:
        await call.hangup()


async def test_priorities_change_places_at_once(house: House) -> None:
    """A waiting caller is moved to the head; one who is gone is no error."""
    waiting = [await house.waiting(f"1380013800{n}") for n in range(3)]
    (_, a), (_, b), (_, c) = waiting
    await house.callers.reprioritize(
        offers.Reprioritize(ContactId("c"), ChannelName(c.get("Channel")), MAIN, 50)
    )
    await house.callers.reprioritize(offers.Reprioritize(ContactId("x"), ChannelName("PJSIP/x"), MAIN, 50))
    assert await house.order() == [(c.get("Channel"), "50"), (a.get("Channel"), "0"), (b.get("Channel"), "0")]
    for call, _ in waiting:
        await call.hangup()


async def test_who_cannot_be_withdrawn_is_told(house: House) -> None:
    """A caller who does not wait there any more."""
    gone = ContactId("cc-1.1")
    await house.callers.withdraw(offers.Withdraw(gone, ChannelName("PJSIP/trunk-0000ffff"), MAIN))
    assert house.posted == [offers.WithdrawalFailed(gone)]


async def test_who_hangs_up_in_the_session_is_gone(house: House) -> None:
    """No channel stays behind a hang-up, though the session never answers."""
    asked = asyncio.Event()

    async def asking(caller: Caller) -> None:
        await caller.set("TIMEOUT(absolute)", "30")
        asked.set()
        await silent(caller)

    house.resume = asking
    call, joined = await house.waiting()
    await house.withdraw(joined)
    async with asyncio.timeout(10):
        await asked.wait()
    await call.hangup()
    await house.events.seen("Hangup", Channel=joined.get("Channel"))


async def test_after_a_session_the_talk_is_recorded_once(house: House) -> None:
    """The recorder of the line is still the one: each voice in its channel, no second file."""
    seat = await house.phones.seat("8001", house.pbx.secrets.seats["8001"])
    await seat.register()
    call, joined = await house.waiting()
    await house.withdraw(joined)
    await house.back(joined)
    await seat.dial_code("*11")
    talk = await (await seat.ringing()).answer()
    await asyncio.gather(call.play(tone(700, 2)), talk.play(tone(1000, 2)))
    await talk.hangup()
    await house.events.seen("Hangup", Channel=joined.get("Channel"))
    assert len(house.events.all("MixMonitorStart")) == 1
    left, right = channels(
        (layout(house.pbx.settings).recordings / f"{joined.get('Linkedid')}.raw").read_bytes()
    )
    assert min(tone_seconds(left, 700), tone_seconds(right, 1000)) > 1.5


@pytest.mark.parametrize("kind", ["intake", "resume"])
async def test_a_session_can_ask_for_a_voice_message(house: House, kind: str) -> None:
    """With the word "message" the dialplan takes one, whatever else was set."""
    setattr(house, kind, deciding(QUEUE="main", PRIORITY="0", DONE="message"))
    if kind == "resume":
        call, joined = await house.waiting()
        await house.withdraw(joined)
    else:
        call = await (await house.phones.citizen("13800138000")).dial("12345", headers=TRUNK)
        await call.established()
    spool = layout(house.pbx.settings).messages
    before = set(spool.glob("*.json"))
    await call.play(tone(700, 3))
    await call.hangup()
    (note,) = await until(lambda: set(spool.glob("*.json")) - before, "the note")
    marks = [line.user_event for line in read_cel(cel_path(house.pbx.settings)) if line.linkedid == note.stem]
    assert "MESSAGE" in marks


@pytest.mark.parametrize("answers", [True, False], ids=["answered", "refused"])
async def test_a_withdrawal_waits_for_the_phone_that_rings(house: House, answers: bool) -> None:
    """While a phone rings for him he stays: answered he talks, else he comes into the session after the ring."""
    seat = await house.phones.seat("8001", house.pbx.secrets.seats["8001"])
    await seat.register()
    call, joined = await house.waiting()
    await seat.dial_code("*11")
    ringing = await seat.ringing()
    await seat.dial_code("*12")
    await house.withdraw(joined)
    if answers:
        await ringing.answer()
        await house.events.seen("AgentConnect", Channel=joined.get("Channel"))
    else:
        await ringing.reject()
        await house.back(joined)
    assert len(house.sessions) == (1 if answers else 2)
    await call.hangup()


async def test_a_full_line_takes_back_who_waited_before(tmp_path: Path) -> None:
    """He hears music until there is room; a newcomer leaves a message instead."""
    async with (
        running_pbx(tmp_path, line={"max_waiting": 1}) as pbx,
        PhoneBox(pbx.address) as phones,
        pbx.watched() as events,
        opened(pbx, events, phones) as house,
    ):
        asked, decided = asyncio.Event(), asyncio.Event()

        async def asking(caller: Caller) -> None:
            await caller.set("TIMEOUT(absolute)", "30")
            asked.set()
            await decided.wait()
            await TO_MAIN(caller)

        house.resume = asking
        first, joined = await house.waiting()
        await house.withdraw(joined)
        async with asyncio.timeout(10):
            await asked.wait()
        second, _ = await house.waiting("13900139000")
        decided.set()
        await events.seen("MusicOnHoldStart", Channel=joined.get("Channel"), count=2)
        assert len(events.all("QueueCallerJoin", Channel=joined.get("Channel"))) == 1
        await second.hangup()
        await house.back(joined)
        await first.hangup()
        assert await pbx.is_quiet()
