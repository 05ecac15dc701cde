"""Seventeen seats without a browser, ten times the calls, three real browsers: does a board miss anything?

The whole product on a real Asterisk; seats and citizens are real SIP. Three Chromiums show the shift manager's board, and note every
state that a seat shows. Each talk of the ledger must have been seen on its seat by each of them.
"""

import asyncio
import tempfile
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from browser import Desk, opened
from sip_load import Callers, Seats
from system import System, whole_system
from web_fakes import PASSWORD

from callcenter.store.accounts import SqlAccounts
from callcenter.store.database import Database
from callcenter.web.passwords import Passwords
from callcenter.web.ports.accounts import Account
from callcenter.web.roles import Role

pytestmark = pytest.mark.bench

BROWSERS, SEATS = 3, 17
USUAL_CALLS_PER_S = 1400 / (11 * 3600)
"""Yan'an: 1,400 calls in the eleven hours in which nearly all come."""
TIMES = 10
DURATION_S, TALK_S, STAY_S = 90.0, 8.0, 120.0
TRUNK = {"X-Trunk": "demo"}

WATCH = """() => {
    window.seen = [];
    const watch = new MutationObserver((changes) => changes.forEach(({ target }) => {
        const seat = target.querySelector('b');
        if (seat) window.seen.push([seat.firstChild.textContent.trim(), target.dataset.state]);
    }));
    watch.observe(document.querySelector('main'), { subtree: true, attributeFilter: ['data-state'] });
}"""


def run() -> dict[str, Any]:
    """Measure once."""
    with tempfile.TemporaryDirectory(prefix="cc-") as home:
        return asyncio.run(_measured(Path(home)))


async def _measured(home: Path) -> dict[str, Any]:
    async with AsyncExitStack() as stack:
        house = {"seats": {"count": SEATS}, "speech": {"workers": 0}, "min_free_mb": 1}
        system = await stack.enter_async_context(whole_system(home, **house))
        await _add_manager(system)
        url = f"http://{system.settings.http_address.host}:{system.settings.http_address.port}"
        desks = [await stack.enter_async_context(opened(url)) for _ in range(BROWSERS)]
        for desk in desks:
            await desk.sign_in(Role.SHIFT_MANAGER)
            await desk.page.wait_for_selector("[data-state] b")
        calls = await _load(system, desks)
        talks = Counter(
            dict(system.rows("SELECT seat_id, count(*) FROM contacts WHERE talk_s > 0 GROUP BY 1"))
        )
        seen = [await desk.page.evaluate("window.seen") for desk in desks]
    shown = [Counter(seat for seat, state in one if state == "talking") for one in seen]
    missed = [sum((talks - one).values()) for one in shown]
    return {
        "calls": calls,
        "calls_per_s": round(TIMES * USUAL_CALLS_PER_S, 3),
        "talks": sum(talks.values()),
        "states_seen": [len(one) for one in seen],
        "missed_talks": {"value": missed, "target": "0 on each", "ok": not any(missed) and bool(talks)},
    }


async def _load(system: System, desks: list[Desk]) -> int:
    """Citizens call evenly; the number of their calls."""
    seat_ids = [str(8001 + n) for n in range(SEATS)]
    secrets = {seat_id: system.pbx.secrets.seats[seat_id] for seat_id in seat_ids}
    address = system.settings.sip_address
    async with Seats(address, secrets, talk_s=TALK_S) as seats, Callers(address, TRUNK) as callers:
        await seats.register()
        for seat_id in seat_ids:
            assert await seats.dial_code(seat_id, "*11")
        for desk in desks:
            await desk.page.evaluate(WATCH)
        calls = round(DURATION_S * TIMES * USUAL_CALLS_PER_S)
        async with asyncio.TaskGroup() as group:
            for n in range(calls):
                _ = group.create_task(callers.call("12345", f"1390000{n:04d}", STAY_S, TALK_S))
                await asyncio.sleep(DURATION_S / calls)
        await asyncio.sleep(2.0)  # what is not on the board two seconds after it happened was missed
    return calls


async def _add_manager(system: System) -> None:
    database = Database(system.settings.effective_database_url)
    hashed = await Passwords().hash(PASSWORD)
    await SqlAccounts(database).save(Account(Role.SHIFT_MANAGER.value, Role.SHIFT_MANAGER, hashed))
    await database.close()
