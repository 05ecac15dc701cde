"""The live state, from memory."""

from typing import Protocol

from callcenter.core.ids import QueueName
from callcenter.web.views.board import ComponentView, StatusView, WaitingView


class Board(Protocol):
    """The live state, from memory."""

    def status(self) -> StatusView:
        """Everything at once."""

    def waiting(self, queue: QueueName) -> list[WaitingView]:
        """Who waits, first come first.

        Raises:
            UsageError: ``unknown_queue``.
        """


class Health(Protocol):
    """The state of every component."""

    def components(self) -> list[ComponentView]:
        """All of them, each time in the same order."""
