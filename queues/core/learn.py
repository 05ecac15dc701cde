"""What the day itself teaches: means, shares and rates that start from a prior and move with what is seen.

Invariant: every estimate is finite and positive from the first moment; ``weight`` says how many observations the prior is worth.
"""

from collections import deque
from dataclasses import dataclass


@dataclass(slots=True)
class Mean:
    """A mean with a prior (normal with known spread, posterior mean)."""

    prior: float
    weight: float
    total: float = 0.0
    count: int = 0

    def see(self, value: float) -> None:
        """One more observation."""
        self.total += value
        self.count += 1

    @property
    def value(self) -> float:
        """The estimate."""
        return (self.prior * self.weight + self.total) / (self.weight + self.count)


@dataclass(slots=True)
class Share:
    """A probability with a Beta prior, posterior mean."""

    prior: float
    weight: float
    yes: int = 0
    count: int = 0

    def see(self, yes: bool) -> None:
        """One more answer."""
        self.yes += yes
        self.count += 1

    @property
    def value(self) -> float:
        """The estimate, within (0, 1)."""
        return (self.prior * self.weight + self.yes) / (self.weight + self.count)


@dataclass(slots=True)
class Patience:
    """Mean time until a waiting caller gives up: censored exponential with a Gamma prior.

    The answered and the diverted count with the time they waited, not as if they would never have left.
    """

    prior_s: float
    weight: float
    waited_s: float = 0.0
    gave_up: int = 0

    def see(self, waited_s: float, gave_up: bool) -> None:
        """Somebody left the queue after ``waited_s`` seconds."""
        self.waited_s += waited_s
        self.gave_up += gave_up

    @property
    def value(self) -> float:
        """Mean patience in seconds."""
        return (self.prior_s * self.weight + self.waited_s) / (self.weight + self.gave_up)


class RecentCount:
    """How often something happened within the last ``window_s`` seconds."""

    def __init__(self, window_s: float) -> None:
        self.window_s = window_s
        self._instants: deque[float] = deque()

    def see(self, now: float) -> None:
        """It happened."""
        self._instants.append(now)

    def count(self, now: float) -> int:
        """How often until ``now``."""
        while self._instants and self._instants[0] <= now - self.window_s:
            self._instants.popleft()
        return len(self._instants)
