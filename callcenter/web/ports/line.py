"""Those who wait."""

from typing import Protocol

from callcenter.core.ids import ContactId, QueueName


class LineRequests(Protocol):
    """Moves those who wait."""

    async def prioritize(
        self, queue: QueueName, contact_id: ContactId, urgent: bool, by: str, why: str
    ) -> None:
        """Move a waiting caller to the head of the line (``urgent``), or back among the others.

        Raises:
            UsageError: ``unknown_queue``, or ``unknown_contact``: he does not wait there.
        """
