"""A rebalancing desk behind the web's port: it keeps what it is told; seat 8002 was moved by somebody else."""
# ruff: noqa: D102  each method is described by the port that it stands in for

from collections.abc import Sequence
from dataclasses import dataclass, field

from callcenter.core.errors import UsageError
from callcenter.core.messages.duty import Duty, SeatMove
from callcenter.web.views import rebalance as views
from web_fakes.scene import START

INBOUND = views.AssignmentView(skills=[], duty=Duty.INBOUND)
HERE = views.ExpectedWaitView(wait_s=20.0, within_share=0.8)
THERE = views.ExpectedWaitView(wait_s=55.5, within_share=0.6)


@dataclass
class FakeRebalance:
    """Keeps rebalancings, newest first. ``asked``: moves, by, why."""

    kept: list[views.RebalanceView] = field(default_factory=list)
    asked: list[tuple[tuple[SeatMove, ...], str, str]] = field(default_factory=list)
    version: int = 3

    async def preview(self, moves: Sequence[SeatMove], hours: float) -> views.PreviewView:
        seats = [
            views.PlannedSeatView(
                **self._moved(move, self.version).model_dump(), last_by="王某", takes_effect="after_call"
            )
            for move in moves
        ]
        return views.PreviewView(seats=seats, effect=self._effect(hours))

    async def apply(self, moves: Sequence[SeatMove], hours: float, by: str, why: str) -> views.RebalanceView:
        self.asked.append((tuple(moves), by, why))
        if any(move.version != self.version for move in moves):
            raise UsageError("坐席8002刚由王某改为enterprise，请重新查看", code="wrong_seat_version")
        return self._keep(moves, hours, by, why, "")

    async def undo(self, rebalance_id: str, by: str, why: str) -> views.RebalanceView:
        found = next((each for each in self.kept if rebalance_id in ("", each.id)), None)
        if found is None:
            raise UsageError("there is no such rebalancing", code="unknown_rebalance")
        return self._keep([], found.hours, by, why, found.id)

    async def newest(self, limit: int) -> views.RebalancesView:
        seat = views.SeatNowView(seat_id="8001", version=3, last_by="王某", now=INBOUND)
        return views.RebalancesView(items=self.kept[:limit], seats=[seat], wanted_back=["8004"])

    def _keep(
        self, moves: Sequence[SeatMove], hours: float, by: str, why: str, undoes: str
    ) -> views.RebalanceView:
        kept = views.RebalanceView(
            id=f"{len(self.kept) + 1:012x}",
            at=START,
            by=by,
            why=why,
            hours=hours,
            seats=[self._moved(move, 4) for move in moves],
            not_undone=[views.NotUndoneView(seat_id="8002", why="刚由王某改为enterprise")] if undoes else [],
            undoes=undoes,
            undone_by="",
            predicted=self._effect(hours),
            real=None,
        )
        self.kept.insert(0, kept)
        return kept

    def _moved(self, move: SeatMove, version: int) -> views.MovedSeatView:
        after = views.AssignmentView(skills=list(move.skills or ()), duty=move.duty or Duty.INBOUND)
        return views.MovedSeatView(seat_id=move.seat_id, version=version, before=INBOUND, after=after)

    def _effect(self, hours: float) -> views.EffectView:
        group = views.GroupView(
            queue="general",
            calls=120,
            talks=101,
            seats_before=9.0,
            seats_after=8.0,
            before=HERE,
            after=THERE,
        )
        whole = views.WholeView(seats=-1, runs=40, before=HERE, after=THERE)
        return views.EffectView(
            as_of=START, hours=hours, groups=[group], whole=whole, notes=["按最近一小时120次来电估计"]
        )
