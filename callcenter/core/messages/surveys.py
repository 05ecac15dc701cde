"""Calling citizens to ask how satisfied they were (满意度回访), by seats whose duty it is."""

from dataclasses import dataclass
from typing import ClassVar

from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages.base import Message
from callcenter.core.messages.callbacks import DialBack


@dataclass(frozen=True, slots=True)
class SurveyAsked(Message):
    """A seat on survey duty is to call ``caller`` about the talk of ``contact_id``."""

    type: ClassVar[str] = "survey.asked"
    contact_id: ContactId
    caller: str
    seat_id: SeatId
    by: str


@dataclass(frozen=True, slots=True)
class DialSurvey(DialBack):
    """The same way as a call-back, of which it is none: nothing is owed, and nothing is kept by it."""
