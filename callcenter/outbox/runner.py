"""Empties the outbox: one task, a few entries at a time, in the order in which they are due.

Invariant: nothing is sent that was not taken in a commit first, and what became of it is committed before the next; a
crash in between sends one message again, under the same id.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from callcenter.core.clock import Clock
from callcenter.core.errors import CallcenterError
from callcenter.outbox import store
from callcenter.outbox.section import Sms
from callcenter.outbox.senders import Outgoing, Sender, Undelivered
from callcenter.store.unit import Unit
from callcenter.store.writer import StoreWriter

log = structlog.get_logger()

LOOK_EVERY_S: Final = 5.0
SWEEP_EVERY: Final = timedelta(minutes=5)
AT_ONCE: Final = 10
"""Entries that are taken together."""
LEASE_SLACK_S: Final = 60.0
"""An entry is somebody else's only when every try of its batch must be over."""


@dataclass
class Runner:
    """Sends what waits while ``run`` runs. ``sender`` ``None``: no gateway is set, and everything waits until it expires.

    ``name``: of this house; with it an entry's id is unknown to no gateway and shared with no other house.
    """

    writer: StoreWriter
    sender: Sender | None
    settings: Sms
    clock: Clock
    name: str = "callcenter"
    trouble: str = ""
    """Why the last try failed; empty: it did not."""
    _swept_at: datetime | None = None

    @property
    def told(self) -> str:
        """What the status page says of it: empty, ``not configured``, or the trouble."""
        return self.trouble if self.sender is not None else "not configured"

    async def run(self) -> None:
        """Send for ever; trouble is logged and tried again."""
        try:
            while True:
                try:
                    is_more = await self.send_due()
                except CallcenterError as error:
                    is_more = False
                    log.error("outbox not emptied", code=error.code)
                if not is_more:
                    await asyncio.sleep(LOOK_EVERY_S)
        finally:
            if self.sender is not None:
                await self.sender.close()

    async def send_due(self) -> bool:
        """Send a batch of what is due; whether there may be more."""
        await self._sweep()
        if self.sender is None:
            return False
        taken = await self._take()
        for entry in taken:
            await self._send(self.sender, entry)
        return len(taken) == AT_ONCE

    async def _take(self) -> list[store.Entry]:
        taken: list[store.Entry] = []
        lease_s = AT_ONCE * self.settings.timeout_s + LEASE_SLACK_S

        async def take(unit: Unit) -> None:
            taken[:] = await store.take(unit, self.clock.at(), lease_s, AT_ONCE)

        await self.writer.do(take, "take from outbox")
        return taken

    async def _send(self, sender: Sender, entry: store.Entry) -> None:
        try:
            await sender.send(Outgoing(f"{self.name}-{entry.id}", entry.number, entry.text))
        except Undelivered as error:
            self.trouble = error.code
            log.warning(
                "message not sent", kind=entry.kind, entry=entry.id, tries=entry.tries, code=error.code
            )
            tries = self.settings.max_tries if error.retryable else 0
            failed = partial(store.note_failed, entry=entry, code=error.code, max_tries=tries)
            await self.writer.do(partial(failed, now=self.clock.at()), "message failed")
            return
        self.trouble = ""
        await self.writer.do(partial(store.note_sent, entry_id=entry.id, now=self.clock.at()), "message sent")

    async def _sweep(self) -> None:
        now = self.clock.at()
        if self._swept_at is not None and now - self._swept_at < SWEEP_EVERY:
            return
        expires = timedelta(hours=self.settings.expires_h)
        kept = timedelta(days=self.settings.kept_days)
        await self.writer.do(partial(store.sweep, now=now, expires=expires, kept=kept), "sweep outbox")
        self._swept_at = now
