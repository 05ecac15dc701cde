"""In which order recordings are transcribed, how long one may take, and when all will be done.

Invariant: pure; every wait is bounded.
"""

from collections.abc import Sequence
from enum import IntEnum

_GRACE_S = 60.0
_SLOWEST = 5.0
"""Times real time: far slower than any measured recognizer on a busy machine."""


def deadline_s(audio_s: float) -> float:
    """Seconds that transcribing so much sound may take at the very most."""
    return _GRACE_S + _SLOWEST * audio_s


class Urgency(IntEnum):
    """Higher goes first."""

    REST = 0
    COMPLAINT = 10
    MESSAGE = 20
    """A voice message: nobody has heard what the citizen wants."""
    STATEMENT = 30
    """What a citizen stated who waits in the line: the seat that answers him wants to read it."""


def urgency(*, is_message: bool, complained: bool) -> Urgency:
    """How urgent a recording is. ``complained``: its ticket, or one of the citizen's last, is a complaint."""
    if is_message:
        return Urgency.MESSAGE
    return Urgency.COMPLAINT if complained else Urgency.REST


def pace(finished: Sequence[tuple[float, float]]) -> float | None:
    """Seconds of sound transcribed in a second, from the last results: (its age in seconds, its sound in seconds).

    The oldest only tells when the measured time began. ``None``: fewer than two results.
    """
    if len(finished) < 2:
        return None
    oldest = max(age for age, _ in finished)
    sound = sum(sound for _, sound in finished) - max(finished)[1]
    return sound / oldest if oldest > 0 else None


def eta_s(left_s: float, rate: float | None) -> float | None:
    """Seconds until ``left_s`` seconds of sound are transcribed; ``None``: nobody knows."""
    if left_s <= 0:
        return 0.0
    return left_s / rate if rate else None
