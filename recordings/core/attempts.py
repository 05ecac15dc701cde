"""How often a transcription is tried, and how long it may take.

Invariant: pure; every try and every wait is bounded.
"""

MAX_TRIES = 3
"""Tries after which a job is parked for a person to look at."""

_RETRY_AFTER_S = (5.0, 60.0)
_GRACE_S = 60.0
_SLOWEST = 5.0
"""Times real time: far slower than any measured recognizer on a busy machine."""


def retry_after_s(tries: int) -> float | None:
    """Seconds to wait after the ``tries``-th try failed (from 1); ``None``: park it."""
    return _RETRY_AFTER_S[max(0, tries - 1)] if tries < MAX_TRIES else None


def deadline_s(audio_s: float) -> float:
    """Seconds that transcribing so much sound may take at the very most."""
    return _GRACE_S + _SLOWEST * audio_s
