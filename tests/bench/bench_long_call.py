"""A call of four hours, silent and sparse on the disk, through one recognizer process: seconds, memory, no word."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import pytest
from recognizer import demo_model
from spent import cpu_s, peak_mb

from callcenter.clocks import SystemClock
from recordings import wav
from recordings.process import Limits, WorkerProcess

pytestmark = pytest.mark.bench

HOURS = 4
DATA_BYTES = HOURS * 3600 * 32_000
MEMORY_MB_MAX = 500.0


def run() -> dict[str, Any]:
    """Measure once."""
    with tempfile.TemporaryDirectory(prefix="cc-") as folder:
        path = Path(folder) / "long.wav"
        with path.open("wb") as file:
            file.write(wav.header(DATA_BYTES))
            file.truncate(44 + DATA_BYTES)
        return asyncio.run(_measured(path))


async def _measured(path: Path) -> dict[str, Any]:
    clock = SystemClock()
    worker = await WorkerProcess.start(demo_model(), Limits())
    try:
        loaded_mb, used, begun = peak_mb(worker.pid), cpu_s(worker.pid), clock.instant()
        transcript = await worker.transcribe(path, "long")
        seconds, peak = clock.instant() - begun, peak_mb(worker.pid)
        spent = cpu_s(worker.pid) - used
    finally:
        await worker.stop()
    words = len(transcript.citizen + transcript.agent)
    return {
        "hours": {
            "value": transcript.seconds / 3600,
            "target": str(HOURS),
            "ok": transcript.seconds == HOURS * 3600,
        },
        "words": {"value": words, "target": "0", "ok": words == 0},
        "seconds": round(seconds),
        "cpu_s": round(spent),
        "memory_loaded_mb": round(loaded_mb),
        "memory_peak_mb": {
            "value": round(peak),
            "target": f"<= {MEMORY_MB_MAX:g}",
            "ok": peak <= MEMORY_MB_MAX,
        },
    }
