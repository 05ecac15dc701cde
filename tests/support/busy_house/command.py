"""What a shift manager has at hand in a surge: the level, seats that are moved, cloud seats, what-ifs."""
# ruff: noqa: D102  each method is described by the port that it stands in for

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

from web_fakes import START
from web_fakes.cloud import FakeCloud
from web_fakes.foresight import FakeWhatIf
from web_fakes.rebalance import FakeRebalance
from web_fakes.surge import FakeSurge

from busy_house.floor import CLOUD, BusyBoard, cloud_state
from callcenter.core.messages.cloud import CloudState
from callcenter.core.messages.duty import Duty, SeatMove
from callcenter.web.views import cloud as cloud_views
from callcenter.web.views import rebalance as rebalance_views
from callcenter.web.views.surge import OwedView, SurgeView
from queues.core.what_if import Change, Figures, Prediction

CALM: Final[dict[str, Any]] = {
    "load": 0.62,
    "ewt_s": 12.0,
    "waiting": 2,
    "staffed": 16,
    "free": 1,
    "proposal": None,
}


class BusySurge(FakeSurge):
    """Overload: nobody is free, many are owed; at level 0 a calm day."""

    def view(self) -> SurgeView:
        if self.level == 0:
            return super().view().model_copy(update=CALM)
        return (
            super()
            .view()
            .model_copy(
                update={
                    "load": 2.3,
                    "ewt_s": 421.0,
                    "waiting": 38,
                    "staffed": 20,
                    "free": 1,
                    "owed": OwedView(missed=112, accepted=46, message=19),
                }
            )
        )


@dataclass
class BusyRebalance(FakeRebalance):
    """Knows where every seat is."""

    where: dict[str, tuple[str, ...]] = field(default_factory=dict)
    floor: BusyBoard | None = None

    async def newest(self, limit: int) -> rebalance_views.RebalancesView:
        told = await super().newest(limit)
        seats = [
            rebalance_views.SeatNowView(
                seat_id=seat,
                version=self.version,
                last_by="",
                now=rebalance_views.AssignmentView(skills=list(skills), duty=Duty.INBOUND),
            )
            for seat, skills in self.where.items()
        ]
        return told.model_copy(update={"seats": seats, "wanted_back": []})

    async def apply(
        self, moves: Sequence[SeatMove], hours: float, by: str, why: str
    ) -> rebalance_views.RebalanceView:
        kept = await super().apply(moves, hours, by, why)
        self._place({move.seat_id: move.skills or () for move in moves})
        return kept

    async def undo(self, rebalance_id: str, by: str, why: str) -> rebalance_views.RebalanceView:
        last = next(each for each in self.kept if rebalance_id in ("", each.id))
        told = await super().undo(rebalance_id, by, why)
        self._place({seat.seat_id: tuple(seat.before.skills) for seat in last.seats})
        self.kept[self.kept.index(last)] = last.model_copy(update={"undone_by": by})
        return told.model_copy(update={"not_undone": []})

    def show(self) -> None:
        """Tell the board where every seat is."""
        if self.floor is not None:
            self.floor.seats = [
                seat.model_copy(update={"skills": list(self.where.get(seat.seat_id, ()))})
                for seat in self.floor.seats
            ]

    def _place(self, where: Mapping[str, tuple[str, ...]]) -> None:
        self.where.update(where)
        self.show()


class BusyCloud(FakeCloud):
    """Four proven cloud seats, three more on their way; six more are proposed."""

    def view(self) -> cloud_views.CloudView:
        one = super().view().seats[0]
        seats = [one.model_copy(update=_cloud_row(n, seat)) for n, seat in enumerate(CLOUD)]
        call = cloud_views.HelpCallView(
            wanted=8, target=8, coming=7, round=2, next_round_s=35.0, by="figures"
        )
        return cloud_views.CloudView(
            as_of=START,
            mode="proposed",
            people=31,
            proven=4,
            ringing=2,
            willing_ratio=0.55,
            proposal=self.proposal,
            call=call,
            seats=seats,
        )


WITHOUT: Final = Figures(412, 190, 0.48, 0.41, 0.21, 214, 690, 0.97, 177, 0.52, 31, 20)


class BusyWhatIf(FakeWhatIf):
    """More seats help in proportion; one earlier prediction stands beside what happened."""

    async def ask(self, change: Change, by: str = "") -> Prediction:
        told = await super().ask(change, by)
        seats = change.cloud_seats + change.seats
        hurry = 0.09 if change.level is not None or change.wrap_up_cap_s else 0.0
        gain = min(0.5, 0.037 * seats + hurry)
        with_ = replace(
            WITHOUT,
            answered=WITHOUT.answered + 9 * seats,
            served_within_share=0.41 + gain,
            mean_wait_s=214 * (1 - gain),
            seats=20 + seats,
        )
        spread: dict[str, float | None] = {"served_within_share": 0.031, "mean_wait_s": 12.0, "answered": 4.0}
        return replace(told, id=f"w{len(self.asked)}", without=WITHOUT, with_=with_, spread=spread, runs=16)


def _cloud_row(n: int, seat_id: str) -> dict[str, Any]:
    states = [CloudState.PROVEN] * 4 + [CloudState.CHECKING, CloudState.ACCEPTED, CloudState.INVITED]
    state = states[n] if n < len(states) else (CloudState.REFUSED if n == 7 else CloudState.IDLE)
    is_proven = state is CloudState.PROVEN
    row = {
        "seat_id": seat_id,
        "state": state,
        "state_name": cloud_views.STATE_NAMES[state],
        "staff_no": f"20{n:02}" if n < 8 else "",
        "name": "王芳李娜张伟刘洋陈静赵磊孙丽周强"[2 * n : 2 * n + 2],
        "seat_state": cloud_state(n)[0],
        "help_ends_at": START + timedelta(hours=2) if is_proven else None,
    }
    return row if state is CloudState.REFUSED else {**row, "reason": "", "measured": None}
