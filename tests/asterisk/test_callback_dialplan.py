"""Call-backs on the real Asterisk: the agent first, then the citizen, both heard, counted and recorded."""

import asyncio
import re
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from carrier import Carrier
from loopback import free_port
from pbx import Pbx, Witness, running_pbx
from real_asterisk import until
from tones import channels, tone, tone_seconds

from callcenter.asterisk.books import CallDetail, cdr_path, cel_path, read_cdr, read_cel
from callcenter.asterisk.frames import Frame
from callcenter.asterisk.render import layout
from callcenter.asterisk.resync import snapshot
from callcenter.asterisk.translate import messages
from callcenter.clocks import SystemClock
from callcenter.core.books import BookEntry, book_entries
from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages import callbacks, seats
from callcenter.core.messages.base import Message
from callcenter.core.messages.calls import Outcome
from callcenter.core.messages.recording import RecorderStarted
from callcenter.phones import Call, Phone, PhoneBox, PhoneError
from callcenter.sections import parse_address
from queues.dialer import Dialer
from queues.rescue import Rescue

pytestmark = pytest.mark.asterisk

CITIZEN = "13800138000"
BUSY_HZ = 450
RING_S = 5
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ORIGINS = iter(range(1, 1000))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running_asterisk() -> AsyncIterator[Pbx]:
    """An Asterisk with a carrier to dial out."""
    carrier = f"127.0.0.1:{free_port()}"
    with tempfile.TemporaryDirectory(prefix="cc-") as home:
        async with running_pbx(
            Path(home),
            trunk={"outbound": carrier},
            callback={"ring_s": RING_S},
            line={"ring_timeout_s": RING_S},
        ) as pbx:
            yield pbx


@pytest.fixture
async def phones(pbx: Pbx) -> AsyncIterator[PhoneBox]:
    """Phones of seats, and of citizens whom the carrier rings."""
    async with PhoneBox(pbx.address, sip_port=parse_address(pbx.settings.trunk.outbound).port) as box:
        yield box


class Desk:
    """Who begins call-backs, and what it hears of them."""

    def __init__(self, pbx: Pbx, events: Witness):
        self.pbx = pbx
        self.events = events
        self.posted: list[Message] = []

    async def dial(self, number: str = CITIZEN) -> ContactId:
        """Begin a call-back from seat 8001; its id."""
        origin = ContactId(f"cc-1.{next(ORIGINS)}")
        contact_id = callbacks.callback_id(origin, 1)
        async with self.pbx.acting() as link:
            line = self.pbx.settings.line
            dialer = Dialer(
                link,
                _commit,
                self.posted.append,
                SystemClock(UTC),
                line.ring_timeout_s,
                line.called_numbers[0],
            )
            await dialer.dial(callbacks.DialBack(contact_id, number, SeatId("8001"), origin))
        return contact_id

    async def force(self, number: str) -> ContactId:
        """The same, for a number that the dialer would not let through."""
        contact_id = callbacks.callback_id(ContactId(f"cc-1.{next(ORIGINS)}"), 1)
        action: dict[str, str | list[str]] = {
            "Action": "Originate",
            "Channel": "PJSIP/8001",
            "ChannelId": contact_id,
            "Context": "callback",
            "Exten": "s",
            "Priority": "1",
            "Variable": [f"CC_CITIZEN={number}"],
            "Async": "true",
        }
        async with self.pbx.acting() as link:
            await link.ask(action)
        return contact_id

    async def over(self, contact_id: ContactId) -> None:
        """Wait until every channel of a call-back is gone."""
        await self.events.seen("Hangup", Uniqueid=contact_id)
        await self.events.until(
            lambda: len(self.of("Hangup", contact_id)) == len(self.of("Newchannel", contact_id)), "all gone"
        )

    def of(self, event: str, contact_id: ContactId) -> list[Frame]:
        """The events of one call-back."""
        return self.events.all(event, Linkedid=contact_id)

    def dialed_out(self, contact_id: ContactId) -> bool:
        """Whether the carrier was asked for anything."""
        return any(
            frame.get("Channel").startswith("PJSIP/trunk") for frame in self.of("Newchannel", contact_id)
        )

    def told(self, contact_id: ContactId) -> list[str]:
        """What the controller is told of one call-back, in order."""
        every = (message for frame in self.events.frames for message in messages(frame, NOW))
        return [
            message.type
            for message in every
            if getattr(message, "contact_id", "") == contact_id and not isinstance(message, RecorderStarted)
        ]

    async def live(self, contact_id: ContactId) -> list[SeatId | None]:
        """The seats that the whole truth joins with the call-back now."""
        async with self.pbx.acting() as link:
            truth = await snapshot(link)
        return [call.seat_id for call in truth.calls if call.contact_id == contact_id]

    async def entry(self, contact_id: ContactId) -> BookEntry:
        """What the second book knows of a call-back that is over."""

        def ended() -> BookEntry | None:
            entries = book_entries(read_cel(cel_path(self.pbx.settings)))
            return next((it for it in entries if it.contact_id == contact_id and it.ended_at), None)

        entry: BookEntry = await until(ended, "the end in CEL")
        return entry

    async def details(self, contact_id: ContactId) -> list[CallDetail]:
        """What CDR knows of it."""

        def rows() -> list[CallDetail]:
            return [row for row in read_cdr(cdr_path(self.pbx.settings)) if row.linkedid == contact_id]

        found: list[CallDetail] = await until(rows, "the call detail record")
        return found

    def raw(self, contact_id: ContactId) -> Path:
        """The recording's file."""
        return layout(self.pbx.settings).recordings / f"{contact_id}.raw"


async def _commit(begun: callbacks.CallbackBegun) -> None:
    """There is always room for a row here."""


@pytest.fixture
def desk(pbx: Pbx, events: Witness) -> Desk:
    """The desk."""
    return Desk(pbx, events)


@pytest.fixture
async def seat(pbx: Pbx, phones: PhoneBox) -> Phone:
    """Seat 8001, registered."""
    phone = await phones.seat("8001", pbx.secrets.seats["8001"])
    await phone.register()
    return phone


async def joined(desk: Desk, seat: Phone, citizen: Phone) -> tuple[ContactId, Call, Call]:
    """A call-back in which both talk: its id, the agent's call and the citizen's."""
    contact_id = await desk.dial()
    agent = await (await seat.ringing()).answer()
    call = await (await citizen.ringing()).answer()
    await desk.events.until(lambda: len(desk.of("BridgeEnter", contact_id)) == 2, "both are joined")
    return contact_id, agent, call


@pytest.mark.parametrize("who_ends", ["citizen", "agent"])
async def test_both_talk_are_counted_and_recorded(
    desk: Desk, seat: Phone, phones: PhoneBox, who_ends: str
) -> None:
    """Left is the citizen, right the agent, only the talk; the packets of both are told."""
    contact_id, agent, call = await joined(desk, seat, await phones.citizen(CITIZEN))
    await asyncio.gather(call.play(tone(700, 3)), agent.play(tone(1000, 3)))
    await (call if who_ends == "citizen" else agent).hangup()
    await desk.over(contact_id)
    left, right = channels(desk.raw(contact_id).read_bytes())
    assert min(tone_seconds(left, 700), tone_seconds(right, 1000)) > 1.5
    assert max(tone_seconds(left, 1000), tone_seconds(right, 700)) < 0.2
    begin, end = desk.told(contact_id)[:3], desk.told(contact_id)[3:]
    assert begin == ["call.offered", "callback.dialing", "callback.answered"]
    assert sorted(end) == ["call.ended", "callback.heard", "callback.talk_ended"]
    (recorder,) = desk.of("MixMonitorStart", contact_id)
    assert recorder.get("Channel").startswith("PJSIP/trunk-"), "the recorder runs on the citizen's channel"
    (heard,) = desk.of("UserEvent", contact_id)
    assert heard.get("UserEvent") == "CallbackHeard"
    assert min(int(heard.get("FromCitizen")), int(heard.get("FromAgent"))) > 75
    assert len(desk.of("MixMonitorStop", contact_id)) == 1


async def test_both_books_have_the_number(desk: Desk, seat: Phone, phones: PhoneBox) -> None:
    """CEL has the mark, CDR the number of the citizen; meanwhile it is a live call."""
    contact_id, agent, _ = await joined(desk, seat, await phones.citizen(CITIZEN))
    assert await desk.live(contact_id) == ["8001"]
    await agent.hangup()
    await desk.over(contact_id)
    entry = await desk.entry(contact_id)
    assert (entry.outcome, entry.caller, entry.seat_id) == (Outcome.ANSWERED, CITIZEN, "8001")
    assert entry.answered_at
    assert {row.citizen for row in await desk.details(contact_id)} == {CITIZEN}


async def test_a_call_back_whose_seats_phone_is_dead_ends_and_can_be_judged(
    desk: Desk, seat: Phone, phones: PhoneBox
) -> None:
    """The agent's phone is heard, then hung up as dead: the citizen's leg ends too, and the packets of both are told."""
    contact_id, agent, _ = await joined(desk, seat, await phones.citizen(CITIZEN))
    async with desk.pbx.acting() as link:
        rescue = Rescue(link, desk.posted.append)
        await rescue.listen(seats.ListenToSeat(SeatId("8001"), contact_id))
        await rescue.hang_up(seats.HangUpSeat(SeatId("8001"), contact_id))
    await agent.ended()
    await desk.over(contact_id)
    (listened,) = [message for message in desk.posted if isinstance(message, seats.SeatListened)]
    assert (listened.reachable, listened.packets > 0) == (True, True)
    assert sorted(desk.told(contact_id)[3:]) == ["call.ended", "callback.heard", "callback.talk_ended"]


@pytest.mark.parametrize("is_busy", [True, False], ids=["busy", "no answer"])
async def test_a_citizen_who_is_not_reached(desk: Desk, seat: Phone, phones: PhoneBox, is_busy: bool) -> None:
    """The agent hears ring tone, then that it was in vain; nothing is recorded or counted."""
    contact_id = await desk.dial()
    citizen = await phones.citizen(CITIZEN)
    agent = await (await seat.ringing()).answer()
    ringing = await citizen.ringing()
    if is_busy:
        await ringing.reject()
    await agent.ended(RING_S + 10)
    assert tone_seconds(agent.heard(), BUSY_HZ) > 0.5
    await desk.over(contact_id)
    assert desk.told(contact_id) == ["call.offered", "callback.dialing", "callback.talk_ended", "call.ended"]
    entry = await desk.entry(contact_id)
    assert (entry.outcome, entry.caller) == (Outcome.UNREACHED, CITIZEN)
    assert not desk.of("UserEvent", contact_id)
    assert not desk.raw(contact_id).exists()


async def test_an_agent_who_hangs_up_stops_the_ringing(desk: Desk, seat: Phone, phones: PhoneBox) -> None:
    """A citizen never finds himself called by nobody."""
    contact_id = await desk.dial()
    citizen = await phones.citizen(CITIZEN)
    agent = await (await seat.ringing()).answer()
    ringing = await citizen.ringing()
    assert await desk.live(contact_id) == [None]
    await agent.hangup()
    await ringing.canceled()
    await desk.over(contact_id)
    assert sorted(desk.told(contact_id)[2:]) == ["call.ended", "callback.talk_ended"]


@pytest.mark.parametrize("rejects", [True, False], ids=["rejects", "rings out"])
async def test_a_seat_that_does_not_pick_up(desk: Desk, seat: Phone, rejects: bool) -> None:
    """No citizen is rung for an agent who is not there."""
    contact_id = await desk.dial()
    ringing = await seat.ringing()
    if rejects:
        await ringing.reject()
    answer = await desk.events.seen("OriginateResponse", Uniqueid=contact_id)
    await desk.over(contact_id)
    assert (answer.get("Response"), desk.dialed_out(contact_id)) == ("Failure", False)
    assert desk.told(contact_id) == ["call.offered", "call.ended"]
    entry = await desk.entry(contact_id)
    assert (entry.outcome, entry.seat_id) == (Outcome.UNREACHED, "8001")
    assert await desk.details(contact_id)


async def test_a_seat_without_a_phone(desk: Desk) -> None:
    """Nothing rings at all, and only the answer to the wish tells of it."""
    contact_id = await desk.dial()
    answer = await desk.events.seen("OriginateResponse", Uniqueid=contact_id)
    assert (answer.get("Response"), desk.of("Newchannel", contact_id)) == ("Failure", [])
    assert desk.told(contact_id) == ["call.ended"]


@pytest.mark.parametrize(
    "number",
    [
        "",
        "110",
        "12345",
        "16812345678",
        "+8613800138000",
        "008613800138000",
        "4008123123",
        "1380013800",
        "138001380000",
        f"{CITIZEN}@10.0.0.1",
        f"{CITIZEN}&PJSIP/8002",
        f"{CITIZEN}$[1+1]",
        "${CITIZEN}",
        "*11",
        "8002",
    ],
)
async def test_other_numbers_are_refused_by_the_dialplan(desk: Desk, seat: Phone, number: str) -> None:
    """Whoever asks for it: only an ordinary domestic number is dialed."""
    contact_id = await desk.force(number)
    agent = await (await seat.ringing()).answer()
    await agent.ended()
    await desk.over(contact_id)
    assert not desk.dialed_out(contact_id)


async def test_a_citizen_can_be_held(desk: Desk, seat: Phone, phones: PhoneBox) -> None:
    """Hold and its end are told as in the line."""
    contact_id, agent, call = await joined(desk, seat, await phones.citizen(CITIZEN))
    await agent.play(tone(1000, 0.5))
    await agent.hold()
    await desk.events.seen("Hold", Linkedid=contact_id)
    await agent.resume()
    await desk.events.seen("Unhold", Linkedid=contact_id)
    await call.hangup()
    await desk.over(contact_id)
    assert desk.told(contact_id).count("call.held") == 2


async def test_a_call_back_cannot_be_transferred_blindly(desk: Desk, seat: Phone, phones: PhoneBox) -> None:
    """The transfer is refused and the talk goes on."""
    contact_id, agent, call = await joined(desk, seat, await phones.citizen(CITIZEN))
    for target in ("8002", "*14", "12345"):
        with pytest.raises(PhoneError):
            await agent.transfer(target)
    await agent.play(tone(1000, 1))
    assert tone_seconds(call.heard(), 1000) > 0.5
    await call.hangup()
    await desk.over(contact_id)


async def test_a_call_back_cannot_be_handed_over(desk: Desk, pbx: Pbx, seat: Phone, phones: PhoneBox) -> None:
    """Nobody is joined with a seat that calls back: neither whom it asks nor who asks it; afterwards both are."""
    colleague = await phones.seat("8002", pbx.secrets.seats["8002"])
    await colleague.register()
    contact_id, agent, call = await joined(desk, seat, await phones.citizen(CITIZEN))
    await agent.hold()
    for asks, asked in ((seat, "8002"), (colleague, "8001")):
        question = await asks.dial(asked)
        await question.ended()
    assert len(desk.events.all("DialBegin", DestCallerIDNum="8002")) == 0
    await agent.resume()
    await agent.play(tone(1000, 1))
    assert tone_seconds(call.heard(), 1000) > 0.5
    await call.hangup()
    await desk.over(contact_id)
    question = await seat.dial("8002")
    await (await (await colleague.ringing()).answer()).hangup()
    await question.ended()


async def test_outward_we_are_the_hotline_and_silence_is_counted(pbx: Pbx, events: Witness) -> None:
    """The carrier learns our number and the citizen's, nothing of seats or contacts; a mute citizen counts 0."""
    desk = Desk(pbx, events)
    address = parse_address(pbx.settings.trunk.outbound)
    with Carrier(address.host, address.port).open() as carrier:
        async with PhoneBox(pbx.address) as box:
            seat = await box.seat("8001", pbx.secrets.seats["8001"])
            await seat.register()
            contact_id = await desk.dial()
            agent = await (await seat.ringing()).answer()
            invite = await carrier.next("INVITE")
            assert invite.startswith(f"INVITE sip:{CITIZEN}@")
            assert "\r\nFrom: <sip:12345@127.0.0.1>;" in invite
            told = invite.replace(CITIZEN, "").replace(str(pbx.address), "").replace(str(address), "")
            assert not re.search(
                r"\b8001\b|市民|callback|cc-1|^(P-|Remote-Party|X-|Diversion)", told, re.MULTILINE
            )
            carrier.answer(invite)
            await agent.play(tone(1000, 2))
            await agent.hangup()
            carrier.agree(await carrier.next("BYE"))
            heard = await events.seen("UserEvent", Linkedid=contact_id)
            await desk.over(contact_id)
    assert heard.get("FromCitizen") == "0"
    assert int(heard.get("FromAgent")) > 50
