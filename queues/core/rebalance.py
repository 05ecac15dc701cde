"""Moving seats between skill groups and duties (调岗): one action, all seats or none, effective on the next call.

Invariants: who did not see the last move of a seat moves nothing; a running call is never touched; what is undone is as it
was, for every seat that nobody moved since. A move is only a word to the seats' engine: this one touches no seat itself.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from callcenter.core.clock import Instant
from callcenter.core.errors import UsageError
from callcenter.core.ids import QueueName, SeatId
from callcenter.core.messages import seats, surge
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.duty import (
    MOVABLE,
    Duty,
    DutyAssigned,
    MoveRefused,
    RebalanceAsked,
    SeatMove,
    SeatMoved,
    SeatsRebalanced,
    SeatsWantedBack,
    SeatVersion,
    VersionsRestored,
)
from queues.core.seat import Seat
from queues.core.seats import Seats

MOVES_MAX = 200
"""Seats that one action may move."""

REMEMBERED = 100
"""Results that are remembered for who asked."""

DUTY_NAMES = {
    Duty.INBOUND: "来电 / inbound",
    Duty.SURVEYS: "回访 / surveys",
    Duty.GUEST: "接话日 / a guest's",
    Duty.HELPING: "陪同接话 / beside a guest",
}


class Assignment(NamedTuple):
    """What a seat is assigned to, and how often it was assigned anything, by whom last."""

    skills: tuple[QueueName, ...]
    duty: Duty
    version: int
    by: str

    def __str__(self) -> str:
        if self.duty is not Duty.INBOUND:
            return DUTY_NAMES[self.duty]
        return "+".join(self.skills) or "不分组 / every queue alike"


class Rebalancing:
    """Takes moves and their undoing. ``seats_`` is only read; ``asks_survey``: whether the surge leaves time for surveys."""

    def __init__(
        self, seats_: Seats, queues: Sequence[QueueName], asks_survey: Callable[[], bool] = lambda: True
    ) -> None:
        self._seats, self._queues, self._asks_survey = seats_, tuple(queues), asks_survey
        self._versions: dict[SeatId, SeatVersion] = {}
        self._done: OrderedDict[str, SeatsRebalanced] = OrderedDict()
        self._effects: list[Effect] = []

    def receive(self, message: Message, now: Instant) -> None:
        """See :class:`callcenter.core.engine.Engine`.

        Raises:
            UsageError: a move of a seat that somebody else moved since, or that makes no sense.
        """
        match message:
            case RebalanceAsked():
                self._rebalance(message)
            case seats.SkillsAssigned() | DutyAssigned() if message.by:
                self._versions[message.seat_id] = self._next(message.seat_id, message.by)
            case VersionsRestored():
                self._versions |= {each.seat_id: each for each in message.versions}
            case surge.LevelSwitched() if message.applied:
                self._want_back(message.new)
            case _:
                pass

    def on_deadline(self, now: Instant) -> None:
        """Nothing to wait for."""

    def next_deadline(self) -> Instant | None:
        """None."""
        return None

    def take_effects(self) -> list[Effect]:
        """See :class:`callcenter.core.engine.Engine`."""
        effects, self._effects = self._effects, []
        return effects

    def of(self, seat_id: SeatId) -> Assignment:
        """What a seat is assigned to.

        Raises:
            UsageError: no such seat.
        """
        seat, last = self._seats.get(seat_id), self._versions.get(seat_id)
        return Assignment(seat.skills, seat.duty, last.version if last else 0, last.by if last else "")

    def all(self) -> dict[SeatId, Assignment]:
        """The same of every seat."""
        return {seat.seat_id: self.of(seat.seat_id) for seat in self._seats.all()}

    def surveying(self) -> list[Seat]:
        """Seats on survey duty."""
        return [seat for seat in self._seats.all() if seat.duty is Duty.SURVEYS]

    @property
    def has_time_for_surveys(self) -> bool:
        """Whether the surge level in force leaves time to survey."""
        return self._asks_survey()

    def done(self, rebalance_id: str) -> SeatsRebalanced:
        """What became of one of the last.

        Raises:
            KeyError: nobody asked for it lately.
        """
        return self._done[rebalance_id]

    def check(self, moves: Sequence[SeatMove]) -> None:
        """Refuse what makes no sense, whoever moved the seats last.

        Raises:
            UsageError: no moves or too many, a seat that is unknown, named twice or at a call day, an unknown queue.
        """
        if not 0 < len(moves) <= MOVES_MAX:
            raise UsageError(f"name 1 to {MOVES_MAX} moves", code="bad_moves")
        named: set[SeatId] = set()
        for move in moves:
            if move.seat_id in named:
                raise UsageError(
                    f"坐席{move.seat_id}写了两次 / seat {move.seat_id} is named twice", code="bad_moves"
                )
            named.add(move.seat_id)
            self._check_one(move)

    def _check_one(self, move: SeatMove) -> None:
        now = self.of(move.seat_id)
        if now.duty not in MOVABLE:
            raise UsageError(
                f"坐席{move.seat_id}正在{DUTY_NAMES[now.duty]}，先结束接话日 / "
                f"seat {move.seat_id} is on a call day: close it first, `callcenter guests close`",
                code="wrong_duty",
            )
        if move.duty not in (None, *MOVABLE):
            raise UsageError(f"seats move between {' and '.join(sorted(MOVABLE))}", code="bad_moves")
        for queue in move.skills or ():
            if queue not in self._queues:
                known = ", ".join(self._queues)
                raise UsageError(
                    f"没有技能组{queue} / there is no queue '{queue}'; known: {known}", code="unknown_queue"
                )

    def _rebalance(self, asked: RebalanceAsked) -> None:
        refused: tuple[MoveRefused, ...] = ()
        moves: Sequence[SeatMove] = asked.moves
        if asked.undoes:
            late = [(move, why) for move in moves if (why := self._why_not(move))]
            refused = tuple(MoveRefused(move.seat_id, why) for move, why in late)
            moves = [move for move in moves if not self._why_not(move)]
        else:
            self.check(moves)
            for move in moves:
                if why := self._why_not(move):
                    raise UsageError(why, code="wrong_seat_version")
        moved = tuple(moved for move in moves if (moved := self._moved(move)) is not None)
        if not moved:
            why = "; ".join(each.why for each in refused)
            raise UsageError(
                why or "坐席已经如此 / nothing to move: the seats are so already",
                code="wrong_rebalance_state",
            )
        self._carry_out(asked, moved, refused)

    def _why_not(self, move: SeatMove) -> str:
        """Somebody else was faster, or the seat is at a call day now; ``""``: it may be moved."""
        now = self.of(move.seat_id)
        if now.version == move.version and now.duty in MOVABLE:
            return ""
        return (
            f"坐席{move.seat_id}刚由{now.by}改为{now}，请重新查看 / "
            f"seat {move.seat_id} was just moved by {now.by}: look again"
        )

    def _moved(self, move: SeatMove) -> SeatMoved | None:
        """What a move comes to; ``None``: it is so already."""
        now = self.of(move.seat_id)
        skills = now.skills if move.skills is None else tuple(dict.fromkeys(move.skills))
        wanted = now.duty if move.duty is None else move.duty
        changes = (skills != now.skills) + (wanted is not now.duty)
        if not changes:
            return None
        return SeatMoved(move.seat_id, now.skills, now.duty, skills, wanted, now.version + changes)

    def _carry_out(
        self, asked: RebalanceAsked, moved: tuple[SeatMoved, ...], refused: tuple[MoveRefused, ...]
    ) -> None:
        for each in moved:
            if each.skills != each.skills_before:
                self._publish(seats.SkillsAssigned(each.seat_id, each.skills, asked.by))
            if each.duty is not each.duty_before:
                self._publish(DutyAssigned(each.seat_id, each.duty, asked.by))
        done = SeatsRebalanced(
            asked.rebalance_id,
            moved,
            refused,
            asked.by,
            asked.why,
            asked.hours,
            asked.predicted,
            asked.undoes,
        )
        self._publish(done)
        self._done[asked.rebalance_id] = done
        while len(self._done) > REMEMBERED:
            self._done.popitem(last=False)

    def _next(self, seat_id: SeatId, by: str) -> SeatVersion:
        last = self._versions.get(seat_id, SeatVersion(seat_id, 0, ""))
        return replace(last, version=last.version + 1, by=by)

    def _want_back(self, level: int) -> None:
        """A level without surveys: the seats that survey are proposed for the line; a person moves them."""
        surveying = tuple(seat.seat_id for seat in self.surveying())
        if surveying and not self.has_time_for_surveys:
            self._publish(SeatsWantedBack(surveying, level))

    def _publish(self, message: Message) -> None:
        self._effects.append(seats.Publish(message))


def undoing(done: Sequence[SeatMoved]) -> tuple[SeatMove, ...]:
    """The moves that restore what was before."""
    return tuple(SeatMove(each.seat_id, each.skills_before, each.duty_before, each.version) for each in done)


def parse_move(text: str) -> tuple[SeatId, tuple[QueueName, ...] | None, Duty | None]:
    """A move as people write it: ``8003:enterprise``, ``8003:general+enterprise``, ``8003:all``, ``8004:surveys``.

    A skill group means inbound calls; ``inbound`` leaves the skills as they are.

    Raises:
        UsageError: ``bad_moves``.
    """
    seat, _, to = text.partition(":")
    if not (seat.isascii() and seat.isdecimal() and to):
        raise UsageError(
            f"'{text}' 不是调动 / is no move: write 8003:enterprise, 8004:surveys, 8004:inbound or 8003:all",
            code="bad_moves",
        )
    if to in (Duty.INBOUND, Duty.SURVEYS):
        return SeatId(seat), None, Duty(to)
    names = () if to == "all" else tuple(QueueName(name) for name in to.split("+"))
    return SeatId(seat), names, Duty.INBOUND
