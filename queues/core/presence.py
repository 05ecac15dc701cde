"""Who should be there and is not (在岗): the shifts of the day against the seats that are logged in.

Invariants: of each shift an absence is told once, ``grace_s`` after it began or was noticed, and never of who is there; while
Asterisk is out of sight nothing is told, since nothing is known.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from enum import StrEnum

from callcenter.core.clock import Instant, after
from callcenter.core.ids import SeatId
from callcenter.core.messages import link, shifts
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.seats import Publish, SeatState, SeatStateChanged
from callcenter.core.messages.shifts import DueShift

ABSENT: Set[SeatState] = frozenset({SeatState.OFF, SeatState.UNREACHABLE})
"""In these nobody sits at the seat; a break is taken by who is there."""


class Phase(StrEnum):
    """What is known of somebody's shift."""

    EXPECTED = "expected"
    THERE = "there"
    MISSING = "missing"
    """Told as no-show."""
    AWAY = "away"
    """Logged off a moment ago; perhaps he comes back."""
    LEFT = "left"
    """Told as gone."""


_TOLD: Mapping[str, Phase] = {"": Phase.EXPECTED, "missing": Phase.MISSING, "left": Phase.LEFT}


@dataclass(frozen=True, slots=True)
class Duty:
    """One shift as it is watched. ``since``: when the phase began."""

    due: DueShift
    begins: Instant
    ends: Instant
    phase: Phase
    since: Instant

    def is_on(self, now: Instant) -> bool:
        """Whether it runs."""
        return self.begins <= now < self.ends

    @property
    def seat_id(self) -> SeatId | None:
        """Where he is due."""
        return self.due.seats[0] if self.due.seats else None


@dataclass(frozen=True, slots=True)
class Headcount:
    """Those of a group whose seat is not laid down: so many are due, and so many of them are not there."""

    due: int
    missing: int


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Now: the running shifts with a seat, and the heads of each group without."""

    duties: tuple[Duty, ...]
    heads: Mapping[str, Headcount]

    @property
    def due(self) -> int:
        """How many people should be there."""
        return len(self.duties) + sum(head.due for head in self.heads.values())

    @property
    def absent(self) -> tuple[Duty, ...]:
        """Whom an absence was told of."""
        return tuple(duty for duty in self.duties if duty.phase in (Phase.MISSING, Phase.LEFT))

    @property
    def missing(self) -> int:
        """How many of them are not there."""
        return len(self.absent) + sum(head.missing for head in self.heads.values())


class Presence:
    """Watches the shifts. ``groups``: the seats of each kind; ``grace_s``: 0 to :data:`callcenter.core.messages.shifts.GRACE_MAX_S`."""

    def __init__(self, groups: Mapping[str, Set[SeatId]], grace_s: float) -> None:
        self._groups = groups
        self._grace_s = grace_s
        self._duties: dict[int, Duty] = {}
        self._there: set[SeatId] = set()
        self._told_missing: dict[str, int] = {}
        self._recount_at: dict[str, Instant] = {}
        self._sees = False
        self._looked = Instant(float("-inf"))
        self._effects: list[Effect] = []

    def receive(self, message: Message, now: Instant) -> None:
        """See :class:`callcenter.core.engine.Engine`."""
        match message:
            case shifts.ShiftsPlanned():
                self._plan(message, now)
            case SeatStateChanged():
                self._note_seat(message)
            case link.LinkLost():
                self._sees = False
                return
            case link.LinkRestored():
                self._sees = True
                return
            case _:
                return
        self._look(now)

    def on_deadline(self, now: Instant) -> None:
        """Somebody's time is up."""
        self._look(now)
        for number, duty in self._duties.items():
            if duty.is_on(now) and self._deadline(duty) <= now:
                self._duties[number] = self._tell_absence(duty)
        for group, at in list(self._recount_at.items()):
            if at <= now:
                self._tell_heads(group, now)

    def next_deadline(self) -> Instant | None:
        """When the next absence would have to be told, or a shift begins or ends; ``None`` while nothing is seen."""
        if not self._sees:
            return None
        times = [self._deadline(duty) for duty in self._duties.values()]
        return min([*times, *self._recount_at.values()], default=None)

    def take_effects(self) -> list[Effect]:
        """See :class:`callcenter.core.engine.Engine`."""
        effects, self._effects = self._effects, []
        return effects

    def overview(self, now: Instant) -> OnDuty:
        """What is so now."""
        duties = tuple(duty for duty in self._duties.values() if duty.is_on(now) and duty.due.seats)
        heads = {group: self._count(group, now) for group in self._groups}
        return OnDuty(duties, {group: head for group, head in heads.items() if head.due})

    def _plan(self, plan: shifts.ShiftsPlanned, now: Instant) -> None:
        """Other shifts, or other instants of the same ones: what was told of a shift stays told."""
        known = self._duties
        self._duties = {}
        for due in plan.shifts:
            begins = after(plan.began, (due.from_at - plan.began_at).total_seconds())
            ends = after(plan.began, (due.to_at - plan.began_at).total_seconds())
            duty = Duty(due, begins, ends, _TOLD[due.told], begins)
            before = known.get(due.shift_id)
            if before is not None and (before.due.staff_no, before.due.seats) == (due.staff_no, due.seats):
                is_since_begin = before.phase in (Phase.EXPECTED, Phase.MISSING)
                duty = replace(duty, phase=before.phase, since=begins if is_since_begin else before.since)
            if now < ends:
                self._duties[due.shift_id] = duty

    def _note_seat(self, change: SeatStateChanged) -> None:
        if change.new in ABSENT:
            self._there.discard(change.seat_id)
        else:
            self._there.add(change.seat_id)

    def _look(self, now: Instant) -> None:
        """See who has come and who has gone. Absences are told at deadlines only: by then every seat has told its change."""
        if not self._sees:
            return
        self._looked = now
        self._duties = {number: duty for number, duty in self._duties.items() if now < duty.ends}
        for number, duty in self._duties.items():
            if not duty.is_on(now) or not duty.due.seats:
                continue
            if not self._there.isdisjoint(duty.due.seats):
                self._duties[number] = self._come(duty, now)
            elif duty.phase is Phase.THERE:
                self._duties[number] = replace(duty, phase=Phase.AWAY, since=now)
        for group in self._groups:
            if self._count(group, now).missing == self._told_missing.get(group, 0):
                self._recount_at.pop(group, None)
            else:
                self._recount_at.setdefault(group, after(now, self._grace_s))

    def _tell_absence(self, duty: Duty) -> Duty:
        due = duty.due
        if duty.phase is Phase.EXPECTED:
            self._tell(shifts.NoShow(due.shift_id, due.staff_no, duty.seat_id, due.from_at))
            return replace(duty, phase=Phase.MISSING)
        if duty.phase is Phase.AWAY:
            left_s = duty.ends - duty.since
            self._tell(shifts.LeftEarly(due.shift_id, due.staff_no, duty.seat_id, left_s))
            return replace(duty, phase=Phase.LEFT)
        return duty

    def _come(self, duty: Duty, now: Instant) -> Duty:
        if duty.phase in (Phase.MISSING, Phase.LEFT):
            late_s = now - duty.since
            self._tell(shifts.Arrived(duty.due.shift_id, duty.due.staff_no, duty.seat_id, late_s))
        return duty if duty.phase is Phase.THERE else replace(duty, phase=Phase.THERE, since=now)

    def _deadline(self, duty: Duty) -> Instant:
        """When the shift has to be looked at again, whatever happens; who leaves in the last moments leaves on time."""
        if self._looked < duty.begins:
            return duty.begins
        if duty.due.seats and duty.phase in (Phase.EXPECTED, Phase.AWAY):
            return min(after(duty.since, self._grace_s), duty.ends)
        return duty.ends

    def _tell_heads(self, group: str, now: Instant) -> None:
        """Other heads are missing than were told, and for a moment already."""
        del self._recount_at[group]
        head = self._count(group, now)
        self._told_missing[group] = head.missing
        self._tell(shifts.PeopleMissing(group, head.due, head.missing))

    def _count(self, group: str, now: Instant) -> Headcount:
        on_duty = [duty.due for duty in self._duties.values() if duty.is_on(now)]
        due = sum(not shift.seats and shift.group == group for shift in on_duty)
        taken = {seat for shift in on_duty for seat in shift.seats}
        free = len((self._groups[group] & self._there) - taken)
        return Headcount(due, max(0, due - free))

    def _tell(self, news: Message) -> None:
        self._effects.append(Publish(news))
