"""What we owe citizens."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from callcenter.core.ids import ContactId
from callcenter.web.views import Page
from callcenter.web.views.callbacks import CallbackView


@dataclass(frozen=True, slots=True)
class CallbackFilter:
    """Which of the calls that we owe or owed; ``None``: any. ``state``: ``open`` or ``closed``."""

    state: str | None = None
    ground: str | None = None


class CallbackReader(Protocol):
    """The missed-call list and what else was promised, one entry a number."""

    async def get(self, contact_id: ContactId) -> CallbackView | None:
        """What the contact led to."""

    async def list(self, which: CallbackFilter, limit: int, offset: int) -> Page[CallbackView]:
        """Newest first."""


class MessageRequests(Protocol):
    """Voice messages that people make tickets of."""

    async def reviewed(self, contact_id: ContactId, needs_call: bool, by: str) -> None:
        """The message of ``contact_id`` is a ticket. ``needs_call``: a question was left open.

        Raises:
            UsageError: ``unknown_message``, or it was reviewed already (``wrong_message_state``).
        """


class OwedRequests(Protocol):
    """What is owed, changed by hand."""

    async def close(self, contact_id: ContactId, by: str, why: str) -> None:
        """Close what ``contact_id`` led to.

        Raises:
            UsageError: ``unknown_callback``; ``wrong_callback_state``: closed already, or somebody works on it right now.
        """

    async def postpone(self, contact_id: ContactId, delay_s: float, by: str, why: str) -> datetime:
        """Have the citizen called not before ``delay_s`` seconds (> 0) from now; that time.

        Raises:
            UsageError: as for :meth:`close`; ``wrong_callback_state`` also where nobody is called by us.
        """
