"""Who is invited to a cloud seat (云坐席), and when: rounds of a call for help.

Invariants: nobody is invited twice within ``again_after_s``; nobody is rung outside polite hours; a round invites as many
as are expected to be needed, given how many of those asked before were willing.
"""

import math
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from callcenter.core.clock import Instant, after
from callcenter.core.ids import SeatId
from callcenter.core.messages.cloud import CloudPerson, Reply
from queues.core.cloud_seat import BEGINNING, PhoneLimits

USUAL_WILLING_RATIO = 0.7
USUAL_WEIGHT = 10
"""As many replies as the usual share counts for beside those that were heard."""
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class CloudRules:
    """What the operator set; seconds. ``from_s``, ``to_s``: polite hours, from midnight.

    ``invitation_s``: an invitation by phone has ended after so long whatever happened; ``link_s``: one by link;
    ``accepted_s``: how long a phone is waited for; ``check_s``: longest check; ``settle_s``: between ``*11`` and the
    check, so that the phone is on the hook; ``warn_s``: before the end of the help its person is told.
    """

    automatic: bool = False
    by_phone: bool = True
    by_link: bool = False
    at_once: int = 8
    round_s: float = 120.0
    rounds_max: int = 5
    again_after_s: float = 14_400.0
    from_s: float = 8 * 3600.0
    to_s: float = 21 * 3600.0
    invitation_s: float = 90.0
    link_s: float = 1800.0
    accepted_s: float = 1800.0
    check_s: float = 90.0
    settle_s: float = 6.0
    stay_s: float = 14_400.0
    warn_s: float = 600.0
    limits: PhoneLimits = field(default_factory=PhoneLimits)
    lock_after: int = 10
    lock_window_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Invitee:
    """Somebody to be invited, and where he would sit."""

    person: CloudPerson
    seat_id: SeatId


@dataclass(slots=True)
class CallForHelp:
    """A running call. ``target``: so many seats should be proven; ``queue``: who is invited next; ``next_at``: next round."""

    wanted: int
    target: int
    by: str
    round: int = 0
    next_at: Instant = BEGINNING
    queue: deque[Invitee] = field(default_factory=deque)


class People:
    """Who may be invited, who was, and how willing they are."""

    def __init__(self, rules: CloudRules) -> None:
        self._rules = rules
        self._people: tuple[CloudPerson, ...] = ()
        self._invited: dict[str, Instant] = {}
        self._replies = 0
        self._willing = 0
        self._midnight: Instant | None = None

    def know(self, people: Sequence[CloudPerson]) -> None:
        """These, and nobody else, may be invited from now on."""
        self._people = tuple(people)

    def begin_day(self, midnight: Instant) -> None:
        """When the day began: hours are counted from it."""
        self._midnight = midnight

    def note_invited(self, staff_no: str, at: Instant) -> None:
        """He was invited."""
        self._invited[staff_no] = max(at, self._invited.get(staff_no, at))

    def note_reply(self, reply: Reply) -> None:
        """Somebody said yes or no, or nothing."""
        self._replies += 1
        self._willing += reply is Reply.ACCEPTED

    @property
    def willing_ratio(self) -> float:
        """Share of those invited who come, from the replies so far; the usual share before there are any."""
        return (self._willing + USUAL_WILLING_RATIO * USUAL_WEIGHT) / (self._replies + USUAL_WEIGHT)

    def owner(self, seat_id: SeatId) -> str:
        """Whose seat it is, ``""`` if anybody's."""
        return next((person.staff_no for person in self._people if person.seat_id == seat_id), "")

    def may_ring(self, now: Instant) -> bool:
        """Whether phones may ring now: polite hours only, and none as long as the hour is unknown."""
        if self._midnight is None or not self._rules.by_phone:
            return False
        return self._rules.from_s <= (now - self._midnight) % DAY_S < self._rules.to_s

    def needed(self, missing: int) -> int:
        """How many to invite so that ``missing`` come."""
        return math.ceil(missing / self.willing_ratio)

    def reachable(self, person: CloudPerson, now: Instant) -> bool:
        """Whether there is a way to invite him now."""
        return self.may_write(person) or (person.by_phone and self.may_ring(now))

    def may_write(self, person: CloudPerson) -> bool:
        """Whether he gets a link: at any hour, it wakes nobody."""
        return self._rules.by_link and person.by_link

    def rested(self, staff_no: str, now: Instant) -> bool:
        """Whether he was last invited long enough ago."""
        invited = self._invited.get(staff_no)
        return invited is None or now >= after(invited, self._rules.again_after_s)

    def candidates(
        self, free: Iterable[SeatId], busy: Collection[str], count: int, now: Instant
    ) -> list[Invitee]:
        """At most ``count`` people with a free seat each: who has one of his own first, then who takes any.

        ``busy``: staff numbers of those who are invited or at a seat.
        """
        seats = dict.fromkeys(free)
        owned = {person.seat_id for person in self._people if person.seat_id is not None}
        anybodys = deque(seat_id for seat_id in seats if seat_id not in owned)
        found: list[Invitee] = []
        for person in sorted(self._people, key=lambda person: self._invited.get(person.staff_no, -math.inf)):
            if len(found) >= count:
                break
            if person.staff_no in busy or not self.rested(person.staff_no, now):
                continue
            if not self.reachable(person, now):
                continue
            if person.seat_id in seats and person.seat_id is not None:
                found.append(Invitee(person, person.seat_id))
            elif person.seat_id is None and anybodys:
                found.append(Invitee(person, anybodys.popleft()))
        return found
