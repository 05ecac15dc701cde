"""Live captions (实时字幕) of running talks: one recognizer process reads the recordings while they grow.

Invariants: calls come first, so nothing of a call waits for this, and whatever fails here ends captions only; what is not
recorded is not captioned; no text is kept, logged or journaled.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import structlog

from callcenter.core.clock import Clock
from callcenter.core.errors import PeerError
from callcenter.core.ids import ContactId
from callcenter.core.messages.base import Message
from callcenter.core.messages.captions import CaptionsSwitched
from recordings.captions_cpu import CpuMeter
from recordings.captions_process import CaptionProcess, Line
from recordings.core.captions import Pressure, Switchboard, Talk, Verdict, chosen
from recordings.models import ModelChoice

log = structlog.get_logger()

JUDGE_S = 1.0
LOOK_S = 0.2
"""How often the talks are looked at."""

PAUSE_S = 2.0
"""Seconds before a new process after one that failed."""

_PACE_LATE_S = 2.0

Channel = Literal["citizen", "agent"]
_CHANNELS: Sequence[Channel] = ("citizen", "agent")


@dataclass(frozen=True, slots=True)
class Caption:
    """A line of speech so far, and at last whole (``final``; empty: it was no speech).

    ``begin_s``, seconds in the recording, is its name among those of its channel: a later one ends the line before.
    ``end_s``: up to where the recording was heard.
    """

    contact_id: ContactId
    channel: Channel
    begin_s: float
    end_s: float
    text: str
    final: bool


@dataclass(frozen=True)
class Source:
    """What is captioned by what. ``talks``: those that go on, oldest first; ``raw_path``: where Asterisk records one.

    ``resident_mb``: memory at which the process is replaced.
    """

    talks: Callable[[], Sequence[Talk]]
    raw_path: Callable[[ContactId], Path]
    model: ModelChoice
    resident_mb: int


class Captioner:
    """Captions as many talks as ``board`` gives places, until canceled. ``told`` hears each caption at once."""

    def __init__(
        self,
        source: Source,
        board: Switchboard,
        meter: CpuMeter,
        clock: Clock,
        *,
        told: Callable[[Caption], None],
        post: Callable[[Message], None],
    ) -> None:
        self._source = source
        self._board = board
        self._meter = meter
        self._clock = clock
        self._told = told
        self._post = post
        self._captioned: set[ContactId] = set()
        self._behind_s = 0.0
        self._heard_at = clock.instant()
        self.pressure = Pressure(None, 0.0, 0)
        self.pid: int | None = None
        """Of the recognizer process, when there is one."""

    @property
    def verdict(self) -> Verdict:
        """How many talks may be captioned, and why."""
        return self._board.verdict

    @property
    def captioned(self) -> list[ContactId]:
        """The talks that are captioned now."""
        return sorted(self._captioned)

    async def run(self) -> None:
        """Caption for ever."""
        while True:
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._watch_machine(), name="captions-machine")
                    group.create_task(self._serve(), name="captions")
            except Exception as error:  # noqa: BLE001  calls go on whatever fails here
                log.error("live captions failed", error=type(error).__name__)
            await asyncio.sleep(PAUSE_S)

    async def _watch_machine(self) -> None:
        self._meter.busy_ratio()
        while True:
            await asyncio.sleep(JUDGE_S)
            busy_ratio, now = self._meter.busy_ratio(), self._clock.instant()
            self.pressure = Pressure(busy_ratio, self._lateness_s(), len(self._captioned))
            verdict = self._board.judge(self.pressure, now)
            if verdict is not None:
                self._tell_switch(verdict)

    def _lateness_s(self) -> float:
        """What the process tells of itself; if it tells nothing, how long."""
        silent_s = self._clock.instant() - self._heard_at
        return silent_s if self._captioned and silent_s > _PACE_LATE_S else self._behind_s

    def _tell_switch(self, verdict: Verdict) -> None:
        busy_ratio, behind_s = round(self.pressure.busy_ratio or 0.0, 3), round(self.pressure.behind_s, 3)
        log.info(
            "live captions switched",
            places=verdict.places,
            reason=verdict.reason.value,
            busy_ratio=busy_ratio,
            behind_s=behind_s,
        )
        with contextlib.suppress(PeerError):  # the inbox is full: the log has it
            self._post(CaptionsSwitched(verdict.places, verdict.reason.value, busy_ratio, behind_s))

    async def _serve(self) -> None:
        while True:
            if self.verdict.places:
                try:
                    await self._serve_with_one_process()
                except PeerError as error:
                    log.error("live captions pause", code=error.code)
                    await asyncio.sleep(PAUSE_S)
            await asyncio.sleep(LOOK_S)

    async def _serve_with_one_process(self) -> None:
        """Until there are no places, or it fails. It starts with the present: what was missed is transcribed later."""
        worker = await CaptionProcess.start(self._source.model, self._source.resident_mb)
        self.pid, self._heard_at, self._behind_s = worker.pid, self._clock.instant(), 0.0
        reading = asyncio.create_task(self._read(worker), name="captions-read")
        try:
            while self.verdict.places and not reading.done():
                self._follow_talks(worker)
                await asyncio.wait({reading}, timeout=LOOK_S)
            if reading.done():
                await reading
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            self._captioned.clear()
            await worker.kill()
            self.pid = None

    def _follow_talks(self, worker: CaptionProcess) -> None:
        wanted = chosen(self._source.talks(), self._captioned, self.verdict.places)
        for contact_id in self._captioned.difference(wanted):
            worker.close(contact_id)
        for contact_id in wanted:
            if contact_id not in self._captioned:
                worker.open(contact_id, self._source.raw_path(contact_id))
        self._captioned = set(wanted)

    async def _read(self, worker: CaptionProcess) -> None:
        async for line in worker.lines():
            self._heard_at = self._clock.instant()
            if line["type"] == "pace":
                self._behind_s = float(line["behind_s"])
            elif line["type"] == "said" and self._is_open(line["key"]):
                self._told(_caption(line))

    def _is_open(self, key: str) -> bool:
        """Whether this talk is captioned now: an answer may come when its recording was paused meanwhile."""
        return key in self._captioned and any(
            talk.contact_id == key and not talk.is_paused for talk in self._source.talks()
        )


def _caption(line: Line) -> Caption:
    return Caption(
        ContactId(line["key"]),
        _CHANNELS[line["channel"]],
        float(line["begin_s"]),
        float(line["end_s"]),
        str(line["text"]),
        bool(line["final"]),
    )
