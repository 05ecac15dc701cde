"""The live board: one queue, one waiting caller, two seats."""
# ruff: noqa: D102  each method is described by the port that it stands in for

from dataclasses import dataclass, field

from callcenter.core.errors import UsageError
from callcenter.core.ids import QueueName
from callcenter.core.messages.seats import SeatState
from callcenter.web.views.board import (
    BesideView,
    CallView,
    ComponentView,
    QueueView,
    SeatView,
    StatusView,
    WaitingView,
)
from web_fakes.scene import NUMBER, FakeClock


@dataclass
class FakeBoard:
    """A board with one queue, one waiting caller, two seats; texts may be replaced by hostile ones."""

    clock: FakeClock
    text: str = "general"
    beside: BesideView | None = None
    components_: list[ComponentView] = field(
        default_factory=lambda: [
            ComponentView(name="database", state="up", required=True),
            ComponentView(name="ami", state="up", required=True),
            ComponentView(name="redis", state="up", required=False),
        ]
    )

    def components(self) -> list[ComponentView]:
        return self.components_

    def status(self) -> StatusView:
        return StatusView(
            as_of=self.clock.at(),
            seq=3,
            components=self.components_,
            queues=[QueueView(queue=self.text, waiting=1, longest_wait_s=61.5, ready_seats=1)],
            seats=[
                SeatView(seat_id="8001", kind="on_site", state=SeatState.READY, state_s=12.0, reachable=True),
                SeatView(
                    seat_id="8002",
                    kind="on_site",
                    state=SeatState.ON_BREAK,
                    state_s=300.0,
                    reason=self.text,
                    reachable=True,
                    contact_id="c-1",
                ),
            ],
            calls=[
                CallView(
                    contact_id="c-1",
                    citizen=NUMBER,
                    state="waiting",
                    queue=self.text,
                    seat_id=None,
                    duration_s=70.0,
                    beside=self.beside,
                )
            ],
        )

    def waiting(self, queue: QueueName) -> list[WaitingView]:
        if queue != "general":
            raise UsageError("there is no such queue", code="unknown_queue")
        return [WaitingView(contact_id="c-1", citizen=NUMBER, queue=queue, position=1, waited_s=61.5)]
