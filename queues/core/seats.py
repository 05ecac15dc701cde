"""The seats' engine: who is logged in, ready, talking, calling back, in after-call work, resting, on break.

Asterisk's queue membership is the truth; the engine asks for changes and believes what it then observes. Here is what is
observed; ``seat_wishes.py`` has what is asked, ``seat_pauses.py`` what follows a call, ``seat_book.py`` the seats themselves.
Invariants: a seat in a talk or a call-back keeps it whatever is asked (the wish is kept and applied after it); a seat that
lets phones ring out too often is paused with a reason.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from callcenter.core.clock import Instant, after
from callcenter.core.errors import IllegalTransition
from callcenter.core.ids import ContactId, QueueName, SeatId
from callcenter.core.messages import callbacks, calls, conference, duty, link, seats, surge
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.house import RulesTold
from callcenter.core.messages.seats import SeatRequest, SeatState
from queues.core.seat import (
    CALLBACK,
    FINDING,
    IN_CALL,
    JOINING,
    OFFER_ENDING,
    OUR_REASONS,
    PAUSING,
    RANG_OUT,
    REJECTED,
    REST,
    SEAT,
    WRAP_UP,
    Seat,
    SeatEvent,
    SeatRules,
    Ways,
    with_end,
    with_pause,
)
from queues.core.seat_book import SeatBook
from queues.core.seat_pauses import Claim, SeatPauses
from queues.core.seat_resync import Truth, true_seat
from queues.core.seat_wishes import SeatWishes

__all__ = [
    "CALLBACK",
    "RANG_OUT",
    "REJECTED",
    "REST",
    "SEAT",
    "WRAP_UP",
    "Seat",
    "SeatEvent",
    "SeatRules",
    "Seats",
]

_S, _E = SeatState, SeatEvent

BY_PHONE = "asterisk"
"""Who asked, when an agent dialed a feature code."""


def _nobody(seat_id: SeatId, now: Instant) -> bool:
    return False


class Seats:
    """All seats of the house, on-site and cloud. ``queues``: what a skill may name, in the order of joining."""

    def __init__(
        self,
        seat_ids: Sequence[SeatId],
        rules: SeatRules,
        queues: Sequence[QueueName] = (),
        claim: Claim = _nobody,
    ) -> None:
        self._book = SeatBook(seat_ids, rules.rest_window_s)
        self._pauses = SeatPauses(self._book, rules, claim)
        self._wishes = SeatWishes(self._book, self._pauses, queues)
        self._queues = tuple(queues)

    def receive(self, message: Message, now: Instant) -> None:
        """See :class:`callcenter.core.engine.Engine`.

        Raises:
            UsageError: a request for an unknown seat or queue, or one that makes no sense now.
        """
        match message:
            case seats.SeatAsked():
                self._wishes.ask(message, now)
            case seats.AbuseReported():
                self._pauses.rest_after_abuse(self.get(message.seat_id), now)
            case seats.SkillsAssigned():
                self._wishes.assign(message, now)
            case duty.DutyAssigned():
                self._wishes.assign_duty(message, now)
            case surge.LevelSwitched() if message.applied:
                self._pauses.switch_level(message, now)
            case RulesTold():
                self._pauses.change_rules(message, now)
            case link.LinkRestored():
                self._rebuild(message.snapshot, now)
            case calls.CallAbandoned() | calls.CallEnded():
                self._end_contact(message.contact_id, now)
            case conference.ConferenceJoined():
                self._be_joined(message.contact_id, message.who, now)
            case conference.ConferenceLeft():
                self._be_left(message.contact_id, message.who, now)
            case calls.LegEnded():
                self._be_left(message.contact_id, message.seat_id, now)
            case callbacks.CallbackDialing() | callbacks.CallbackAnswered() | callbacks.CallbackTalkEnded():
                for seat in self._book.holders(message.contact_id):
                    self._go_on_with_callback(seat, message, now)
            case _:
                known = self._book.find(getattr(message, "seat_id", SeatId("")))
                if known is not None:
                    self._observe(known, message, now)

    def on_deadline(self, now: Instant) -> None:
        """After-call work or a rest is over, or what was asked of Asterisk is asked again."""
        self._pauses.on_deadline(now)

    def next_deadline(self) -> Instant | None:
        """The first instant at which a seat has to be looked at."""
        return min((seat.until for seat in self._book.all() if seat.until is not None), default=None)

    def take_effects(self) -> list[Effect]:
        """See :class:`callcenter.core.engine.Engine`."""
        return self._book.take_effects()

    @property
    def rules(self) -> SeatRules:
        """Those in force."""
        return self._pauses.rules

    def all(self) -> Iterable[Seat]:
        """Every seat, in order of its number."""
        return self._book.all()

    def get(self, seat_id: SeatId) -> Seat:
        """One seat.

        Raises:
            UsageError: no such seat.
        """
        return self._book.get(seat_id)

    def occupancy(self, seat_id: SeatId, now: Instant) -> float | None:
        """Share of the last window, or of the shorter time since log-in, that the seat worked; ``None`` when off.

        Raises:
            UsageError: no such seat.
        """
        return self._book.share(self.get(seat_id).seat_id, now)

    # What is observed.

    def _observe(self, seat: Seat, message: Message, now: Instant) -> None:
        match message:
            case seats.SeatJoined():
                self._join(seat, message, now)
            case seats.SeatLeft():
                self._leave(seat, now)
            case seats.SeatPaused():
                self._pause(seat, message, now)
            case seats.SeatReachable():
                self._reach(seat, message.reachable, now)
            case callbacks.CallbackBegun():
                self._take_contact(seat, _E.CALLBACK_BEGUN, message.contact_id, now)
            case calls.CallOffered():
                if seat.state is not _S.RINGING:
                    self._take_contact(seat, _E.OFFERED, message.contact_id, now)
            case calls.OfferTimedOut():
                self._ring_out(seat, now)
            case calls.OfferRejected() if seat.reason == RANG_OUT:
                self._book.say(seats.PauseSeat(seat.seat_id, REJECTED))
            case calls.CallAnswered():
                self._answer(seat, message.contact_id, now)
            case calls.TalkEnded() | calls.TalkBroken():
                if seat.contact_id in (None, message.contact_id):
                    self._end_talk(seat, now)
            case calls.CallTransferred():
                self._end_talk(seat, now)
                if message.joined:
                    self._be_joined(message.contact_id, message.to, now)
            case _:
                pass

    def _go_on_with_callback(self, seat: Seat, message: Message, now: Instant) -> None:
        """The citizen's phone rings, he is there, or he is gone; who never was there ends no talk."""
        match message:
            case callbacks.CallbackDialing():
                self._book.move(replace(seat, ring_outs=0), _E.PICKED_UP, now)
            case callbacks.CallbackAnswered(contact_id):
                self._answer(seat, contact_id, now)
            case _:
                self._end_talk(seat, now)

    def _join(self, seat: Seat, message: seats.SeatJoined, now: Instant) -> None:
        """Logged in, or in its second queue; who comes back during a talk does not want to leave after it."""
        if self._queues and message.queue == self._queues[-1] and seat.skills:
            self._book.say(seats.PreferSeat(seat.seat_id, seat.skills))
        if seat.state is _S.OFF:
            seat = replace(with_pause(seat, message.paused, message.reason), is_member=True)
            self._be_free(seat, JOINING, now)
        elif not seat.is_member:
            self._book.put(replace(seat, is_member=True, wish=None), now)

    def _leave(self, seat: Seat, now: Instant) -> None:
        if _is_engaged(seat):
            wish = seats.SeatAsked(seat.seat_id, SeatRequest.LOGOUT, "", BY_PHONE)
            self._book.put(replace(seat, is_member=False, wish=wish), now)
        elif seat.state is not _S.OFF:
            self._go_off(seat, now)

    def _pause(self, seat: Seat, message: seats.SeatPaused, now: Instant) -> None:
        if seat.state is _S.OFF or (message.paused, message.reason) == (seat.paused, seat.reason):
            return  # the same news from the seat's second queue
        before, seat = seat, with_pause(seat, message.paused, message.reason)
        if _is_engaged(seat) or seat.state is _S.RINGING:
            self._book.put(_with_break_as_wish(before, seat), now)
        elif seat.paused and seat.reason == CALLBACK and SEAT.allows(seat.state, _E.CLAIMED):
            self._book.move(with_end(seat, self._pauses.rules, now), _E.CLAIMED, now)
        elif SEAT.allows(seat.state, PAUSING.of(seat)):
            self._be_free(seat, PAUSING, now)
        else:
            self._pauses.grant(self._book.put(with_end(seat, self._pauses.rules, now), now), now)

    def _reach(self, seat: Seat, reachable: bool, now: Instant) -> None:
        seat = replace(seat, reachable=reachable)
        if reachable and seat.state is _S.UNREACHABLE:
            self._be_free(seat, FINDING, now)
        elif not reachable and SEAT.allows(seat.state, _E.LOST) and not _is_engaged(seat):
            self._book.move(replace(seat, contact_id=None), _E.LOST, now)
        else:
            self._book.put(seat, now)

    def _answer(self, seat: Seat, contact_id: ContactId, now: Instant) -> None:
        self._take_contact(replace(seat, ring_outs=0), _E.ANSWERED, contact_id, now)

    def _be_joined(self, contact_id: ContactId, who: str, now: Instant) -> None:
        """A seat talks with a citizen whom no queue gave it, and a break goes on afterwards; off, it is nobody's."""
        seat = self._book.find(SeatId(who))
        if seat is not None and SEAT.allows(seat.state, _E.ANSWERED):
            self._answer(_with_break_as_wish(seat, seat), contact_id, now)

    def _be_left(self, contact_id: ContactId, who: str, now: Instant) -> None:
        seat = self._book.find(SeatId(who))
        if seat is not None and seat.contact_id == contact_id and not seat.calls_back:
            self._end_talk(seat, now)

    def _ring_out(self, seat: Seat, now: Instant) -> None:
        if seat.state is not _S.RINGING or seat.calls_back:
            return
        ring_outs = seat.ring_outs + 1
        is_enough = ring_outs >= self._pauses.rules.ring_outs_before_break
        seat = replace(seat, ring_outs=0 if is_enough else ring_outs)
        if not self._end_offer(seat, now) and is_enough:
            self._book.say(seats.PauseSeat(seat.seat_id, RANG_OUT))

    def _end_contact(self, contact_id: ContactId, now: Instant) -> None:
        """The caller hung up while the phone rang, or a call-back is over: nobody is to blame."""
        for seat in self._book.holders(contact_id):
            if seat.state is not _S.TALKING:
                self._end_offer(seat, now)
            elif seat.calls_back:
                self._end_talk(seat, now)

    def _end_offer(self, seat: Seat, now: Instant) -> bool:
        """No talk comes of it. If the line was faster than a call-back, the seat is asked for again."""
        is_granted = self._be_free(seat, OFFER_ENDING, now)
        free = self.get(seat.seat_id)
        if free.reason == CALLBACK and not seat.calls_back:
            self._pauses.release(free, now)
        return is_granted

    def _end_talk(self, seat: Seat, now: Instant) -> None:
        """After-call work begins, unless something else was asked or is due."""
        if seat.state is not _S.TALKING:
            return  # a transfer ended this talk already
        if not seat.is_member:
            self._go_off(seat, now)
            return
        until = after(now, self._pauses.rules.wrap_up_s)
        ended = self._book.move(
            replace(seat, contact_id=None, reason=WRAP_UP, until=until), _E.TALK_ENDED, now
        )
        if self._pauses.grant(ended, now):
            return
        if seat.wish is None:
            self._book.say(seats.PauseSeat(seat.seat_id, WRAP_UP))
        else:
            self._pauses.end_work(self.get(seat.seat_id), now)
        if not seat.reachable:
            self._book.move(self.get(seat.seat_id), _E.LOST, now)

    def _rebuild(self, snapshot: link.Snapshot, now: Instant) -> None:
        truth = Truth.of(snapshot)
        for seat in self._book.all():
            true = self._book.put(true_seat(seat, truth, self._pauses.rules, now), now)
            if true.state is not _S.OFF and true.state not in IN_CALL:
                self._pauses.take_place(true, now)

    # How a seat moves.

    def _take_contact(self, seat: Seat, event: SeatEvent, contact_id: ContactId, now: Instant) -> None:
        """A contact holds the seat from now on; its pause has no end meanwhile."""
        if seat.calls_back and seat.contact_id != contact_id:
            raise IllegalTransition(SEAT.name, seat.state.value, event.value)
        self._book.move(replace(seat, contact_id=contact_id, until=None), event, now)

    def _be_free(self, seat: Seat, ways: Ways, now: Instant) -> bool:
        """No contact holds the seat: it is what its pause says. Whether something was asked or due, and is done."""
        if not seat.is_member:
            self._go_off(seat, now)
            return True
        seat = with_end(replace(seat, contact_id=None), self._pauses.rules, now)
        seat = self._book.move(seat, ways.of(seat), now)
        if seat.state in (_S.READY, _S.ON_BREAK) and not seat.reachable:
            seat = self._book.move(seat, _E.LOST, now)
        return self._pauses.take_place(seat, now)

    def _go_off(self, seat: Seat, now: Instant) -> None:
        off = Seat(seat.seat_id, seat.state, reachable=seat.reachable, skills=seat.skills, duty=seat.duty)
        self._book.move(off, _E.LEFT, now)


def _is_engaged(seat: Seat) -> bool:
    """Whether the seat has a citizen, or one is being called back: nothing but the end of that ends it."""
    return seat.state is _S.TALKING or seat.calls_back


def _with_break_as_wish(before: Seat, paused: Seat) -> Seat:
    """A break begun by feature code during a call is meant for after it.

    Until a call-back is over, its seat stays taken: who took it gives it back, and the break follows.
    """
    if not paused.paused or paused.reason in OUR_REASONS:
        return paused
    wish = seats.SeatAsked(paused.seat_id, SeatRequest.BREAK, paused.reason, BY_PHONE)
    return replace(before if before.calls_back else paused, wish=wish)
