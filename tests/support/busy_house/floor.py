"""Seventeen seats and twelve cloud seats at work, and a line that waits."""
# ruff: noqa: D102  each method is described by the port that it stands in for

from dataclasses import dataclass, field
from typing import Any, Final

from web_fakes import START, FakeClock

from callcenter.core.errors import UsageError
from callcenter.core.ids import QueueName
from callcenter.core.messages.seats import SeatRequest, SeatState
from callcenter.web.views.board import (
    BesideView,
    CallView,
    ComponentView,
    QueueView,
    SeatView,
    StatusView,
    WaitingView,
)
from callcenter.web.views.presence import AbsentView, OnDutyView

QUEUES: Final = ("main", "enterprise")

HOME: Final = tuple(str(8001 + n) for n in range(17))

CLOUD: Final = tuple(str(8101 + n) for n in range(12))

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
            *(_seat(seat, "cloud", *cloud_state(n)) for n, seat in enumerate(CLOUD)),
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
                citizen=number_of(int(seat.seat_id)),
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
                citizen=number_of(n),
                state="waiting",
                queue=QUEUES[n >= self.waiting_ - self.enterprises],
                seat_id=None,
                duration_s=max(2.0, min(318.0, 9.0 * self.waiting_) - 8.5 * n),
            )
            for n in range(self.waiting_)
        ]


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


def cloud_state(n: int) -> tuple[SeatState, float]:
    """What the nth cloud seat does, and for how long."""
    return _CLOUD_STATES[n] if n < len(_CLOUD_STATES) else (SeatState.OFF, 3600.0)


def skills_of(seat_id: str) -> tuple[str, ...]:
    """Every fifth seat is rung by enterprises first; the last ones by everybody alike."""
    if int(seat_id) % 5 == 0:
        return ("enterprise",)
    return () if seat_id in HOME[-4:] else ("main",)


def number_of(n: int) -> str:
    """The nth citizen's number."""
    return f"138{((n + 1) * 7919) % 100_000_000:08d}"
