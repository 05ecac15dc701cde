"""The promises as the house writes them down: each with the contact that brought its number.

Invariants: what the engine has saved is open here until it is closed; a promise whose citizen is being answered is closed
only by a talk that was long enough, and is owed again without one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import inf

from callcenter.core.clock import Instant
from callcenter.core.ids import ContactId
from callcenter.core.messages.callbacks import CloseOwed, KeepOwed, OwedCall
from queues.core.dialogue import Ground, Promise


class Owed:
    """Everything owed, by caller."""

    def __init__(self) -> None:
        self._open: dict[str, OwedCall] = {}
        self._answering: set[str] = set()

    def __iter__(self) -> Iterator[OwedCall]:
        return iter(self._open.values())

    def get(self, caller: str) -> OwedCall | None:
        """What is owed to a caller."""
        return self._open.get(caller)

    def restore(self, owed: Iterable[OwedCall]) -> tuple[Promise, ...]:
        """Take up what was owed before; the same for the engine."""
        for call in owed:
            self._open.setdefault(call.caller, replace(call, due=call.due or call.made))
        return tuple(promise_of(call) for call in self._open.values())

    def keep(self, promise: Promise, contact_id: ContactId) -> KeepOwed:
        """The engine saves a promise. ``contact_id``: what led to it."""
        known = self._open.get(promise.caller)
        call = OwedCall(
            caller=promise.caller,
            ground=promise.ground.value,
            origin=known.origin if known else contact_id,
            made=Instant(promise.made_at),
            due=Instant(promise.due) if promise.due < inf else None,
            tries=promise.tries,
            reviewed=promise.reviewed,
        )
        self._open[promise.caller] = call
        self._answering.discard(promise.caller)
        return KeepOwed(call, contact_id)

    def is_answering(self, caller: str) -> bool:
        """Whether a promise waits for the talk that would close it."""
        return caller in self._answering

    def answer(self, caller: str) -> None:
        """A seat is about to take him: his promise waits for how that goes."""
        if caller in self._open:
            self._answering.add(caller)

    def unanswer(self, caller: str) -> Promise | None:
        """No talk came of it: what the engine is owed again."""
        if caller not in self._answering:
            return None
        self._answering.discard(caller)
        return promise_of(self._open[caller])

    def close(self, caller: str, why: str, contact_id: ContactId) -> CloseOwed | None:
        """Nothing is owed any more."""
        self._answering.discard(caller)
        return CloseOwed(caller, why, contact_id) if self._open.pop(caller, None) else None


def promise_of(call: OwedCall) -> Promise:
    """The engine's word for it; what somebody worked on when we stopped is due at once."""
    due = call.made if call.due is None else call.due
    return Promise(call.caller, Ground(call.ground), call.made, due, call.tries, call.reviewed)
