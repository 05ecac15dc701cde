"""Cloud seats on a virtual clock: the two engines that decide, an Asterisk that obeys, and people who reply."""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime

from stories import NINE

from callcenter.core.clock import Instant
from callcenter.core.engine import Engine
from callcenter.core.errors import IllegalTransition
from callcenter.core.ids import QueueName, SeatId
from callcenter.core.messages import cloud, link, seats, surge
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.cloud import CloudPerson, CloudState, PhoneChecked, Reply
from queues.core.cloud import CloudRoll, CloudRules
from queues.core.seats import SeatRules, Seats

MAIN = QueueName("main")
MIDNIGHT = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
TEN = 10 * 3600.0


def good(seat_id: SeatId) -> PhoneChecked:
    """A line without fault."""
    return PhoneChecked(seat_id, "", 0.001, 0.0, 4.0, 60.0, 8.0, True)


def bad(seat_id: SeatId) -> PhoneChecked:
    """A line that loses 31 % of what the phone sends."""
    return PhoneChecked(seat_id, "", 0.31, 0.02, 12.0, 80.0, 8.0, True)


def day(began: float = 0.0) -> surge.DayPlanned:
    """A usual day; hours are counted from ``began``."""
    return surge.DayPlanned(
        began=Instant(began),
        began_at=MIDNIGHT,
        length_s=86_400.0,
        roster=(1,) * 24,
        profile=(1 / 24,) * 24,
        citizens=24.0,
        callback_from_s=0.0,
        callback_to_s=86_400.0,
        talk_s=180.0,
        wrap_up_s=60.0,
        review_s=60.0,
        patience_s=120.0,
        is_new_day=True,
    )


@dataclass
class CloudWorld:
    """``count`` cloud seats with a person each. ``now``: seconds since midnight."""

    count: int = 4
    rules: CloudRules = field(default_factory=lambda: CloudRules(automatic=True))
    now: float = TEN

    def __post_init__(self) -> None:
        self.seat_ids = [SeatId(str(8101 + n)) for n in range(self.count)]
        self.members: set[SeatId] = set()
        self.registered: set[SeatId] = set()
        self.rung: list[cloud.InviteByPhone] = []
        self.rung_at: dict[str, list[float]] = {}
        self.linked: list[cloud.InviteByLink] = []
        self.checks: list[SeatId] = []
        self.news: list[Message] = []
        self.kept: dict[SeatId, cloud.KeptCloudSeat] = {}
        self.invitations: dict[str, cloud.KeptInvitation] = {}
        self._inbox: deque[Message] = deque()
        self.start()
        self.tell(day())
        self.tell(cloud.PeopleKnown(tuple(self.people())))

    def people(self) -> list[CloudPerson]:
        """One for each seat."""
        return [CloudPerson(f"c{seat_id}", seat_id, True, True) for seat_id in self.seat_ids]

    def start(self) -> None:
        """New engines that know nothing."""
        self.seats = Seats(self.seat_ids, SeatRules(30.0, 1), [MAIN])
        self.roll = CloudRoll(self.seat_ids, self.seats, self.rules)
        self.engines: list[Engine] = [self.seats, self.roll]

    def restart(self) -> None:
        """The controller is killed and comes back: what was written down, then Asterisk's truth."""
        restored = cloud.RollRestored(tuple(self.kept.values()), tuple(self.invitations.values()))
        self.start()
        self.tell(restored)
        self.tell(day())
        self.tell(cloud.PeopleKnown(tuple(self.people())))
        self.tell(self.truth())

    def truth(self) -> link.LinkRestored:
        """What Asterisk would tell after a gap."""
        members = tuple(link.QueueMember(seat_id, MAIN, False, "", False) for seat_id in sorted(self.members))
        return link.LinkRestored(link.Snapshot("cc1", (), (), members, frozenset(self.registered)), NINE)

    def tell(self, message: Message) -> None:
        """The engines hear a message; Asterisk does what they want, which they hear too."""
        self._inbox.append(message)
        while self._inbox:
            self._hear(self._inbox.popleft())
            self._carry_out()

    def advance(self, seconds: float) -> None:
        """Time passes; deadlines are met."""
        end = self.now + seconds
        while (due := self._next_deadline()) is not None and due <= end:
            self.now = max(self.now, due)
            for engine in self.engines:
                if (own := engine.next_deadline()) is not None and own <= self.now:
                    engine.on_deadline(Instant(self.now))
            self._carry_out()
            self._drain()
        self.now = end

    def register(self, seat_id: SeatId) -> None:
        """Its phone registers."""
        self.registered.add(seat_id)
        self.tell(seats.SeatReachable(seat_id, True))

    def lose(self, seat_id: SeatId) -> None:
        """Its phone is gone."""
        self.registered.discard(seat_id)
        self.tell(seats.SeatReachable(seat_id, False))

    def press_11(self, seat_id: SeatId) -> None:
        """Its person logs in on the seat's phone."""
        self.members.add(seat_id)
        self.tell(seats.SeatJoined(seat_id, MAIN, False, ""))

    def press_14(self, seat_id: SeatId) -> None:
        """Its person logs out on the seat's phone."""
        self.members.discard(seat_id)
        self.tell(seats.SeatLeft(seat_id, MAIN))

    def reply(self, seat_id: SeatId, reply: Reply) -> None:
        """Whoever is rung for this seat replies."""
        self.tell(cloud.InvitationReplied(self.roll.get(seat_id).invitation, reply))

    def prove(self, seat_id: SeatId) -> None:
        """Its person comes by himself, and his line is good."""
        self.register(seat_id)
        self.press_11(seat_id)
        self.advance(self.rules.settle_s)
        self.tell(good(seat_id))

    def state(self, seat_id: SeatId) -> CloudState:
        """How far the seat is."""
        return self.roll.get(seat_id).state

    def _hear(self, message: Message) -> None:
        for engine in self.engines:
            engine.receive(message, Instant(self.now))

    def _drain(self) -> None:
        while self._inbox:
            self._hear(self._inbox.popleft())
            self._carry_out()

    def _next_deadline(self) -> float | None:
        dues = [due for engine in self.engines if (due := engine.next_deadline()) is not None]
        return min(dues, default=None)

    def _carry_out(self) -> None:
        while effects := [effect for engine in self.engines for effect in engine.take_effects()]:
            for effect in effects:
                self._do(effect)

    def _do(self, effect: Effect) -> None:
        match effect:
            case seats.Publish(message):
                self.news.append(message)
                for engine in self.engines:  # whoever raises here would end the controller
                    try:
                        engine.receive(message, Instant(self.now))
                    except IllegalTransition as error:
                        raise AssertionError(f"a derived message was refused: {error}") from error
            case seats.AddSeat(seat_id):
                if seat_id not in self.members:
                    self.members.add(seat_id)
                    self._inbox.append(seats.SeatJoined(seat_id, MAIN, False, ""))
            case seats.RemoveSeat(seat_id):
                if seat_id in self.members:
                    self.members.discard(seat_id)
                    self._inbox.append(seats.SeatLeft(seat_id, MAIN))
            case cloud.InviteByPhone():
                self.rung.append(effect)
                self.rung_at.setdefault(effect.staff_no, []).append(self.now)
            case cloud.InviteByLink():
                self.linked.append(effect)
            case cloud.CheckPhone(seat_id):
                self.checks.append(seat_id)
            case cloud.KeepCloudSeat(seat=kept):
                self.kept[kept.seat_id] = kept
            case cloud.KeepInvitation(invitation=invitation, kept=kept_invitation):
                self.invitations[invitation] = kept_invitation
            case _:
                pass
