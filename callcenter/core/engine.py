"""The one shape of everything that decides.

An engine is told what happened and when; it answers with effects and names its own next deadline.
Time, chance and new ids are arguments. The same objects run in production, in the simulator on a
virtual clock, and in the replay of a recorded day.
"""

from typing import Protocol

from callcenter.core.clock import Instant
from callcenter.core.messages.base import Effect, Message


class Engine(Protocol):
    """A pure state machine with deadlines."""

    def receive(self, message: Message, now: Instant) -> None:
        """Take in one message. Messages that do not concern the engine are ignored.

        Raises:
            IllegalTransition: the message is impossible in the present state, which is unchanged.
        """

    def on_deadline(self, now: Instant) -> None:
        """The instant named by ``next_deadline`` has come."""

    def next_deadline(self) -> Instant | None:
        """When the engine wants to be woken, or ``None``."""

    def take_effects(self) -> list[Effect]:
        """The effects decided since the last call, in order; they are handed over only once."""
