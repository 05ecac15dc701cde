"""What follows a call, a pause or a report at a seat: after-call work, rests, wishes granted, ready again.

Invariant: after-call work and rests have a deadline, which moves on until their end is observed; a seat is offered to who
claims it before the line gets it.
"""

from collections.abc import Callable
from dataclasses import replace

from callcenter.core.clock import Instant, after
from callcenter.core.ids import SeatId
from callcenter.core.messages import seats
from callcenter.core.messages.house import RulesTold
from callcenter.core.messages.seats import SeatRequest, SeatState
from callcenter.core.messages.surge import LevelSwitched
from queues.core.seat import ASK_AGAIN_S, CALLBACK, IN_CALL, REST, WRAP_UP, Seat, SeatRules
from queues.core.seat_book import SeatBook

Claim = Callable[[SeatId, Instant], bool]
"""Asked before a seat becomes ready: true when somebody else takes it for other work, and has paused it himself."""

BREAK = "break"
"""Pause reason of a break without a name."""

_S = SeatState


class SeatPauses:
    """``rules``: those in force; a surge level may cap the after-call work in them."""

    def __init__(self, book: SeatBook, rules: SeatRules, claim: Claim) -> None:
        self.rules = rules
        self._book = book
        self._claim = claim
        self._usual_wrap_up_s = rules.wrap_up_s
        self._level = 0

    def on_deadline(self, now: Instant) -> None:
        """After-call work or a rest is over, or what was asked of Asterisk is asked again."""
        for seat in self._book.all():
            if seat.until is not None and seat.until <= now:
                self._end_pause(seat, now)

    def switch_level(self, switched: LevelSwitched, now: Instant) -> None:
        """A surge level is in force."""
        self._level = switched.new
        self._cap_wrap_up(switched.wrap_up_cap_s, now)

    def grant(self, seat: Seat, now: Instant) -> bool:
        """Do what was asked during the call, or rest. False: there was nothing but perhaps the wish to be ready.

        A seat that is still paused for a call-back keeps its wish until it is given back.
        """
        if seat.paused and seat.reason == CALLBACK:
            return False
        wish = seat.wish.request if seat.wish is not None else None
        reason = seat.wish.reason if seat.wish is not None else ""
        seat = self._book.put(replace(seat, wish=None), now)
        if wish is SeatRequest.LOGOUT:
            self._book.say(seats.RemoveSeat(seat.seat_id))
        elif wish is SeatRequest.BREAK:
            self._book.say(seats.PauseSeat(seat.seat_id, reason or BREAK))
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
            self.end_work(seat, now)
        else:
            self.release(seat, now)

    def end_work(self, seat: Seat, now: Instant) -> None:
        """After-call work is over: who worked without a pause for too long rests first."""
        share = self._book.whole_share(seat.seat_id, now)
        if share is not None and share > self.rules.occupancy_limit:
            self._begin_rest(seat, self.rules.rest_s, now)
        else:
            self.release(seat, now)

    def release(self, seat: Seat, now: Instant) -> None:
        """The seat may work again: for who claims it, else for the line. Without its phone nobody is asked."""
        self._book.put(replace(seat, until=after(now, ASK_AGAIN_S)), now)
        if seat.kept_for or seat.state is _S.UNREACHABLE or not self._claim(seat.seat_id, now):
            self.resume(seat)

    def resume(self, seat: Seat) -> None:
        """Ready for the line, or for the duty that keeps it from the line."""
        effect = seats.PauseSeat(seat.seat_id, seat.kept_for) if seat.kept_for else None
        self._book.say(effect or seats.ResumeSeat(seat.seat_id))

    def take_place(self, seat: Seat, now: Instant) -> bool:
        """Out of calls: what was asked or is due, else what its duty says. Whether something was asked or due."""
        is_granted = self.grant(seat, now)
        if not is_granted and seat.is_misplaced:
            self.resume(seat)
        return is_granted

    def _begin_rest(self, seat: Seat, rest_s: float, now: Instant) -> None:
        self._book.put(replace(seat, rest_s=rest_s, until=after(now, ASK_AGAIN_S)), now)
        self._book.say(seats.PauseSeat(seat.seat_id, REST))

    def rest_after_abuse(self, seat: Seat, now: Instant) -> None:
        """At once, or after the call; a rest becomes longer; who is off or on a break needs none."""
        rest_s = self.rules.abuse_rest_s
        if seat.state in IN_CALL:
            self._book.put(replace(seat, rest_s=rest_s), now)
        elif seat.state is not _S.OFF and _may_rest(seat):
            self._begin_rest(seat, rest_s, now)
        elif seat.reason == REST and seat.until is not None:
            self._book.put(replace(seat, until=max(seat.until, after(now, rest_s))), now)

    def change_rules(self, told: RulesTold, now: Instant) -> None:
        """Rests and after-call work that begin from now on; the cap of the level in force, for the running work too."""
        self._usual_wrap_up_s = told.wrap_up_s
        self.rules = replace(
            self.rules,
            occupancy_limit=told.occupancy_limit,
            rest_s=told.rest_s,
            abuse_rest_s=told.abuse_rest_s,
        )
        self._cap_wrap_up(told.wrap_up_caps_s[self._level], now)

    def _cap_wrap_up(self, cap_s: float, now: Instant) -> None:
        """After-call work is at most so long from now on, the running too; 0: as long as usual, for new ones."""
        wrap_up_s = min(self._usual_wrap_up_s, cap_s) if cap_s > 0 else self._usual_wrap_up_s
        self.rules = replace(self.rules, wrap_up_s=wrap_up_s)
        if cap_s <= 0:
            return
        for seat in self._book.all():
            if seat.state is _S.WRAP_UP and seat.until is not None:
                until = min(seat.until, max(now, after(seat.since, cap_s)))
                self._book.put(replace(seat, until=until), now)


def _may_rest(seat: Seat) -> bool:
    return not seat.paused or seat.reason == WRAP_UP
