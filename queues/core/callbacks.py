"""What we owe citizens: call-backs, and messages to hear (漏话回拨, 预约回呼, 语音留言).

Invariants: at most one promise per citizen, a stronger ground replaces a weaker one; a promise leaves the book only by
being kept or by being hopeless; a try is written down before the telephone rings.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from heapq import heappop, heappush

from queues.core.dialogue import Ground, Promise

_NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class CallbackRules:
    """Limits of dialing. Seconds > 0."""

    max_tries: int
    retry_gap_s: float
    put_off_s: float = 120.0
    """How long a promise waits whose citizen is on the line."""
    no_seat_gap_s: float = 30.0
    """How long a promise waits after no seat took its dial."""


class PromiseBook:
    """Open promises, each with its due time, in three shelves: calls owed, messages unheard, courtesy calls."""

    def __init__(self, rules: CallbackRules) -> None:
        self._rules = rules
        self._open: dict[str, Promise] = {}
        self._heaps: dict[str, list[tuple[float, float, str]]] = {shelf: [] for shelf in _SHELVES}
        self._sizes = dict.fromkeys(_SHELVES, 0)
        self._wakes: list[float] = []

    def __contains__(self, caller: str) -> bool:
        return caller in self._open

    def __iter__(self) -> Iterator[Promise]:
        return iter(self._open.values())

    def limit(self, max_tries: int, retry_gap_s: float) -> None:
        """Other limits, for the tries from now on; what is due already stays due."""
        self._rules = replace(self._rules, max_tries=max_tries, retry_gap_s=retry_gap_s)

    def get(self, caller: str) -> Promise | None:
        """What we owe this citizen."""
        return self._open.get(caller)

    def make(self, caller: str, ground: Ground, now: float) -> Promise:
        """A new promise, due at once; it keeps the tries of the one it replaces."""
        old = self._open.get(caller)
        promise = Promise(caller, ground, now, now, old.tries if old else 0)
        if old and old.tries:
            promise = replace(promise, due=max(now, old.due))
        self.put(promise)
        return promise

    def put(self, promise: Promise) -> None:
        """Keep this truth about a promise."""
        self.drop(promise.caller)
        self._open[promise.caller] = promise
        shelf = shelf_of(promise)
        self._sizes[shelf] += 1
        heappush(self._heaps[shelf], (promise.due, promise.made_at, promise.caller))
        if promise.due > promise.made_at and promise.due != _NEVER:
            heappush(self._wakes, promise.due)

    def drop(self, caller: str) -> Promise | None:
        """Nothing is owed any more."""
        promise = self._open.pop(caller, None)
        if promise is not None:
            self._sizes[shelf_of(promise)] -= 1
        return promise

    def shelf(self, shelf: str) -> list[Promise]:
        """The promises of a shelf, in no order."""
        return [promise for promise in self._open.values() if shelf_of(promise) == shelf]

    def turn(self, caller: str) -> int:
        """Whose turn it is before a citizen's on his shelf, and his own: his place, from 1; 0: nothing is owed to him."""
        mine = self._open.get(caller)
        if mine is None:
            return 0
        order = [(it.due, it.made_at, it.caller) for it in self.shelf(shelf_of(mine))]
        return 1 + sum(other < (mine.due, mine.made_at, mine.caller) for other in order)

    def count(self, shelf: str) -> int:
        """How many promises stand on a shelf."""
        return self._sizes[shelf]

    def first_due(self, shelf: str, now: float) -> Promise | None:
        """The promise of a shelf whose turn it is, if it is due."""
        heap = self._heaps[shelf]
        while heap:
            due, made_at, caller = heap[0]
            promise = self._open.get(caller)
            if promise and (promise.due, promise.made_at) == (due, made_at) and shelf_of(promise) == shelf:
                return promise if due <= now else None
            heappop(heap)
        return None

    def wake(self, at: float) -> None:
        """Look at the book again then, whatever is due: the hours of call-backs begin."""
        heappush(self._wakes, at)

    def next_due(self) -> float | None:
        """When to look at the book again; early at worst."""
        return self._wakes[0] if self._wakes else None

    def pass_wakes(self, now: float) -> None:
        """The book was looked at."""
        while self._wakes and self._wakes[0] <= now:
            heappop(self._wakes)

    def begin_try(self, caller: str, now: float) -> Promise:
        """One more try begins: count it and set when the next may follow."""
        promise = self._open[caller]
        tried = replace(promise, tries=promise.tries + 1, due=now + self._rules.retry_gap_s)
        self.put(tried)
        return tried

    def take_back_try(self, caller: str, now: float) -> Promise:
        """The try that was begun came to nothing before it reached the citizen."""
        promise = self._open[caller]
        again = replace(promise, tries=max(0, promise.tries - 1), due=now + self._rules.no_seat_gap_s)
        self.put(again)
        return again

    def begin_review(self, caller: str) -> None:
        """A seat reviews the message: nobody else touches it."""
        self.put(replace(self._open[caller], due=_NEVER))

    def put_off(self, promise: Promise, now: float) -> None:
        """He is on the line: look again later."""
        self.put(replace(promise, due=now + self._rules.put_off_s))

    def is_exhausted(self, promise: Promise) -> bool:
        """Whether all tries are used up."""
        return promise.tries >= self._rules.max_tries


CALLS, MESSAGES, COURTESY = _SHELVES = ("calls", "messages", "courtesy")


def shelf_of(promise: Promise) -> str:
    """Where a promise stands: owed calls go before messages, and those before courtesy calls."""
    if promise.ground is not Ground.MESSAGE:
        return CALLS
    return COURTESY if promise.reviewed else MESSAGES
