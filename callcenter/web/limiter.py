"""A bound on guesses. Invariant: memory is bounded; without room the oldest memory goes, not the newest."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field

from callcenter.core.clock import Instant

KEYS_KEPT = 10_000


@dataclass
class Limiter:
    """At most ``tries`` per ``window_s`` seconds under one key."""

    tries: int
    window_s: float
    _seen: OrderedDict[str, deque[Instant]] = field(default_factory=OrderedDict)

    def wait_s(self, key: str, now: Instant) -> float:
        """Seconds until the next try is allowed; 0: now."""
        tries = self._recent(key, now)
        if tries is None or len(tries) < self.tries:
            return 0.0
        return tries[0] + self.window_s - now

    def note(self, key: str, now: Instant) -> None:
        """A try is made."""
        tries = self._seen.setdefault(key, deque(maxlen=self.tries))
        tries.append(now)
        self._seen.move_to_end(key)
        if len(self._seen) > KEYS_KEPT:
            self._seen.popitem(last=False)

    def forgive(self, key: str) -> None:
        """The latest try under this key was honest; the others stay."""
        tries = self._seen.get(key)
        if tries:
            tries.pop()

    def forget(self, key: str) -> None:
        """All tries under this key were by its owner."""
        self._seen.pop(key, None)

    def _recent(self, key: str, now: Instant) -> deque[Instant] | None:
        tries = self._seen.get(key)
        while tries and tries[0] <= now - self.window_s:
            tries.popleft()
        return tries
