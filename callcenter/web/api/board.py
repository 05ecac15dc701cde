"""The live board: queues, who waits, seats, calls, components."""

from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, operation
from callcenter.web.views import Page
from callcenter.web.views.board import QueueView, SeatView, StatusView, WaitingView


@operation("GET", "/status", may=Permission.READ_BOARD, zh="实时看板", en="The live board")
async def get_status(call: Call[Nothing, Nothing]) -> StatusView:
    """Everything at once; follow the event stream from its ``seq``."""
    return call.services.discretion.status(call.ports.board.status(), call.identity)


@operation("GET", "/queues", may=Permission.READ_BOARD, zh="队列", en="Queues")
async def list_queues(call: Call[Nothing, Nothing]) -> Page[QueueView]:
    """Queues with who waits and for how long."""
    return Page.whole(call.ports.board.status().queues)


@operation("GET", "/queues/{queue}/waiting", may=Permission.READ_BOARD, zh="排队来电", en="Callers waiting")
async def list_waiting(call: Call[Nothing, Nothing]) -> Page[WaitingView]:
    """Who waits in one queue, first come first."""
    return Page.whole(call.ports.board.waiting(call.queue))


@operation("GET", "/seats", may=Permission.READ_BOARD, zh="坐席", en="Seats")
async def list_seats(call: Call[Nothing, Nothing]) -> Page[SeatView]:
    """All seats with state and time in it."""
    return Page.whole(call.ports.board.status().seats)


OPERATIONS: tuple[Operation, ...] = (get_status, list_queues, list_waiting, list_seats)
