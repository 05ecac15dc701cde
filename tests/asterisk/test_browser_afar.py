"""A page on another computer: all of it encrypted by the product's own certificate, over a network that changes in a call."""

import tempfile
from pathlib import Path
from time import monotonic

import aiohttp
import pytest
from browser_phone import AGENT_HZ, OWN_SEAT, house_afar
from calls import both_hear, calling
from own_network import ADDRESS
from real_asterisk import until
from tones import tone_seconds

from callcenter.phones import Call, PhoneBox

pytestmark = [
    pytest.mark.asterisk,
    pytest.mark.timeout(240),
    pytest.mark.allow_hosts(["127.0.0.1", "::1", ADDRESS]),
]

MOVED = "10.123.45.3"
PIECE_S = 0.5


async def test_a_laptop_talks_encrypted_and_keeps_its_talk_in_another_network() -> None:
    """The laptop gets another address in a talk: its page finds another way for signs and sound, and both hear each other.

    Nobody but the product has made the certificate; who opens the phone's address by hand sees that the way is open.
    """
    with tempfile.TemporaryDirectory(prefix="cc-") as home:
        async with (
            house_afar(Path(home)) as (house, laptop),
            house.seat(place=laptop.inside()) as seat,
            PhoneBox(house.system.settings.sip_address) as box,
        ):
            async with (
                aiohttp.ClientSession() as http,
                http.get(house.socket_page, ssl=house.tls) as page,
            ):
                assert "Upgrade Required" in await page.text()
            await seat.ready()
            async with calling(box) as call:
                await seat.answer()
                await both_hear(seat, call)
                laptop.move(MOVED)
                began = monotonic()
                await house.system.event("cloud.phone_changed", seat_id=OWN_SEAT)  # registered from there
                await until(lambda: is_heard(call), "the citizen hears the agent anew")
                print(f"the agent is heard again {monotonic() - began:.1f} s after his laptop has moved")
                await both_hear(seat, call)
                await seat.registered()
                await call.hangup()
            await seat.sees_no(".line")
            await house.system.event("call.talk_ended", seat_id=OWN_SEAT)


async def is_heard(call: Call) -> bool:
    """Whether the agent's tone comes in now: what came last stays when nothing comes."""
    return tone_seconds(await call.listen(PIECE_S), AGENT_HZ) > PIECE_S / 2
