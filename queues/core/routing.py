"""Who is next: urgent callers first, then by place; a caller who comes back within minutes gets his place back.

Invariant: everybody in line has exactly one place; the order depends on arrival and urgency only.
"""

from bisect import insort
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A place in line. ``since``: when he joined; ``rank``: the instant that his place counts from."""

    caller: str
    urgent: bool
    since: float
    rank: float
    attempt: int


class Line:
    """Everybody who waits for a person."""

    def __init__(self, kept_place_s: float) -> None:
        self._kept_place_s = kept_place_s
        self._order: list[tuple[bool, float, int, str]] = []
        self._places: dict[str, Place] = {}
        self._left: dict[str, tuple[float, float]] = {}
        self._joined = 0

    def __len__(self) -> int:
        return len(self._order)

    def __contains__(self, caller: str) -> bool:
        return caller in self._places

    def place(self, caller: str) -> Place | None:
        """His place, if he waits."""
        return self._places.get(caller)

    def join(self, caller: str, urgent: bool, now: float, waited_s: float = 0.0) -> Place:
        """Take a place: behind everybody of the same urgency, or the old one if he has it or left it minutes ago.

        ``waited_s``: he stands in the telephone's queue that long already.
        """
        self.leave(caller, now)
        self._joined += 1
        rank = min(self._rank(caller, now), now - waited_s)
        place = Place(caller, urgent, now - waited_s, rank, self._joined)
        self._places[caller] = place
        insort(self._order, _key(place))
        return place

    def ahead(self, caller: str, urgent: bool, now: float) -> int:
        """How many would stand before him if he joined now."""
        key = (not urgent, self._rank(caller, now), self._joined + 1, caller)
        return sum(other < key for other in self._order)

    def position(self, caller: str) -> int:
        """His place counted from the head, from 1; 0 if he does not wait."""
        place = self._places.get(caller)
        return self._order.index(_key(place)) + 1 if place else 0

    def leave(self, caller: str, now: float) -> Place | None:
        """He leaves the line, for whatever reason; his place is kept for a while."""
        place = self._places.pop(caller, None)
        if place is not None:
            self._order.remove(_key(place))
            self._left[caller] = (now, place.rank)
        return place

    def head(self) -> Place | None:
        """Who is next."""
        return self._places[self._order[0][3]] if self._order else None

    def _rank(self, caller: str, now: float) -> float:
        left = self._left.get(caller)
        return left[1] if left and now - left[0] <= self._kept_place_s else now


def _key(place: Place) -> tuple[bool, float, int, str]:
    return (not place.urgent, place.rank, place.attempt, place.caller)
