"""A recorded day under other engines: which decisions would have been different.

Invariant: engines are fed as the controller feeds them (deadlines between messages, what one publishes every one hears),
and they are pure, so the same journal gives the same decisions. Citizens' replies stay those of the recorded day: read the
first differences as decisions, later ones as their consequences.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest

from callcenter.core.clock import Instant
from callcenter.core.engine import Engine
from callcenter.core.errors import IllegalTransition, OurError, UsageError
from callcenter.core.messages import callbacks, calls, offers, seats, surge
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.seats import Publish

ROUNDING_S = 1e-6
"""A deadline that comes with another event comes so much after it: far below what matters, far above rounding errors."""
STUCK_ROUNDS = 1000
"""So many deadlines at once are none that an engine still works on."""
SAME_TIME_S = 1.0
"""The same decision, no further apart than this, is no difference."""

Journal = Iterable[tuple[Instant, Message | None]]
"""What engines were told, in order; ``None``: nothing, but time had come so far."""

DECISIONS = (
    offers.Ask,
    offers.TellWait,
    offers.SendOff,
    offers.TakeMessage,
    offers.Withdraw,
    offers.Reprioritize,
    callbacks.DialBack,
    callbacks.KeepOwed,
    callbacks.CloseOwed,
    callbacks.NoteMissed,
    calls.Enqueue,
    seats.PauseSeat,
    seats.ResumeSeat,
)
"""Effects of the live engines that somebody notices. ``KeepEstimate`` only writes down what ``TellWait`` says."""
SWITCHES = (surge.LevelSwitched, surge.CloudSeatsWanted)
"""What they publish that is a decision."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, and when."""

    now: Instant
    effect: Effect

    @property
    def content(self) -> Effect | Message:
        """The effect, or the message that it publishes."""
        return self.effect.message if isinstance(self.effect, Publish) else self.effect

    @property
    def kind(self) -> str:
        """The name of its type."""
        return type(self.content).__name__

    @property
    def subject(self) -> str:
        """The contact or the seat that it is about; in simulated days the caller. Empty: the whole house."""
        found = (getattr(self.content, name, "") for name in ("contact_id", "seat_id", "caller"))
        return next((str(subject) for subject in found if subject), "")


class Verdict(StrEnum):
    """How two sides differ in one decision."""

    SAME = "same"
    CHANGED = "changed"
    """Both decided, with other values or at another time."""
    ONLY_RECORDED = "only_recorded"
    ONLY_CANDIDATE = "only_candidate"


@dataclass(frozen=True, slots=True)
class Pair:
    """One decision of the recorded engines and of the candidate's; ``None``: that side did not decide it."""

    recorded: Decision | None
    candidate: Decision | None

    @property
    def either(self) -> Decision:
        """The earlier of both."""
        both = [decision for decision in (self.recorded, self.candidate) if decision is not None]
        return min(both, key=lambda decision: decision.now)

    @property
    def verdict(self) -> Verdict:
        """What the candidate did otherwise, if anything."""
        one, other = self.recorded, self.candidate
        if one is None or other is None:
            return Verdict.ONLY_CANDIDATE if one is None else Verdict.ONLY_RECORDED
        is_same = one.effect == other.effect and abs(one.now - other.now) <= SAME_TIME_S
        return Verdict.SAME if is_same else Verdict.CHANGED


def is_decision(effect: Effect) -> bool:
    """Whether an effect of the live engines is a decision, not only its record."""
    return isinstance(effect, DECISIONS) or (
        isinstance(effect, Publish) and isinstance(effect.message, SWITCHES)
    )


class Player:
    """Feeds engines. ``hears``: what they are told instead of a recorded message. ``refused``: messages that did not fit."""

    def __init__(
        self, engines: Sequence[Engine] = (), hears: Callable[[Message], Message] = lambda message: message
    ) -> None:
        self._hears = hears
        self._decided: list[Decision] = []
        self.refused = 0
        self.begin(engines)

    def begin(self, engines: Sequence[Engine]) -> None:
        """A new life: other engines, and instants may begin anew."""
        self._engines, self._now = engines, Instant(-math.inf)

    def wake(self, until: Instant) -> list[Decision]:
        """Let every deadline come that is due by then.

        Raises:
            OurError: an engine's deadline does not move.
        """
        rounds = 0
        while (due := self._next_deadline()) is not None and due <= until:
            rounds = rounds + 1 if due <= self._now else 0
            if rounds > STUCK_ROUNDS:
                raise OurError("an engine's deadline does not move", code="stuck_deadline")
            self._now = Instant(max(due, self._now + ROUNDING_S))
            for engine in self._engines:
                deadline = engine.next_deadline()
                if deadline is not None and deadline <= self._now:
                    engine.on_deadline(self._now)
            self._carry_out()
        return self._take()

    def tell(self, message: Message, now: Instant) -> list[Decision]:
        """Let the engines hear a message; deadlines before it are the caller's to bring (:meth:`wake`)."""
        self._now = Instant(max(now, self._now))
        self._show(self._hears(message))
        self._carry_out()
        return self._take()

    def play(self, message: Message | None, now: Instant) -> list[Decision]:
        """Everything from the last message up to this one and with it."""
        decided = self.wake(now)
        return decided if message is None else decided + self.tell(message, now)

    def _next_deadline(self) -> Instant | None:
        deadlines = [due for engine in self._engines if (due := engine.next_deadline()) is not None]
        return min(deadlines, default=None)

    def _show(self, message: Message) -> None:
        for engine in self._engines:
            try:
                engine.receive(message, self._now)
            except UsageError:
                self.refused += 1
                return
            except IllegalTransition:
                self.refused += 1

    def _carry_out(self) -> None:
        while effects := [effect for engine in self._engines for effect in engine.take_effects()]:
            for effect in effects:
                self._decided.append(Decision(self._now, effect))
                if isinstance(effect, Publish):
                    self._show(effect.message)

    def _take(self) -> list[Decision]:
        decided, self._decided = self._decided, []
        return decided


def pairs(
    recorded: Iterable[Decision],
    candidate: Iterable[Decision],
    decides: Callable[[Effect], bool] = is_decision,
) -> list[Pair]:
    """What both sides decided of the same kind about the same contact or seat, in order of time."""
    ones, others = _sorted_out(recorded, decides), _sorted_out(candidate, decides)
    found = [
        Pair(one, other)
        for key in {**ones, **others}
        for one, other in zip_longest(ones.get(key, ()), others.get(key, ()))
    ]
    return sorted(found, key=lambda pair: pair.either.now)


def differences(
    journal: Journal,
    recorded: Player,
    candidate: Player,
    decides: Callable[[Effect], bool] = is_decision,
) -> Iterator[Pair]:
    """Where a candidate decides otherwise than the engines that ran."""
    for now, message in journal:
        both = pairs(recorded.play(message, now), candidate.play(message, now), decides)
        yield from (pair for pair in both if pair.verdict is not Verdict.SAME)


def _sorted_out(
    decided: Iterable[Decision], decides: Callable[[Effect], bool]
) -> dict[tuple[str, str], list[Decision]]:
    found: dict[tuple[str, str], list[Decision]] = {}
    for decision in decided:
        if decides(decision.effect):
            found.setdefault((decision.kind, decision.subject), []).append(decision)
    return found
