"""A house whose recordings wait for transcription: encrypted sound, rows, durable jobs, and a count of results.

Invariant: nothing is pretended: the vault, the SQLite file and the queue are the product's own.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path

from recognizer import demo_model
from rows import answered
from sqlalchemy import func, select
from vaults import new_vault

from callcenter.clocks import SystemClock
from callcenter.core.ids import ContactId, RecordingId
from callcenter.core.messages.base import Message
from callcenter.core.messages.work import TranscriptFailed, TranscriptReady
from callcenter.store import contacts, jobs
from callcenter.store.database import Database
from callcenter.store.schema import jobs as job_rows
from callcenter.store.schema import transcripts
from recordings import store, wav
from recordings.core.names import recording_of
from recordings.process import Limits
from recordings.store import Recording, RecordingState, SqlJobQueue
from recordings.transcribe import Elsewhere, Transcriber
from recordings.vault import Vault
from recordings.wav import Wave


class House:
    """``ready`` and ``failed`` count what was told of each recording."""

    def __init__(self, vault: Vault, database: Database, url: str):
        self.url = url
        self.vault = vault
        self.database = database
        self.clock = SystemClock()
        self.ready: Counter[RecordingId] = Counter()
        self.failed: Counter[RecordingId] = Counter()
        self._numbers = count(1)
        self._transcribers: list[Transcriber] = []
        self._serving: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()

    async def keep(self, sounds: Sequence[bytes]) -> list[RecordingId]:
        """Seal raw two-channel sounds and ask for their transcripts, in order."""
        return [await self._keep(sound) for sound in sounds]

    def wake(self) -> None:
        """Tell the transcriber that there is work, as the product does."""
        for transcriber in self._transcribers:
            transcriber.wake()

    async def _keep(self, sound: bytes) -> RecordingId:
        number = next(self._numbers)
        contact_id, at = ContactId(f"x-1795305600.{number}"), self.clock.at()
        wave = Wave(len(sound) + 44, len(sound) / 32_000, lambda: iter([wav.header(len(sound)), sound]))
        entry = await asyncio.to_thread(self.vault.keep, contact_id, wave, at)
        recording_id = recording_of(contact_id)
        sealed = Recording(
            recording_id,
            contact_id,
            RecordingState.SEALED,
            entry.path,
            entry.sha256,
            wave.seconds,
            sealed_at=at,
        )
        async with self.database.unit() as unit:
            await contacts.save(unit, answered(contact_id))
            await store.save(unit, sealed)
            await store.ask_for_transcript(unit, recording_id, at)
        return recording_id

    @asynccontextmanager
    async def transcribing(
        self, workers: int = 0, elsewhere: Elsewhere | None = None, owner: str = "house"
    ) -> AsyncIterator[None]:
        """Serve the queue meanwhile."""
        queue = SqlJobQueue(self.database, owner, self.clock, self._parked)
        transcriber = Transcriber(
            demo_model(), self.vault, queue, self._hear, workers=workers, limits=Limits(), elsewhere=elsewhere
        )
        self._transcribers = [transcriber]
        serving = asyncio.create_task(transcriber.run())
        serving.add_done_callback(lambda _: self._news.set())
        self._serving.add(serving)
        try:
            yield
        finally:
            self._serving.discard(serving)
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)

    async def until_told(self, told: int, limit_s: float = 60.0) -> None:
        """Wait until ``told`` results or failures were told."""
        async with asyncio.timeout(limit_s):
            while self.ready.total() + self.failed.total() < told:
                for ended in filter(asyncio.Task.done, self._serving):
                    ended.result()
                await self._news.wait()
                self._news.clear()

    async def until_done(self, jobs_done: int, limit_s: float = 60.0) -> None:
        """Wait until so many jobs are done; who looks afterwards sees what there was at the end of ``limit_s``."""
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                while (await self.states()).get(jobs.JobState.DONE, 0) < jobs_done:
                    await asyncio.sleep(0.5)

    async def states(self) -> dict[jobs.JobState, int]:
        """How many jobs are in which state."""
        async with self.database.reading() as connection:
            counts = await jobs.counts(connection, store.TRANSCRIBE)
        return {state: number for state, number in counts.items() if number}

    async def tries(self) -> list[int]:
        """How often each job was begun."""
        async with self.database.reading() as connection:
            return list(await connection.scalars(select(job_rows.c.attempts)))

    async def errors(self) -> list[str]:
        """What was last wrong with each job."""
        async with self.database.reading() as connection:
            return list(await connection.scalars(select(job_rows.c.last_error)))

    async def until_waiting(self, code: str, limit_s: float = 60.0) -> None:
        """Wait until every job was put back for this."""
        async with asyncio.timeout(limit_s):
            while not all(error.startswith(f"{code}: ") for error in await self.errors()):
                await asyncio.sleep(0.05)

    async def transcripts(self) -> int:
        """How many there are."""
        async with self.database.reading() as connection:
            return await connection.scalar(select(func.count()).select_from(transcripts)) or 0

    async def said(self, recording_id: RecordingId) -> str:
        """The citizen's words."""
        async with self.database.reading() as connection:
            transcript = await store.transcript_of(connection, recording_id)
        assert transcript is not None
        return transcript.citizen_text

    def _hear(self, message: Message) -> None:
        if isinstance(message, TranscriptReady):
            self.ready[message.recording_id] += 1
        if isinstance(message, TranscriptFailed):
            self.failed[message.recording_id] += 1
        self._news.set()

    def _parked(self, job: object) -> None:
        raise AssertionError(f"a worker died three times with {job}")


@asynccontextmanager
async def house_at(home: Path) -> AsyncIterator[House]:
    """A new one."""
    home.mkdir(parents=True, exist_ok=True)
    url = f"sqlite+aiosqlite:///{home / 'house.db'}"
    database = Database(url)
    await database.upgrade()
    try:
        yield House(new_vault(home / "recordings"), database, url)
    finally:
        await database.close()
