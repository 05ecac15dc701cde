"""Home and cloud seats as counters: they are identical and anonymous (SCENARIOS.md 5).

Invariant: home seats busy or on break never exceed those logged in; cloud seats busy never exceed those logged in.
"""

from dataclasses import dataclass


@dataclass(slots=True)
class HomeSeats:
    """``rostered`` now; those above it finish their task or break, then leave."""

    rostered: int = 0
    busy: int = 0
    resting: int = 0

    @property
    def logged_in(self) -> int:
        """Seats that are here."""
        return max(self.rostered, self.busy + self.resting)

    @property
    def staffed(self) -> int:
        """Seats that are here and not on break."""
        return self.logged_in - self.resting

    @property
    def free(self) -> int:
        """Seats that wait for work."""
        return self.logged_in - self.busy - self.resting

    @property
    def is_leaving(self) -> bool:
        """Whether the next seat that ends its task goes home."""
        return self.busy + self.resting > self.rostered


@dataclass(slots=True)
class CloudSeats:
    """``leaving`` of those here go home as soon as their task ends."""

    logged_in: int = 0
    busy: int = 0
    leaving: int = 0

    @property
    def free(self) -> int:
        """Seats that wait for work."""
        return self.logged_in - self.busy

    def log_out(self) -> bool:
        """The stay of one seat is over; whether a free one left at once."""
        if self.free:
            self.logged_in -= 1
            return True
        self.leaving += 1
        return False

    def end_task(self) -> bool:
        """A seat ended its task; whether it left."""
        self.busy -= 1
        if not self.leaving:
            return False
        self.leaving -= 1
        self.logged_in -= 1
        return True
