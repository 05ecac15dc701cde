"""Up to 200 recorded calls at once on a real Asterisk, both sides speaking: how much of the talk is missing in each file.

Every call is bridged to a phone by ``Dial`` behind the product's own recorder line (a house has 198 seats at most, so the
line itself cannot be filled with 200 talks). The talk is counted by Asterisk's own stamps: from the second channel that
enters the bridge to the first that leaves it. Steps end with the first that is short, or that the generator could not feed.
"""

import asyncio
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from pbx import Pbx, Witness, running_pbx
from rtp_stream import SpeakingCallers, SpeakingSeat, Speech
from spent import cpu_s

pytestmark = pytest.mark.bench

STEPS = tuple(int(text) for text in os.environ.get("BENCH_CALLS", "50,100,150,200").split(","))
CALLS_PER_S = 20
TOGETHER_S = 15.0
"""For so long all calls of a step talk at the same time."""

SHORT_S_MAX = 1.0
LATE_RATIO_MAX = 0.01
BYTES_PER_S = 32_000
NUMBER, SEAT = "12398", "8001"

ROOM: dict[str, object] = {"rtp": "10000-15999", "capacity": {"max_calls": 1000, "intake_limit": 1000}}


def run() -> dict[str, Any]:
    """More and more calls."""
    with tempfile.TemporaryDirectory(prefix="cc-") as home:
        return asyncio.run(_ladder(Path(home)))


async def _ladder(home: Path) -> dict[str, Any]:
    steps: dict[str, Any] = {}
    async with running_pbx(home, **ROOM) as pbx:
        recordings = pbx.settings.recordings_path / "incoming"
        for priority, application in enumerate(
            (
                "Answer()",
                f"MixMonitor({recordings}/${{UNIQUEID}}.raw,bD)",
                f"Dial(PJSIP/{SEAT},20,g)",
                "StopMixMonitor()",
            ),
            start=1,
        ):
            await pbx.server.command(f"dialplan add extension {NUMBER},{priority},{application} into intake")
        for calls in STEPS:
            steps[f"{calls} at once"] = step = await _step(pbx, recordings, calls)
            if not step["whole"]:
                break
    whole = [int(name.split()[0]) for name, step in steps.items() if step["whole"]]
    best = max(whole, default=0)
    return {"whole_at_once": {"value": best, "target": f">= {STEPS[-1]}", "ok": best >= STEPS[-1]}, **steps}


async def _step(pbx: Pbx, recordings: Path, calls: int) -> dict[str, Any]:
    talk_s = calls / CALLS_PER_S + TOGETHER_S
    secrets = {SEAT: pbx.secrets.seats[SEAT]}
    assert pbx.server.pid
    used = cpu_s(pbx.server.pid)
    with Speech() as speech:
        async with (
            pbx.watched() as witness,
            SpeakingSeat(speech, pbx.address, secrets, talk_s=talk_s + 60) as seat,
            SpeakingCallers(speech, pbx.address) as callers,
        ):
            await seat.register()
            counters = await callers.offer(NUMBER, CALLS_PER_S, calls / CALLS_PER_S, talk_s=talk_s)
            is_quiet = await pbx.is_quiet(30)
            await pbx.settle(witness)
            await seat.unregister()
    talks = _talks(witness)
    missing = sorted(talk - _recorded_s(recordings / f"{name}.raw") for name, talk in talks.items())
    short, late = sum(gone > SHORT_S_MAX for gone in missing), speech.late / speech.rounds
    return {
        "answered": counters.answered,
        "bridged": len(talks),
        "sip_retransmits": counters.retransmits + seat.counters.retransmits,
        "asterisk_cores": round((cpu_s(pbx.server.pid) - used) / talk_s, 2),
        "missing_p50_s": round(missing[len(missing) // 2], 3) if missing else None,
        "missing_max_s": round(missing[-1], 3) if missing else None,
        "short_by_more_than_1_s": short,
        "generator_late_ratio": round(late, 4),
        "whole": is_quiet
        and len(talks) == counters.answered == calls
        and not short
        and late <= LATE_RATIO_MAX,
    }


def _talks(witness: Witness) -> dict[str, float]:
    """Seconds of each talk by its recording's name."""
    begun: dict[str, float] = {}
    ended: dict[str, float] = {}
    for frame in witness.frames:
        name, at = frame.get("Linkedid"), frame.get("Timestamp")
        if frame.event == "BridgeEnter" and frame.get("BridgeNumChannels") == "2":
            begun.setdefault(name, float(at))
        if frame.event == "BridgeLeave":
            ended.setdefault(name, float(at))
    return {name: ended[name] - at for name, at in begun.items() if name in ended}


def _recorded_s(path: Path) -> float:
    return path.stat().st_size / BYTES_PER_S if path.exists() else 0.0
