"""What a shift manager could do now (建议): each a plain proposal with the change that it would be to the seats.

Pure: the same situation leads to the same proposals; nothing is done here, and nothing is proposed that no operation can do.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from callcenter.core.ids import QueueName, SeatId
from queues.core.what_if import Change

HOURS = 1.0
"""So far ahead the effect of each proposal is looked at."""
FULL_LOAD = 1.0
LINE_MIN = 5
"""Fewer who wait are no reason to ask another city or to hurry anybody."""
UNEVEN = 3.0
"""A group is short of seats when so many times as many wait for each of its seats as for those of the other group."""
MOVED_MAX = 3


class ProposalKind(StrEnum):
    """What is proposed."""

    LEVEL = "level"
    """The figures ask for another surge level."""
    WRAP_UP = "wrap_up"
    """A higher level would cut after-call work shorter."""
    CLOUD = "cloud"
    PARTNER = "partner"
    """Mutual aid is paused while our line is long."""
    INBOUND = "inbound"
    """Seats on surveys are wanted back in the line."""
    GROUPS = "groups"


@dataclass(frozen=True, slots=True)
class GroupNow:
    """A queue with the seats that it rings first. ``free``: of these, which are ready now; ``working``: all at work."""

    queue: QueueName
    waiting: int
    working: tuple[SeatId, ...]
    free: tuple[SeatId, ...] = ()

    @property
    def pressure(self) -> float:
        """Who waits for each seat."""
        return self.waiting / max(1, len(self.working))


@dataclass(frozen=True, slots=True)
class Situation:
    """The house as its manager sees it.

    ``caps_s``: longest after-call work by level, 0: as usual; ``cap_s``: the one in force. ``cloud``: so many cloud seats are
    proposed; ``None``: none. ``partner_takes``: callers that a paused partner would be asked to take at once, 0: no partner, or
    it is not paused. ``on_surveys``: seats that the surge needs back.
    """

    level: int
    proposed_level: int | None
    load: float
    waiting: int
    cap_s: float
    caps_s: Mapping[int, float]
    cloud: int | None = None
    partner_takes: int = 0
    on_surveys: Sequence[SeatId] = ()
    groups: Sequence[GroupNow] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """One thing to do. ``id``: the same as long as the same is proposed.

    ``amount``: seats, callers or seconds; ``change``: for a what-if, ``None``: the effect is told by the preview of the move;
    ``is_upper_bound``: the change is the best that can come of it.
    """

    id: str
    kind: ProposalKind
    amount: int
    change: Change | None
    level: int | None = None
    seats: tuple[SeatId, ...] = ()
    queue: QueueName | None = None
    is_upper_bound: bool = False


def proposals(now: Situation) -> list[Proposal]:
    """What could be done, the widest measure first."""
    return list(chain(_levels(now), _cloud(now), _partner(now), _inbound(now), _groups(now)))


def _levels(now: Situation) -> Iterator[Proposal]:
    if now.proposed_level is not None:
        level = now.proposed_level
        yield Proposal(
            f"level-{level}", ProposalKind.LEVEL, level, Change(hours=HOURS, level=level), level=level
        )
    elif _is_overloaded(now):
        yield from _shorter_wrap_up(now)


def _shorter_wrap_up(now: Situation) -> Iterator[Proposal]:
    """The lowest higher level that cuts after-call work shorter than it is cut now."""
    for level in sorted(level for level in now.caps_s if level > now.level):
        cap_s = now.caps_s[level]
        if cap_s and (not now.cap_s or cap_s < now.cap_s):
            change = Change(hours=HOURS, level=level)
            yield Proposal(f"wrap_up-{cap_s:g}", ProposalKind.WRAP_UP, int(cap_s), change, level=level)
            return


def _cloud(now: Situation) -> Iterator[Proposal]:
    if now.cloud:
        yield Proposal(
            f"cloud-{now.cloud}", ProposalKind.CLOUD, now.cloud, Change(cloud_seats=now.cloud, hours=HOURS)
        )


def _partner(now: Situation) -> Iterator[Proposal]:
    if now.partner_takes and _is_overloaded(now):
        takes = now.partner_takes
        change = Change(cloud_seats=takes, hours=HOURS)
        yield Proposal("partner", ProposalKind.PARTNER, takes, change, is_upper_bound=True)


def _inbound(now: Situation) -> Iterator[Proposal]:
    if now.on_surveys and now.waiting:
        seats = tuple(now.on_surveys)
        change = Change(seats=len(seats), hours=HOURS)
        yield Proposal(f"inbound-{'-'.join(seats)}", ProposalKind.INBOUND, len(seats), change, seats=seats)


def _groups(now: Situation) -> Iterator[Proposal]:
    """From the group with the least to do to the one with the most, if they are far apart; free seats first."""
    if len(now.groups) < 2:
        return
    idle, pressed = (pick(now.groups, key=lambda group: group.pressure) for pick in (min, max))
    if pressed.waiting < LINE_MIN or pressed.pressure < UNEVEN * max(idle.pressure, 1 / UNEVEN):
        return
    spare = min(MOVED_MAX, len(idle.working) // 3)
    movable = [*idle.free, *(seat for seat in idle.working if seat not in idle.free)]
    if seats := tuple(movable[:spare]):
        name = f"groups-{pressed.queue}-{'-'.join(seats)}"
        yield Proposal(name, ProposalKind.GROUPS, len(seats), None, seats=seats, queue=pressed.queue)


def _is_overloaded(now: Situation) -> bool:
    return now.load > FULL_LOAD and now.waiting >= LINE_MIN
