"""Which phone each seat has, and whether it answers (``ContactStatus``).

A phone that registers from a new address is told of first, the removal of the old address afterwards: the seat was never
gone. Invariant: where a phone is stays in memory here; no message and no log line carries it.
"""

import re
from collections.abc import Mapping

from callcenter.asterisk.frames import Frame
from callcenter.core.ids import SeatId
from callcenter.core.messages.base import Message
from callcenter.core.messages.cloud import PhoneChanged
from callcenter.core.messages.seats import SeatReachable

ANSWERS: Mapping[str, bool] = {
    "NonQualified": True,
    "Reachable": True,
    "Unreachable": False,
    "Removed": False,
}
"""What Asterisk says of a contact. ``NonQualified``: it has just registered."""

_CONTACT = re.compile(r"sips?:(?P<user>[^@;]*)@(?P<host>\[[^\]]*\]|[^:;>]+)")


class Registrations:
    """Remembers the contact of each seat.

    Same host and same user part: the same phone, which came back, or whose router gave it another port.
    """

    def __init__(self) -> None:
        self._contacts: dict[SeatId, str] = {}

    def see(self, frame: Frame) -> list[Message]:
        """What this event means; mostly nothing. The first phone that is seen at a seat is no other one."""
        seat, answers = SeatId(frame.get("AOR")), ANSWERS.get(frame.get("ContactStatus"))
        if frame.event != "ContactStatus" or answers is None or not seat.isdecimal():
            return []
        contact = frame.need("URI")
        known = self._contacts.setdefault(seat, contact)
        if not answers:
            return [SeatReachable(seat, False)] if contact == known else []
        self._contacts[seat] = contact
        is_other = _phone(contact) != _phone(known)
        return [*([PhoneChanged(seat)] if is_other else []), SeatReachable(seat, True)]


def _phone(contact: str) -> tuple[str, str]:
    found = _CONTACT.match(contact)
    return (found["user"], found["host"]) if found else ("", contact)
