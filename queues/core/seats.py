"""The seats' engine: who is logged in, ready, talking, calling back, in after-call work, resting, on break.

Asterisk's queue membership is the truth; the engine asks for changes and believes what it then observes.
Invariants: a seat in a talk or a call-back keeps it whatever is asked (the wish is kept and applied after it);
after-call work and rests have a deadline, which moves on until their end is observed; a seat that lets phones
ring out too often is paused with a reason.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from callcenter.core.clock import Instant, after
from callcenter.core.errors import IllegalTransition, UsageError
from callcenter.core.ids import ContactId, QueueName, SeatId
from callcenter.core.messages import callbacks, calls, conference, duty, link, seats, surge
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.house import RulesTold
from callcenter.core.messages.seats import SeatRequest, SeatState
from queues.core.occupancy import Occupancy
from queues.core.seat import (
    ASK_AGAIN_S,
    CALLBACK,
    FINDING,
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
from queues.core.seat_resync import Truth, true_seat

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

Claim = Callable[[SeatId, Instant], bool]
"""Asked before a seat becomes ready: true when somebody else takes it for other work, and has paused it himself."""

_S, _E = SeatState, SeatEvent

BREAK = "break"
"""Pause reason of a break without a name."""

BY_PHONE = "asterisk"
"""Who asked, when an agent dialed a feature code."""

_IN_CALL = (_S.RINGING, _S.DIALING, _S.TALKING)
"""In these a wish waits for the end of the call."""


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
        self._seats = {seat_id: Seat(seat_id) for seat_id in seat_ids}
        self._occupancy = {seat_id: Occupancy(rules.rest_window_s) for seat_id in seat_ids}
        self._usual_wrap_up_s = rules.wrap_up_s
        self._level = 0
        self._rules = rules
        self._queues = tuple(queues)
        self._claim = claim
        self._effects: list[Effect] = []

    def receive(self, message: Message, now: Instant) -> None:
        """See :class:`callcenter.core.engine.Engine`.

        Raises:
            UsageError: a request for an unknown seat or queue, or one that makes no sense now.
        """
        match message:
            case seats.SeatAsked():
                self._ask(message, now)
            case seats.AbuseReported():
                self._rest_after_abuse(self.get(message.seat_id), now)
            case seats.SkillsAssigned():
                self._assign(message, now)
            case duty.DutyAssigned():
                self._assign_duty(message, now)
            case surge.LevelSwitched() if message.applied:
                self._level = message.new
                self._cap_wrap_up(message.wrap_up_cap_s, now)
            case RulesTold():
                self._change_rules(message, now)
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
                for seat in self._holders(message.contact_id):
                    self._go_on_with_callback(seat, message, now)
            case _:
                known = self._seats.get(getattr(message, "seat_id", SeatId("")))
                if known is not None:
                    self._observe(known, message, now)

    def on_deadline(self, now: Instant) -> None:
        """After-call work or a rest is over, or what was asked of Asterisk is asked again."""
        for seat in list(self._seats.values()):
            if seat.until is not None and seat.until <= now:
                self._end_pause(seat, now)

    def next_deadline(self) -> Instant | None:
        """The first instant at which a seat has to be looked at."""
        return min((seat.until for seat in self._seats.values() if seat.until is not None), default=None)

    def take_effects(self) -> list[Effect]:
        """See :class:`callcenter.core.engine.Engine`."""
        effects, self._effects = self._effects, []
        return effects

    def all(self) -> Iterable[Seat]:
        """Every seat, in order of its number."""
        return self._seats.values()

    def get(self, seat_id: SeatId) -> Seat:
        """One seat.

        Raises:
            UsageError: no such seat.
        """
        try:
            return self._seats[seat_id]
        except KeyError:
            raise UsageError(f"there is no seat {seat_id}", code="unknown_seat") from None

    def occupancy(self, seat_id: SeatId, now: Instant) -> float | None:
        """Share of the last window, or of the shorter time since log-in, that the seat worked; ``None`` when off.

        Raises:
            UsageError: no such seat.
        """
        return self._occupancy[self.get(seat_id).seat_id].share(now)

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
                self._effects.append(seats.PauseSeat(seat.seat_id, REJECTED))
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
                self._move(replace(seat, ring_outs=0), _E.PICKED_UP, now)
            case callbacks.CallbackAnswered(contact_id):
                self._answer(seat, contact_id, now)
            case _:
                self._end_talk(seat, now)

    def _join(self, seat: Seat, message: seats.SeatJoined, now: Instant) -> None:
        """Logged in, or in its second queue; who comes back during a talk does not want to leave after it."""
        if self._queues and message.queue == self._queues[-1] and seat.skills:
            self._effects.append(seats.PreferSeat(seat.seat_id, seat.skills))
        if seat.state is _S.OFF:
            seat = replace(with_pause(seat, message.paused, message.reason), is_member=True)
            self._be_free(seat, JOINING, now)
        elif not seat.is_member:
            self._put(replace(seat, is_member=True, wish=None), now)

    def _leave(self, seat: Seat, now: Instant) -> None:
        if _is_engaged(seat):
            wish = seats.SeatAsked(seat.seat_id, SeatRequest.LOGOUT, "", BY_PHONE)
            self._put(replace(seat, is_member=False, wish=wish), now)
        elif seat.state is not _S.OFF:
            self._go_off(seat, now)

    def _pause(self, seat: Seat, message: seats.SeatPaused, now: Instant) -> None:
        if seat.state is _S.OFF or (message.paused, message.reason) == (seat.paused, seat.reason):
            return  # the same news from the seat's second queue
        before, seat = seat, with_pause(seat, message.paused, message.reason)
        if _is_engaged(seat) or seat.state is _S.RINGING:
            self._put(_with_break_as_wish(before, seat), now)
        elif seat.paused and seat.reason == CALLBACK and SEAT.allows(seat.state, _E.CLAIMED):
            self._move(with_end(seat, self._rules, now), _E.CLAIMED, now)
        elif SEAT.allows(seat.state, PAUSING.of(seat)):
            self._be_free(seat, PAUSING, now)
        else:
            self._grant(self._put(with_end(seat, self._rules, now), now), now)

    def _reach(self, seat: Seat, reachable: bool, now: Instant) -> None:
        seat = replace(seat, reachable=reachable)
        if reachable and seat.state is _S.UNREACHABLE:
            self._be_free(seat, FINDING, now)
        elif not reachable and SEAT.allows(seat.state, _E.LOST) and not _is_engaged(seat):
            self._move(replace(seat, contact_id=None), _E.LOST, now)
        else:
            self._put(seat, now)

    def _answer(self, seat: Seat, contact_id: ContactId, now: Instant) -> None:
        self._take_contact(replace(seat, ring_outs=0), _E.ANSWERED, contact_id, now)

    def _be_joined(self, contact_id: ContactId, who: str, now: Instant) -> None:
        """A seat talks with a citizen whom no queue gave it, and a break goes on afterwards; off, it is nobody's."""
        seat = self._seats.get(SeatId(who))
        if seat is not None and SEAT.allows(seat.state, _E.ANSWERED):
            self._answer(_with_break_as_wish(seat, seat), contact_id, now)

    def _be_left(self, contact_id: ContactId, who: str, now: Instant) -> None:
        seat = self._seats.get(SeatId(who))
        if seat is not None and seat.contact_id == contact_id and not seat.calls_back:
            self._end_talk(seat, now)

    def _ring_out(self, seat: Seat, now: Instant) -> None:
        if seat.state is not _S.RINGING or seat.calls_back:
            return
        ring_outs = seat.ring_outs + 1
        is_enough = ring_outs >= self._rules.ring_outs_before_break
        seat = replace(seat, ring_outs=0 if is_enough else ring_outs)
        if not self._end_offer(seat, now) and is_enough:
            self._effects.append(seats.PauseSeat(seat.seat_id, RANG_OUT))

    def _end_contact(self, contact_id: ContactId, now: Instant) -> None:
        """The caller hung up while the phone rang, or a call-back is over: nobody is to blame."""
        for seat in self._holders(contact_id):
            if seat.state is not _S.TALKING:
                self._end_offer(seat, now)
            elif seat.calls_back:
                self._end_talk(seat, now)

    def _end_offer(self, seat: Seat, now: Instant) -> bool:
        """No talk comes of it. If the line was faster than a call-back, the seat is asked for again."""
        is_granted = self._be_free(seat, OFFER_ENDING, now)
        free = self.get(seat.seat_id)
        if free.reason == CALLBACK and not seat.calls_back:
            self._release(free, now)
        return is_granted

    def _end_talk(self, seat: Seat, now: Instant) -> None:
        """After-call work begins, unless something else was asked or is due."""
        if seat.state is not _S.TALKING:
            return  # a transfer ended this talk already
        if not seat.is_member:
            self._go_off(seat, now)
            return
        until = after(now, self._rules.wrap_up_s)
        ended = self._move(replace(seat, contact_id=None, reason=WRAP_UP, until=until), _E.TALK_ENDED, now)
        if self._grant(ended, now):
            return
        if seat.wish is None:
            self._effects.append(seats.PauseSeat(seat.seat_id, WRAP_UP))
        else:
            self._end_work(self.get(seat.seat_id), now)
        if not seat.reachable:
            self._move(self.get(seat.seat_id), _E.LOST, now)

    def _rebuild(self, snapshot: link.Snapshot, now: Instant) -> None:
        truth = Truth.of(snapshot)
        for seat in list(self._seats.values()):
            true = self._put(true_seat(seat, truth, self._rules, now), now)
            if true.state is not _S.OFF and true.state not in _IN_CALL:
                self._take_place(true, now)

    # How a seat moves.

    def _take_contact(self, seat: Seat, event: SeatEvent, contact_id: ContactId, now: Instant) -> None:
        """A contact holds the seat from now on; its pause has no end meanwhile."""
        if seat.calls_back and seat.contact_id != contact_id:
            raise IllegalTransition(SEAT.name, seat.state.value, event.value)
        self._move(replace(seat, contact_id=contact_id, until=None), event, now)

    def _be_free(self, seat: Seat, ways: Ways, now: Instant) -> bool:
        """No contact holds the seat: it is what its pause says. Whether something was asked or due, and is done."""
        if not seat.is_member:
            self._go_off(seat, now)
            return True
        seat = with_end(replace(seat, contact_id=None), self._rules, now)
        seat = self._move(seat, ways.of(seat), now)
        if seat.state in (_S.READY, _S.ON_BREAK) and not seat.reachable:
            seat = self._move(seat, _E.LOST, now)
        return self._take_place(seat, now)

    def _go_off(self, seat: Seat, now: Instant) -> None:
        off = Seat(seat.seat_id, seat.state, reachable=seat.reachable, skills=seat.skills, duty=seat.duty)
        self._move(off, _E.LEFT, now)

    def _move(self, seat: Seat, event: SeatEvent, now: Instant) -> Seat:
        return self._put(replace(seat, state=SEAT.next(seat.state, event), since=now), now)

    def _put(self, seat: Seat, now: Instant) -> Seat:
        old = self._seats[seat.seat_id]
        self._seats[seat.seat_id] = seat
        self._occupancy[seat.seat_id].note(seat.state, now)
        has_new_reason = seat.state is _S.ON_BREAK and seat.reason != old.reason
        if seat.state is not old.state or has_new_reason:
            change = seats.SeatStateChanged(seat.seat_id, old.state, seat.state, seat.reason)
            self._effects.append(seats.Publish(change))
        return seat

    def _holders(self, contact_id: ContactId) -> list[Seat]:
        return [seat for seat in self._seats.values() if seat.contact_id == contact_id]

    # What follows a call, a pause, a report.

    def _grant(self, seat: Seat, now: Instant) -> bool:
        """Do what was asked during the call, or rest. False: there was nothing but perhaps the wish to be ready.

        A seat that is still paused for a call-back keeps its wish until it is given back.
        """
        if seat.paused and seat.reason == CALLBACK:
            return False
        wish = seat.wish.request if seat.wish is not None else None
        reason = seat.wish.reason if seat.wish is not None else ""
        seat = self._put(replace(seat, wish=None), now)
        if wish is SeatRequest.LOGOUT:
            self._effects.append(seats.RemoveSeat(seat.seat_id))
        elif wish is SeatRequest.BREAK:
            self._effects.append(seats.PauseSeat(seat.seat_id, reason or BREAK))
        elif seat.rest_s and _may_rest(seat):
            self._begin_rest(seat, seat.rest_s, now)
        else:
            return False
        return True

    def _end_pause(self, seat: Seat, now: Instant) -> None:
        """After-call work, a rest or the wait for a call-back has lasted its time, or longer."""
        if seat.rest_s and _may_rest(seat):
            self._begin_rest(seat, seat.rest_s, now)
        elif seat.state is _S.WRAP_UP:
            self._end_work(seat, now)
        else:
            self._release(seat, now)

    def _end_work(self, seat: Seat, now: Instant) -> None:
        """After-call work is over: who worked without a pause for too long rests first."""
        share = self._occupancy[seat.seat_id].whole_share(now)
        if share is not None and share > self._rules.occupancy_limit:
            self._begin_rest(seat, self._rules.rest_s, now)
        else:
            self._release(seat, now)

    def _release(self, seat: Seat, now: Instant) -> None:
        """The seat may work again: for who claims it, else for the line. Without its phone nobody is asked."""
        self._put(replace(seat, until=after(now, ASK_AGAIN_S)), now)
        if seat.kept_for or seat.state is _S.UNREACHABLE or not self._claim(seat.seat_id, now):
            self._resume(seat)

    def _resume(self, seat: Seat) -> None:
        """Ready for the line, or for the duty that keeps it from the line."""
        effect = seats.PauseSeat(seat.seat_id, seat.kept_for) if seat.kept_for else None
        self._effects.append(effect or seats.ResumeSeat(seat.seat_id))

    def _take_place(self, seat: Seat, now: Instant) -> bool:
        """Out of calls: what was asked or is due, else what its duty says. Whether something was asked or due."""
        is_granted = self._grant(seat, now)
        if not is_granted and seat.is_misplaced:
            self._resume(seat)
        return is_granted

    def _begin_rest(self, seat: Seat, rest_s: float, now: Instant) -> None:
        self._put(replace(seat, rest_s=rest_s, until=after(now, ASK_AGAIN_S)), now)
        self._effects.append(seats.PauseSeat(seat.seat_id, REST))

    def _rest_after_abuse(self, seat: Seat, now: Instant) -> None:
        """At once, or after the call; a rest becomes longer; who is off or on a break needs none."""
        rest_s = self._rules.abuse_rest_s
        if seat.state in _IN_CALL:
            self._put(replace(seat, rest_s=rest_s), now)
        elif seat.state is not _S.OFF and _may_rest(seat):
            self._begin_rest(seat, rest_s, now)
        elif seat.reason == REST and seat.until is not None:
            self._put(replace(seat, until=max(seat.until, after(now, rest_s))), now)

    def _change_rules(self, told: RulesTold, now: Instant) -> None:
        """Rests and after-call work that begin from now on; the cap of the level in force, for the running work too."""
        self._usual_wrap_up_s = told.wrap_up_s
        self._rules = replace(
            self._rules,
            occupancy_limit=told.occupancy_limit,
            rest_s=told.rest_s,
            abuse_rest_s=told.abuse_rest_s,
        )
        self._cap_wrap_up(told.wrap_up_caps_s[self._level], now)

    def _cap_wrap_up(self, cap_s: float, now: Instant) -> None:
        """After-call work is at most so long from now on, the running too; 0: as long as usual, for new ones."""
        wrap_up_s = min(self._usual_wrap_up_s, cap_s) if cap_s > 0 else self._usual_wrap_up_s
        self._rules = replace(self._rules, wrap_up_s=wrap_up_s)
        if cap_s <= 0:
            return
        for seat in list(self._seats.values()):
            if seat.state is _S.WRAP_UP and seat.until is not None:
                until = min(seat.until, max(now, after(seat.since, cap_s)))
                self._put(replace(seat, until=until), now)

    # What is asked.

    def _ask(self, asked: seats.SeatAsked, now: Instant) -> None:
        seat = self.get(asked.seat_id)
        _check_request(seat, asked)
        if asked.request is SeatRequest.LOGIN:
            self._effects.append(seats.AddSeat(seat.seat_id, seat.skills))
        elif seat.state in _IN_CALL or seat.reason == CALLBACK:
            self._put(replace(seat, wish=asked), now)
        elif asked.request is SeatRequest.READY:
            self._make_ready(seat, now)
        else:
            self._grant(replace(seat, wish=asked), now)

    def _make_ready(self, seat: Seat, now: Instant) -> None:
        """The agent ends his after-call work, rest or break himself."""
        if seat.state is _S.WRAP_UP:
            self._end_work(seat, now)
        elif seat.state is _S.ON_BREAK and seat.reason == REST:
            self._release(seat, now)
        else:
            self._resume(seat)

    def _assign_duty(self, assigned: duty.DutyAssigned, now: Instant) -> None:
        """At once where nobody is spoken with; else when the seat would become ready."""
        seat = self._put(replace(self.get(assigned.seat_id), duty=assigned.duty), now)
        if seat.is_misplaced:
            self._resume(seat)

    def _assign(self, assigned: seats.SkillsAssigned, now: Instant) -> None:
        seat = self.get(assigned.seat_id)
        unknown = [queue for queue in assigned.skills if queue not in self._queues]
        if unknown:
            known = ", ".join(self._queues)
            raise UsageError(f"there is no queue '{unknown[0]}'; known: {known}", code="unknown_queue")
        self._put(replace(seat, skills=assigned.skills), now)
        if seat.is_member:
            self._effects.append(seats.PreferSeat(seat.seat_id, assigned.skills))


def _is_engaged(seat: Seat) -> bool:
    """Whether the seat has a citizen, or one is being called back: nothing but the end of that ends it."""
    return seat.state is _S.TALKING or seat.calls_back


def _may_rest(seat: Seat) -> bool:
    return not seat.paused or seat.reason == WRAP_UP


def _with_break_as_wish(before: Seat, paused: Seat) -> Seat:
    """A break begun by feature code during a call is meant for after it.

    Until a call-back is over, its seat stays taken: who took it gives it back, and the break follows.
    """
    if not paused.paused or paused.reason in OUR_REASONS:
        return paused
    wish = seats.SeatAsked(paused.seat_id, SeatRequest.BREAK, paused.reason, BY_PHONE)
    return replace(before if before.calls_back else paused, wish=wish)


def _check_request(seat: Seat, asked: seats.SeatAsked) -> None:
    """Refuse what makes no sense.

    Raises:
        UsageError: log-in of who is logged in, anything else of who is not, a break for a reason of ours, ready for the
            line of who has another duty.
    """
    if asked.request is SeatRequest.LOGIN and seat.is_member:
        raise UsageError(
            f"seat {seat.seat_id} is already logged in ({seat.state.value}): 'login' changes nothing",
            code="wrong_seat_state",
        )
    if asked.request is not SeatRequest.LOGIN and not seat.is_member:
        raise UsageError(f"seat {seat.seat_id} is not logged in: log in first", code="wrong_seat_state")
    if asked.request is SeatRequest.READY and seat.kept_for and seat.reason == seat.kept_for:
        raise UsageError(
            f"坐席{seat.seat_id}的岗位是{seat.kept_for}，先调回来电 / seat {seat.seat_id} is kept for {seat.kept_for}: "
            f"move it back first, `callcenter rebalance apply {seat.seat_id}:inbound --why ...`",
            code="wrong_seat_state",
        )
    if asked.request is SeatRequest.BREAK and asked.reason in OUR_REASONS:
        raise UsageError(
            f"'{asked.reason}' has a meaning of its own: name the break otherwise", code="reserved_reason"
        )
