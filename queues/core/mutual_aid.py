"""Mutual aid between cities (城际协作), decided: whether we take a partner's caller, and whether we may ask the partner.

Invariants: our own citizens come first; a token is used once and only while it lives; who was handed on once is never
handed on again; a partner that fails is asked less and less often, and at last tried again.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from callcenter.core.clock import Instant, after
from callcenter.core.ids import ContactId
from callcenter.core.messages.partner import TOKEN_S, OfferMade
from queues.core.surge import SurgeLevel

HELP_BELOW = SurgeLevel.SURGE
"""From this level of our own surge on nobody else is helped."""
REST_MAX_S = 600.0
"""Longest pause before a partner that failed is tried again."""
GIVEN_BACK_RESTS = 3
"""A partner that gives a caller back needs its seats: for so many first pauses it is not asked."""


TAKES_NOBODY = frozenset({"no_answer", "cut"})
"""Troubles of a partner that accepts a caller and then rings out, is silent, or is cut off."""


class Reason(StrEnum):
    """Why an offer is declined; also the code of the refusal."""

    PAUSED = "paused"
    LOOP = "loop"
    """He has been handed on before, or is our own citizen."""
    SURGE = "surge"
    LINE = "line"
    """Our own citizens wait."""
    FULL = "full"
    """We help as many as agreed."""
    RESERVE = "reserve"
    """Only the seats are free that we keep for our own citizens."""


@dataclass(frozen=True, slots=True)
class AidRules:
    """What was agreed. ``reserve_seats``: kept free for our own; ``help_max``: the partner's callers at once.

    ``give_back_s``: a caller of the partner who waits so long with us is given back; ``rest_s``: first pause after a failure.
    """

    reserve_seats: int
    help_max: int
    give_back_s: float = 8.0
    rest_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Situation:
    """Our house when an offer comes. ``free``: seats that wait for work; ``waiting``: our own citizens in line."""

    free: int
    waiting: int
    level: SurgeLevel
    is_paused: bool = False
    is_ours: bool = False
    """The caller offered is a citizen of ours who is on the line already."""


@dataclass(slots=True)
class Ward:
    """A partner's caller who is here. ``since``: when he came; ``offer``: with which he was announced, if we heard it."""

    contact_id: ContactId
    since: Instant
    offer: OfferMade | None = None
    has_seat: bool = False
    is_given_back: bool = False


@dataclass(slots=True)
class Aid:
    """Whom we help: tokens given out, and callers here."""

    rules: AidRules
    _tokens: dict[str, tuple[OfferMade, Instant]] = field(default_factory=dict)
    _wards: dict[ContactId, Ward] = field(default_factory=dict)

    @property
    def here(self) -> int:
        """The partner's callers who are here."""
        return len(self._wards)

    def decide(self, offer: OfferMade, house: Situation, now: Instant) -> Reason | None:
        """Why we decline; ``None``: his token is good from now on."""
        taken = self._promised(now)
        coming = taken + sum(not ward.has_seat for ward in self._wards.values())
        checks = (
            (Reason.PAUSED, house.is_paused),
            (Reason.LOOP, offer.hops > 0 or house.is_ours),
            (Reason.SURGE, house.level >= HELP_BELOW),
            (Reason.LINE, house.waiting > 0),
            (Reason.FULL, taken + self.here >= self.rules.help_max),
            (Reason.RESERVE, house.free - coming <= self.rules.reserve_seats),
        )
        refusal = next((reason for reason, holds in checks if holds), None)
        if refusal is None:
            self._tokens[offer.token] = (offer, after(now, TOKEN_S))
        return refusal

    def capacity(self, house: Situation, now: Instant) -> int:
        """How many offers would be accepted now, one after the other."""
        if house.is_paused or house.level >= HELP_BELOW or house.waiting:
            return 0
        taken = self._promised(now)
        coming = taken + sum(not ward.has_seat for ward in self._wards.values())
        spare = house.free - coming - self.rules.reserve_seats
        return max(0, min(spare, self.rules.help_max - taken - self.here))

    def redeem(self, token: str, contact_id: ContactId, now: Instant) -> bool:
        """Whether a call's token is good. It is good no more, and the call is a ward's from now on."""
        self._promised(now)
        found = self._tokens.pop(token, None)
        if found is None:
            return False
        self._wards[contact_id] = Ward(contact_id, now, found[0])
        return True

    def find(self, contact_id: ContactId, now: Instant) -> None:
        """He is here since before we were."""
        self._wards.setdefault(contact_id, Ward(contact_id, now))

    def ward(self, contact_id: ContactId) -> Ward | None:
        """A partner's caller who is here."""
        return self._wards.get(contact_id)

    def leave(self, contact_id: ContactId) -> None:
        """He is gone."""
        self._wards.pop(contact_id, None)

    def keep(self, contact_ids: frozenset[ContactId]) -> None:
        """Only these are here, as Asterisk says."""
        self._wards = {known: ward for known, ward in self._wards.items() if known in contact_ids}

    def overdue(self, now: Instant) -> list[ContactId]:
        """Who waited too long; each is told once."""
        late = [ward for ward in self._waiting() if self._due(ward) <= now]
        for ward in late:
            ward.is_given_back = True
        return [ward.contact_id for ward in late]

    def next_due(self) -> Instant | None:
        """When the next one will have waited too long."""
        return min(map(self._due, self._waiting()), default=None)

    def _waiting(self) -> list[Ward]:
        return [ward for ward in self._wards.values() if not (ward.has_seat or ward.is_given_back)]

    def _due(self, ward: Ward) -> Instant:
        return after(ward.since, self.rules.give_back_s)

    def _promised(self, now: Instant) -> int:
        """Tokens that live; dead ones are forgotten."""
        self._tokens = {token: kept for token, kept in self._tokens.items() if kept[1] > now}
        return len(self._tokens)


@dataclass(slots=True)
class Trust:
    """Whether the partner is worth asking. ``trouble``: why it is not asked right now, or was not the last time."""

    rest_s: float
    trouble: str = ""
    failures: int = 0
    _until: Instant = field(default=Instant(float("-inf")))

    def may_ask(self, now: Instant) -> bool:
        """Whether it may be asked now."""
        return now >= self._until

    def fail(self, why: str, now: Instant) -> None:
        """It was silent, garbled, or took nobody whom it had accepted: wait, twice as long each time."""
        self.failures += 1
        self.trouble = why
        self._until = after(now, min(REST_MAX_S, self.rest_s * 2 ** min(self.failures - 1, 10)))

    def yield_to(self, now: Instant) -> None:
        """It gave a caller back: no failure, but its seats are its own for a while."""
        self._until = max(self._until, after(now, GIVEN_BACK_RESTS * self.rest_s))

    def work(self) -> None:
        """A seat of it talks with a caller of ours."""
        self.trouble, self.failures = "", 0

    def speak(self) -> None:
        """It answered an offer as it should; that it takes calls as well is proved by a talk alone."""
        if self.trouble not in TAKES_NOBODY:
            self.work()
