"""The telephone on a bad day: links that break, a controller that dies, farewells that take time, books that tell later.

As in life: sessions live on without the link, the queue rings on without a controller, what Asterisk is asked over a
broken link is not done, and an event that no engine could take is followed by the whole truth.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from telephone import MAIN, MIDNIGHT, Telephone, may_be_dialed

from callcenter.core.clock import Instant
from callcenter.core.errors import IllegalTransition
from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages import callbacks, calls, link, offers, seats, surge
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.calls import Outcome

SERVED_S = 20.0
PACKETS = 5000
KEPT_PLACE_PRIORITY = 99
"""Of one whose session broke off after he had waited (``asterisk_conf/dialplan/intake.jinja``)."""
OUR_CAUSE = 0
"""Cause of an end that our edge tells itself: it needs no link."""

TOLD_BY_LINK = frozenset(
    {
        calls.CallQueued,
        calls.CallLeftQueue,
        calls.CallOffered,
        calls.OfferTimedOut,
        calls.CallAnswered,
        calls.CallAbandoned,
        calls.TalkEnded,
        calls.CallEnded,
        seats.SeatJoined,
        seats.SeatLeft,
        seats.SeatPaused,
        seats.SeatReachable,
        callbacks.CallbackDialing,
        callbacks.CallbackAnswered,
        callbacks.CallbackHeard,
        callbacks.CallbackTalkEnded,
    }
)
"""What the observer's link tells; all else comes by FastAGI, from our own edges, or from people."""


class Wire(StrEnum):
    """The link to Asterisk."""

    UP = "up"
    DOWN = "down"
    READING = "reading"
    """The truth is being asked for: live events wait until it is there."""


@dataclass
class Story:
    """What Asterisk's books have about one contact. Instants, ``None``: not yet."""

    number: str
    arrived: float
    queued: float | None = None
    answered: float | None = None
    ended: float | None = None
    seat_id: SeatId | None = None
    outcome: Outcome = Outcome.LEFT_EARLY
    """How it ends if nothing else happens."""


@dataclass
class Dial:
    """A call-back that was begun. ``is_on_line``: the controller knew that he was; ``has_rung``: his phone rang."""

    number: str
    contact_id: ContactId
    begun: float
    time_of_day: float
    is_on_line: bool
    has_rung: bool = False


@dataclass(frozen=True)
class Talk:
    """A talk that is over."""

    number: str
    ended: float
    seconds: float
    is_heard: bool | None
    """Whether both voices were heard; ``None``: nobody counted."""


@dataclass
class RoughTelephone(Telephone):
    """``wire``: the link to Asterisk; ``is_alive``: the controller; ``wall_s``: how far the wall clock was set forward."""

    slow_farewells: bool = True
    withdrawals_fail: bool = False
    is_durable: bool = True
    wire: Wire = Wire.UP
    is_alive: bool = True
    wall_s: float = 0.0
    stories: dict[ContactId, Story] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sessions: set[ContactId] = set()
        """Callers in an IVR session."""
        self.greeted: set[ContactId] = set()
        """Those of them who hear the greeting."""
        self.leaving: set[ContactId] = set()
        """Callers who hear a farewell or leave a message; nothing else will happen to them but their end."""
        self.tardy: set[ContactId] = set()
        """Whose withdrawal was given up, and who may come out of the line all the same."""
        self.dials: dict[ContactId, Dial] = {}
        self.talks: list[Talk] = []
        self.listed: set[str] = set()
        """Numbers that can be called and are open on the list of missed calls, in SQL."""
        self.phones: set[SeatId] = set()
        """Seats whose phone is registered."""
        self.refused = 0
        """Events that did not fit what an engine believed."""
        self._day_begin, self._day_at = 0.0, MIDNIGHT
        self.looked_up: list[tuple[ContactId, ...]] = []
        """Contacts that are looked up in the books; what was found is told when time passes."""
        self._unknown: set[ContactId] = set()
        self._unreached: set[str] = set()
        self._buffer: list[Message] = []
        super().__post_init__()
        for seat in self.seat_ids:
            self.find_phone(seat)

    def advance(self, seconds: float) -> None:
        """As ever; what was looked up in the books is told."""
        found, self.looked_up = self.looked_up, []
        for contact_ids in found:
            self._read_books(contact_ids)
        self._settle()
        super().advance(seconds)

    # --- what people do ---

    def arrive(self, number: str = "", key: str | None = "") -> ContactId:
        """As ever; without a controller the dialplan leads into the line."""
        contact_id = ContactId(f"cc-{self._count + 1}.1")
        self.stories[contact_id] = Story(number, self.now)
        if self.is_alive:
            self.sessions.add(contact_id)
            super().arrive(number, None)
            if key is not None:
                self.hear_greeting_out(contact_id, key)
            return contact_id
        self._count += 1
        self.alive[contact_id] = number
        self._unknown.add(contact_id)
        self._line_up(contact_id, 0)
        return contact_id

    def is_known(self, contact_id: ContactId) -> bool:
        """Whether the controller met the caller: it knows his number."""
        return contact_id not in self._unknown

    def block(self, number: str) -> None:
        """A citizen meets a busy signal: only the books know of him."""
        self._count += 1
        contact_id = ContactId(f"cc-{self._count}.1")
        self.stories[contact_id] = Story(number, self.now, ended=self.now, outcome=Outcome.BLOCKED)
        self.tell(calls.CallEnded(contact_id, 17, self.at()))

    def hear_greeting_out(self, contact_id: ContactId, key: str) -> None:
        """The greeting is over, perhaps cut short by a key."""
        self.greeted.discard(contact_id)
        self.tell(calls.PromptEnded(contact_id, key))

    def break_session(self, contact_id: ContactId) -> None:
        """His session fails: the dialplan takes him into the line."""
        self.tell(calls.SessionLost(contact_id, "peer_gone"))
        self._fall_back(contact_id)
        self._settle()

    def finish_farewell(self, contact_id: ContactId) -> None:
        """Good-bye was said, or the message is left."""
        self.hang_up(contact_id)

    def come_out_late(self, contact_id: ContactId) -> None:
        """A withdrawal that was given up takes effect after all."""
        self.tardy.discard(contact_id)
        if contact_id in self.places() and contact_id not in self.ringing.values():
            self._withdraw_now(contact_id)
            self._settle()

    def hang_up(self, contact_id: ContactId) -> None:
        """As ever, and the books have it."""
        for phones in (self.sessions, self.greeted, self.leaving, self.tardy):
            phones.discard(contact_id)
        self._close_book(contact_id, None)
        super().hang_up(contact_id)

    def pick_up(self, seat_id: str) -> ContactId:
        """As ever, and the books have it."""
        seat = SeatId(seat_id)
        contact_id = self.ringing[seat]
        if callbacks.is_callback(contact_id):
            self.dials[contact_id].has_rung = True
        else:
            self._begin_talk(contact_id, seat)
        return super().pick_up(seat_id)

    def ring_out(self, seat_id: str) -> None:
        """Nobody answers; a seat that lets the line ring is paused by Asterisk itself."""
        seat = SeatId(seat_id)
        contact_id = self.ringing[seat]
        if callbacks.is_callback(contact_id):
            self._close_book(contact_id, None)
        super().ring_out(seat_id)
        if not callbacks.is_callback(contact_id) and seat in self.members:
            self.paused[seat] = "rang_out"
            self.tell(seats.SeatPaused(seat, MAIN, True, "rang_out"))

    def citizen_answers(self, contact_id: ContactId, seat_id: str) -> None:
        """As ever, and the books have it."""
        self._begin_talk(contact_id, SeatId(seat_id))
        super().citizen_answers(contact_id, seat_id)

    def end_callback(self, contact_id: ContactId, *, packets: tuple[int, int] | None = (5000, 5000)) -> None:
        """As ever, and the books have it."""
        self._close_book(contact_id, packets)
        super().end_callback(contact_id, packets=packets)

    def sign_in(self, seat_id: str) -> None:
        """By feature code: the seat is a member, and ready."""
        seat = SeatId(seat_id)
        if seat not in self.members:
            self.members.add(seat)
            self.tell(seats.SeatJoined(seat, MAIN, False, ""))

    def sign_out(self, seat_id: str) -> None:
        """By feature code, whatever the seat does."""
        seat = SeatId(seat_id)
        self.members.discard(seat)
        self.paused.pop(seat, None)
        self.tell(seats.SeatLeft(seat, MAIN))

    def take_break(self, seat_id: str, reason: str = "tea") -> None:
        """By feature code, whatever the seat does."""
        seat = SeatId(seat_id)
        self.paused[seat] = reason
        self.tell(seats.SeatPaused(seat, MAIN, True, reason))

    def end_break(self, seat_id: str) -> None:
        """By feature code."""
        seat = SeatId(seat_id)
        self.paused.pop(seat, None)
        self.tell(seats.SeatPaused(seat, MAIN, False, ""))

    def find_phone(self, seat_id: str) -> None:
        """The seat's phone registers."""
        self.phones.add(SeatId(seat_id))
        self.tell(seats.SeatReachable(SeatId(seat_id), True))

    # --- what fails ---

    def lose_phone(self, seat_id: str) -> None:
        """The seat's phone is gone from the network."""
        self.phones.discard(SeatId(seat_id))
        self.tell(seats.SeatReachable(SeatId(seat_id), False))

    def cut_link(self) -> None:
        """No events, no actions."""
        self.wire = Wire.DOWN
        self.tell(link.LinkLost("cut", self.at()))

    def ask_truth(self) -> None:
        """The truth is read again; live events wait for it."""
        self.wire = Wire.READING

    def mend_link(self) -> None:
        """The truth is there, then what came while it was read: it may repeat facts."""
        self.wire = Wire.UP
        late, self._buffer = self._buffer, []
        self._inbox.append(link.LinkRestored(self.snapshot(), self.at()))
        self._inbox.extend(late)
        self._settle()

    def die(self) -> None:
        """The controller is killed: sessions end in the line."""
        self.is_alive, self.engines = False, []
        self.looked_up.clear()
        self._late.clear()
        self._inbox.clear()
        self._buffer.clear()
        for contact_id in list(self.sessions):
            self._fall_back(contact_id)

    def come_back(self) -> None:
        """A new controller: rows, promises, then the truth."""
        self.is_alive, self.wire = True, Wire.DOWN
        rows, owed = [row for row in self.rows.values() if row.outcome is None], tuple(self.owed.values())
        self._look_at_clock()
        self.start()
        for row in rows:
            age_s = (self.at() - row.arrived_at).total_seconds()
            self.contacts.reopen(row, max(0.0, age_s), Instant(self.now))
        self.tell(callbacks.OwedRestored(owed, tuple(self._unreached)))
        self.mend_link()

    def set_clock(self, seconds: float) -> None:
        """The wall clock jumps; the planner notices."""
        self.wall_s += seconds
        self.plan()

    def plan(self) -> None:
        """What the planner tells when day or clock are others than planned."""
        self.tell(self.day(new=self._look_at_clock()))

    def _look_at_clock(self) -> bool:
        """Whether it is another day."""
        before = self._day_at
        self._day_begin = self.now - self.time_of_day()
        self._day_at = MIDNIGHT + timedelta(seconds=round(self._day_begin + self.wall_s))
        is_new = self._day_at != before
        if is_new:
            self._unreached.clear()
        return is_new

    def day(self, new: bool = True) -> surge.DayPlanned:
        """The plan of the present day."""
        usual = super().day(new)
        return replace(usual, began=Instant(self._day_begin), began_at=self._day_at)

    def at(self) -> datetime:
        """Wall-clock now."""
        return super().at() + timedelta(seconds=self.wall_s)

    def time_of_day(self) -> float:
        """Seconds since local midnight, on the wall."""
        return (self.now + self.wall_s) % 86400.0

    @property
    def is_heard(self) -> bool:
        """Whether the engines hear what Asterisk does, now or soon."""
        return self.is_alive and self.wire is not Wire.DOWN

    # --- what the house does ---

    def _hear(self, message: Message) -> None:
        """What is told by a broken link is lost; what comes while the truth is read waits."""
        by_link = type(message) in TOLD_BY_LINK and not _is_ours(message)
        if not self.is_alive or (by_link and self.wire is Wire.DOWN):
            return
        if by_link and self.wire is Wire.READING:
            self._buffer.append(message)
            return
        for engine in self.engines:
            try:
                engine.receive(message, Instant(self.now))
            except IllegalTransition:
                self.refused += 1
                if self.wire is Wire.UP:
                    self._inbox.append(link.LinkRestored(self.snapshot(), self.at()))

    def _orders(self) -> dict[type[Effect], Callable[[Any], None]]:
        orders = super()._orders() | {
            calls.Play: lambda e: self.greeted.add(e.contact_id),
            calls.SettleFromBooks: lambda e: self.looked_up.append(e.contact_ids),
            calls.CatchUp: self._catch_up,
            callbacks.NoteMissed: self._list_missed,
            seats.AddSeat: self._add,
            seats.RemoveSeat: self._remove,
        }
        if self.wire is not Wire.DOWN:
            return orders
        return orders | {
            **dict.fromkeys(
                (seats.PauseSeat, seats.ResumeSeat, seats.AddSeat, seats.RemoveSeat, offers.Reprioritize),
                _do_nothing,
            ),
            offers.Withdraw: lambda e: self._inbox.append(offers.WithdrawalFailed(e.contact_id)),
        }

    def _list_missed(self, effect: callbacks.NoteMissed) -> None:
        self.missed.append(effect)
        if may_be_dialed(effect.caller):
            self.listed.add(effect.caller)

    def _close(self, effect: callbacks.CloseOwed) -> None:
        super()._close(effect)
        if effect.why == "unreached":
            self._unreached.add(effect.caller)
        self.listed.discard(effect.caller)

    def _add(self, effect: seats.AddSeat) -> None:
        self.members.add(effect.seat_id)
        self._inbox.append(seats.SeatJoined(effect.seat_id, MAIN, False, ""))

    def _remove(self, effect: seats.RemoveSeat) -> None:
        self.members.discard(effect.seat_id)
        self.paused.pop(effect.seat_id, None)
        self._inbox.append(seats.SeatLeft(effect.seat_id, MAIN))

    def snapshot(self) -> link.Snapshot:
        """What Asterisk would answer."""
        return replace(super().snapshot(), reachable=frozenset(self.phones))

    def _is_free(self, seat: SeatId) -> bool:
        return seat in self.phones and super()._is_free(seat)

    def _pause(self, effect: seats.PauseSeat) -> None:
        if effect.seat_id in self.members:
            super()._pause(effect)

    def _unpause(self, effect: seats.ResumeSeat) -> None:
        if effect.seat_id in self.members:
            super()._unpause(effect)

    def _enqueue(self, effect: calls.Enqueue) -> None:
        """A caller whose session is gone is elsewhere."""
        if effect.contact_id in self.sessions:
            self._leave_session(effect.contact_id)
            self._line_up(effect.contact_id, effect.priority, effect.position)

    def _line_up(self, contact_id: ContactId, priority: int, position: int = 0) -> None:
        story = self.stories[contact_id]
        story.queued = self.now if story.queued is None else story.queued
        if story.outcome is Outcome.LEFT_EARLY:
            story.outcome = Outcome.ABANDONED
        super()._enqueue(calls.Enqueue(contact_id, MAIN, priority, position))

    def _fall_back(self, contact_id: ContactId) -> None:
        """Without a word of the controller the dialplan leads into the line; a message is left all the same."""
        if contact_id not in self.sessions:
            return
        has_waited = self.stories[contact_id].queued is not None
        self._leave_session(contact_id)
        self._line_up(contact_id, KEPT_PLACE_PRIORITY if has_waited else 0)

    def _leave_session(self, contact_id: ContactId) -> None:
        for callers in (self.sessions, self.greeted, self.leaving):
            callers.discard(contact_id)
        self.asked.pop(contact_id, None)

    def _ask(self, effect: offers.Ask) -> None:
        if effect.contact_id in self.sessions:
            self.stories[effect.contact_id].outcome = Outcome.ABANDONED
            super()._ask(effect)

    def _send_off(self, effect: offers.SendOff) -> None:
        """Without a safe promise there is no word of it, and the line."""
        if effect.contact_id not in self.sessions:
            return
        if not self.is_durable:
            self._leave_session(effect.contact_id)
            self._line_up(effect.contact_id, 0)
            return
        self.stories[effect.contact_id].outcome = Outcome.CALLBACK
        super()._send_off(effect)

    def _later_hang_up(self, contact_id: ContactId) -> None:
        if contact_id not in self.sessions:
            return
        if self.stories[contact_id].outcome is not Outcome.CALLBACK:
            self.stories[contact_id].outcome = Outcome.MESSAGE
            self.sessions.discard(contact_id)
        if self.slow_farewells:
            self.leaving.add(contact_id)
            return
        self._leave_session(contact_id)
        self._close_book(contact_id, None)
        super()._later_hang_up(contact_id)

    def _withdraw(self, effect: offers.Withdraw) -> None:
        if self.withdrawals_fail:
            self.tardy.add(effect.contact_id)
            self._inbox.append(offers.WithdrawalFailed(effect.contact_id))
            return
        if effect.contact_id in self.places() and effect.contact_id not in self.ringing.values():
            self._withdraw_now(effect.contact_id)
        else:
            self._inbox.append(offers.WithdrawalFailed(effect.contact_id))

    def _withdraw_now(self, contact_id: ContactId) -> None:
        self.queue = [entry for entry in self.queue if entry.contact_id != contact_id]
        self._inbox.append(calls.CallAbandoned(contact_id, MAIN, 1.0))
        self._inbox.append(calls.CallLeftQueue(contact_id, MAIN))
        self.sessions.add(contact_id)
        if self.is_alive:
            self._inbox.append(offers.SessionResumed(contact_id))
        else:
            self._fall_back(contact_id)

    def _dial(self, effect: callbacks.DialBack) -> None:
        if effect.contact_id in self.rows:  # dialed in another life
            self._inbox.append(calls.CallEnded(effect.contact_id, OUR_CAUSE, self.at()))
            return
        self.stories[effect.contact_id] = Story(
            effect.caller, self.now, seat_id=effect.seat_id, outcome=Outcome.UNREACHED
        )
        is_on_line = any(
            number == effect.caller and self.is_known(contact_id) for contact_id, number in self.alive.items()
        )
        self.dials[effect.contact_id] = Dial(
            effect.caller, effect.contact_id, self.now, self.time_of_day(), is_on_line
        )
        super()._dial(effect)

        if self.wire is Wire.DOWN or effect.seat_id not in self.phones:
            del self.ringing[effect.seat_id]
            self._close_book(effect.contact_id, None)
            self._inbox.append(calls.CallEnded(effect.contact_id, OUR_CAUSE, self.at()))

    # --- what the books say ---

    def _begin_talk(self, contact_id: ContactId, seat_id: SeatId) -> None:
        story = self.stories[contact_id]
        story.answered, story.seat_id, story.outcome = self.now, seat_id, Outcome.ANSWERED

    def _close_book(self, contact_id: ContactId, packets: tuple[int, int] | None) -> None:
        story = self.stories[contact_id]
        if story.ended is not None:
            return
        story.ended = self.now
        if story.answered is not None:
            seconds = self.now - story.answered
            is_inbound = not callbacks.is_callback(contact_id)
            is_heard = True if is_inbound else None if packets is None else min(packets) > PACKETS / 2
            self.talks.append(Talk(story.number, self.now, seconds, is_heard))

    def _read_books(self, contact_ids: tuple[ContactId, ...]) -> None:
        for contact_id in contact_ids:
            row, story = self.rows.get(contact_id), self.stories.get(contact_id)
            if story is not None and story.ended is not None and (row is None or row.outcome is None):
                self._inbox.append(self._settled(contact_id, story))

    def _catch_up(self, effect: calls.CatchUp) -> None:
        live = {contact.contact_id for contact in self.contacts.live()} | set(effect.live)
        ended = [contact for contact, story in self.stories.items() if story.ended is not None]
        self._read_books(tuple(contact for contact in ended if contact not in live))

    def _settled(self, contact_id: ContactId, story: Story) -> calls.ContactSettled:
        assert story.ended is not None
        return calls.ContactSettled(
            contact_id=contact_id,
            caller=story.number,
            called="12345",
            outcome=story.outcome,
            queue=None if story.queued is None else MAIN,
            seat_id=story.seat_id,
            arrived_at=self._wall(story.arrived),
            queued_at=None if story.queued is None else self._wall(story.queued),
            answered_at=None if story.answered is None else self._wall(story.answered),
            ended_at=self._wall(story.ended),
        )

    def _wall(self, instant: float) -> datetime:
        """An instant as a time, by the clock of now: the books' own clock jumps are another story."""
        return MIDNIGHT + timedelta(seconds=instant + self.wall_s)


def _is_ours(message: Message) -> bool:
    """An end that our own edge tells, of a call-back that never began."""
    return isinstance(message, calls.CallEnded) and message.cause == OUR_CAUSE


def _do_nothing(effect: Effect) -> None:
    """Asterisk was not reached."""
