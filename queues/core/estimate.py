"""How long a caller will wait: the plain estimate that opens offers, and the abandonment-aware one that is announced.

Invariant: an announced range obeys ``high <= 2 * low + slack`` and is never empty.
"""

import math


def plain_wait_s(free: int, waiting: int, handling_s: float, seats: int) -> float:
    """The plain estimate E (SCENARIOS.md 8.1): zero with a free seat, else everybody ahead is served in turn."""
    return 0.0 if free else (waiting + 1) * handling_s / max(1, seats)


def expected_wait_s(ahead: int, service_rate: float, patience_s: float) -> float:
    """Mean wait behind ``ahead`` people who are served at ``service_rate`` per second or lose patience.

    The fluid limit of Erlang-A: the queue drains at ``mu + n * theta`` (FIELD.md 4, ``ewt_hit_rate``).
    """
    leaving = 1 / patience_s
    return math.log1p((ahead + 1) * leaving / service_rate) / leaving


def announced_range(expected_s: float, slack_s: float, lean: float) -> tuple[int, int]:
    """The range told to a caller, as wide as the rules allow and centered on ``lean * expected_s``.

    ``lean`` < 1: those who would have waited longest give up first, so the answered waited less than the mean.
    """
    low = max(0, round((lean * expected_s - slack_s / 2) / 1.5))
    return low, int(2 * low + slack_s)
