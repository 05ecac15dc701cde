"""Many citizens and seats on the running product at once: so many talk, so many wait.

Invariant: at the end of the block every call of the crowd is over on our side.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sip_load import Callers, Seats
from system import System

TRUNK = {"X-Trunk": "demo"}
STAY_S = 300.0
"""Longer than any test: who is gone before was lost."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """The phones of the block. ``codes``: calls to feature codes, which Asterisk itself ends."""

    callers: Callers
    seats: Seats
    codes: int

    @property
    def hung_up_on(self) -> int:
        """Calls of citizens that the other side ended."""
        return self.callers.counters.hung_up_by_peer + self.seats.counters.hung_up_by_peer - self.codes


@asynccontextmanager
async def busy(system: System, talking: int, waiting: int, limit_s: float = 60.0) -> AsyncIterator[Crowd]:
    """So many citizens talk and so many wait, for as long as the block needs."""
    seat_ids = [str(8001 + n) for n in range(talking)]
    secrets = {seat_id: system.pbx.secrets.seats[seat_id] for seat_id in seat_ids}
    address = system.settings.sip_address
    async with Seats(address, secrets, talk_s=STAY_S) as seats, Callers(address, TRUNK) as callers:
        await seats.register()
        for seat_id in seat_ids:
            assert await seats.dial_code(seat_id, "*11")
        tasks = [
            asyncio.create_task(callers.call("12345", f"1380000{n:04d}", STAY_S, STAY_S))
            for n in range(talking + waiting)
        ]

        async def is_so() -> bool:
            return count(system, "talking") == talking and count(system, "waiting") == waiting

        try:
            await system.until(is_so, f"{talking} talk, {waiting} wait", limit_s)
            yield Crowd(callers, seats, codes=seats.counters.hung_up_by_peer)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def count(system: System, state: str) -> int:
    """Open rows of the ledger in this state."""
    return int(system.rows("SELECT count(*) FROM contacts WHERE state = ? AND outcome IS NULL", state)[0][0])
