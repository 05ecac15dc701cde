"""What a caller is asked and told between greeting, line and good-bye, and how he is moved while he waits."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from callcenter.core.ids import ChannelName, ContactId, QueueName
from callcenter.core.messages.base import Effect, Message


class Question(StrEnum):
    """What a caller can be asked; one key answers, silence means no and leads on."""

    STATUS = "status"
    """Your call-back is open: content with that?"""
    NOTICE = "notice"
    """The notice of the hour; heard to the end, nothing is asked."""
    CALLBACK = "callback"
    """Shall we call you back instead of letting you wait?"""
    CALLBACK_WAITING = "callback_waiting"
    """The same, asked of one who waits already; his place is kept meanwhile."""
    MESSAGE = "message"
    """Will you leave a voice message instead?"""
    PRECOLLECT = "precollect"
    """Will you state your matter while you wait? Asked of one who has a place in the line; it is kept meanwhile."""


class Farewell(StrEnum):
    """What a caller hears before we hang up."""

    CALLBACK_PROMISED = "callback_promised"
    CALLBACK_STAYS = "callback_stays"


@dataclass(frozen=True, slots=True)
class Replied(Message):
    """The caller answered a question. ``accepted``: he pressed the key for yes; silence and other keys are no."""

    type: ClassVar[str] = "call.replied"
    contact_id: ContactId
    question: Question
    accepted: bool


STATEMENT_S = 60.0
"""Longest statement of a matter."""
STATEMENT_LIMIT_S = 75.0
"""By how much longer a session may last for it."""


@dataclass(frozen=True, slots=True)
class MatterStated(Message):
    """A caller who waits has stated his matter (先行陈述), or hung up in it. ``seconds``: of sound that were recorded."""

    type: ClassVar[str] = "call.matter_stated"
    contact_id: ContactId
    seconds: float


@dataclass(frozen=True, slots=True)
class SessionResumed(Message):
    """A caller who was withdrawn from the line is in an IVR session again and can be asked."""

    type: ClassVar[str] = "call.session_resumed"
    contact_id: ContactId


@dataclass(frozen=True, slots=True)
class WithdrawalFailed(Message):
    """Asterisk did not withdraw the caller: he was answered, left, or still waits."""

    type: ClassVar[str] = "call.withdrawal_failed"
    contact_id: ContactId


@dataclass(frozen=True, slots=True)
class PriorityAsked(Message):
    """A shift manager moves a waiting caller: to the head of the line (``urgent``), or back among the others."""

    type: ClassVar[str] = "call.priority_asked"
    contact_id: ContactId
    urgent: bool
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Ask(Effect):
    """Ask the caller. ``low_s`` to ``high_s``: the wait to name with it; both 0: none is named.

    ``place``, ``due_s``: his place among those who are owed a call, and by which second of the day he has it; 0: not told.
    """

    contact_id: ContactId
    question: Question
    low_s: int = 0
    high_s: int = 0
    place: int = 0
    due_s: int = 0


@dataclass(frozen=True, slots=True)
class TellWait(Effect):
    """Tell the caller his place in line, from 1 (0: none is told), and how long he may wait, ``low_s`` to ``high_s`` seconds.

    No answer is awaited.
    """

    contact_id: ContactId
    low_s: int
    high_s: int
    place: int = 0


@dataclass(frozen=True, slots=True)
class SendOff(Effect):
    """Say good-bye and hang up, but only once everything decided before is committed."""

    contact_id: ContactId
    farewell: Farewell


@dataclass(frozen=True, slots=True)
class TakeMessage(Effect):
    """End the IVR session: the dialplan takes a voice message (语音留言)."""

    contact_id: ContactId


@dataclass(frozen=True, slots=True)
class Withdraw(Effect):
    """Take a waiting caller out of the line for a question; the dialplan brings him into a session."""

    contact_id: ContactId
    channel: ChannelName
    queue: QueueName


@dataclass(frozen=True, slots=True)
class Reprioritize(Effect):
    """Move a waiting caller to where ``priority`` (>= 0) puts him, at once."""

    contact_id: ContactId
    channel: ChannelName
    queue: QueueName
    priority: int


@dataclass(frozen=True, slots=True)
class Wake(Effect):
    """Let a caller who waits look at once whether a seat is free for him; by itself his queue looks once a second."""

    contact_id: ContactId
    channel: ChannelName


@dataclass(frozen=True, slots=True)
class KeepEstimate(Effect):
    """Write down what wait was announced, so that it can be judged. Seconds >= 0."""

    contact_id: ContactId
    low_s: int
    high_s: int
    expected_s: float
