"""Conferences of three: who is asked, who is in, when it is over.

Invariants: nobody is moved before the third has picked up; at most one conference a contact; whoever is on his way to it
arrives or is told to have left, so that no seat talks for ever.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from callcenter.core.clock import Instant, after
from callcenter.core.contact import Contact
from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages import calls, conference, link
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.callbacks import is_callback
from callcenter.core.messages.conference import CITIZEN, DEPARTMENT
from callcenter.core.messages.seats import Publish, SeatState
from queues.core.seat import Seat

RING_SLACK_S = 10.0
"""So long after its ringing time, a third of whom nothing was heard is given up."""

GATHER_S = 10.0
"""Within this the two are with the third; then whoever is not has left."""

MEMBERS_MAX = 3
"""As in ``confbridge.conf``."""

CAN_JOIN = frozenset({SeatState.READY, SeatState.ON_BREAK, SeatState.WRAP_UP})
"""States in which a colleague's phone may be rung."""


@dataclass
class _Conference:
    """``awaited``: who was asked or is on his way; ``until``: when he is given up."""

    seat_id: SeatId
    third: str
    awaited: set[str]
    inside: set[str]
    until: Instant | None
    is_ringing: bool


class Conferences:
    """The engine. ``contact_of``, ``seat_of``: the ledger and the seats, which hear every message before.

    ``departments``: numbers of the directory that a person has reviewed, by name. ``seat_of`` raises UsageError
    ``unknown_seat``.
    """

    def __init__(
        self,
        contact_of: Callable[[ContactId], Contact | None],
        seat_of: Callable[[SeatId], Seat],
        departments: Mapping[str, str],
        ring_s: float,
    ) -> None:
        self._contact_of = contact_of
        self._seat_of = seat_of
        self._departments = departments
        self._ring_s = ring_s
        self._open: dict[ContactId, _Conference] = {}
        self._effects: list[Effect] = []

    def receive(self, message: Message, now: Instant) -> None:
        """See :class:`callcenter.core.engine.Engine`.

        Raises:
            UsageError: a wish that cannot be: ``unknown_seat``, ``unknown_third``, ``wrong_seat_state``,
                ``wrong_conference_state``.
        """
        match message:
            case conference.ConferenceAsked():
                self._ask(message, now)
            case conference.ThirdComes():
                self._expect(message, now)
            case conference.ThirdUnreached():
                self._give_up(message.contact_id)
            case conference.ConferenceJoined():
                self._join(message.contact_id, message.who, now)
            case conference.ConferenceLeft():
                self._leave(message.contact_id, message.who)
            case calls.CallTransferred() | calls.TalkEnded():
                self._end(message.contact_id, only_ringing=True)
            case calls.CallEnded() | calls.ContactSettled():
                self._end(message.contact_id)
            case link.LinkRestored():
                self._rebuild(message.snapshot)
            case _:
                pass

    def on_deadline(self, now: Instant) -> None:
        """A third of whom nothing was heard; or somebody did not arrive."""
        due = [it for it in self._open.items() if it[1].until is not None and it[1].until <= now]
        for contact_id, it in due:
            it.until = None
            for who in sorted(it.awaited):
                self._publish(conference.ConferenceLeft(contact_id, who))

    def next_deadline(self) -> Instant | None:
        """The first instant at which somebody should have been heard of."""
        return min((it.until for it in self._open.values() if it.until is not None), default=None)

    def take_effects(self) -> list[Effect]:
        """See :class:`callcenter.core.engine.Engine`."""
        effects, self._effects = self._effects, []
        return effects

    def inside(self, contact_id: ContactId) -> frozenset[str]:
        """Who is in the conference of a contact: seats, ``citizen``, ``department``; empty: there is none."""
        it = self._open.get(contact_id)
        return frozenset(it.inside) if it else frozenset()

    def is_full(self, contact_id: ContactId) -> bool:
        """Whether nobody else can join the talk of a contact: a third is asked, on his way or in."""
        it = self._open.get(contact_id)
        return it is not None and (it.is_ringing or len(it.awaited | it.inside) >= MEMBERS_MAX)

    # What is asked.

    def _ask(self, asked: conference.ConferenceAsked, now: Instant) -> None:
        contact = self._talk_of(asked.seat_id)
        number = self._number(asked.third)
        third = DEPARTMENT if number else self._free(SeatId(asked.third), asked.seat_id)
        until = after(now, self._ring_s + RING_SLACK_S)
        self._open[contact.contact_id] = _Conference(
            asked.seat_id, third, {third}, set(), until, is_ringing=True
        )
        self._effects.append(conference.RingThird(contact.contact_id, third, number))

    def _talk_of(self, seat_id: SeatId) -> Contact:
        """The talk into which a seat may ask a third."""
        seat = self._seat_of(seat_id)
        contact = self._contact_of(seat.contact_id) if seat.contact_id else None
        if seat.state is not SeatState.TALKING or contact is None:
            raise UsageError("该坐席没有在通话 / this seat talks with nobody", code="wrong_seat_state")
        if is_callback(contact.contact_id):
            raise UsageError("回呼不能三方通话 / nobody can join a call-back", code="wrong_conference_state")
        if contact.contact_id in self._open:
            raise UsageError(
                "已邀请第三方 / a third is asked or joined already: let him leave first",
                code="wrong_conference_state",
            )
        return contact

    def _number(self, third: str) -> str:
        """The number of a department, asked for by its name or number; ``""``: it is none."""
        number = self._departments.get(third, third)
        return number if number in self._departments.values() else ""

    def _free(self, third: SeatId, asking: SeatId) -> SeatId:
        try:
            seat = self._seat_of(third)
        except UsageError:
            raise UsageError(
                "只能邀请本中心坐席或 [departments] 名录中的部门 / "
                "only seats of the house and departments of the settings' [departments] can join",
                code="unknown_third",
            ) from None
        if third == asking or seat.state not in CAN_JOIN:
            raise UsageError(f"坐席{third}不空闲 / seat {third} is not free", code="wrong_seat_state")
        return third

    # What happens.

    def _expect(self, coming: conference.ThirdComes, now: Instant) -> None:
        """He has picked up already: the two are moved when he is in, unless they are there from before."""
        until = after(now, GATHER_S)
        it = self._open.get(coming.contact_id)
        if it is None:
            it = self._open[coming.contact_id] = _Conference(
                coming.seat_id, coming.third, set(), set(), until, is_ringing=True
            )
        it.awaited.add(coming.third)
        it.until = until

    def _join(self, contact_id: ContactId, who: str, now: Instant) -> None:
        it = self._open.get(contact_id)
        if it is None:
            if who != CITIZEN:  # asked before a gap or given up: nobody would come to him
                self._effects.append(conference.DropThird(contact_id))
            return
        it.awaited.discard(who)
        it.inside.add(who)
        if it.is_ringing:
            self._gather(contact_id, it, now)
        elif not it.awaited:
            it.until = None

    def _gather(self, contact_id: ContactId, it: _Conference, now: Instant) -> None:
        contact = self._contact_of(contact_id)
        if contact is None:
            self._end(contact_id)
            return
        it.is_ringing, it.awaited, it.until = False, {CITIZEN, it.seat_id}, after(now, GATHER_S)
        self._publish(conference.ConferenceBegun(contact_id, it.seat_id, it.third))
        self._effects.append(conference.Gather(contact_id, it.seat_id, contact.channel))

    def _leave(self, contact_id: ContactId, who: str) -> None:
        it = self._open.get(contact_id)
        if it is None:
            return
        it.awaited.discard(who)
        it.inside.discard(who)
        there = it.awaited | it.inside
        if it.is_ringing or CITIZEN not in there or there == {CITIZEN}:
            self._end(contact_id)

    def _give_up(self, contact_id: ContactId) -> None:
        """The third is not to be had, or nobody could be moved: what holds of the two is asked, not guessed."""
        it = self._open.pop(contact_id, None)
        if it is not None and not it.is_ringing:
            self._effects.append(conference.DropThird(contact_id))
            self._publish(conference.ConferenceEnded(contact_id, came_about=False))
            self._effects.append(link.Resync("a conference did not come about"))

    def _end(self, contact_id: ContactId, *, only_ringing: bool = False) -> None:
        it = self._open.get(contact_id)
        if it is None or (only_ringing and not it.is_ringing):
            return
        del self._open[contact_id]
        if it.is_ringing:
            self._effects.append(conference.DropThird(contact_id))
        else:
            self._publish(conference.ConferenceEnded(contact_id, came_about=True))

    def _rebuild(self, snapshot: link.Snapshot) -> None:
        """Asterisk's conferences are the truth; who was asked before a gap is not waited for."""
        for contact_id, it in self._open.items():
            if it.is_ringing:
                self._effects.append(conference.DropThird(contact_id))
        self._open = {
            call.contact_id: _Conference(SeatId(""), "", set(), set(call.conference), None, is_ringing=False)
            for call in snapshot.calls
            if call.conference
        }

    def _publish(self, message: Message) -> None:
        self._effects.append(Publish(message))
