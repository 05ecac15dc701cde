"""The roll of cloud seats (云坐席): who is invited, joins, is checked, proven, withdrawn.

Asterisk's queue membership and registrations are the truth, read from :class:`Seats`; this engine asks for changes and
believes what it then observes. ``cloud_rounds.py`` calls for help, ``cloud_checks.py`` measures lines and proves seats,
``cloud_exits.py`` ends their help, ``cloud_book.py`` has the seats themselves.
Invariants: a seat is put into its queues only after its line was measured and found good, and taken out when that no longer
holds; never more phones of invited people ring than ``at_once``; every invitation and every check has an end.
"""

from collections.abc import Sequence
from dataclasses import replace

from callcenter.core.clock import Instant, after
from callcenter.core.errors import UsageError
from callcenter.core.ids import SeatId
from callcenter.core.messages import cloud, link, seats, surge
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.cloud import CloudState, Reply, Way
from callcenter.core.messages.seats import SeatState
from queues.core.cloud_book import CloudBook
from queues.core.cloud_call import CloudRules, Invitee, People
from queues.core.cloud_checks import CloudChecks
from queues.core.cloud_exits import CloudExits
from queues.core.cloud_rounds import Rounds
from queues.core.cloud_seat import (
    ASK_AGAIN_S,
    CHANGED,
    CHECK_SILENT,
    CLOUD_SEAT,
    COMING,
    GONE,
    HELP_OVER,
    LOGGED_OUT,
    NO_PHONE,
    CloudEvent,
    CloudSeat,
    taken_up,
)
from queues.core.seat import IN_CALL
from queues.core.seats import Seats

__all__ = ["CLOUD_SEAT", "CloudEvent", "CloudRoll", "CloudRules", "CloudSeat"]

_S, _E = CloudState, CloudEvent


class CloudRoll:
    """All cloud seats of the house. ``seats``: the seats' engine, which hears every message before this one."""

    def __init__(self, seat_ids: Sequence[SeatId], seats_engine: Seats, rules: CloudRules) -> None:
        self._book = CloudBook(seat_ids)
        self._seats = seats_engine
        self._rules = rules
        self._people = People(rules)
        self._checks = CloudChecks(self._book, seats_engine, rules)
        self._exits = CloudExits(self._book, seats_engine, rules, self._checks)
        self.rounds = Rounds(rules, self._people, self._book.roll, self._invite, self._book.publish)

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
                known = self._book.find(getattr(message, "seat_id", SeatId("")))
                if known is not None:
                    self._observe(known, message, now)

    def on_deadline(self, now: Instant) -> None:
        """Something lasted too long, ends, or is to be looked at again."""
        for seat_id in self._book.roll:
            self._look(seat_id, now)
        self.rounds.go_on(now)

    def next_deadline(self) -> Instant | None:
        """The first instant at which anything has to be looked at."""
        dues = [due for seat in self._book.all() if (due := self._due(seat)) is not None]
        if self.rounds.call is not None:
            dues.append(self.rounds.call.next_at)
        return min(dues, default=None)

    def take_effects(self) -> list[Effect]:
        """See :class:`callcenter.core.engine.Engine`."""
        return self._book.take_effects()

    def all(self) -> list[CloudSeat]:
        """Every cloud seat, in order of its number."""
        return self._book.all()

    def get(self, seat_id: SeatId) -> CloudSeat:
        """One cloud seat.

        Raises:
            UsageError: no such cloud seat.
        """
        return self._book.get(seat_id)

    def counts(self, seat_id: SeatId) -> bool:
        """Whether a seat is capacity: a cloud seat only while it is proven."""
        seat = self._book.find(seat_id)
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
                self._exits.withdraw(seat, f"{asked.by} 取消邀请 / called off by {asked.by}", now)

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
            self._book.get(seat_id).state,
            staff_no=staff_no,
            invitation=invitation,
            way=way,
            until=after(now, lasts_s),
            check_until=self._book.get(seat_id).check_until,
            waits_for_phone=self._book.get(seat_id).waits_for_phone,
        )
        self._book.move(fresh, _E.INVITED, now)
        kept = cloud.KeptInvitation(staff_no, now, None)
        self._book.say(cloud.KeepInvitation(invitation, seat_id, kept))
        if way is Way.PHONE:
            self._book.say(cloud.InviteByPhone(invitation, staff_no, seat_id))
        if may_write:
            self._book.say(cloud.InviteByLink(staff_no, seat_id))

    # What people reply.

    def _hear_reply(self, message: cloud.InvitationReplied, now: Instant) -> None:
        for seat in self._book.all():
            if seat.invitation == message.invitation and seat.state is _S.INVITED:
                self._reply(seat, message.reply, now)
        self.rounds.go_on(now)

    def _reply(self, seat: CloudSeat, reply: Reply, now: Instant) -> None:
        self._people.note_reply(reply)
        since = seat.since
        kept = cloud.KeptInvitation(seat.staff_no, since, reply)
        self._book.say(cloud.KeepInvitation(seat.invitation, seat.seat_id, kept))
        if reply is Reply.ACCEPTED:
            self._checks.accept(seat, now)
        else:
            nobody = replace(seat, staff_no="", invitation="", until=None)
            self._book.move(nobody, _E.DECLINED, now)

    def _accept_link(self, seat: CloudSeat, staff_no: str, now: Instant) -> None:
        is_his = seat.staff_no == staff_no
        if is_his and seat.state in COMING:
            return  # he has said yes by another way, and wants to see his account
        if is_his and seat.state is _S.INVITED:
            self._reply(seat, Reply.ACCEPTED, now)
        elif seat.state in (_S.IDLE, _S.WITHDRAWN, _S.REFUSED):
            self._checks.accept(replace(seat, staff_no=staff_no), now)
        else:
            raise UsageError(
                "这个坐席现在不能加入 / this seat cannot be joined now", code="wrong_cloud_state"
            )
        self.rounds.go_on(now)

    # What is observed of one seat.

    def _observe(self, seat: CloudSeat, message: Message, now: Instant) -> None:
        match message:
            case seats.SeatJoined():
                self._join(seat, now)
            case seats.SeatLeft():
                if seat.state is _S.PROVEN and seat.is_in:
                    self._exits.withdraw(seat, seat.leaving or LOGGED_OUT, now)
            case seats.SeatReachable(reachable=False):
                self._exits.lose(seat, GONE, now)
            case seats.SeatReachable():
                self._checks.begin_if_ready(self._book.put(replace(seat, waits_for_phone=False)), now)
            case seats.SeatStateChanged():
                self._follow(seat, message.new, now)
            case cloud.PhoneChanged():
                self._exits.lose(self._book.put(replace(seat, waits_for_phone=False)), CHANGED, now)
                self._checks.begin_if_ready(self._book.get(seat.seat_id), now)
            case cloud.PhoneChecked():
                self._checks.judge(seat, message, now)
            case cloud.PhoneRefused():
                self._exits.count_wrong(seat, now)
            case cloud.LinkAccepted():
                self._accept_link(seat, message.staff_no, now)
            case cloud.CloudSeatAsked():
                self._exits.do_as_asked(seat, message, now)
            case _:
                pass
        self.rounds.go_on(now)

    def _join(self, seat: CloudSeat, now: Instant) -> None:
        """Logged in, by itself or because it is proven; who is not proven is taken out again, and checked."""
        if seat.state is _S.PROVEN:
            self._book.put(replace(seat, is_in=True, look_at=None))
            return
        self._book.say(seats.RemoveSeat(seat.seat_id))
        if seat.state is _S.INVITED:
            self._people.note_reply(Reply.ACCEPTED)
        if CLOUD_SEAT.allows(seat.state, _E.ACCEPTED):
            staff_no = self._people.owner(seat.seat_id) or seat.staff_no
            self._checks.accept(replace(seat, staff_no=staff_no, way=Way.SEAT), now, self._rules.settle_s)
        elif seat.state is _S.ACCEPTED:
            settled = after(now, self._rules.settle_s)
            self._book.put(replace(seat, not_before=settled, look_at=settled))

    def _follow(self, seat: CloudSeat, state: SeatState, now: Instant) -> None:
        """Its call is over: it may leave, or be checked."""
        if state in IN_CALL:
            return
        if seat.leaving:
            self._exits.withdraw_now(seat, seat.leaving, now)
        else:
            self._checks.begin_if_ready(seat, now)

    # Deadlines.

    def _due(self, seat: CloudSeat) -> Instant | None:
        dues = [seat.until, seat.check_until, seat.look_at]
        if seat.state is _S.PROVEN and not seat.leaving and seat.helps_until is not None:
            early_s = 0.0 if seat.warned else self._rules.warn_s
            dues.append(Instant(seat.helps_until - early_s))
        return min((due for due in dues if due is not None), default=None)

    def _look(self, seat_id: SeatId, now: Instant) -> None:
        """Each thing that is due, one after the other."""
        seat = self._book.get(seat_id)
        if seat.check_until is not None and seat.check_until <= now:
            self._checks.judge(seat, cloud.PhoneChecked(seat_id, failed=CHECK_SILENT), now)
        seat = self._book.get(seat_id)
        if seat.until is not None and seat.until <= now:
            self._end_step(replace(seat, until=None), now)
        seat = self._book.get(seat_id)
        if seat.look_at is not None and seat.look_at <= now:
            self._look_again(replace(seat, look_at=None), now)
        seat = self._book.get(seat_id)
        if seat.state is _S.PROVEN and not seat.leaving and seat.helps_until is not None:
            self._near_end(seat, seat.helps_until, now)

    def _end_step(self, seat: CloudSeat, now: Instant) -> None:
        if seat.state is _S.INVITED:
            self._reply(seat, Reply.UNANSWERED, now)
        elif seat.state is _S.ACCEPTED:
            self._exits.withdraw_now(seat, NO_PHONE, now)
        else:
            self._book.put(seat)

    def _look_again(self, seat: CloudSeat, now: Instant) -> None:
        self._book.put(seat)
        if seat.state is _S.ACCEPTED:
            self._checks.begin_if_ready(seat, now)
        elif seat.state is _S.PROVEN and not seat.is_in:
            self._checks.add(seat.seat_id)
            self._book.put(replace(seat, look_at=after(now, ASK_AGAIN_S)))

    def _near_end(self, seat: CloudSeat, ends: Instant, now: Instant) -> None:
        if ends <= now:
            self._exits.withdraw(seat, HELP_OVER, now)
        elif not seat.warned and ends - self._rules.warn_s <= now:
            self._book.put(replace(seat, warned=True))
            self._book.publish(cloud.HelpEnding(seat.seat_id, seat.staff_no, ends - now))

    # After a gap.

    def _take_up(self, restored: cloud.RollRestored, now: Instant) -> None:
        for kept in restored.seats:
            if kept.seat_id in self._book.roll:
                self._book.put(taken_up(kept))
        for invitation in restored.invitations:
            self._people.note_invited(invitation.staff_no, invitation.made)
            if invitation.reply is not None:
                self._people.note_reply(invitation.reply)

    def _compare_all(self, now: Instant) -> None:
        """The truth was read anew: who is proven, a member and registered stays."""
        for seat in self._book.all():
            self._compare(seat, now)
        self.rounds.go_on(now)

    def _compare(self, seat: CloudSeat, now: Instant) -> None:
        known = self._seats.get(seat.seat_id)
        if seat.state is _S.PROVEN:
            if not known.reachable:
                self._exits.lose(seat, GONE, now)
            elif known.is_member:
                self._book.put(replace(seat, is_in=True, look_at=None))
            elif known.state is SeatState.TALKING:
                pass  # it has left during its talk, which is told at the end
            elif seat.is_in:
                self._exits.withdraw_now(seat, seat.leaving or LOGGED_OUT, now)
            else:
                self._book.put(replace(seat, look_at=after(now, ASK_AGAIN_S)))
        elif known.is_member:
            self._join(seat, now)
        elif seat.state is _S.CHECKING and not known.reachable:
            self._exits.lose(seat, GONE, now)
        else:
            self._checks.begin_if_ready(seat, now)
