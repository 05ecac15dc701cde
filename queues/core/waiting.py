"""Who waits in which queue, in the order of arrival. Asterisk keeps the places; this is what we know of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from callcenter.core.clock import Instant
from callcenter.core.ids import ContactId, QueueName
from callcenter.core.messages import calls, link
from callcenter.core.messages.base import Effect, Message


@dataclass(frozen=True, slots=True)
class Waiting:
    """A caller in a queue, since when."""

    contact_id: ContactId
    queue: QueueName
    since: Instant


class WaitingLine:
    """The callers who wait, by queue. Invariant: nobody stands in two queues."""

    def __init__(self, queues: Sequence[QueueName]) -> None:
        self.queues = tuple(queues)
        self._waiting: dict[ContactId, Waiting] = {}

    def receive(self, message: Message, now: Instant) -> None:
        """See :class:`callcenter.core.engine.Engine`."""
        match message:
            case calls.CallQueued():
                self._waiting[message.contact_id] = Waiting(message.contact_id, message.queue, now)
            case calls.CallLeftQueue() | calls.CallAbandoned() | calls.CallAnswered() | calls.CallEnded():
                self._waiting.pop(message.contact_id, None)
            case link.LinkRestored():
                self._waiting = {
                    entry.contact_id: Waiting(entry.contact_id, entry.queue, Instant(now - entry.wait_s))
                    for entry in message.snapshot.waiting
                }
            case _:
                pass

    def on_deadline(self, now: Instant) -> None:
        """No deadline yet: waits are watched by the surge engine."""

    def next_deadline(self) -> Instant | None:
        """None."""
        return None

    def take_effects(self) -> list[Effect]:
        """Observes only."""
        return []

    def waiting(self, queue: QueueName) -> list[Waiting]:
        """Who waits in ``queue``, longest first."""
        return sorted((w for w in self._waiting.values() if w.queue == queue), key=lambda w: w.since)

    def longest_wait_s(self, queue: QueueName, now: Instant) -> float | None:
        """Seconds that the first of ``queue`` has waited; ``None`` when nobody waits."""
        line = self.waiting(queue)
        return now - line[0].since if line else None
