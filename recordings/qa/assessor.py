"""Checks every answered call by the rules, in the background, calls first.

Invariant: what a lost request, a restart or changed rules left unassessed is found again by looking at the tables; an
assessment and the news of it are one commit.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.clock import Clock
from callcenter.core.errors import CallcenterError
from callcenter.core.ids import RecordingId
from callcenter.core.messages.quality import AssessCall, CallAssessed
from callcenter.store import journal
from callcenter.store.database import Database
from callcenter.store.unit import Unit
from callcenter.store.writer import StoreWriter
from callcenter.workbench import Workbench
from recordings.core.qa.assess import Assessment, assess
from recordings.core.qa.rules import RuleSet
from recordings.qa import assessments, gather
from recordings.qa.gather import Gathered

log = structlog.get_logger()

LOOK_EVERY_S: Final = 3600.0
BREATH_S: Final = 0.05
"""Pause between two calls of a look: at most twenty a second, so that a long look leaves the cores to calls."""
AGAIN: Final = timedelta(days=2)
"""Once a night calls of this age are looked at again: their tickets may have changed."""
PAGE: Final = 100

Page = Callable[[AsyncConnection, str, int], Awaitable[Sequence[RecordingId]]]
"""The next recordings after an id, in order, at most so many."""


class Assessor:
    """Assesses calls as they are asked for, and those that nobody asked for. ``rules``: those in force."""

    def __init__(
        self,
        rules: RuleSet,
        writer: StoreWriter,
        database: Database,
        bench: Workbench,
        clock: Clock,
        zone: ZoneInfo,
    ) -> None:
        self.rules = rules
        self._writer, self._database, self._bench = writer, database, bench
        self._clock, self._zone = clock, zone
        self._last_night: date | None = None

    def assess(self, effect: AssessCall) -> None:
        """Assess this call in the background."""
        self._bench.start(self._assess(effect.recording_id))

    async def run(self) -> None:
        """Look for unassessed calls at start and every hour, for ever; trouble is logged and tried again."""
        while True:
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001  calls go on without their assessment
                log.error("calls not assessed", code=_code(error))
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Assess what is missing, and once a day again the calls of the last days."""
        await self._assess_all(self._unassessed)
        tonight = self._clock.at().astimezone(self._zone).date()
        if self._last_night != tonight:
            await self._assess_all(self._recent)
            self._last_night = tonight

    async def _assess_all(self, page: Page) -> None:
        async for recording_id in walk(self._database, page):
            try:
                await self._assess(recording_id)
            except Exception as error:  # noqa: BLE001  one call must not keep the others from being assessed
                log.error("call not assessed", recording_id=recording_id, code=_code(error))
            await asyncio.sleep(BREATH_S)

    async def _assess(self, recording_id: RecordingId) -> None:
        await self._writer.flush()  # the ticket that follows from the same news is filled first
        async with self._database.reading() as connection:
            call = await gather.gather(connection, recording_id, self._zone)
        if call is None:
            return
        assessment = await asyncio.to_thread(assess, call.facts, self.rules)

        async def keep(unit: Unit) -> None:
            if await assessments.keep(unit, call, assessment, self._clock.at()):
                self._tell(unit, call, assessment)

        await self._writer.do(keep, "keep assessment")

    def _tell(self, unit: Unit, call: Gathered, assessment: Assessment) -> None:
        news = CallAssessed(
            call.contact_id,
            call.facts.recording_id,
            assessment.score,
            assessment.certainty,
            len(assessment.findings),
        )
        unit.record(journal.draft(news, self._clock.at(), self._clock.instant(), derived=True))

    async def _unassessed(self, connection: AsyncConnection, after: str, limit: int) -> Sequence[RecordingId]:
        return await gather.unassessed(connection, self.rules.version, after, limit)

    async def _recent(self, connection: AsyncConnection, after: str, limit: int) -> Sequence[RecordingId]:
        now = self._clock.at()
        return await gather.answered(connection, now - AGAIN, now, after, limit)


def _code(error: Exception) -> str:
    return error.code if isinstance(error, CallcenterError) else type(error).__name__


async def walk(database: Database, page: Page) -> AsyncIterator[RecordingId]:
    """All recordings of a query, page by page, so that no look holds the database for long."""
    after = ""
    while True:
        async with database.reading() as connection:
            ids = await page(connection, after, PAGE)
        for recording_id in ids:
            yield recording_id
        if len(ids) < PAGE:
            return
        after = ids[-1]


async def redo(
    database: Database,
    rules: RuleSet,
    zone: ZoneInfo,
    clock: Clock,
    since: datetime,
    until: datetime,
    *,
    trial: bool = False,
    progress: Callable[[float], None] = lambda share: None,
) -> tuple[int, int]:
    """Assess old calls by these rules, beside what is there: how many were looked at, how many are new.

    ``trial``: lists go on showing the assessments that they show now.
    """

    async def page(connection: AsyncConnection, after: str, limit: int) -> Sequence[RecordingId]:
        return await gather.answered(connection, since, until, after, limit)

    ids = [recording_id async for recording_id in walk(database, page)]
    new = 0
    for done, recording_id in enumerate(ids):
        progress(done / len(ids))
        new += await _redo_one(database, recording_id, rules, zone, clock, trial)
    progress(1.0)
    return len(ids), new


async def _redo_one(
    database: Database, recording_id: RecordingId, rules: RuleSet, zone: ZoneInfo, clock: Clock, trial: bool
) -> bool:
    async with database.reading() as connection:
        call = await gather.gather(connection, recording_id, zone)
    if call is None:
        return False
    assessment = assess(call.facts, rules)
    async with database.unit() as unit:
        return await assessments.keep(unit, call, assessment, clock.at(), trial=trial)
