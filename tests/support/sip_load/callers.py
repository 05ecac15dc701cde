"""Citizens behind the trunk."""

import asyncio
from collections.abc import Mapping

from callcenter.sections import Address
from sip_load.agent import TRANSACTION_S_MAX, Agent, Counters

CALLS_MAX = 20_000
"""Calls that one load may offer."""


class Callers(Agent):
    """Citizens behind the trunk, all on one socket; used as ``async with Callers(address) as callers``."""

    def __init__(self, server: Address, headers: Mapping[str, str] | None = None):
        """``headers`` go into each INVITE; without any, the test trunk's are taken."""
        super().__init__(server)
        self._extra = "".join(
            f"{name}: {value}\r\n" for name, value in (headers or {"X-Trunk": "demo"}).items()
        )
        self._offered = 0

    async def call(self, number: str, caller: str, patience_s: float, talk_s: float) -> bool:
        """One call: canceled when nobody answers within ``patience_s``, hung up ``talk_s`` after the answer.

        Returns whether it was answered.
        """
        if self._offered >= CALLS_MAX:
            raise ValueError(f"one load offers at most {CALLS_MAX} calls")
        self._offered += 1
        leg = self._leg(caller, number)
        try:
            is_answered = await self._invite(leg, patience_s, self._extra)
            if is_answered and not await self._stay(leg, talk_s):
                await self._transact(leg, "BYE")
            return is_answered
        finally:
            del self._legs[leg.call_id]

    async def offer(
        self, number: str, per_s: float, seconds: float, patience_s: float = 30.0, talk_s: float = 5.0
    ) -> Counters:
        """Offer calls evenly, ``per_s`` a second, and wait until the last is over. Every caller is another one."""
        start, count = self.now, round(per_s * seconds)
        limit_s = seconds + patience_s + talk_s + 2 * TRANSACTION_S_MAX
        async with asyncio.timeout(limit_s), asyncio.TaskGroup() as calls:
            for n in range(count):
                await asyncio.sleep(max(0.0, start + n / per_s - self.now))
                _ = calls.create_task(self.call(number, f"139{n % 10**8:08d}", patience_s, talk_s))
        return self.counters
