"""How long a transcription may take. Invariant: pure; every wait is bounded."""

_GRACE_S = 60.0
_SLOWEST = 5.0
"""Times real time: far slower than any measured recognizer on a busy machine."""


def deadline_s(audio_s: float) -> float:
    """Seconds that transcribing so much sound may take at the very most."""
    return _GRACE_S + _SLOWEST * audio_s
