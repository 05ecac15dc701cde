"""What happens while a caller walks through a flow (流程) of the IVR, and what he leaves there."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from callcenter.core.ids import ContactId
from callcenter.core.messages.base import Message

GRADES = range(1, 6)
"""Very dissatisfied (1) to very satisfied (5): the five grades of GB/T 33358; 3 is basically satisfied (基本满意)."""

SERVICES = ("110", "119", "120", "122")
"""Whom a caller may be handed over to by key: police, fire, ambulance, traffic accidents."""


class Exit(StrEnum):
    """How a walk ended."""

    LINE = "line"
    """To a person."""
    REPLY = "reply"
    """With the answer to what he was asked."""
    MESSAGE = "message"
    TRANSFER = "transfer"
    """To another service, such as 110."""
    RESOLVED = "resolved"
    """He confirmed that nothing more is needed."""
    GOODBYE = "goodbye"
    """The flow hung up after its last words."""
    LEFT = "left"
    """He hung up."""
    FAILED = "failed"
    """A limit was reached or a prompt was missing: to a person."""


@dataclass(frozen=True, slots=True)
class StepEntered(Message):
    """A caller is at a step of a flow."""

    type: ClassVar[str] = "ivr.step_entered"
    contact_id: ContactId
    flow: str
    version: int
    step: str


@dataclass(frozen=True, slots=True)
class WalkEnded(Message):
    """A caller's walk through a flow is over; ``step``: the last one."""

    type: ClassVar[str] = "ivr.walk_ended"
    contact_id: ContactId
    flow: str
    version: int
    step: str
    exit: Exit


@dataclass(frozen=True, slots=True)
class Rated(Message):
    """The citizen rated a talk. ``grade``: one of :data:`GRADES`; ``by``: ``key``, ``link`` or ``survey``."""

    type: ClassVar[str] = "ivr.rated"
    contact_id: ContactId
    grade: int
    by: str
