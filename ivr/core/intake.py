"""The intake: one short greeting, keys optional, and a limit on everything that follows it.

GB/T 33358 (FIELD.md N6) says a hotline should not hide behind menus. ``0`` cuts the greeting short, ``9`` says urgent;
what comes after the greeting is decided by whoever hears ``PromptEnded``.
Invariant: every session that is not over at its time limit ends with ``Enqueue``, whatever others decided or forgot.
"""

from callcenter.core.clock import Instant, after
from callcenter.core.ids import ContactId, QueueName
from callcenter.core.messages import calls, offers, surge
from callcenter.core.messages.base import Effect, Message

GREETING = "greeting"
"""Prompt heard on arrival, unless the surge level names another."""

STRAIGHT_TO_PERSON = "0"
URGENT = "9"


class Intake:
    """All sessions between arrival, or return from the line, and the line. ``limit_s``: longest session, seconds."""

    def __init__(self, queue: QueueName, limit_s: float) -> None:
        self._queue = queue
        self._limit_s = limit_s
        self._greeting = GREETING
        self._until: dict[ContactId, Instant] = {}
        self._effects: list[Effect] = []

    def receive(self, message: Message, now: Instant) -> None:
        """See :class:`callcenter.core.engine.Engine`."""
        match message:
            case calls.CallArrived():
                self._guard(message.contact_id, now)
                self._greet(message.contact_id)
            case offers.SessionResumed():
                self._guard(message.contact_id, now)
            case calls.CallQueued() | calls.SessionLost() | calls.CallEnded():
                self._until.pop(message.contact_id, None)
            case surge.LevelSwitched(applied=True):
                self._greeting = message.greeting
            case _:
                pass

    def on_deadline(self, now: Instant) -> None:
        """Sessions that last too long go to the line as they are."""
        for contact_id in [c for c, until in self._until.items() if until <= now]:
            del self._until[contact_id]
            self._effects.append(calls.Enqueue(contact_id, self._queue, priority=0))

    def next_deadline(self) -> Instant | None:
        """The first session's limit."""
        return min(self._until.values(), default=None)

    def take_effects(self) -> list[Effect]:
        """See :class:`callcenter.core.engine.Engine`."""
        effects, self._effects = self._effects, []
        return effects

    def _guard(self, contact_id: ContactId, now: Instant) -> None:
        self._until[contact_id] = after(now, self._limit_s)

    def _greet(self, contact_id: ContactId) -> None:
        self._effects.append(calls.Play(contact_id, (self._greeting,), STRAIGHT_TO_PERSON + URGENT))
