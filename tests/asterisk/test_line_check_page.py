"""A seat whose page must prove its line before it counts: a real browser, a real echo."""

import tempfile
from pathlib import Path

import pytest
from browser_phone import OWN_SEAT, browser_house

ANY_LINE = {"loss_limit_ratio": 0.5, "jitter_limit_ms": 2000, "rtt_limit_ms": 5000}
"""How good the line of a busy machine is, is not asked here."""

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(240)]


async def test_a_page_proves_its_line_and_then_counts() -> None:
    """Logging in by key asks for the check; the phone answers it by itself, is heard and found good, and the seat is ready."""
    with tempfile.TemporaryDirectory(prefix="cc-") as home:
        async with browser_house(Path(home), must_check=True, cloud=ANY_LINE) as house, house.seat() as seat:
            await seat.sees(".seat-bar[data-state=off]")
            await seat.press("r")
            await seat.page.click("dialog button.primary")
            told = (await house.system.event("cloud.phone_checked", limit_s=60.0, seat_id=OWN_SEAT))["data"]
            assert (told["failed"], told["heard"]) == ("", True)
            await seat.sees(".seat-bar[data-state=ready]")
            assert await house.system.seat_state(OWN_SEAT) == "ready"
            assert not seat.desk.problems
