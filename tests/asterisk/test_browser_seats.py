"""Browser seats on the real Asterisk: rendered, loaded, and reached with what a page is told; plain and by TLS."""

import asyncio
import ssl
from datetime import UTC
from pathlib import Path
from typing import Any, cast

import pytest
from page_phone import page_phone
from pbx import Pbx, running_pbx

from callcenter.clocks import SystemClock
from callcenter.core.ids import SeatId
from callcenter.core.messages import cloud
from callcenter.core.messages.base import Message
from callcenter.phone_desk import PhoneDesk
from callcenter.tls import make_pair
from callcenter.web.views.phones import PhoneView
from queues.core.cloud_seat import PhoneLimits
from queues.core.line_checks import LineChecks
from queues.core.seats import SeatRules, Seats
from queues.phone_check import NO_ANSWER, PhoneCheck

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(120)]

PAGE = SeatId("8001")


def told(pbx: Pbx) -> PhoneView:
    """What the page of the seat is told."""
    seats = Seats([PAGE], SeatRules(1.0, 1))
    checks = LineChecks(seats, (), PhoneLimits())
    desk = PhoneDesk(pbx.settings, pbx.server.ports, cast(Any, None), seats, checks, PhoneLimits())
    return desk.view(PAGE, "127.0.0.1")


@pytest.mark.parametrize("by_tls", [False, True])
async def test_a_page_registers_with_what_it_is_told(tmp_path: Path, by_tls: bool) -> None:
    """The seat is a WebRTC endpoint, its neighbor a SIP phone; a page registers, is rung, and is gone with its WebSocket."""
    phones: dict[str, object] = {"browser": [PAGE]}
    tls = None
    if by_tls:
        pair = make_pair(tmp_path / "tls", ["127.0.0.1"], SystemClock(UTC).at())
        phones |= {"tls_cert": str(pair.cert), "tls_key": str(pair.key)}
        tls = ssl.create_default_context(cafile=str(pair.cert))
    async with running_pbx(tmp_path / "home", phones=phones) as pbx:
        shown = await pbx.server.command(f"pjsip show endpoint {PAGE}")
        neighbor = await pbx.server.command("pjsip show endpoint 8002")
        assert "dtls" in _value(shown, "media_encryption")
        assert _value(shown, "allow") == "(alaw|ulaw)"
        assert "dtls" not in _value(neighbor, "media_encryption")
        view = told(pbx)
        assert str(view.url).startswith("wss://" if by_tls else "ws://")
        async with page_phone(view, tls) as page:
            assert await page.register() == 200
            contacts = await pbx.server.command("pjsip show contacts")
            assert f"{PAGE}/sip:{PAGE}@" in contacts
            check = asyncio.create_task(rung(pbx))
            async with asyncio.timeout(10):
                invite = await page.invites.get()
            assert "X-Auto-Answer: line-check" in invite
            assert "a=fingerprint" in invite
            assert [cast(cloud.PhoneChecked, it).failed for it in await check] == [NO_ANSWER]
        for _ in range(100):
            if f"{PAGE}/sip:" not in await pbx.server.command("pjsip show contacts"):
                break
            await asyncio.sleep(0.1)
        else:
            raise AssertionError("the contact outlived its WebSocket")


async def rung(pbx: Pbx) -> list[Message]:
    """A line check that nobody answers."""
    results: list[Message] = []
    async with pbx.acting() as link:
        check = PhoneCheck(link, results.append, SystemClock(UTC), 2, "12345")
        await check.check(cloud.CheckPhone(PAGE))
    return results


def _value(shown: str, name: str) -> str:
    line = next(line for line in shown.splitlines() if line.strip().startswith(f"{name} "))
    return line.partition(":")[2].strip()
