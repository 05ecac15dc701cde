"""The operations of the API, by topic. ``OPERATIONS`` is all of them."""

from callcenter.web.api import board, events, ledger, recordings, seats, sessions, tickets
from callcenter.web.routes import Operation

OPERATIONS: tuple[Operation, ...] = (
    *sessions.OPERATIONS,
    *board.OPERATIONS,
    *seats.OPERATIONS,
    *ledger.OPERATIONS,
    *tickets.OPERATIONS,
    *recordings.OPERATIONS,
    *events.OPERATIONS,
)
