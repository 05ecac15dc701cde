"""The operations of the API, by topic. ``OPERATIONS`` is all of them."""

from callcenter.web.api import (
    audio,
    board,
    callbacks,
    citizens,
    events,
    figures,
    ledger,
    line,
    notices,
    quality,
    recordings,
    search,
    seats,
    sessions,
    surge,
    tickets,
    transcripts,
    vault,
)
from callcenter.web.routes import Operation

OPERATIONS: tuple[Operation, ...] = (
    *sessions.OPERATIONS,
    *board.OPERATIONS,
    *seats.OPERATIONS,
    *surge.OPERATIONS,
    *notices.OPERATIONS,
    *line.OPERATIONS,
    *callbacks.OPERATIONS,
    *figures.OPERATIONS,
    *citizens.OPERATIONS,
    *ledger.OPERATIONS,
    *tickets.OPERATIONS,
    *recordings.OPERATIONS,
    *audio.OPERATIONS,
    *quality.OPERATIONS,
    *transcripts.OPERATIONS,
    *search.OPERATIONS,
    *vault.OPERATIONS,
    *events.OPERATIONS,
)
