"""A recorded day under a candidate engine: which decisions would have been different.

Invariant: an engine is pure, so the same journal gives the same effects. The citizens' replies stay those of the recorded
day: read the first differences as decisions, later ones as their consequences.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from callcenter.core.clock import Instant
from callcenter.core.engine import Engine
from callcenter.core.messages.base import Effect, Message

Journal = Iterable[tuple[Instant, Message | None]]
"""What an engine was told, in order; ``None``: its deadline came."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One entry of a journal after which two engines decide differently."""

    now: Instant
    message: Message | None
    recorded: tuple[Effect, ...]
    candidate: tuple[Effect, ...]


def replay(journal: Journal, engine: Engine) -> Iterator[tuple[Instant, Message | None, tuple[Effect, ...]]]:
    """Feed a journal to an engine; the effects after each entry."""
    for now, message in journal:
        if message is None:
            engine.on_deadline(now)
        else:
            engine.receive(message, now)
        yield now, message, tuple(engine.take_effects())


def differences(journal: Journal, recorded: Engine, candidate: Engine) -> Iterator[Difference]:
    """Where a candidate decides otherwise than the engine that ran."""
    entries = list(journal)
    for one, other in zip(replay(entries, recorded), replay(entries, candidate), strict=True):
        if one[2] != other[2]:
            yield Difference(one[0], one[1], one[2], other[2])
