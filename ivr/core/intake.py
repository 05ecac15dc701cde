"""The intake: which flow a caller is led through on arrival, and a limit on everything that follows it.

GB/T 33358 (FIELD.md N6) says a hotline should not hide behind menus: what the norm wants is the flow of normal hours;
others are chosen by the number that was called, the surge level, the night and the holidays.
Invariant: every session that is not over at its time limit ends with ``Enqueue``, whatever others decided or forgot.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

from callcenter.core.clock import Instant, after
from callcenter.core.ids import ContactId, QueueName
from callcenter.core.messages import calls, house, offers, surge
from callcenter.core.messages.base import Effect, Message
from ivr.core.flow import Occasion

GREETING = "greeting"
"""Prompt heard on arrival, unless the surge level names another."""

LEVELS = (Occasion.NORMAL, Occasion.WATCH, Occasion.HIGH, Occasion.OVERLOAD)
"""By surge level."""

SHIPPED: Mapping[Occasion, str] = {
    Occasion.NORMAL: "intake",
    Occasion.WATCH: "surge_watch",
    Occasion.HIGH: "surge_high",
    Occasion.OVERLOAD: "surge_overload",
    Occasion.NIGHT: "night",
    Occasion.HOLIDAY: "holiday",
}


@dataclass(frozen=True, slots=True)
class ArrivalFlows:
    """Which flow on which occasion, and when these are. ``origins``: flows of numbers that were folded into one.

    ``night_from`` to ``night_to``: local time, over midnight if it ends before it begins; equal: no night.
    """

    by_occasion: Mapping[Occasion, str] = field(default_factory=lambda: SHIPPED)
    origins: Mapping[str, str] = field(default_factory=dict)
    night_from: time = time(0)
    night_to: time = time(0)
    holidays: frozenset[date] = frozenset()

    def at_other_times(self, told: house.RulesTold) -> "ArrivalFlows":
        """The same flows with another night and other holidays."""
        return replace(
            self,
            night_from=_time_of_day(told.night_from_s),
            night_to=_time_of_day(told.night_to_s),
            holidays=frozenset(date.fromisoformat(day) for day in told.holidays),
        )

    def occasion(self, level: int, at: datetime) -> Occasion:
        """The occasion at a surge level and a local time: high levels before holidays, these before nights."""
        if LEVELS[level] in (Occasion.HIGH, Occasion.OVERLOAD):
            return LEVELS[level]
        if at.date() in self.holidays:
            return Occasion.HOLIDAY
        return Occasion.NIGHT if self._is_night(at.time()) else LEVELS[level]

    def flow(self, called: str, occasion: Occasion) -> str:
        """The flow of a caller; a number with a flow of its own has it on every occasion."""
        return self.origins.get(called) or self.by_occasion[occasion]

    def _is_night(self, at: time) -> bool:
        begins, ends = self.night_from, self.night_to
        if begins <= ends:
            return begins <= at < ends
        return at >= begins or at < ends


def _time_of_day(seconds: float) -> time:
    return time(*divmod(int(seconds) // 60, 60))


class Intake:
    """All sessions between arrival, or return from the line, and the line. ``limit_s``: longest session, seconds."""

    def __init__(self, queue: QueueName, limit_s: float, flows: ArrivalFlows | None = None) -> None:
        self._queue = queue
        self._limit_s = limit_s
        self._flows = flows or ArrivalFlows()
        self._level, self._greeting = 0, GREETING
        self._until: dict[ContactId, Instant] = {}
        self._effects: list[Effect] = []

    def receive(self, message: Message, now: Instant) -> None:
        """See :class:`callcenter.core.engine.Engine`."""
        match message:
            case calls.CallArrived():
                self._guard(message.contact_id, now)
                self._welcome(message)
            case offers.SessionResumed():
                self._guard(message.contact_id, now)
            case calls.CallQueued() | calls.SessionLost() | calls.CallEnded():
                self._until.pop(message.contact_id, None)
            case surge.LevelSwitched(applied=True):
                self._level, self._greeting = message.new, message.greeting
            case house.RulesTold():
                self._flows = self._flows.at_other_times(message)
            case _:
                pass

    def on_deadline(self, now: Instant) -> None:
        """Sessions that last too long go to the line as they are."""
        for contact_id in [c for c, until in self._until.items() if until <= now]:
            del self._until[contact_id]
            self._effects.append(calls.Enqueue(contact_id, self._queue, priority=0))

    def next_deadline(self) -> Instant | None:
        """The first session's limit."""
        return min(self._until.values(), default=None)

    def take_effects(self) -> list[Effect]:
        """See :class:`callcenter.core.engine.Engine`."""
        effects, self._effects = self._effects, []
        return effects

    def _guard(self, contact_id: ContactId, now: Instant) -> None:
        self._until[contact_id] = after(now, self._limit_s)

    def _welcome(self, arrived: calls.CallArrived) -> None:
        occasion = self._flows.occasion(self._level, arrived.at)
        facts = {
            "origin": arrived.called,
            "level": str(self._level),
            "occasion": occasion.value,
            "greeting": self._greeting,
            "today": arrived.at.date().isoformat(),
        }
        flow = self._flows.flow(arrived.called, occasion)
        self._effects.append(calls.Play(arrived.contact_id, flow, tuple(facts.items())))
