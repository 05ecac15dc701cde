"""A telephone for the engines alone: what Asterisk, its queue and the edges would make of their effects, without waiting.

Not a mock of a part under test: each of its claims about Asterisk is shown on the real one in ``tests/asterisk``.
Invariants it checks itself: no seat has two calls, a call-back is written down before it is dialed, a farewell only after
what it says is written down.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from callcenter.core.clock import Instant
from callcenter.core.contact import CALLBACK as CALLED_BACK
from callcenter.core.contact import Contact, ContactState, SaveContact
from callcenter.core.contacts import Contacts
from callcenter.core.engine import Engine
from callcenter.core.ids import ChannelName, ContactId, QueueName, SeatId
from callcenter.core.messages import callbacks, calls, link, offers, seats, surge
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.calls import Outcome
from callcenter.core.messages.seats import SeatState
from callcenter.sections import Day
from ivr.core.intake import Intake
from queues.core.callbacks import CallbackRules
from queues.core.engine import HotlineEngine
from queues.core.forecast import DayPlan
from queues.core.house import SteeringRules
from queues.core.knowledge import Forecast
from queues.core.levels import Overview
from queues.core.mutual_aid import AidRules
from queues.core.numbers import can_be_called
from queues.core.seats import CALLBACK, SeatRules, Seats
from queues.core.settings import EngineSettings
from queues.core.steering import Steering
from queues.core.surge import SurgeWatch
from queues.core.waiting import WaitingLine

MAIN = QueueName("main")
MIDNIGHT = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
"""Local midnight in China."""
TEN = 10 * 3600.0
USUAL = Day()


@dataclass
class Entry:
    """A caller in the queue."""

    contact_id: ContactId
    priority: int
    since: float


@dataclass
class Telephone:
    """Engines of one house and the world around them. ``now``: seconds since local midnight."""

    seat_count: int = 2
    cloud_count: int = 0
    automatic: bool = True
    changes: dict[str, Any] = field(default_factory=dict)
    now: float = TEN
    statement_from_s: float = 0.0
    aid: AidRules | None = None

    def __post_init__(self) -> None:
        self.seat_ids = [SeatId(str(8001 + n)) for n in range(self.seat_count)]
        self.seat_ids += [SeatId(str(8101 + n)) for n in range(self.cloud_count)]
        self.queue: list[Entry] = []
        self.ringing: dict[SeatId, ContactId] = {}
        self.dialing: dict[SeatId, ContactId] = {}
        """Call-backs whose agent waits for the citizen."""
        self.talking: dict[SeatId, ContactId] = {}
        self.paused: dict[SeatId, str] = {}
        self.members: set[SeatId] = set()
        self.asked: dict[ContactId, offers.Question] = {}
        self.said: dict[ContactId, list[Effect]] = {}
        self.alive: dict[ContactId, str] = {}
        self.farewells: dict[ContactId, offers.Farewell] = {}
        self.owed: dict[str, callbacks.OwedCall] = {}
        self.closed: list[callbacks.CloseOwed] = []
        self.missed: list[callbacks.NoteMissed] = []
        self.dialed: list[ContactId] = []
        self.estimates: list[offers.KeepEstimate] = []
        self.woken: list[ContactId] = []
        self.news: list[Message] = []
        self.rows: dict[ContactId, Contact] = {}
        self.pauses_late = False
        """Pauses of seats are held back until :meth:`land_pauses`."""
        self._late: list[seats.PauseSeat] = []
        self._inbox: deque[Message] = deque()
        self._count = 0
        self.start()

    def start(self) -> None:
        """Build the engines, as at the start of the controller, and tell them the day."""
        hotline = HotlineEngine(self._settings(), SurgeWatch(automatic=self.automatic))
        self.contacts = Contacts()
        self.seats = Seats(
            self.seat_ids,
            SeatRules(60.0, 3),
            queues=[MAIN],
            claim=self._claim,
        )
        cloud = frozenset(seat for seat in self.seat_ids if seat.startswith("81"))
        rules = SteeringRules(MAIN, cloud, may_be_dialed, self.statement_from_s, self.aid)
        self.steering = Steering(hotline, self.seats, self.contacts, rules)
        self.hotline = hotline
        self.engines: list[Engine] = [
            self.contacts,
            WaitingLine([MAIN]),
            self.seats,
            Intake(MAIN, 120.0),
            self.steering,
        ]
        self.tell(self.day())

    def day(self, new: bool = True) -> surge.DayPlanned:
        """The plan of the day that began at instant 0."""
        return surge.DayPlanned(
            began=Instant(0.0),
            began_at=MIDNIGHT,
            length_s=86400.0,
            roster=(len(self.seat_ids),) * 24,
            profile=(1 / 24,) * 24,
            citizens=24.0,
            callback_from_s=8 * 3600.0,
            callback_to_s=21 * 3600.0,
            talk_s=USUAL.talk_s,
            wrap_up_s=USUAL.wrap_up_s,
            review_s=USUAL.review_s,
            patience_s=USUAL.patience_s,
            is_new_day=new,
        )

    # --- what people do ---

    def log_in(self, *seat_ids: str) -> None:
        """Seats log in and are ready; default: all."""
        for seat_id in map(SeatId, seat_ids or self.seat_ids):
            self.tell(seats.SeatReachable(seat_id, True))
            self.members.add(seat_id)
            self.tell(seats.SeatJoined(seat_id, MAIN, False, ""))

    def arrive(self, number: str = "", key: str | None = "") -> ContactId:
        """A citizen calls and hears the greeting; ``key`` ``None``: he still hears it."""
        self._count += 1
        contact_id = ContactId(f"cc-{self._count}.1")
        self.alive[contact_id] = number
        channel = ChannelName(f"PJSIP/trunk-{self._count:08x}")
        self.rows[contact_id] = Contact(
            contact_id, channel, number, "12345", "controller", ContactState.ARRIVED, self.at()
        )
        self.tell(calls.CallArrived(contact_id, channel, number, "12345", self.at()))
        if key is not None:
            self.tell(calls.PromptEnded(contact_id, key))
        return contact_id

    def reply(self, contact_id: ContactId, accepted: bool) -> None:
        """He answers what he was asked last."""
        self.tell(offers.Replied(contact_id, self.asked.pop(contact_id), accepted))

    def hang_up(self, contact_id: ContactId) -> None:
        """A citizen hangs up."""
        self.alive.pop(contact_id, None)
        self.asked.pop(contact_id, None)
        for seat_id, other in list(self.ringing.items()):
            if other == contact_id:
                del self.ringing[seat_id]
        entry = next((e for e in self.queue if e.contact_id == contact_id), None)
        if entry is not None:
            self.queue.remove(entry)
            self.tell(calls.CallAbandoned(contact_id, MAIN, 1.0))
        for seat_id, other in list(self.talking.items()):
            if other == contact_id:
                del self.talking[seat_id]
                self.tell(calls.TalkEnded(contact_id, MAIN, seat_id, 1.0))
        self.tell(calls.CallEnded(contact_id, 16, self.at()))

    def pick_up(self, seat_id: str) -> ContactId:
        """The agent answers his phone."""
        seat = SeatId(seat_id)
        contact_id = self.ringing.pop(seat)
        if callbacks.is_callback(contact_id):
            self.dialing[seat] = contact_id
            self.tell(callbacks.CallbackDialing(contact_id))
            return contact_id
        self.queue = [entry for entry in self.queue if entry.contact_id != contact_id]
        self.talking[seat] = contact_id
        self.tell(calls.CallAnswered(contact_id, MAIN, seat, 1.0))
        return contact_id

    def ring_out(self, seat_id: str) -> None:
        """Nobody answers at this seat."""
        seat = SeatId(seat_id)
        contact_id = self.ringing.pop(seat)
        if callbacks.is_callback(contact_id):
            self.tell(calls.CallEnded(contact_id, 19, self.at()))
        else:
            self.tell(calls.OfferTimedOut(contact_id, MAIN, seat, 20.0))

    def citizen_answers(self, contact_id: ContactId, seat_id: str) -> None:
        """The citizen picks up a call-back."""
        self.dialing.pop(SeatId(seat_id), None)
        self.talking[SeatId(seat_id)] = contact_id
        self.tell(callbacks.CallbackAnswered(contact_id))

    def end_callback(self, contact_id: ContactId, *, packets: tuple[int, int] | None = (5000, 5000)) -> None:
        """A call-back is over, answered or not."""
        for phones in (self.dialing, self.talking):
            for seat in [seat for seat, other in phones.items() if other == contact_id]:
                del phones[seat]
        if packets is not None:
            self.tell(callbacks.CallbackHeard(contact_id, *packets))
        self.tell(callbacks.CallbackTalkEnded(contact_id))
        self.tell(calls.CallEnded(contact_id, 16, self.at()))

    def advance(self, seconds: float) -> None:
        """Time passes; deadlines are met in order."""
        until = self.now + seconds
        while (due := self._next_deadline()) is not None and due <= until:
            self.now = max(self.now, due)
            for engine in self.engines:
                deadline = engine.next_deadline()
                if deadline is not None and deadline <= self.now:
                    engine.on_deadline(Instant(self.now))
            self._settle()
        self.now = until

    def tell(self, message: Message) -> None:
        """Give the engines one message and carry out everything that follows."""
        self._inbox.append(message)
        self._settle()

    def land_pauses(self) -> None:
        """The pauses that were held back take effect."""
        self.pauses_late = False
        for effect in self._late:
            self._pause(effect)
        self._late.clear()
        self._settle()

    def fall_back(self, contact_id: ContactId) -> None:
        """The dialplan puts a caller whose session broke off into the line."""
        self.asked.pop(contact_id, None)
        self._enqueue(calls.Enqueue(contact_id, MAIN, 0))
        self._settle()

    def overview(self) -> Overview:
        """The hotline at a glance."""
        return self.steering.overview(Instant(self.now))

    def restart(self) -> None:
        """The controller dies and comes back: engines new, telephone and books as they were."""
        rows, owed = [row for row in self.rows.values() if row.outcome is None], tuple(self.owed.values())
        self.asked.clear()
        self.start()
        for row in rows:
            age_s = (self.at() - row.arrived_at).total_seconds()
            self.contacts.reopen(row, max(0.0, age_s), Instant(self.now))
        unreached = tuple(closed.caller for closed in self.closed if closed.why == "unreached")
        self.tell(callbacks.OwedRestored(owed, unreached))
        self.tell(link.LinkRestored(self.snapshot(), self.at()))

    def snapshot(self) -> link.Snapshot:
        """What Asterisk would answer."""
        at = {contact: seat for seat, contact in self.talking.items()}
        waiting = [
            link.WaitingCall(entry.contact_id, MAIN, place, entry.priority, self.now - entry.since)
            for place, entry in enumerate(self.queue, start=1)
        ]
        live = [
            link.LiveCall(contact, ChannelName(f"PJSIP/trunk-{contact}"), "12345", 5.0, at.get(contact))
            for contact in self.alive
        ]
        live += [
            link.LiveCall(contact, ChannelName(f"PJSIP/{seat}-1"), "", 5.0, at.get(contact))
            for seat, contact in (self.ringing | self.dialing | self.talking).items()
            if callbacks.is_callback(contact)
        ]
        members = [
            link.QueueMember(seat, MAIN, seat in self.paused, self.paused.get(seat, ""), self._serves(seat))
            for seat in sorted(self.members)
        ]
        ringing = tuple(link.RingingPhone(seat, contact) for seat, contact in self.ringing.items())
        return link.Snapshot(
            "boot", tuple(live), tuple(waiting), tuple(members), frozenset(self.members), ringing
        )

    def at(self) -> datetime:
        """Wall-clock now."""
        return MIDNIGHT + timedelta(seconds=self.now)

    def state(self, seat_id: str) -> SeatState:
        """A seat's state."""
        return self.seats.get(SeatId(seat_id)).state

    def places(self) -> list[ContactId]:
        """Who waits in the telephone's queue, in order."""
        return [entry.contact_id for entry in self.queue]

    # --- what the house does ---

    def _settings(self) -> EngineSettings:
        plan = DayPlan(
            Instant(0.0), 86400.0, (len(self.seat_ids),) * 24, (1 / 24,) * 24, 24.0, 28800.0, 75600.0
        )
        told: dict[str, Any] = {
            "plan": plan,
            "forecast": Forecast(USUAL.talk_s, USUAL.wrap_up_s, USUAL.review_s, USUAL.patience_s),
            "callbacks": CallbackRules(3, 1800.0),
            "ring_s": 10.0,
            "no_answer_s": 30.0,
            "menu_min_ewt_s": 30.0,
            "range_slack_s": 60.0,
            "reviews_by_seats": False,
        }
        return EngineSettings(**(told | self.changes))

    def _claim(self, seat_id: SeatId, now: Instant) -> bool:
        return self.steering.claim(seat_id, now)

    def _next_deadline(self) -> float | None:
        due = [deadline for engine in self.engines if (deadline := engine.next_deadline()) is not None]
        return min(due, default=None)

    def _settle(self) -> None:
        while True:
            while effects := [effect for engine in self.engines for effect in engine.take_effects()]:
                for effect in effects:
                    self._carry_out(effect)
            if not self._inbox:
                if not self._ring_next():
                    return
                continue
            self._hear(self._inbox.popleft())

    def _hear(self, message: Message) -> None:
        for engine in self.engines:
            engine.receive(message, Instant(self.now))

    def _ring_next(self) -> bool:
        """The queue rings a free seat for its first caller who does not ring yet; whether it did."""
        rung = set(self.ringing.values())
        waiting = [entry for entry in self.queue if entry.contact_id not in rung]
        free = [s for s in self.seat_ids if self._is_free(s)]
        if not waiting or not free:
            return False
        self.ringing[free[0]] = waiting[0].contact_id
        self._inbox.append(calls.CallOffered(waiting[0].contact_id, MAIN, free[0]))
        return True

    def _is_free(self, seat: SeatId) -> bool:
        is_busy = seat in self.ringing or seat in self.dialing or seat in self.talking
        return seat in self.members and seat not in self.paused and not is_busy

    def _serves(self, seat: SeatId) -> bool:
        """Whether Asterisk's queue says that the seat talks: it knows nothing of call-backs."""
        return seat in self.talking and not callbacks.is_callback(self.talking[seat])

    def _carry_out(self, effect: Effect) -> None:
        if order := self._orders().get(type(effect)):
            order(effect)

    def _orders(self) -> dict[type[Effect], Callable[[Any], None]]:
        return {
            seats.Publish: self._publish,
            seats.PauseSeat: self._pause,
            seats.ResumeSeat: self._unpause,
            calls.Enqueue: self._enqueue,
            offers.Ask: self._ask,
            offers.TellWait: lambda e: self.said.setdefault(e.contact_id, []).append(e),
            offers.SendOff: self._send_off,
            offers.TakeMessage: lambda e: self._later_hang_up(e.contact_id),
            offers.Withdraw: self._withdraw,
            offers.Reprioritize: self._reprioritize,
            offers.Wake: lambda e: self.woken.append(e.contact_id),
            offers.KeepEstimate: self.estimates.append,
            callbacks.DialBack: self._dial,
            callbacks.KeepOwed: self._keep,
            callbacks.CloseOwed: self._close,
            callbacks.NoteMissed: self.missed.append,
            SaveContact: lambda e: self.rows.update({e.contact.contact_id: e.contact}),
        }

    def _publish(self, effect: seats.Publish) -> None:
        self.news.append(effect.message)
        for engine in self.engines:
            engine.receive(effect.message, Instant(self.now))

    def _pause(self, effect: seats.PauseSeat) -> None:
        if self.pauses_late and effect.reason == CALLBACK:
            self._late.append(effect)
            self.paused.pop(effect.seat_id, None)
            return
        self.paused[effect.seat_id] = effect.reason
        self._inbox.append(seats.SeatPaused(effect.seat_id, MAIN, True, effect.reason))

    def _unpause(self, effect: seats.ResumeSeat) -> None:
        self.paused.pop(effect.seat_id, None)
        self._inbox.append(seats.SeatPaused(effect.seat_id, MAIN, False, ""))

    def _enqueue(self, effect: calls.Enqueue) -> None:
        if effect.contact_id not in self.alive:
            return
        assert effect.contact_id not in self.places(), "nobody stands in line twice"
        before = sum(entry.priority > effect.priority for entry in self.queue)
        same = sum(entry.priority >= effect.priority for entry in self.queue)
        index = min(max(before, effect.position - 1), same) if effect.position else same
        self.asked.pop(effect.contact_id, None)
        self.queue.insert(index, Entry(effect.contact_id, effect.priority, self.now))
        self._inbox.append(calls.CallQueued(effect.contact_id, MAIN, index + 1))

    def _ask(self, effect: offers.Ask) -> None:
        self.said.setdefault(effect.contact_id, []).append(effect)
        if effect.contact_id in self.alive:
            self.asked[effect.contact_id] = effect.question

    def _send_off(self, effect: offers.SendOff) -> None:
        number = self.alive.get(effect.contact_id)
        assert number is None or number in self.owed, "a farewell promises what is written down"
        self.farewells[effect.contact_id] = effect.farewell
        self._later_hang_up(effect.contact_id)

    def _later_hang_up(self, contact_id: ContactId) -> None:
        if self.alive.pop(contact_id, None) is not None:
            self._inbox.append(calls.CallEnded(contact_id, 16, self.at()))

    def _withdraw(self, effect: offers.Withdraw) -> None:
        entry = next((e for e in self.queue if e.contact_id == effect.contact_id), None)
        if entry is None or effect.contact_id in self.ringing.values():
            self._inbox.append(offers.WithdrawalFailed(effect.contact_id))
            return
        self.queue.remove(entry)
        self._inbox.append(calls.CallAbandoned(effect.contact_id, MAIN, 1.0))
        self._inbox.append(calls.CallLeftQueue(effect.contact_id, MAIN))
        self._inbox.append(offers.SessionResumed(effect.contact_id))

    def _reprioritize(self, effect: offers.Reprioritize) -> None:
        moved = next((entry for entry in self.queue if entry.contact_id == effect.contact_id), None)
        if moved is None:
            return
        self.queue.remove(moved)
        moved.priority = effect.priority
        self.queue.insert(sum(entry.priority >= effect.priority for entry in self.queue), moved)

    def _dial(self, effect: callbacks.DialBack) -> None:
        owed = self.owed.get(effect.caller)
        assert owed is not None, "what is dialed is owed"
        assert owed.tries, "a try is written down before it is dialed"
        assert effect.contact_id not in self.dialed, "no try is dialed twice"
        for phones in (self.ringing, self.dialing, self.talking):
            assert effect.seat_id not in phones, "no seat has two calls"
        self.dialed.append(effect.contact_id)
        self.rows[effect.contact_id] = Contact(
            effect.contact_id,
            ChannelName(""),
            effect.caller,
            "",
            CALLED_BACK,
            ContactState.ARRIVED,
            self.at(),
            seat_id=effect.seat_id,
            leaning=Outcome.UNREACHED,
        )
        self.ringing[effect.seat_id] = effect.contact_id
        self._inbox.append(
            callbacks.CallbackBegun(
                effect.contact_id, effect.caller, effect.seat_id, effect.origin, self.at()
            )
        )
        self._inbox.append(calls.CallOffered(effect.contact_id, QueueName(""), effect.seat_id))

    def _keep(self, effect: callbacks.KeepOwed) -> None:
        self.owed[effect.owed.caller] = effect.owed

    def _close(self, effect: callbacks.CloseOwed) -> None:
        self.owed.pop(effect.caller, None)
        self.closed.append(effect)


def may_be_dialed(number: str) -> bool:
    """The rule of the house for numbers."""
    return can_be_called(number, ["12345"])
