"""A citizen at a SIP phone and an agent at a page, who speak with tones: how their stories begin."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from browser_phone import AGENT_HZ, CITIZEN_HZ, BrowserSeat
from real_asterisk import TRUNK, until
from tones import strongest, tone

from callcenter.phones import Call, PhoneBox, PhoneError

CITIZEN: Final = "13800138000"
TALK_S: Final = 60.0
"""Longer than any story here."""


@asynccontextmanager
async def calling(box: PhoneBox) -> AsyncIterator[Call]:
    """A citizen who calls, and speaks with his tone all the time."""
    call = await (await box.citizen(CITIZEN)).dial("12345", headers=TRUNK)
    await call.established()
    async with speaking(call, CITIZEN_HZ):
        yield call


@asynccontextmanager
async def speaking(call: Call, hz: float) -> AsyncIterator[None]:
    """A tone is said inside the block, until the call ends."""

    async def speak() -> None:
        with suppress(PhoneError):
            await call.play(tone(hz, TALK_S))

    voice = asyncio.create_task(speak())
    try:
        yield
    finally:
        voice.cancel()
        await asyncio.gather(voice, return_exceptions=True)


async def hears(call: Call, hz: float) -> None:
    """Wait until this tone is what somebody at a SIP phone heard last."""
    await until(lambda: strongest(call.heard(last_s=0.3)) == hz, f"{hz} Hz is heard")


async def both_hear(desk: BrowserSeat, call: Call) -> None:
    """Wait until agent and citizen hear each other."""
    await hears(call, AGENT_HZ)
    await desk.hears(CITIZEN_HZ)
