"""Transcription of recordings: durable jobs, taken one by one by recognizer processes here and on other machines.

Invariant: a job and its transcript are finished in one commit, and words lie nowhere else (ADR 0014); whatever happens to
a worker, its job is tried again or parked with the reason, never lost; what ails the whole house costs no job a try; calls
never wait for this.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NoReturn, Protocol

import structlog

from callcenter.core.errors import CallcenterError, PeerError
from callcenter.core.ids import ContactId, JobId, RecordingId
from callcenter.core.messages.base import Message
from callcenter.core.messages.work import TranscriptFailed, TranscriptReady
from recordings.core.transcript import Transcript
from recordings.keys import KEY_TROUBLES
from recordings.models import ModelChoice
from recordings.process import Limits, WorkerProcess
from recordings.vault import Vault

log = structlog.get_logger()

LEASE_S = 60.0
"""A job whose lease is not renewed for so long may be taken by another worker."""

PAUSE_S = 5.0
"""Seconds before another start after the recognizer or the queue failed."""

TROUBLE_S = 60.0
"""Seconds before a job is tried again that the house's own trouble stopped."""

HOUSE_TROUBLES = KEY_TROUBLES | {"disk_full", "storage_away", "storage_refused"}
"""Codes of what keeps every recording from being transcribed, and none from being kept: no job's fault."""

_POLL_S = 2.0


@dataclass(frozen=True, slots=True)
class Job:
    """A recording to be transcribed."""

    id: JobId
    contact_id: ContactId
    recording_id: RecordingId


class JobQueue(Protocol):
    """What transcription needs of the durable queue; each method is one committed unit of work.

    All raise PeerError when the store fails; those about a job raise it when the job is no longer ours.
    """

    async def take(self, lease_s: float) -> Job | None:
        """Take the next due job under a lease; ``None``: nothing is due."""

    async def renew(self, job: Job, lease_s: float) -> None:
        """Keep the lease."""

    async def finish(self, job: Job, transcript: Transcript) -> None:
        """Store the transcript and mark the job done."""

    async def put_back(self, job: Job, reason: str, wait_s: float) -> None:
        """Leave the job to later: the try does not count."""

    async def fail(self, job: Job, reason: str) -> bool:
        """Note a failed try: due again later, or parked after the last one. Whether it was parked."""


class Worker(Protocol):
    """Something that transcribes one file at a time: a process here, or a place on another machine."""

    @property
    def is_worn(self) -> bool:
        """Whether it should be replaced."""

    async def transcribe(self, path: Path, recording_id: str) -> Transcript:
        """Transcribe a file. Raises PeerError."""

    async def stop(self) -> None:
        """End it."""


class Elsewhere(Protocol):
    """Other machines (:class:`recordings.cluster.house.Cluster`). ``at_once``: jobs that may be there at the same time."""

    at_once: int

    async def run(self) -> NoReturn:
        """Keep them reachable until canceled."""

    async def start(self, number: int) -> Worker:
        """Place ``number`` of them, once it is there: until then no job is taken for it."""


class Transcriber:
    """Serves the queue with ``workers`` processes, and ``elsewhere``, until canceled."""

    def __init__(
        self,
        model: ModelChoice,
        vault: Vault,
        queue: JobQueue,
        post: Callable[[Message], None],
        *,
        workers: int = 1,
        limits: Limits | None = None,
        elsewhere: Elsewhere | None = None,
    ):
        self._model = model
        self._vault = vault
        self._queue = queue
        self._post = post
        self._workers = workers
        self._limits = limits or Limits()
        self._elsewhere = elsewhere
        self._news = asyncio.Event()
        self._watching = asyncio.Lock()

    def wake(self) -> None:
        """Tell it of a new job, so that it need not wait for the next look."""
        self._news.set()

    async def run(self) -> None:
        """Serve for ever; a recognizer or a queue that fails is tried again after a pause.

        A job that was begun when this is canceled becomes due again when its lease ends.
        """
        async with asyncio.TaskGroup() as group:
            for number in range(self._workers):
                group.create_task(self._serve(self._start_here), name=f"transcriber-{number}")
            if self._elsewhere is not None:
                group.create_task(self._elsewhere.run(), name="cluster")
                for number in range(self._elsewhere.at_once):
                    start = partial(self._elsewhere.start, number)
                    group.create_task(self._serve(start), name=f"cluster-{number}")

    async def _start_here(self) -> Worker:
        return await WorkerProcess.start(self._model, self._limits)

    async def _serve(self, start: Callable[[], Awaitable[Worker]]) -> NoReturn:
        while True:
            try:
                await self._serve_with_one(start)
            except PeerError as error:
                log.error("transcription pauses", code=error.code)
                await asyncio.sleep(PAUSE_S)

    async def _serve_with_one(self, start: Callable[[], Awaitable[Worker]]) -> None:
        """Until it is worn. The worker is up before a job is taken: that it does not start is no job's fault."""
        worker = await start()
        try:
            while job := await self._next_job(worker):
                await self._work(worker, job)
        finally:
            await worker.stop()

    async def _next_job(self, worker: Worker) -> Job | None:
        """The next due job; ``None``: the worker is worn. Of all idle workers one watches the queue."""
        async with self._watching:
            while not worker.is_worn:
                if job := await self._queue.take(LEASE_S):
                    return job
                await self._wait_for_news()
        return None

    async def _wait_for_news(self) -> None:
        try:
            async with asyncio.timeout(_POLL_S):
                await self._news.wait()
        except TimeoutError:
            return
        self._news.clear()

    async def _work(self, worker: Worker, job: Job) -> None:
        try:
            async with self._lease(job):
                transcript = await self._transcribe(worker, job)
        except CallcenterError as error:
            await self._failed(job, error)
            return
        await self._queue.finish(job, transcript)
        self._post(TranscriptReady(job.contact_id, job.recording_id))
        log.info("recording transcribed", recording_id=job.recording_id, seconds=transcript.seconds)

    async def _transcribe(self, worker: Worker, job: Job) -> Transcript:
        copy = await asyncio.to_thread(self._vault.plain_copy, job.recording_id)
        with copy as path:
            return await worker.transcribe(path, job.recording_id)

    async def _failed(self, job: Job, error: CallcenterError) -> None:
        if error.code in HOUSE_TROUBLES:
            await self._queue.put_back(job, f"{error.code}: {error}", TROUBLE_S)
            log.error("transcription waits", recording_id=job.recording_id, code=error.code)
            return
        is_parked = await self._queue.fail(job, f"{error.code}: {error}")
        log.warning(
            "transcription failed", recording_id=job.recording_id, code=error.code, is_parked=is_parked
        )
        if is_parked:
            self._post(TranscriptFailed(job.contact_id, job.recording_id, error.code))

    @asynccontextmanager
    async def _lease(self, job: Job) -> AsyncIterator[None]:
        """Keep the job ours while the body runs."""
        renewing = asyncio.create_task(self._renew(job), name=f"lease-{job.id}")
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)

    async def _renew(self, job: Job) -> None:
        """Until canceled, or the lease is lost: then ``finish`` will be refused and nothing is stored twice."""
        while True:
            await asyncio.sleep(LEASE_S / 3)
            try:
                await self._queue.renew(job, LEASE_S)
            except PeerError as error:
                log.warning("lease not renewed", recording_id=job.recording_id, code=error.code)


def sound_files(paths: Iterable[Path]) -> list[Path]:
    """The WAV files of folders, sorted, with those in folders inside; what is no folder stays as it is."""
    found: list[Path] = []
    for path in paths:
        inside = path.rglob("*") if path.is_dir() else [path]
        found += sorted(file for file in inside if file is path or file.suffix.lower() == ".wav")
    return found


async def transcribe_files(
    paths: Iterable[Path],
    model: ModelChoice,
    told: Callable[[Path, float], None],
    limits: Limits | None = None,
) -> AsyncIterator[tuple[Path, Transcript | CallcenterError]]:
    """Transcribe one file after the other with one process, renewed when it is worn or died.

    ``told`` hears the share of the file that is done. A bad file costs nothing but itself.

    Raises:
        PeerError: no process can be started with this model.
    """
    limits = limits or Limits()
    worker = await WorkerProcess.start(model, limits)
    try:
        for path in paths:
            if worker.is_worn:
                await worker.stop()
                worker = await WorkerProcess.start(model, limits)
            try:
                yield path, await worker.transcribe(path, path.stem, partial(told, path))
            except CallcenterError as error:
                yield path, error
    finally:
        await worker.stop()
