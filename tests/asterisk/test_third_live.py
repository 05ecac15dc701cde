"""The running product when a talk changes hands or a third joins it: seats, the one outcome, both books."""

import tempfile
from pathlib import Path

import pytest
from system import System, seat, whole_system

from callcenter.core.errors import UsageError
from callcenter.phones import Call, Phone, PhoneBox
from callcenter.web.clients.control import ControlClient

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(180)]

TRUNK = {"X-Trunk": "demo"}


async def test_seats_and_books_follow_a_hand_over_and_a_third() -> None:
    """Handed over, then joined by a third whom the new seat asks: every seat talks as long as it does, one outcome.

    A pause of the recording ends with the first seat's talk, and the journal tells so.
    """
    with tempfile.TemporaryDirectory(prefix="cc-") as home:
        async with whole_system(Path(home)) as system, PhoneBox(system.settings.sip_address) as phones:
            first = await seat(system, phones, "8001")
            call = await (await phones.citizen("13800138000")).dial(
                f"sip:12345@{system.settings.sip}", headers=TRUNK
            )
            talk = await (await first.ringing()).answer()
            contact_id = (await system.event("call.answered"))["subject"]["contact_id"]
            second, third = [await seat(system, phones, number) for number in ("8002", "8003")]
            await pause(system, contact_id)
            answer = await handed_over(talk, first, second)
            await system.event("recording.resumed", contact_id, reason="talk_ended")
            await system.event("seat.state_changed", seat_id="8002", new="talking")
            await system.event("seat.state_changed", seat_id="8001", new="wrap_up")
            joins = await asked(system, "8002", "8003", third)
            with pytest.raises(UsageError, match="already"):
                await ask(system, "8002", "8001")
            await system.event("conference.joined", contact_id, who="citizen")
            await answer.hangup()
            await system.event("seat.state_changed", seat_id="8002", new="wrap_up")
            assert await system.seat_state("8003") == "talking"
            await joins.hangup()
            await system.event("conference.ended", contact_id, came_about=True)
            await system.event("seat.state_changed", seat_id="8003", new="wrap_up")
            await call.hangup()
            await system.event("recording.ready", contact_id)
            found = system.rows("SELECT outcome, seat_id FROM contacts WHERE contact_id = ?", contact_id)
            assert found == [("answered", "8001")]
            await system.settle()


async def handed_over(talk: Call, of: Phone, to: Phone) -> Call:
    """A seat holds its citizen, asks a colleague and hands him over: the colleague's end of the talk."""
    await talk.hold()
    question = await of.dial(to.number)
    answer = await (await to.ringing()).answer()
    await question.established()
    await talk._line.native.attended_transfer(question._line.native)
    return answer


async def asked(system: System, seat_id: str, third: str, phone: Phone) -> Call:
    """The seat has a third join: his end of the talk."""
    await ask(system, seat_id, third)
    joins = await (await phone.ringing()).answer()
    await system.event("seat.state_changed", seat_id=third, new="talking")
    return joins


async def pause(system: System, contact_id: str) -> None:
    """The desk's other button."""
    async with ControlClient(system.settings) as client:
        await client._ask("POST", f"/calls/{contact_id}/recording/pause", {"reason": "身份证号"})
    await system.event("recording.paused", contact_id)


async def ask(system: System, seat_id: str, third: str) -> None:
    """The desk's button."""
    async with ControlClient(system.settings) as client:
        await client.ask_conference(seat_id, third)
