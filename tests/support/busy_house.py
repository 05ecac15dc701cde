"""A house in the middle of a running surge, for pictures and for tests of the desks: every seat works, a line waits.

Invariant: it is the same at every call, and a fake decides nothing: it keeps what it is told and tells what it keeps.
"""
# ruff: noqa: D102  each method is described by the port that it stands in for

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from web_fakes import START, FakeClock, House
from web_fakes.callbacks import FakeCallbacks
from web_fakes.cloud import FakeCloud
from web_fakes.figures import FakeFigures
from web_fakes.foresight import CITIZENS, FakeWhatIf
from web_fakes.rebalance import FakeRebalance
from web_fakes.surge import FakeSurge

from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId, QueueName
from callcenter.core.messages.cloud import CloudState
from callcenter.core.messages.duty import Duty, SeatMove
from callcenter.core.messages.seats import SeatRequest, SeatState
from callcenter.reports.core.report import Counting, Report
from callcenter.reports.core.rows import Announcement, ContactRow, DayRows
from callcenter.web.ports.callbacks import CallbackFilter
from callcenter.web.views import Page
from callcenter.web.views import cloud as cloud_views
from callcenter.web.views import rebalance as rebalance_views
from callcenter.web.views.board import (
    BesideView,
    CallView,
    ComponentView,
    QueueView,
    SeatView,
    StatusView,
    WaitingView,
)
from callcenter.web.views.callbacks import CallbackView
from callcenter.web.views.presence import AbsentView, OnDutyView
from callcenter.web.views.surge import OwedView, SurgeView
from queues.core.what_if import Change, Figures, Prediction

QUEUES: Final = ("main", "enterprise")
HOME: Final = tuple(str(8001 + n) for n in range(17))
CLOUD: Final = tuple(str(8101 + n) for n in range(12))
SURGE_HOURS: Final = {14: 2.2, 15: 3.1, 16: 4.4}
"""How many times as many called in these hours."""

_STATES: Final = (
    *[(SeatState.TALKING, 214.0)] * 3,
    (SeatState.WRAP_UP, 41.0),
    *[(SeatState.TALKING, 96.0)] * 4,
    (SeatState.RINGING, 3.0),
    (SeatState.TALKING, 612.0),
    (SeatState.ON_BREAK, 840.0),
    (SeatState.TALKING, 31.0),
    (SeatState.WRAP_UP, 118.0),
    (SeatState.DIALING, 9.0),
    (SeatState.TALKING, 155.0),
    (SeatState.UNREACHABLE, 75.0),
    (SeatState.READY, 1.0),
)
_CLOUD_STATES: Final = (
    (SeatState.TALKING, 260.0),
    (SeatState.TALKING, 48.0),
    (SeatState.WRAP_UP, 22.0),
    (SeatState.TALKING, 133.0),
)
_IN_CALL: Final = (SeatState.TALKING, SeatState.RINGING)
_REASONS: Final = {
    SeatState.ON_BREAK: "rest",
    SeatState.WRAP_UP: "wrap_up",
    SeatState.UNREACHABLE: "rang_out",
}


@dataclass
class BusyBoard:
    """Seventeen seats and twelve cloud seats at work, ``waiting`` callers in two queues. Lists may be changed at will."""

    clock: FakeClock
    waiting_: int = 38
    seats: list[SeatView] = field(default_factory=list)
    components_: list[ComponentView] = field(default_factory=list)
    beside: dict[str, BesideView] = field(default_factory=dict)
    """Who is beside which talk, by its seat."""

    def __post_init__(self) -> None:
        self.seats = [
            *(_seat(seat, "on_site", *_STATES[n]) for n, seat in enumerate(HOME)),
            *(_seat(seat, "cloud", *_cloud_state(n)) for n, seat in enumerate(CLOUD)),
        ]
        self.components_ = [part(name) for name in ("asterisk", "database", "redis", "speech", "captions")]
        self.components_ += [part(name) for name in ("quality", "flows", "vault", "partner", "sms", "disk")]

    def components(self) -> list[ComponentView]:
        return self.components_

    def status(self) -> StatusView:
        return StatusView(
            as_of=self.clock.at(),
            seq=self.waiting_,
            components=self.components_,
            queues=[
                self._queue("main", self.waiting_ - self.enterprises, 318.0),
                self._queue("enterprise", self.enterprises, 141.0),
            ],
            seats=self.seats,
            calls=[*self._talks(), *self._waiters()],
            duty=OnDutyView(
                as_of=self.clock.at(),
                due=19,
                missing=1,
                absent=[AbsentView(staff_no="1017", seat_id="8016", due_at=START, left=True)],
                heads=[],
            ),
        )

    def waiting(self, queue: QueueName) -> list[WaitingView]:
        if queue not in QUEUES:
            raise UsageError("there is no such queue", code="unknown_queue")
        rows = [call for call in self._waiters() if call.queue == queue]
        return [
            WaitingView(
                contact_id=call.contact_id,
                citizen=call.citizen,
                queue=queue,
                position=at,
                waited_s=call.duration_s,
            )
            for at, call in enumerate(rows, 1)
        ]

    @property
    def enterprises(self) -> int:
        """A sixth of those who wait."""
        return self.waiting_ // 6

    def _queue(self, queue: str, waiting: int, longest_s: float) -> QueueView:
        longest_wait_s = min(longest_s, 9.0 * self.waiting_) if waiting else None
        return QueueView(queue=queue, waiting=waiting, longest_wait_s=longest_wait_s, ready_seats=1)

    def _talks(self) -> list[CallView]:
        return [
            CallView(
                contact_id=seat.contact_id,
                citizen=_number(int(seat.seat_id)),
                state="ringing" if seat.state is SeatState.RINGING else "talking",
                queue=QUEUES[int(seat.seat_id) % 5 == 0],
                seat_id=seat.seat_id,
                duration_s=seat.state_s + 60,
                has_statement=int(seat.seat_id) % 3 == 0,
                beside=self.beside.get(seat.seat_id),
            )
            for seat in self.seats
            if seat.contact_id
        ]

    def _waiters(self) -> list[CallView]:
        return [
            CallView(
                contact_id=f"w-{n}",
                citizen=_number(n),
                state="waiting",
                queue=QUEUES[n >= self.waiting_ - self.enterprises],
                seat_id=None,
                duration_s=max(2.0, min(318.0, 9.0 * self.waiting_) - 8.5 * n),
            )
            for n in range(self.waiting_)
        ]


class BusyFigures(FakeFigures):
    """A day whose afternoon was flooded; nine of eleven announced waits came true."""

    async def report(self, window: str) -> Report:
        counting = Counting(self._today(), self.clock.at())
        told = [_announced(self.clock.at(), n) for n in range(44)]
        counting.add_day(DayRows(self._today(), self.contacts, (), told))
        return counting.report(self._gaps())


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


class BusyCallbacks(FakeCallbacks):
    """A list of promises as long as a surge makes it; each may be closed or put off."""

    async def _require(self, contact_id: ContactId) -> None:
        return None

    async def list(self, which: CallbackFilter, limit: int, offset: int) -> Page[CallbackView]:
        told = await super().list(which, limit, offset)
        first = self.entries()[0]
        grounds = ("missed", "missed", "accepted", "message")
        more = [
            first.model_copy(
                update={
                    "contact_id": f"o-{n}",
                    "citizen": _number(n),
                    "ground": grounds[n % 4],
                    "attempts": 1 + n % 4,
                    "tries": n % 3,
                    "made_at": START - timedelta(minutes=7 * n),
                    "due_at": None if n % 7 == 3 else START + timedelta(minutes=4 * n - 20),
                    "ticket_no": f"20261122-{n:06}" if n % 4 == 3 else None,
                }
            )
            for n in range(30)
        ]
        found = [row for row in more if which.ground in (None, row.ground) and which.state != "closed"]
        return Page(items=found[offset:][:limit] or told.items, total=177, filtered=177)


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


@dataclass
class BusyHouse(House):
    """A house of fakes in a surge of this level. ``floor``: its board; ``what_if``: who simulates."""

    level: int = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        is_calm = self.level == 0
        self.floor = BusyBoard(self.clock, waiting_=2 if is_calm else 38)
        is_held = self.level == 3
        proposal = None if is_held else self.level + 1
        self.surge = BusySurge(self.clock, level=self.level, held=is_held, proposal=proposal)
        self.figures = BusyFigures(self.clock, list(_contacts()))
        self.cloud = BusyCloud(proposal=None if is_calm else 6)
        where = {seat.seat_id: _skills(seat.seat_id) for seat in self.floor.seats}
        self.rebalance = BusyRebalance(where=where, floor=self.floor)
        self.rebalance.show()
        self.callbacks = BusyCallbacks()
        self.what_if = BusyWhatIf()
        self.ports = replace(
            self.ports,
            board=self.floor,
            health=self.floor,
            surge=self.surge,
            figures=self.figures,
            cloud=self.cloud,
            rebalance=self.rebalance,
            callbacks=self.callbacks,
            messages=self.callbacks,
            owed=self.callbacks,
            what_if=self.what_if,
        )


def part(name: str, state: Any = "up", detail: str = "") -> ComponentView:
    """A part of the system; ``state``: up, degraded, down."""
    return ComponentView(name=name, state=state, required=name in ("asterisk", "database"), detail=detail)


def _seat(seat_id: str, kind: Any, state: SeatState, state_s: float) -> SeatView:
    return SeatView(
        seat_id=seat_id,
        kind=kind,
        proven=state is not SeatState.OFF if kind == "cloud" else None,
        state=state,
        state_s=state_s,
        reason=_REASONS.get(state, ""),
        reachable=state is not SeatState.UNREACHABLE,
        contact_id=f"c-{seat_id}" if state in _IN_CALL else None,
        wish=SeatRequest.BREAK if seat_id == "8010" else None,
        occupancy=0.86,
    )


def _cloud_state(n: int) -> tuple[SeatState, float]:
    return _CLOUD_STATES[n] if n < len(_CLOUD_STATES) else (SeatState.OFF, 3600.0)


def _skills(seat_id: str) -> tuple[str, ...]:
    """Every fifth seat is rung by enterprises first; the last ones by everybody alike."""
    if int(seat_id) % 5 == 0:
        return ("enterprise",)
    return () if seat_id in HOME[-4:] else ("main",)


def _number(n: int) -> str:
    return f"138{((n + 1) * 7919) % 100_000_000:08d}"


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
        "seat_state": _cloud_state(n)[0],
        "help_ends_at": START + timedelta(hours=2) if is_proven else None,
    }
    return row if state is CloudState.REFUSED else {**row, "reason": "", "measured": None}


def _contacts() -> list[ContactRow]:
    """Who called today until now: as expected, and in the afternoon many times as many."""
    zone = ZoneInfo("Asia/Shanghai")
    midnight = START.astimezone(zone).replace(hour=0, minute=0)
    rows: list[ContactRow] = []
    for hour, expected in enumerate(CITIZENS):
        came = int(expected * SURGE_HOURS.get(hour, 0.9 + 0.03 * (hour % 5)))
        for n in range(came):
            at = (midnight + timedelta(hours=hour, seconds=3600 * n / came)).astimezone(UTC)
            if at < START:
                rows.append(_contact(len(rows), at, hour in SURGE_HOURS))
    return rows


def _contact(n: int, at: datetime, in_surge: bool) -> ContactRow:
    wait_s = 15.0 + (n * 37) % 400 if in_surge else 4.0 + n % 9
    fate = ("answered", "answered", "abandoned", "callback", "message")[n % 5] if in_surge else "answered"
    end = at + timedelta(seconds=wait_s)
    is_answered = fate == "answered" or (n % 11 != 0 and not in_surge)
    talked_until = end + timedelta(seconds=180)
    return ContactRow(
        f"k-{n}",
        _number(n),
        "controller",
        "answered" if is_answered else fate,
        at,
        at,
        end if is_answered else None,
        talked_until if is_answered else None,
        talked_until if is_answered else end,
        180.0 if is_answered else None,
        HOME[n % 17] if is_answered else None,
    )


def _announced(now: datetime, n: int) -> Announcement:
    at = now - timedelta(minutes=20 + 3 * n)
    return Announcement(at, 60, 180, at + timedelta(seconds=100 if n % 11 < 9 else 400))
