"""The cluster as the house sees it: places on other machines where a job may be carried out.

Invariants: no job is taken for a place that is not there, so an absent cluster costs no job a try; a machine that is lost
with a job costs it one; only machines with exactly our model are asked.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn
from uuid import uuid4

import structlog

from callcenter.core.clock import Clock
from callcenter.core.errors import CallcenterError, PeerError
from callcenter.settings import Settings
from recordings.cluster.engine import CONNECT_S, engine, security, tag_of
from recordings.cluster.keys import ClusterKeys
from recordings.cluster.machine import MODEL, hear_here
from recordings.core.limits import deadline_s
from recordings.core.transcript import Transcript
from recordings.models import ModelChoice
from recordings.wav import disk_errors

log = structlog.get_logger()

LOOK_EVERY_S: Final = 2.0
AGAIN_S: Final = 2.0

_BYTES_PER_S = 16_000
_SEND_S = 60.0


@dataclass(frozen=True, slots=True)
class Machines:
    """Who is there. ``places``: address -> files at once, of those with our model; ``others``: how many have another."""

    places: Mapping[str, int]
    others: int

    @property
    def total(self) -> int:
        """Files at once."""
        return sum(self.places.values())

    def freest(self, sent: Mapping[str, int]) -> str:
        """The machine with the most free places; ``sent``: how many files each has already."""
        return max(self.places, key=lambda name: self.places[name] - sent.get(name, 0))


NOBODY: Final = Machines({}, 0)


class Cluster:
    """Keeps the cluster reachable while ``run`` runs, and gives out its places (:class:`recordings.transcribe.Elsewhere`)."""

    def __init__(self, address: str, keys: ClusterKeys, model: ModelChoice, at_once: int, clock: Clock):
        self._address = address
        self._keys = keys
        self._model = model
        self._clock = clock
        self._tag = ""
        self._client: Any = None
        self._scheduler_id = ""
        self._trouble = ""
        self._sent: Counter[str] = Counter()
        self._changed = asyncio.Condition()
        self.at_once = at_once
        self.machines = NOBODY

    async def run(self) -> NoReturn:
        """Until canceled; what goes wrong is logged once and tried again: nothing of it may stop the house."""
        while True:
            try:
                await self._watch()
            except CallcenterError as error:
                if error.code != self._trouble:
                    log.error("cluster unreachable", code=error.code)
                self._trouble = error.code
            await asyncio.sleep(AGAIN_S)

    async def start(self, number: int) -> "Place":
        """Place ``number`` (0, 1, ...), as soon as the cluster has that many."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.has(number))
        return Place(self, number)

    def has(self, number: int) -> bool:
        """Whether place ``number`` is there."""
        return number < self.machines.total

    async def hear(self, sound: bytes, recording_id: str) -> Transcript:
        """Have a WAV file transcribed by one of the machines.

        Raises:
            PeerError: ``cluster_lost``; ``worker_hung``; or what the machine itself found.
        """
        try:
            async with asyncio.timeout(deadline_s(len(sound) / _BYTES_PER_S) + _SEND_S):
                answer = await self._ask(sound, recording_id)
        except TimeoutError:
            raise PeerError("a machine of the cluster took too long", code="worker_hung") from None
        if "code" in answer:
            raise PeerError(str(answer["reason"]), code=str(answer["code"]))
        return Transcript.from_json(answer["transcript"])

    async def look(self) -> Machines:
        """Connect, see who is there, and leave again: for ``callcenter doctor``.

        Raises:
            UsageError: the keys are not usable (:meth:`ClusterKeys.check`), or the library is not installed.
            PeerError: ``cluster_away`` or ``bad_model``.
        """
        await self._connect()
        try:
            return await self._seen()
        finally:
            await self._leave()

    async def _watch(self) -> NoReturn:
        await self._connect()
        try:
            while True:
                await self._note(await self._seen())
                self._trouble = ""
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            await self._leave()

    async def _note(self, seen: Machines) -> None:
        if seen == self.machines:
            return
        log.info("cluster changed", machines=len(seen.places), places=seen.total, others=seen.others)
        async with self._changed:
            self.machines = seen
            self._changed.notify_all()

    async def _connect(self) -> None:
        library = engine()
        self._keys.check(self._clock.at())
        self._tag = self._tag or await asyncio.to_thread(tag_of, self._model)
        client = library.Client(
            self._address,
            security=security(library, self._keys),
            asynchronous=True,
            direct_to_workers=True,
            set_as_default=False,
            timeout=CONNECT_S,
        )
        try:
            self._client = await client
            self._scheduler_id = client.scheduler_info()["id"]
        except Exception as error:  # noqa: BLE001  the engine raises what its state happens to lead to
            await _closed(client)
            raise self._away(error) from None

    async def _leave(self) -> None:
        client, self._client, self.machines = self._client, None, NOBODY
        await _closed(client)

    async def _seen(self) -> Machines:
        try:
            async with asyncio.timeout(CONNECT_S):
                told = await self._client.scheduler.identity()
        except Exception as error:  # noqa: BLE001  as above
            raise self._away(error) from None
        if told["id"] != self._scheduler_id:  # the engine reaches a new one by itself, with half of its state
            raise self._away()
        workers = {name: row for name, row in told["workers"].items() if row["status"] == "running"}
        ours = {name: row["nthreads"] for name, row in workers.items() if row.get(MODEL) == self._tag}
        return Machines(ours, len(workers) - len(ours))

    def _away(self, error: Exception | None = None) -> PeerError:
        log.debug("cluster call failed", kind=type(error).__name__)
        return PeerError(
            f"no scheduler answers at {self._address} with these keys: is 'callcenter cluster scheduler' running?",
            code="cluster_away",
        )

    async def _ask(self, sound: bytes, recording_id: str) -> dict[str, Any]:
        """The sound goes straight to a machine, the scheduler only hears of it."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.has(0))
        client, machine = self._client, self.machines.freest(self._sent)
        self._sent[machine] += 1
        try:
            sent = await client.scatter(sound, workers=[machine], direct=True, hash=False)
            asked = client.submit(
                hear_here, sent, recording_id, key=f"hear-{uuid4().hex}", pure=False, workers=[machine]
            )
            try:
                answer: dict[str, Any] = await asked
            finally:
                asked.release()
                sent.release()
        except Exception as error:  # noqa: BLE001  as above
            log.debug("cluster call failed", kind=type(error).__name__)
            self.machines = NOBODY  # until the next look no job is taken
            raise PeerError(
                "the machine of the cluster, or its scheduler, was lost: the job will be tried again",
                code="cluster_lost",
            ) from None
        finally:
            self._sent[machine] -= 1
        return answer


class Place:
    """A place of the cluster, used as one recognizer process (:class:`recordings.transcribe.Worker`)."""

    def __init__(self, cluster: Cluster, number: int):
        self._cluster = cluster
        self._number = number

    @property
    def is_worn(self) -> bool:
        """Whether it is gone."""
        return not self._cluster.has(self._number)

    async def transcribe(
        self, path: Path, recording_id: str, heard: Callable[[float], None] = lambda share: None
    ) -> Transcript:
        """As :meth:`recordings.process.WorkerProcess.transcribe`, but ``heard`` is told only the end."""
        with disk_errors():
            sound = await asyncio.to_thread(path.read_bytes)
        transcript = await self._cluster.hear(sound, recording_id)
        heard(1.0)
        return transcript

    async def stop(self) -> None:
        """Nothing of ours is left there."""


def open_cluster(settings: Settings, model: ModelChoice, clock: Clock) -> Cluster | None:
    """The cluster that is set, if one is. Nothing is opened before ``run``."""
    chosen = settings.transcription
    if not chosen.cluster:
        return None
    return Cluster(chosen.cluster, ClusterKeys.of(settings), model, chosen.at_once, clock)


async def _closed(client: Any) -> None:
    with contextlib.suppress(Exception):
        async with asyncio.timeout(CONNECT_S):
            await client.close()
