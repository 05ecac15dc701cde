"""The shift manager's desk for moving seats (:class:`callcenter.web.ports.rebalance.RebalancePort`).

Invariant: it decides nothing; what a plan should come to is estimated from what was measured, and what cannot be is said.
"""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Literal

from callcenter.controller import Controller
from callcenter.core.clock import Clock
from callcenter.core.errors import CallcenterError, UsageError
from callcenter.core.ids import QueueName, SeatId
from callcenter.core.messages.duty import Duty, RebalanceAsked, SeatMove, SeatMoved
from callcenter.core.messages.seats import SeatState
from callcenter.core.messages.surge import DayPlanned
from callcenter.rebalance import store
from callcenter.store.database import Database
from callcenter.store.writer import StoreWriter
from callcenter.web.views import rebalance as views
from callcenter.what_if import Change, Figures, WhatIf
from queues.core import groups
from queues.core.groups import Expected, QueueLoad
from queues.core.rebalance import Assignment, Rebalancing, undoing
from queues.core.seat import IN_CALL
from queues.core.seats import Seats

MEASURED: Final = timedelta(hours=1)
"""From so much of the past the load of each queue is read."""

AT_WORK: Final = frozenset(SeatState) - {SeatState.OFF, SeatState.UNREACHABLE}

_ID_BYTES: Final = 6
_NOTHING: Final = views.ExpectedWaitView(wait_s=None, within_share=None)


@dataclass(frozen=True)
class RebalanceDesk:
    """``today``: the plan of the day; ``cloud``: seats elsewhere; ``what_if``: who simulates, ``None``: nobody."""

    controller: Controller
    rebalancing: Rebalancing
    seats: Seats
    queues: Sequence[QueueName]
    cloud: frozenset[SeatId]
    database: Database
    writer: StoreWriter
    clock: Clock
    today: Callable[[], DayPlanned | None]
    what_if: Callable[[], WhatIf | None] = lambda: None
    _real: dict[str, list[views.RealView]] = field(default_factory=dict)
    """What came of those whose hours are over: it changes no more."""

    async def preview(self, moves: Sequence[SeatMove], hours: float) -> views.PreviewView:
        """What the moves should come to.

        Raises:
            UsageError: moves that make no sense.
        """
        self.rebalancing.check(moves)
        after = groups.after_moves(self.rebalancing.all(), moves)
        planned = [self._planned(move.seat_id, after[move.seat_id]) for move in moves]
        return views.PreviewView(seats=planned, effect=await self._effect(moves, hours))

    async def apply(self, moves: Sequence[SeatMove], hours: float, by: str, why: str) -> views.RebalanceView:
        """Move all of them or none.

        Raises:
            UsageError: somebody else moved a seat since, or moves that make no sense.
        """
        self.rebalancing.check(moves)
        predicted = (await self._effect(moves, hours)).model_dump_json()
        return await self._ask(tuple(moves), hours, by, why, predicted)

    async def undo(self, rebalance_id: str, by: str, why: str) -> views.RebalanceView:
        """Restore what was before, as far as nobody moved a seat since.

        Raises:
            UsageError: ``unknown_rebalance``, ``wrong_rebalance_state``.
        """
        last = await self._to_undo(rebalance_id)
        if last.undone_by:
            raise UsageError(
                f"已由{last.undone_by}撤销 / it was undone by {last.undone_by}", code="wrong_rebalance_state"
            )
        return await self._ask(undoing(last.moved), last.hours, by, why, "", last.rebalance_id)

    async def newest(self, limit: int) -> views.RebalancesView:
        """The last ones, and where every seat is."""
        async with self.database.reading() as connection:
            found = await store.newest(connection, limit)
        surveying = [] if self.rebalancing.has_time_for_surveys else self.rebalancing.surveying()
        return views.RebalancesView(
            items=[await self._view(each) for each in found],
            seats=[
                views.SeatNowView(seat_id=seat_id, version=it.version, last_by=it.by, now=_assignment(it))
                for seat_id, it in self.rebalancing.all().items()
            ],
            wanted_back=[seat.seat_id for seat in surveying],
        )

    async def _ask(
        self,
        moves: tuple[SeatMove, ...],
        hours: float,
        by: str,
        why: str,
        predicted: str,
        undoes: str = "",
    ) -> views.RebalanceView:
        rebalance_id = secrets.token_hex(_ID_BYTES)
        await self.controller.ask(RebalanceAsked(rebalance_id, moves, by, why, hours, predicted, undoes))
        await self.writer.flush()
        async with self.database.reading() as connection:
            kept = await store.get(connection, rebalance_id)
        assert kept is not None, "it was committed"  # noqa: S101
        return await self._view(kept)

    async def _to_undo(self, rebalance_id: str) -> store.Rebalance:
        async with self.database.reading() as connection:
            if rebalance_id:
                found = await store.get(connection, rebalance_id)
            else:
                newest = await store.newest(connection, store.LIST_MAX)
                found = next((each for each in newest if not each.undone_by and not each.undoes), None)
        if found is None:
            raise UsageError("没有这次调岗 / there is no such rebalancing", code="unknown_rebalance")
        return found

    def _planned(self, seat_id: SeatId, after: Assignment) -> views.PlannedSeatView:
        now = self.rebalancing.of(seat_id)
        is_busy = self.seats.get(seat_id).state in IN_CALL
        takes_effect: Literal["now", "after_call"] = "after_call" if is_busy else "now"
        return views.PlannedSeatView(
            seat_id=seat_id,
            version=now.version,
            before=_assignment(now),
            after=_assignment(after),
            last_by=now.by,
            takes_effect=takes_effect,
        )

    async def _effect(self, moves: Sequence[SeatMove], hours: float) -> views.EffectView:
        """Estimated per group; simulated for the whole where the number of inbound seats changes."""
        now = self.clock.at()
        notes: list[str] = []
        loads = await self._loads()
        whole = await self._whole(moves, hours, notes)
        found = await asyncio.to_thread(self._groups, loads, moves)
        calls, talks = sum(load.calls for load in loads), sum(load.talks for load in loads)
        notes.insert(
            0,
            f"按最近一小时{calls}次来电、{talks}次通话估计，各组只计本组坐席 / estimated from {calls} calls and {talks} talks "
            "of the last hour, each group with its own seats alone",
        )
        few = [group.queue for group in found if group.before is None]
        if few:
            names = ", ".join(few)
            notes.append(f"来电太少，不作估计：{names} / too few calls to estimate: {names}")
        return views.EffectView(
            as_of=now, hours=hours, groups=[_group(group) for group in found], whole=whole, notes=notes
        )

    async def _loads(self) -> list[QueueLoad]:
        now = self.clock.at()
        async with self.database.reading() as connection:
            measured = {it.queue: it for it in await store.measured(connection, now - MEASURED, now)}
        span_s = MEASURED.total_seconds()
        return [
            QueueLoad(queue, it.calls, it.talks, it.talk_s, span_s)
            if (it := measured.get(queue))
            else QueueLoad(queue, 0, 0, None, span_s)
            for queue in self.queues
        ]

    def _groups(self, loads: Sequence[QueueLoad], moves: Sequence[SeatMove]) -> list[groups.Group]:
        today = self.today()
        wrap_up_s, patience_s = (today.wrap_up_s, today.patience_s) if today else (0.0, 120.0)
        before = self.rebalancing.all()
        after = groups.after_moves(before, moves)
        working = [seat.seat_id for seat in self.seats.all() if seat.state in AT_WORK]
        return groups.compare(
            loads,
            [before[seat_id] for seat_id in working],
            [after[seat_id] for seat_id in working],
            wrap_up_s,
            patience_s,
        )

    async def _whole(
        self, moves: Sequence[SeatMove], hours: float, notes: list[str]
    ) -> views.WholeView | None:
        """Asked of the live engine; why it could not be said goes into ``notes``."""
        change = self._change(moves, hours)
        if not (change.seats or change.cloud_seats):
            return None
        what_if = self.what_if()
        if what_if is None:
            notes.append("没有推演 / nobody simulates the whole here")
            return None
        try:
            told = await what_if.ask(change)
        except CallcenterError as error:
            notes.append(f"推演没有结果 / the whole could not be simulated: {error.code}")
            return None
        return views.WholeView(
            seats=change.seats + change.cloud_seats,
            runs=told.runs,
            before=_figures(told.without),
            after=_figures(told.with_),
        )

    def _change(self, moves: Sequence[SeatMove], hours: float) -> Change:
        """How many seats that are at work join or leave the line."""
        home = cloud = 0
        for move in moves:
            seat = self.seats.get(move.seat_id)
            if move.duty is None or seat.state not in AT_WORK:
                continue
            joins = (move.duty is Duty.INBOUND) - (seat.duty is Duty.INBOUND)
            if move.seat_id in self.cloud:
                cloud += joins
            else:
                home += joins
        return Change(cloud_seats=cloud, seats=home, hours=hours)

    async def _view(self, kept: store.Rebalance) -> views.RebalanceView:
        return views.RebalanceView(
            id=kept.rebalance_id,
            at=kept.at,
            by=kept.by,
            why=kept.why,
            hours=kept.hours,
            seats=[_moved(each) for each in kept.moved],
            not_undone=[
                views.NotUndoneView(seat_id=seat_id, why=why) for seat_id, why in kept.refused.items()
            ],
            undoes=kept.undoes,
            undone_by=kept.undone_by,
            predicted=views.EffectView.model_validate(kept.predicted) if kept.predicted else None,
            real=await self._came_of(kept),
        )

    async def _came_of(self, kept: store.Rebalance) -> list[views.RealView] | None:
        """What really came in the hours for which it was predicted; ``None`` until they are over."""
        until = kept.at + timedelta(hours=kept.hours)
        if self.clock.at() < until:
            return None
        if kept.rebalance_id not in self._real:
            async with self.database.reading() as connection:
                found = await store.measured(connection, kept.at, until)
            self._real[kept.rebalance_id] = [
                views.RealView(queue=it.queue, calls=it.calls, wait_s=it.wait_s, within_share=it.within_share)
                for it in found
            ]
        return self._real[kept.rebalance_id]


def _assignment(assignment: Assignment) -> views.AssignmentView:
    return views.AssignmentView(skills=list(assignment.skills), duty=assignment.duty)


def _moved(moved: SeatMoved) -> views.MovedSeatView:
    return views.MovedSeatView(
        seat_id=moved.seat_id,
        version=moved.version,
        before=views.AssignmentView(skills=list(moved.skills_before), duty=moved.duty_before),
        after=views.AssignmentView(skills=list(moved.skills), duty=moved.duty),
    )


def _group(group: groups.Group) -> views.GroupView:
    return views.GroupView(
        queue=group.queue,
        calls=group.calls,
        talks=group.talks,
        seats_before=group.seats_before,
        seats_after=group.seats_after,
        before=_expected(group.before),
        after=_expected(group.after),
    )


def _expected(expected: Expected | None) -> views.ExpectedWaitView:
    if expected is None:
        return _NOTHING
    return views.ExpectedWaitView(
        wait_s=round(expected.wait_s, 1), within_share=round(expected.within_share, 3)
    )


def _figures(figures: Figures) -> views.ExpectedWaitView:
    return views.ExpectedWaitView(wait_s=figures.mean_wait_s, within_share=figures.served_within_share)
