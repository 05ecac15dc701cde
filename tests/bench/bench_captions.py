"""Live captions of a real call: from the end of a spoken word to the frame that shows it, on the event stream.

When a word ended is taken from the transcript (the same recognizer over the whole recording); the recording's own clock from
its growth: Asterisk's recorder writes in steps, each at the moment its last sample was spoken. The plain alternative is the
transcript after the call. Then one process captions many recordings at once that grow in the same steps, without Asterisk.
"""

import asyncio
import json
import os
import statistics
import tempfile
from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recognizer import demo_model
from system import System, whole_system

from callcenter.clocks import SystemClock
from callcenter.core.clock import Instant
from callcenter.core.ids import ContactId, RecordingId
from callcenter.phones import PhoneBox
from callcenter.speech.dialog import demo_dialog
from callcenter.speech.voice import Voice
from callcenter.web.clients.control import ControlClient
from recordings import wav
from recordings.captions_process import CaptionProcess
from recordings.vault import open_vault

pytestmark = pytest.mark.bench

LIMIT_S = 1.5
TRUNK = {"X-Trunk": "demo"}
ON: dict[str, object] = {"enabled": "on", "off_above_ratio": 1.0, "on_below_ratio": 1.0, "behind_s": 60.0}
MARKS = str.maketrans("", "", "，。？ ")
MANY = 8
MANY_S = 12.0
STEP_BYTES = 32_768
"""What Asterisk's recorder writes at once."""

NEAR_S = 0.3
"""So much before its line's name a word may begin: names are cut to pieces of sound."""

clock = SystemClock()


@dataclass
class Seen:
    """What came while the call went on. ``growth``: (when, bytes) of the raw file; ``frames``: (when, frame)."""

    growth: list[tuple[Instant, int]] = field(default_factory=list)
    frames: list[tuple[Instant, dict[str, Any]]] = field(default_factory=list)
    load: float = 0.0
    cpu_s: float = 0.0

    def began(self) -> float:
        """When second 0 of the recording was spoken: no step can have been written before it was."""
        per_s = wav.RATE * wav.FRAME_BYTES
        return min(when - size / per_s for when, size in self.growth if size)


async def run() -> dict[str, Any]:
    """One call: the demo dialog."""
    with tempfile.TemporaryDirectory(prefix="cc-") as home:
        async with (
            whole_system(Path(home), captions=ON) as system,
            PhoneBox(system.settings.sip_address) as box,
        ):
            await system.event("captions.switched", limit_s=60)
            seen, contact_id = await _call(system, box)
            ready = await system.event("transcript.ready", contact_id, limit_s=120)
            ended = await system.event("call.ended", contact_id)
            [(content,)] = system.rows("SELECT content FROM transcripts WHERE recording_id = ?", contact_id)
            with open_vault(system.settings, clock).opened(RecordingId(contact_id)) as opened:
                layout = opened.layout()
                sound = opened.read(layout.data_offset, layout.data_bytes)
        many = await _many(sound, Path(home))
    after_s = datetime.fromisoformat(ready["at"]) - datetime.fromisoformat(ended["at"])
    return _figures(seen, json.loads(content), after_s.total_seconds()) | {f"{MANY}_calls": many}


async def _call(system: System, box: PhoneBox) -> tuple[Seen, str]:
    agent = await box.seat("8001", system.pbx.secrets.seats["8001"])
    await agent.register()
    await agent.dial_code("*11")
    await system.event("seat.state_changed", seat_id="8001", new="ready")
    call = await (await box.citizen("13800000091")).dial(f"sip:12345@{system.settings.sip}", TRUNK)
    answered = await (await agent.ringing()).answer()
    contact_id = str((await system.event("call.answered"))["subject"]["contact_id"])
    raw = open_vault(system.settings, clock).raw_path(ContactId(contact_id))
    voice, seen = Voice(system.settings.cache_path), Seen()
    spoken = [(line.speaker, voice.speak(line.text)) for line in demo_dialog()]
    watching = [asyncio.create_task(work) for work in (_watch(raw, seen), _follow(system, seen))]
    await asyncio.sleep(2.0)
    before_s = _worker_cpu_s()
    for speaker, samples in spoken:
        await (answered if speaker == "agent" else call).play(samples)
    await asyncio.sleep(3.0)
    seen.cpu_s, seen.load = _worker_cpu_s() - before_s, os.getloadavg()[0]
    for task in watching:
        task.cancel()
    await asyncio.gather(*watching, return_exceptions=True)
    await call.hangup()
    return seen, contact_id


async def _watch(raw: Path, seen: Seen) -> None:
    last = 0
    while True:
        size = raw.stat().st_size if raw.exists() else 0
        if size != last:
            seen.growth.append((clock.instant(), size))
            last = size
        await asyncio.sleep(0.002)


async def _follow(system: System, seen: Seen) -> None:
    async with ControlClient(system.settings) as client:
        async for frame in client.follow("caption.said"):
            if frame["type"] == "caption.said":
                seen.frames.append((clock.instant(), frame["data"]))


async def _many(sound: bytes, folder: Path) -> dict[str, Any]:
    """The same call many times at once, each a little later than the one before."""
    worker = await CaptionProcess.start(demo_model(), 0)
    paths = [folder / f"{number}.raw" for number in range(MANY)]
    late_s: list[float] = []

    async def grow(number: int) -> None:
        await asyncio.sleep(number / MANY)
        with paths[number].open("wb", buffering=0) as file:
            for start in range(0, len(sound), STEP_BYTES):
                file.write(sound[start : start + STEP_BYTES])
                await asyncio.sleep(STEP_BYTES / (wav.RATE * wav.FRAME_BYTES))

    async def listen() -> None:
        async for line in worker.lines():
            late_s.extend([line["behind_s"]] if line["type"] == "pace" else [])

    for path in paths:
        worker.open(path.name, path)
    before_s = _worker_cpu_s()
    tasks = [asyncio.create_task(work) for work in (listen(), *map(grow, range(MANY)))]
    await asyncio.sleep(MANY_S)
    cpu_s = _worker_cpu_s() - before_s
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await worker.kill()
    return {
        "worker_late_p50_s": statistics.median(late_s),
        "worker_late_worst_s": max(late_s),
        "worker_cpu_of_a_core_ratio": round(cpu_s / MANY_S, 3),
        "load_average": round(os.getloadavg()[0], 1),
    }


def _worker_cpu_s() -> float:
    """CPU seconds of the captioning processes so far."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if b"recordings.captions_worker" in stat.with_name("cmdline").read_bytes():
                ticks += sum(map(int, stat.read_text().rsplit(")", 1)[1].split()[11:13]))
        except OSError:
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


def _lags(
    words: list[dict[str, Any]], frames: list[tuple[Instant, dict[str, Any]]], began: float
) -> list[float]:
    """Seconds from each word's end until it was first shown at its place in its line; words never shown are left out."""
    starts = [word["start"] for word in words]
    shown: dict[int, float] = {}
    for when, frame in frames:
        first = bisect_left(starts, frame["begin_s"] - NEAR_S)
        text = frame["text"].translate(MARKS)
        for place in range(first, len(words)):
            if not text.startswith(words[place]["word"]):
                break
            text = text[len(words[place]["word"]) :]
            shown.setdefault(place, when - began - words[place]["end"])
    return list(shown.values())


def _figures(seen: Seen, transcript: dict[str, Any], after_s: float) -> dict[str, Any]:
    began, lags, spoken = seen.began(), [], 0
    for channel in ("citizen", "agent"):
        words = transcript["channels"][channel]["words"]
        spoken += len(words)
        lags += _lags(words, [entry for entry in seen.frames if entry[1]["channel"] == channel], began)
    steps = [later - earlier for (earlier, _), (later, _) in zip(seen.growth, seen.growth[1:], strict=False)]
    watched_s = seen.growth[-1][0] - seen.growth[0][0]
    p95 = float(np.percentile(lags, 95))
    return {
        "words_spoken": spoken,
        "words_shown": len(lags),
        "word_to_caption_p50_s": round(statistics.median(lags), 2),
        "word_to_caption_p95_s": {"value": round(p95, 2), "target": f"<= {LIMIT_S:g}", "ok": p95 <= LIMIT_S},
        "word_to_caption_worst_s": round(max(lags), 2),
        "recorder_step_s": round(statistics.median(steps), 2),
        "worker_cpu_of_a_core_ratio": round(seen.cpu_s / watched_s, 3),
        "frames_per_s": round(len(seen.frames) / watched_s, 1),
        "transcript_after_the_call_s": round(after_s, 1),
        "load_average": round(seen.load, 1),
    }
