"""The two families of messages.

``Message``: a fact or command that enters the inbox; journaled under its ``type`` (``call.arrived``).
``Effect``: what an engine wants done; imperative.
Both are frozen, slotted dataclasses of plain values, so that a journal row can carry them.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Message:
    """Something that happened, or that somebody asks for."""

    type: ClassVar[str] = "message"
    """Stable name in the journal and on the event stream, ``topic.past_tense``."""


@dataclass(frozen=True, slots=True)
class Effect:
    """Something to be done by the edge."""
