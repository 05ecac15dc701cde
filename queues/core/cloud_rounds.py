"""Calls for help (云坐席邀请): rounds of invitations until as many seats are proven as were asked for.

Invariants: never more phones of invited people ring than ``at_once``; who is proposed by the figures is invited only after
a manager's word, unless the city lets the figures decide; every call ends: with enough seats, with nobody left, or after
its last round.
"""

from collections import deque
from collections.abc import Callable, Mapping

from callcenter.core.clock import Instant, after
from callcenter.core.errors import UsageError
from callcenter.core.ids import SeatId
from callcenter.core.messages import cloud
from callcenter.core.messages.base import Message
from callcenter.core.messages.cloud import CloudState, Way
from queues.core.cloud_call import CallForHelp, CloudRules, Invitee, People
from queues.core.cloud_seat import CLOUD_SEAT, COMING, CloudEvent, CloudSeat

FIGURES = "figures"
"""Who asked, when the surge engine did."""

_S = CloudState


class Rounds:
    """The running call for help and the open proposal.

    ``roll``: every cloud seat as it is; ``invite``: begins one invitation; ``publish``: tells what was decided.
    """

    def __init__(
        self,
        rules: CloudRules,
        people: People,
        roll: Mapping[SeatId, CloudSeat],
        invite: Callable[[Invitee, Way, Instant], None],
        publish: Callable[[Message], None],
    ) -> None:
        self._rules, self._people, self._roll = rules, people, roll
        self._invite, self._publish = invite, publish
        self.call: CallForHelp | None = None
        self.proposal: int | None = None
        """How many seats the figures ask for, while no manager has answered."""

    @property
    def ringing(self) -> int:
        """Phones of invited people that ring, or may still."""
        return sum(seat.state is _S.INVITED and seat.way is Way.PHONE for seat in self._roll.values())

    def want(self, wanted: int, now: Instant) -> None:
        """The figures ask for so many."""
        if self._rules.automatic:
            self._call_for(wanted, FIGURES, now)
        elif self.proposal != wanted:
            self.proposal = wanted
            self._publish(cloud.CloudProposed(wanted))

    def ask(self, asked: cloud.CloudAsked, now: Instant) -> None:
        """A manager asks for so many.

        Raises:
            UsageError: every seat is taken, or nobody can be invited now.
        """
        if not any(seat.state not in COMING | {_S.LOCKED} for seat in self._roll.values()):
            raise UsageError("每个云坐席都有人了 / every cloud seat is taken", code="no_cloud_seat")
        if not self._candidates(1, now) and not self.ringing:
            raise UsageError(
                "现在没有可邀请的人：时段、间隔或名册 / nobody can be invited now: see the hours and intervals of [cloud] "
                "and the people of `callcenter cloud`",
                code="nobody_to_invite",
            )
        self.proposal = None
        self._call_for(asked.seats, asked.by, now)

    def answer(self, answered: cloud.ProposalAnswered, now: Instant) -> None:
        """A manager answers the proposal.

        Raises:
            UsageError: there is none.
        """
        if self.proposal is None:
            raise UsageError("没有待批的建议 / nothing is proposed", code="no_proposal")
        wanted, self.proposal = self.proposal, None
        if answered.applied:
            self._call_for(wanted, answered.by, now)

    def call_off(self) -> None:
        """A manager takes the running call back.

        Raises:
            UsageError: there is none.
        """
        if self.call is None:
            raise UsageError("没有正在进行的邀请 / nobody is being invited", code="wrong_cloud_state")
        self._end_call(self.call, "called_off")

    def _call_for(self, wanted: int, by: str, now: Instant) -> None:
        """So many more than are coming; a running call is enlarged, never begun twice."""
        target = min(self.coming + wanted, len(self._roll))
        if self.call is None:
            self.call = CallForHelp(wanted, target, by)
        else:
            self.call.wanted, self.call.target = wanted, max(target, self.call.target)
            self.call.round = 0
        self._begin_round(self.call, now)
        self.go_on(now)

    def _begin_round(self, call: CallForHelp, now: Instant) -> None:
        call.next_at = after(now, self._rules.round_s)
        missing = call.target - self.coming
        if missing <= 0:
            return  # they are on their way: whether they are proven is seen at the next look
        if call.round >= self._rules.rounds_max:
            self._end_call(call, "tried")
            return
        call.queue.clear()
        pending = sum(seat.state is _S.INVITED for seat in self._roll.values())
        count = self._people.needed(missing) - pending
        call.queue.extend(self._candidates(count, now) if count > 0 else ())
        call.round += 1
        if not call.queue and not pending and self.coming == self._proven():
            self._end_call(call, "nobody_left")

    def go_on(self, now: Instant) -> None:
        """Begin the next round if it is time, ring as many as may ring, end when there is enough."""
        call = self.call
        if call is None:
            return
        if self._proven() >= call.target:
            self._end_call(call, "enough")
        elif call.next_at <= now:
            self._begin_round(call, now)
        if self.call is call:
            self._invite_more(call, now)

    def _invite_more(self, call: CallForHelp, now: Instant) -> None:
        waiting: deque[Invitee] = deque()
        while call.queue and self.coming < call.target:
            invitee = call.queue.popleft()
            by_phone = invitee.person.by_phone and self._people.may_ring(now)
            if by_phone and self.ringing >= self._rules.at_once:
                waiting.append(invitee)
                break
            if self._is_free(self._roll[invitee.seat_id]):
                self._invite(invitee, Way.PHONE if by_phone else Way.LINK, now)
        call.queue.extendleft(reversed(waiting))

    def _end_call(self, call: CallForHelp, why: str) -> None:
        self.call = None
        missing = max(0, call.target - self._proven())
        self._publish(cloud.CallForHelpEnded(call.wanted, missing, why))

    def _candidates(self, count: int, now: Instant) -> list[Invitee]:
        free = [seat.seat_id for seat in self._roll.values() if self._is_free(seat)]
        busy = {seat.staff_no for seat in self._roll.values() if seat.state in COMING | {_S.INVITED}}
        return self._people.candidates(free, busy, count, now)

    @property
    def coming(self) -> int:
        """Cloud seats that are proven or about to be."""
        return sum(seat.state in COMING for seat in self._roll.values())

    def _proven(self) -> int:
        return sum(seat.state is _S.PROVEN for seat in self._roll.values())

    def _is_free(self, seat: CloudSeat) -> bool:
        """Whether somebody may be invited to it."""
        return CLOUD_SEAT.allows(seat.state, CloudEvent.INVITED)
