"""The roll of cloud seats (云坐席): who is invited, joins, is checked, proven, withdrawn.

Asterisk's queue membership and registrations are the truth, read from :class:`Seats`; this engine asks for changes and
believes what it then observes. Invariants: a seat is put into its queues only after its line was measured and found good,
and taken out when that no longer holds; never more phones of invited people ring than ``at_once``; every invitation and
every check has an end.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from callcenter.core.clock import Instant, after
from callcenter.core.errors import UsageError
from callcenter.core.ids import SeatId
from callcenter.core.messages import cloud, link, seats, surge
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.cloud import CloudRequest, CloudState, Reply, Way
from callcenter.core.messages.seats import SeatState
from queues.core.cloud_call import CloudRules, Invitee, People
from queues.core.cloud_rounds import Rounds
from queues.core.cloud_seat import (
    CHANGED,
    CHECK_SILENT,
    CLOUD_SEAT,
    COMING,
    GONE,
    HELP_OVER,
    LOCKED_BY_GUARD,
    LOGGED_OUT,
    NO_PHONE,
    REGISTER_ANEW,
    CloudEvent,
    CloudSeat,
    judged,
    taken_up,
)
from queues.core.seat import IN_CALL
from queues.core.seats import Seats

__all__ = ["CLOUD_SEAT", "CloudEvent", "CloudRoll", "CloudRules", "CloudSeat"]

ASK_AGAIN_S = 10.0
"""After so long, what was asked of the queue is asked again."""

_S, _E = CloudState, CloudEvent


class CloudRoll:
    """All cloud seats of the house. ``seats``: the seats' engine, which hears every message before this one."""

    def __init__(self, seat_ids: Sequence[SeatId], seats_engine: Seats, rules: CloudRules) -> None:
        self._roll = {seat_id: CloudSeat(seat_id) for seat_id in seat_ids}
        self._seats = seats_engine
        self._rules = rules
        self._people = People(rules)
        self._wrong: dict[SeatId, deque[Instant]] = {}
        self._effects: list[Effect] = []
        self.rounds = Rounds(rules, self._people, self._roll, self._invite, self._publish)

    def receive(self, message: Message, now: Instant) -> None:
        """See :class:`callcenter.core.engine.Engine`.

        Raises:
            UsageError: a manager's request that makes no sense now.
        """
        match message:
            case surge.DayPlanned():
                self._people.begin_day(message.began)
            case surge.CloudSeatsWanted():
                self.rounds.want(message.seats, now)
            case cloud.PeopleKnown():
                self._people.know(message.people)
            case cloud.CloudAsked():
                self.rounds.ask(message, now)
            case cloud.CallOffAsked():
                self._call_off(message, now)
            case cloud.ProposalAnswered():
                self.rounds.answer(message, now)
            case cloud.RollRestored():
                self._take_up(message, now)
            case cloud.InvitationReplied():
                self._hear_reply(message, now)
            case link.LinkRestored():
                self._compare_all(now)
            case _:
                known = self._roll.get(getattr(message, "seat_id", SeatId("")))
                if known is not None:
                    self._observe(known, message, now)

    def on_deadline(self, now: Instant) -> None:
        """Something lasted too long, ends, or is to be looked at again."""
        for seat_id in self._roll:
            self._look(seat_id, now)
        self.rounds.go_on(now)

    def next_deadline(self) -> Instant | None:
        """The first instant at which anything has to be looked at."""
        dues = [due for seat in self._roll.values() if (due := self._due(seat)) is not None]
        if self.rounds.call is not None:
            dues.append(self.rounds.call.next_at)
        return min(dues, default=None)

    def take_effects(self) -> list[Effect]:
        """See :class:`callcenter.core.engine.Engine`."""
        effects, self._effects = self._effects, []
        return effects

    def all(self) -> list[CloudSeat]:
        """Every cloud seat, in order of its number."""
        return list(self._roll.values())

    def get(self, seat_id: SeatId) -> CloudSeat:
        """One cloud seat.

        Raises:
            UsageError: no such cloud seat.
        """
        try:
            return self._roll[seat_id]
        except KeyError:
            raise UsageError(f"there is no cloud seat {seat_id}", code="unknown_seat") from None

    def counts(self, seat_id: SeatId) -> bool:
        """Whether a seat is capacity: a cloud seat only while it is proven."""
        seat = self._roll.get(seat_id)
        return seat is None or seat.state is _S.PROVEN

    @property
    def willing_ratio(self) -> float:
        """Share of those invited who come, from the replies so far."""
        return self._people.willing_ratio

    # Who is invited.

    def _call_off(self, asked: cloud.CallOffAsked, now: Instant) -> None:
        """Nobody more is invited, and who is on his way need not come; who is proven stays.

        Raises:
            UsageError: nobody was called for.
        """
        self.rounds.call_off()
        for seat in self.all():
            if seat.state in (_S.INVITED, _S.ACCEPTED, _S.CHECKING):
                self._withdraw(seat, f"{asked.by} 取消邀请 / called off by {asked.by}", now)

    def _invite(self, invitee: Invitee, way: Way, now: Instant) -> None:
        may_write = self._people.may_write(invitee.person)
        if way is Way.LINK and not may_write:
            return  # the hours ended meanwhile
        staff_no, seat_id = invitee.person.staff_no, invitee.seat_id
        invitation = f"{cloud.INVITATION_PREFIX}{seat_id}-{int(now * 1000)}"
        self._people.note_invited(staff_no, now)
        lasts_s = self._rules.invitation_s if way is Way.PHONE else self._rules.link_s
        fresh = CloudSeat(
            seat_id,
            self._roll[seat_id].state,
            staff_no=staff_no,
            invitation=invitation,
            way=way,
            until=after(now, lasts_s),
            check_until=self._roll[seat_id].check_until,
            waits_for_phone=self._roll[seat_id].waits_for_phone,
        )
        self._move(fresh, _E.INVITED, now)
        kept = cloud.KeptInvitation(staff_no, now, None)
        self._effects.append(cloud.KeepInvitation(invitation, seat_id, kept))
        if way is Way.PHONE:
            self._effects.append(cloud.InviteByPhone(invitation, staff_no, seat_id))
        if may_write:
            self._effects.append(cloud.InviteByLink(staff_no, seat_id))

    # What people reply.

    def _hear_reply(self, message: cloud.InvitationReplied, now: Instant) -> None:
        for seat in list(self._roll.values()):
            if seat.invitation == message.invitation and seat.state is _S.INVITED:
                self._reply(seat, message.reply, now)
        self.rounds.go_on(now)

    def _reply(self, seat: CloudSeat, reply: Reply, now: Instant) -> None:
        self._people.note_reply(reply)
        since = seat.since
        kept = cloud.KeptInvitation(seat.staff_no, since, reply)
        self._effects.append(cloud.KeepInvitation(seat.invitation, seat.seat_id, kept))
        if reply is Reply.ACCEPTED:
            self._accept(seat, now)
        else:
            nobody = replace(seat, staff_no="", invitation="", until=None)
            self._move(nobody, _E.DECLINED, now)

    def _accept_link(self, seat: CloudSeat, staff_no: str, now: Instant) -> None:
        is_his = seat.staff_no == staff_no
        if is_his and seat.state in COMING:
            return  # he has said yes by another way, and wants to see his account
        if is_his and seat.state is _S.INVITED:
            self._reply(seat, Reply.ACCEPTED, now)
        elif seat.state in (_S.IDLE, _S.WITHDRAWN, _S.REFUSED):
            self._accept(replace(seat, staff_no=staff_no), now)
        else:
            raise UsageError(
                "这个坐席现在不能加入 / this seat cannot be joined now", code="wrong_cloud_state"
            )
        self.rounds.go_on(now)

    def _accept(self, seat: CloudSeat, now: Instant, rests_s: float = 0.0) -> None:
        """Somebody is willing; help is counted from his next proof on."""
        willing = replace(
            seat,
            reason="",
            until=after(now, self._rules.accepted_s),
            helps_until=None,
            warned=False,
            measured=None,
            look_at=None,
            not_before=after(now, rests_s),
        )
        self._move(willing, _E.ACCEPTED, now)
        self._check_if_ready(self._roll[seat.seat_id], now)

    # What is observed of one seat.

    def _observe(self, seat: CloudSeat, message: Message, now: Instant) -> None:
        match message:
            case seats.SeatJoined():
                self._join(seat, now)
            case seats.SeatLeft():
                if seat.state is _S.PROVEN and seat.is_in:
                    self._withdraw(seat, seat.leaving or LOGGED_OUT, now)
            case seats.SeatReachable(reachable=False):
                self._lose(seat, GONE, now)
            case seats.SeatReachable():
                self._check_if_ready(self._put(replace(seat, waits_for_phone=False)), now)
            case seats.SeatStateChanged():
                self._follow(seat, message.new, now)
            case cloud.PhoneChanged():
                self._lose(self._put(replace(seat, waits_for_phone=False)), CHANGED, now)
                self._check_if_ready(self._roll[seat.seat_id], now)
            case cloud.PhoneChecked():
                self._judge(seat, message, now)
            case cloud.PhoneRefused():
                self._count_wrong(seat, now)
            case cloud.LinkAccepted():
                self._accept_link(seat, message.staff_no, now)
            case cloud.CloudSeatAsked():
                self._do_as_asked(seat, message, now)
            case _:
                pass
        self.rounds.go_on(now)

    def _join(self, seat: CloudSeat, now: Instant) -> None:
        """Logged in, by itself or because it is proven; who is not proven is taken out again, and checked."""
        if seat.state is _S.PROVEN:
            self._put(replace(seat, is_in=True, look_at=None))
            return
        self._effects.append(seats.RemoveSeat(seat.seat_id))
        if seat.state is _S.INVITED:
            self._people.note_reply(Reply.ACCEPTED)
        if CLOUD_SEAT.allows(seat.state, _E.ACCEPTED):
            staff_no = self._people.owner(seat.seat_id) or seat.staff_no
            self._accept(replace(seat, staff_no=staff_no, way=Way.SEAT), now, self._rules.settle_s)
        elif seat.state is _S.ACCEPTED:
            settled = after(now, self._rules.settle_s)
            self._put(replace(seat, not_before=settled, look_at=settled))

    def _lose(self, seat: CloudSeat, reason: str, now: Instant) -> None:
        """Nothing proven of the phone holds any more."""
        if not CLOUD_SEAT.allows(seat.state, _E.LOST):
            return
        if seat.leaving:
            self._withdraw_now(seat, seat.leaving, now)
            return
        if seat.state is _S.PROVEN:
            self._effects.append(seats.RemoveSeat(seat.seat_id))
        lost = replace(
            seat, reason=reason, until=after(now, self._rules.accepted_s), is_in=False, look_at=None
        )
        self._move(lost, _E.LOST, now)

    def _follow(self, seat: CloudSeat, state: SeatState, now: Instant) -> None:
        """Its call is over: it may leave, or be checked."""
        if state in IN_CALL:
            return
        if seat.leaving:
            self._withdraw_now(seat, seat.leaving, now)
        else:
            self._check_if_ready(seat, now)

    # The check.

    def _check_if_ready(self, seat: CloudSeat, now: Instant) -> None:
        """Check the line as soon as its phone is there, on the hook, and out of the queues."""
        if seat.state is not _S.ACCEPTED or seat.check_until is not None or seat.waits_for_phone:
            return
        if seat.not_before > now:
            self._put(replace(seat, look_at=seat.not_before))
            return
        known = self._seats.get(seat.seat_id)
        if known.state in IN_CALL or not known.reachable:
            self._put(replace(seat, look_at=None))  # both ends are told
        elif known.is_member:
            self._effects.append(seats.RemoveSeat(seat.seat_id))
            self._put(replace(seat, look_at=after(now, ASK_AGAIN_S)))
        else:
            until = after(now, self._rules.check_s)
            begun = replace(seat, reason="", until=until, check_until=until, look_at=None)
            self._move(begun, _E.CHECK_BEGUN, now)
            self._effects.append(cloud.CheckPhone(seat.seat_id))

    def _judge(self, seat: CloudSeat, checked: cloud.PhoneChecked, now: Instant) -> None:
        """A check has ended; one of a phone that is gone since says nothing."""
        seat = self._put(replace(seat, check_until=None))
        if seat.state is not _S.CHECKING:
            self._check_if_ready(seat, now)
            return
        seat = replace(seat, measured=checked, until=None)
        reason = judged(checked, self._rules.limits)
        if reason:
            self._move(replace(seat, reason=reason), _E.FAILED, now)
        else:
            self._prove(seat, now)

    def _prove(self, seat: CloudSeat, now: Instant) -> None:
        """From now on it is capacity, until the help ends; a help that was interrupted is not prolonged."""
        proven = replace(
            seat,
            reason="",
            helps_until=seat.helps_until or after(now, self._rules.stay_s),
            look_at=after(now, ASK_AGAIN_S),
            is_in=False,
        )
        self._move(proven, _E.PASSED, now)
        self._add(seat.seat_id)

    def _add(self, seat_id: SeatId) -> None:
        self._effects.append(seats.AddSeat(seat_id, self._seats.get(seat_id).skills))

    # How it ends.

    def _do_as_asked(self, seat: CloudSeat, asked: cloud.CloudSeatAsked, now: Instant) -> None:
        """Raises UsageError: the seat is not where this makes sense."""
        event = {
            CloudRequest.WITHDRAW: _E.WITHDRAWN,
            CloudRequest.LOCK: _E.LOCKED,
            CloudRequest.UNLOCK: _E.UNLOCKED,
            CloudRequest.CHECK: _E.ACCEPTED,
        }[asked.request]
        if not CLOUD_SEAT.allows(seat.state, event) or (
            event is _E.ACCEPTED and seat.state is not _S.REFUSED
        ):
            raise UsageError(
                f"cloud seat {seat.seat_id} is {seat.state.value}: '{asked.request.value}' makes no sense now",
                code="wrong_cloud_state",
            )
        match asked.request:
            case CloudRequest.WITHDRAW:
                self._withdraw(seat, _withdrawn_by(asked), now)
            case CloudRequest.LOCK:
                self._lock(seat, f"{asked.by} 锁定 / locked by {asked.by}", now)
            case CloudRequest.UNLOCK:
                self._wrong.pop(seat.seat_id, None)
                free = CloudSeat(seat.seat_id, seat.state, reason=REGISTER_ANEW, waits_for_phone=True)
                self._move(replace(free, check_until=seat.check_until), _E.UNLOCKED, now)
            case CloudRequest.CHECK:
                self._accept(seat, now)

    def _withdraw(self, seat: CloudSeat, reason: str, now: Instant) -> None:
        """At once, or after its call."""
        if seat.state is _S.PROVEN and self._seats.get(seat.seat_id).state in IN_CALL:
            self._put(replace(seat, leaving=reason))
        else:
            self._withdraw_now(seat, reason, now)

    def _withdraw_now(self, seat: CloudSeat, reason: str, now: Instant) -> None:
        self._take_out(seat)
        gone = CloudSeat(
            seat.seat_id,
            seat.state,
            staff_no=seat.staff_no,
            reason=reason,
            check_until=seat.check_until,
            waits_for_phone=seat.waits_for_phone,
        )
        self._move(gone, _E.WITHDRAWN, now)

    def _lock(self, seat: CloudSeat, reason: str, now: Instant) -> None:
        self._effects.append(seats.RemoveSeat(seat.seat_id))
        locked = CloudSeat(seat.seat_id, seat.state, reason=reason, check_until=seat.check_until)
        self._move(locked, _E.LOCKED, now)

    def _count_wrong(self, seat: CloudSeat, now: Instant) -> None:
        """Somebody guesses, or has an old password."""
        tries = self._wrong.setdefault(seat.seat_id, deque(maxlen=self._rules.lock_after))
        tries.append(now)
        is_full = len(tries) == self._rules.lock_after
        if is_full and now - tries[0] <= self._rules.lock_window_s and seat.state is not _S.LOCKED:
            self._lock(seat, LOCKED_BY_GUARD, now)

    def _take_out(self, seat: CloudSeat) -> None:
        if seat.state is _S.PROVEN or self._seats.get(seat.seat_id).is_member:
            self._effects.append(seats.RemoveSeat(seat.seat_id))

    # Deadlines.

    def _due(self, seat: CloudSeat) -> Instant | None:
        dues = [seat.until, seat.check_until, seat.look_at]
        if seat.state is _S.PROVEN and not seat.leaving and seat.helps_until is not None:
            early_s = 0.0 if seat.warned else self._rules.warn_s
            dues.append(Instant(seat.helps_until - early_s))
        return min((due for due in dues if due is not None), default=None)

    def _look(self, seat_id: SeatId, now: Instant) -> None:
        """Each thing that is due, one after the other."""
        seat = self._roll[seat_id]
        if seat.check_until is not None and seat.check_until <= now:
            self._judge(seat, cloud.PhoneChecked(seat_id, failed=CHECK_SILENT), now)
        seat = self._roll[seat_id]
        if seat.until is not None and seat.until <= now:
            self._end_step(replace(seat, until=None), now)
        seat = self._roll[seat_id]
        if seat.look_at is not None and seat.look_at <= now:
            self._look_again(replace(seat, look_at=None), now)
        seat = self._roll[seat_id]
        if seat.state is _S.PROVEN and not seat.leaving and seat.helps_until is not None:
            self._near_end(seat, seat.helps_until, now)

    def _end_step(self, seat: CloudSeat, now: Instant) -> None:
        if seat.state is _S.INVITED:
            self._reply(seat, Reply.UNANSWERED, now)
        elif seat.state is _S.ACCEPTED:
            self._withdraw_now(seat, NO_PHONE, now)
        else:
            self._put(seat)

    def _look_again(self, seat: CloudSeat, now: Instant) -> None:
        self._put(seat)
        if seat.state is _S.ACCEPTED:
            self._check_if_ready(seat, now)
        elif seat.state is _S.PROVEN and not seat.is_in:
            self._add(seat.seat_id)
            self._put(replace(seat, look_at=after(now, ASK_AGAIN_S)))

    def _near_end(self, seat: CloudSeat, ends: Instant, now: Instant) -> None:
        if ends <= now:
            self._withdraw(seat, HELP_OVER, now)
        elif not seat.warned and ends - self._rules.warn_s <= now:
            self._put(replace(seat, warned=True))
            self._publish(cloud.HelpEnding(seat.seat_id, seat.staff_no, ends - now))

    # After a gap.

    def _take_up(self, restored: cloud.RollRestored, now: Instant) -> None:
        for kept in restored.seats:
            if kept.seat_id in self._roll:
                self._roll[kept.seat_id] = taken_up(kept)
        for invitation in restored.invitations:
            self._people.note_invited(invitation.staff_no, invitation.made)
            if invitation.reply is not None:
                self._people.note_reply(invitation.reply)

    def _compare_all(self, now: Instant) -> None:
        """The truth was read anew: who is proven, a member and registered stays."""
        for seat in list(self._roll.values()):
            self._compare(seat, now)
        self.rounds.go_on(now)

    def _compare(self, seat: CloudSeat, now: Instant) -> None:
        known = self._seats.get(seat.seat_id)
        if seat.state is _S.PROVEN:
            if not known.reachable:
                self._lose(seat, GONE, now)
            elif known.is_member:
                self._put(replace(seat, is_in=True, look_at=None))
            elif known.state is SeatState.TALKING:
                pass  # it has left during its talk, which is told at the end
            elif seat.is_in:
                self._withdraw_now(seat, seat.leaving or LOGGED_OUT, now)
            else:
                self._put(replace(seat, look_at=after(now, ASK_AGAIN_S)))
        elif known.is_member:
            self._join(seat, now)
        elif seat.state is _S.CHECKING and not known.reachable:
            self._lose(seat, GONE, now)
        else:
            self._check_if_ready(seat, now)

    # How a seat moves.

    def _move(self, seat: CloudSeat, event: CloudEvent, now: Instant) -> None:
        """``seat`` in its old state, with everything else as it will be."""
        old = seat.state
        moved = self._put(replace(seat, state=CLOUD_SEAT.next(old, event), since=now))
        self._publish(cloud.CloudSeatMoved(moved.seat_id, moved.staff_no, old, moved.state, moved.reason))
        self._effects.append(cloud.KeepCloudSeat(moved.kept(), moved.measured))

    def _put(self, seat: CloudSeat) -> CloudSeat:
        self._roll[seat.seat_id] = seat
        return seat

    def _publish(self, message: Message) -> None:
        self._effects.append(seats.Publish(message))


def _withdrawn_by(asked: cloud.CloudSeatAsked) -> str:
    return f"{asked.by} 撤回 / withdrawn by {asked.by}"
