"""Who is beside which talk: listens, whispers to the agent, or has joined it.

Invariants: at most one beside a talk, and nobody beside two; he hears nothing before it is written down who he is and why; the
talk needs nothing of him: it neither waits for him nor ends with him. Who is found listening and cannot be named is hung up.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from callcenter.core.clock import Instant, after
from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages import beside, calls, conference, link
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.beside import TELEPHONE, Mode
from callcenter.core.messages.callbacks import is_callback
from callcenter.core.messages.conference import DEPARTMENT
from callcenter.core.messages.seats import Publish, SeatState
from queues.core.seats import Seat, Seats

RING_SLACK_S = 10.0
"""So long after its ringing time, a listener of whom nothing was heard is given up."""

LEAVE_S = 10.0
"""Within this a telephone that is hung up is down."""

CAN_LISTEN = frozenset({SeatState.OFF, SeatState.ON_BREAK})
"""States of the listener's own seat: no caller is given to it meanwhile."""


@dataclass(slots=True)
class Listener:
    """Somebody beside the talk of ``seat_id``. ``since`` ``None``: his telephone rings, until ``until`` at the latest."""

    contact_id: ContactId
    seat_id: SeatId
    by: str
    phone: str
    mode: Mode
    until: Instant | None
    since: Instant | None = None
    spent: dict[Mode, float] = field(default_factory=dict)

    @property
    def is_there(self) -> bool:
        """He hears."""
        return self.since is not None

    @property
    def third(self) -> str:
        """Who he is in a conference."""
        return DEPARTMENT if self.phone == TELEPHONE else self.phone

    def count(self, now: Instant) -> None:
        """Add the seconds since ``since`` to those of his mode."""
        if self.since is not None:
            self.spent[self.mode] = self.spent.get(self.mode, 0.0) + now - self.since
            self.since = now


class Listening:
    """The engine. ``seats`` hear every message before; ``is_full``: whether nobody can join this contact's talk any more.

    ``telephones``: account -> the number of its holder's own telephone, which a person has reviewed.
    """

    def __init__(
        self,
        seats: Seats,
        is_full: Callable[[ContactId], bool],
        telephones: Mapping[str, str],
        ring_s: float,
    ) -> None:
        self._seats = seats
        self._is_full = is_full
        self._telephones = telephones
        self._ring_s = ring_s
        self._open: dict[ContactId, Listener] = {}
        self._effects: list[Effect] = []

    def receive(self, message: Message, now: Instant) -> None:
        """See :class:`callcenter.core.engine.Engine`.

        Raises:
            UsageError: a wish that cannot be: ``unknown_seat``, ``unknown_telephone``, ``wrong_call_state``,
                ``wrong_seat_state``, ``wrong_listener``, ``wrong_conference_state``.
        """
        match message:
            case beside.BesideAsked():
                self._ask(message, now)
            case beside.BesideEndAsked():
                self._require(message.contact_id)
                self._let_go(message.contact_id, now)
            case beside.ListenerThere():
                self._hear(message.contact_id, now)
            case beside.ListenerGone():
                self._end(message.contact_id, now)
            case calls.TalkEnded() | calls.TalkBroken() | calls.CallTransferred():
                self._let_go(message.contact_id, now, only_ringing=True)
            case calls.CallEnded() | calls.ContactSettled() | conference.ConferenceEnded():
                self._let_go(message.contact_id, now)
            case link.LinkRestored():
                self._rebuild(message.snapshot, now)
            case _:
                pass

    def on_deadline(self, now: Instant) -> None:
        """A telephone of which nothing was heard."""
        for it in [it for it in self._open.values() if it.until is not None and it.until <= now]:
            self._effects.append(beside.DropListener(it.contact_id))
            self._end(it.contact_id, now)

    def next_deadline(self) -> Instant | None:
        """The first instant at which something should have been heard of a telephone."""
        return min((it.until for it in self._open.values() if it.until is not None), default=None)

    def take_effects(self) -> list[Effect]:
        """See :class:`callcenter.core.engine.Engine`."""
        effects, self._effects = self._effects, []
        return effects

    def of(self, contact_id: ContactId) -> Listener | None:
        """Who is beside this talk."""
        return self._open.get(contact_id)

    # What is asked.

    def _ask(self, asked: beside.BesideAsked, now: Instant) -> None:
        there = self._open.get(asked.contact_id)
        if there is not None:
            self._switch(there, asked, now)
            return
        if any(it.by == asked.by or asked.phone == it.phone != TELEPHONE for it in self._open.values()):
            raise UsageError(
                "您已在旁听另一通话，请先结束 / you are beside another talk: leave that first",
                code="wrong_listener",
            )
        talking = self._talking(asked.contact_id)
        number = self._number(asked)
        if asked.mode is Mode.JOIN:
            self._require_room(asked.contact_id)
        it = Listener(
            asked.contact_id,
            talking.seat_id,
            asked.by,
            asked.phone,
            asked.mode,
            after(now, self._ring_s + RING_SLACK_S),
        )
        self._open[asked.contact_id] = it
        self._tell(it)
        self._effects.append(
            beside.RingListener(it.contact_id, it.seat_id, it.phone, number, _at_first(it.mode))
        )

    def _switch(self, it: Listener, asked: beside.BesideAsked, now: Instant) -> None:
        if it.by != asked.by:
            raise UsageError(
                f"{it.by}正在旁听此通话 / {it.by} is beside this talk already: one at a time",
                code="wrong_listener",
            )
        if it.mode is asked.mode:
            return
        if asked.mode is Mode.JOIN:
            self._require_room(it.contact_id)
        it.count(now)
        it.mode = asked.mode
        self._tell(it)
        if it.is_there:
            self._move(it)

    def _require(self, contact_id: ContactId) -> None:
        if contact_id not in self._open:
            raise UsageError("没有人在旁听此通话 / nobody is beside this talk", code="wrong_listener")

    def _talking(self, contact_id: ContactId) -> Seat:
        for seat in self._seats.all():
            if seat.contact_id == contact_id and seat.state is SeatState.TALKING:
                return seat
        raise UsageError(
            "此来电没有与本中心坐席通话 / this caller talks with no seat of the house",
            code="wrong_call_state",
        )

    def _number(self, asked: beside.BesideAsked) -> str:
        """The number to dial; ``""``: the phone is a seat's, which is free for this."""
        if asked.phone == TELEPHONE:
            number = self._telephones.get(asked.by)
            if number is None:
                raise UsageError(
                    "没有登记您的电话：请用自己的坐席，或由管理员在 [beside] telephones 中登记 / your telephone is not "
                    "registered: use your own seat, or have it added to the settings' [beside] telephones",
                    code="unknown_telephone",
                )
            return number
        seat = self._seats.get(SeatId(asked.phone))
        if seat.state not in CAN_LISTEN or not seat.reachable:
            raise UsageError(
                f"坐席{seat.seat_id}须在小休或未签入状态，且话机在线 / seat {seat.seat_id} must be on a break or "
                "logged off, with its phone registered",
                code="wrong_seat_state",
            )
        return ""

    def _require_room(self, contact_id: ContactId) -> None:
        if is_callback(contact_id) or self._is_full(contact_id):
            raise UsageError(
                "此通话不能再加入第三方 / nobody can join this talk: it is a call-back, or a third is in it already",
                code="wrong_conference_state",
            )

    # What happens.

    def _hear(self, contact_id: ContactId, now: Instant) -> None:
        it = self._open.get(contact_id)
        if it is None:
            self._effects.append(beside.DropListener(contact_id))
            return
        it.since, it.until = now, None
        self._tell(it)
        if _at_first(it.mode) is not it.mode:
            self._move(it)

    def _move(self, it: Listener) -> None:
        if it.mode is Mode.JOIN:
            self._publish(conference.ThirdComes(it.contact_id, it.seat_id, it.third))
        self._effects.append(beside.MoveListener(it.contact_id, it.mode))

    def _let_go(self, contact_id: ContactId, now: Instant, *, only_ringing: bool = False) -> None:
        """Hang him up; that he is gone is told by Asterisk, or given up waiting for. With the talk he falls silent anyway."""
        it = self._open.get(contact_id)
        if it is not None and not (only_ringing and it.is_there):
            it.until = after(now, LEAVE_S)
            self._effects.append(beside.DropListener(contact_id))

    def _end(self, contact_id: ContactId, now: Instant) -> None:
        it = self._open.pop(contact_id, None)
        if it is None:
            return
        it.count(now)
        listened, whispered, joined = (round(it.spent.get(mode, 0.0), 1) for mode in Mode)
        self._publish(
            beside.BesideEnded(it.contact_id, it.seat_id, it.by, it.phone, listened, whispered, joined)
        )

    def _rebuild(self, snapshot: link.Snapshot, now: Instant) -> None:
        """Asterisk knows who hears; who hears and why, only we do."""
        for contact_id in snapshot.listeners:
            if contact_id not in self._open:
                self._effects.append(beside.DropListener(contact_id))
        joined = {(call.contact_id, who) for call in snapshot.calls for who in call.conference}
        for it in list(self._open.values()):
            is_heard_of = it.contact_id in snapshot.listeners or (it.contact_id, it.third) in joined
            if it.is_there and not is_heard_of:
                self._end(it.contact_id, now)

    def _tell(self, it: Listener) -> None:
        self._publish(
            beside.BesideChanged(it.contact_id, it.seat_id, it.by, it.phone, it.mode, is_there=it.is_there)
        )

    def _publish(self, message: Message) -> None:
        self._effects.append(Publish(message))


def _at_first(mode: Mode) -> Mode:
    """Who is going to join hears first: he is moved from there."""
    return Mode.LISTEN if mode is Mode.JOIN else mode
