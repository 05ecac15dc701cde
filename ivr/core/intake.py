"""The normal intake: one short greeting, keys optional, silence goes straight to the line.

GB/T 33358 (FIELD.md N6) says a hotline should not hide behind menus. ``0`` cuts the greeting short.
Invariant: every session ends with ``Enqueue``, by the end of the greeting, by a key, or by its time limit.
"""

from callcenter.core.clock import Instant, after
from callcenter.core.ids import ContactId, QueueName
from callcenter.core.messages import calls
from callcenter.core.messages.base import Effect, Message

GREETING = ("greeting",)
"""Prompt ids heard on arrival."""

STRAIGHT_TO_PERSON = "0"
"""The key that reaches the line from anywhere."""


class Intake:
    """All sessions between arrival and the line. ``limit_s``: longest session, seconds."""

    def __init__(self, queue: QueueName, limit_s: float) -> None:
        self._queue = queue
        self._limit_s = limit_s
        self._until: dict[ContactId, Instant] = {}
        self._effects: list[Effect] = []

    def receive(self, message: Message, now: Instant) -> None:
        """See :class:`callcenter.core.engine.Engine`."""
        match message:
            case calls.CallArrived():
                self._until[message.contact_id] = after(now, self._limit_s)
                self._effects.append(calls.Play(message.contact_id, GREETING, STRAIGHT_TO_PERSON))
            case calls.PromptEnded():
                self._enqueue(message.contact_id)
            case calls.SessionLost() | calls.CallEnded():
                self._until.pop(message.contact_id, None)
            case _:
                pass

    def on_deadline(self, now: Instant) -> None:
        """Sessions that last too long go to the line as they are."""
        for contact_id in [c for c, until in self._until.items() if until <= now]:
            self._enqueue(contact_id)

    def next_deadline(self) -> Instant | None:
        """The first session's limit."""
        return min(self._until.values(), default=None)

    def take_effects(self) -> list[Effect]:
        """See :class:`callcenter.core.engine.Engine`."""
        effects, self._effects = self._effects, []
        return effects

    def _enqueue(self, contact_id: ContactId) -> None:
        if self._until.pop(contact_id, None) is not None:
            self._effects.append(calls.Enqueue(contact_id, self._queue, priority=0))
