"""The demo recognizer and the voice for tests that need real speech: built once per cache, then found.

Invariant: the cache is shared by all runs (``CALLCENTER_CACHE``, else ``var/cache`` of the checkout).
"""

import os
from functools import cache
from pathlib import Path

import numpy as np

from callcenter.speech import audio
from callcenter.speech.demo_model.build import build
from callcenter.speech.voice import Voice
from recordings import wav
from recordings.models import ModelChoice

_ROOT = Path(__file__).parents[2]


def cache_path() -> Path:
    """Where made things are kept."""
    return Path(os.environ.get("CALLCENTER_CACHE") or _ROOT / "var" / "cache").absolute()


@cache
def demo_model() -> ModelChoice:
    """The demo recognizer."""
    return ModelChoice(build(cache_path()), is_demo=True)


@cache
def voice() -> Voice:
    """The offline voice."""
    return Voice(cache_path())


def two_channels(citizen: audio.Samples, agent: audio.Samples) -> bytes:
    """Raw sound as Asterisk records it, the shorter side filled with silence."""
    length = max(len(citizen), len(agent))
    sides = [np.pad(side, (0, length - len(side))) for side in (citizen, agent)]
    return np.stack(sides, axis=1).astype("<i2").tobytes()


def write_recording(path: Path, raw: bytes) -> Path:
    """A two-channel WAV file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(wav.header(len(raw)) + raw)
    return path
