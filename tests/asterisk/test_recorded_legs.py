"""What is recorded while a talk changes hands: hold, a question to a colleague, an attended transfer."""

import asyncio
import re
from pathlib import Path

import pytest
from pbx import Pbx
from real_asterisk import TRUNK, house, until
from tones import channels, strongest, tone, tone_seconds

from callcenter.asterisk.books import cel_path, read_cel
from callcenter.asterisk.render import layout
from callcenter.phones import Call, Phone, PhoneBox
from recordings import wav

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(120)]

CITIZEN_HZ, AGENT_HZ, COLLEAGUE_HZ = 700, 1000, 1500
SPOKEN_S = 1.5


async def test_every_seat_of_an_attended_transfer_is_recorded(tmp_path: Path) -> None:
    """The citizen's one file has every seat's voice as he heard it, and nothing of what they asked each other.

    Handed on twice, because a recorder that is not renewed hears the next seat half the time.
    """
    async with house(tmp_path) as pbx, PhoneBox(pbx.address) as phones:
        first, second, third = [await seat(pbx, phones, account) for account in ("8001", "8002", "8003")]
        await first.dial_code("*11")
        citizen = await (await phones.citizen("13800138000")).dial("12345", headers=TRUNK)
        await citizen.established()
        talk = await (await first.ringing()).answer()
        await bridges(pbx, 1)
        await both(citizen, CITIZEN_HZ, talk, AGENT_HZ)
        talk = await handed_over(pbx, talk, first, second)
        await both(citizen, CITIZEN_HZ, talk, COLLEAGUE_HZ)
        assert strongest(citizen.heard(0.5)) == COLLEAGUE_HZ
        talk = await handed_over(pbx, talk, second, third)
        await both(citizen, CITIZEN_HZ, talk, AGENT_HZ)
        assert strongest(citizen.heard(0.5)) == AGENT_HZ
        await talk.hangup()
        await citizen.ended()
        left, right = channels(await whole_file(pbx))
        assert tone_seconds(left, CITIZEN_HZ) > 3 * SPOKEN_S - 1.0
        assert 2 * SPOKEN_S - 0.6 < tone_seconds(right, AGENT_HZ) < 2 * SPOKEN_S + 0.5
        assert SPOKEN_S - 0.3 < tone_seconds(right, COLLEAGUE_HZ) < SPOKEN_S + 0.5
        assert len(right) > 4 * SPOKEN_S * wav.RATE


async def handed_over(pbx: Pbx, talk: Call, of: Phone, to: Phone) -> Call:
    """A seat holds its citizen, asks a colleague and hands him over: the colleague's end of the talk."""
    await talk.hold()
    question = await of.dial(to.number)
    answer = await (await to.ringing()).answer()
    await bridges(pbx, 2)
    await both(question, AGENT_HZ, answer, COLLEAGUE_HZ)
    await talk._line.native.attended_transfer(question._line.native)
    await until(lambda: is_out(pbx, of), "the transfer")
    return answer


async def seat(pbx: Pbx, phones: PhoneBox, account: str) -> Phone:
    """A registered seat's phone."""
    phone = await phones.seat(account, pbx.secrets.seats[account])
    await phone.register()
    return phone


async def both(one: Call, one_hz: int, other: Call, other_hz: int) -> None:
    """Both speak at once."""
    await asyncio.gather(one.play(tone(one_hz, SPOKEN_S)), other.play(tone(other_hz, SPOKEN_S)))


async def bridges(pbx: Pbx, count: int) -> None:
    """Wait until so many pairs are joined."""

    async def are_joined() -> bool:
        shown = await pbx.server.command("bridge show all")
        return len(re.findall(r"\s2\s+basic\s", shown)) == count

    await until(are_joined, f"{count} bridges")


async def is_out(pbx: Pbx, of: Phone) -> bool:
    """Whether the seat is out of it: the citizen and the colleague are joined."""
    channels_now = await pbx.server.command("core show channels concise")
    bridges_now = await pbx.server.command("bridge show all")
    return f"PJSIP/{of.number}-" not in channels_now and bool(re.search(r"\s2\s+basic\s", bridges_now))


async def whole_file(pbx: Pbx) -> bytes:
    """The citizen's recording, once his call is over in the books."""

    def uniqueid() -> str:
        events = list(read_cel(cel_path(pbx.settings)))
        over = {event.linkedid for event in events if event.event == "LINKEDID_END"}
        marks = [event.uniqueid for event in events if event.user_event == "CITIZEN"]
        return next((mark for mark in marks if mark in over), "")

    name = await until(uniqueid, "the end")
    return (layout(pbx.settings).recordings / f"{name}.raw").read_bytes()
