"""What was heard in calls by now, for the ticket's form: the citizen's lines of the last calls.

Invariants: in memory only and bounded; a call that ended long ago is forgotten for newer ones; what is handed out is the
citizen's part only.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from callcenter.core.ids import ContactId, SeatId
from recordings.captions import Caption

CALLS_MAX: Final = 60
LINES_MAX: Final = 300
"""Lines kept of a call; then the oldest is dropped."""


@dataclass
class _Call:
    seat_id: SeatId | None = None
    lines: OrderedDict[float, str] = field(default_factory=OrderedDict)


class CaptionMemory:
    """The newest state of each line of the citizen."""

    def __init__(self) -> None:
        self._calls: OrderedDict[ContactId, _Call] = OrderedDict()

    def hear(self, caption: Caption, seat_id: SeatId | None) -> None:
        """Keep a line, or what has become of it. ``seat_id``: the seat in the talk."""
        call = self._calls.pop(caption.contact_id, None) or _Call()
        self._calls[caption.contact_id] = call
        call.seat_id = seat_id or call.seat_id
        if caption.channel == "citizen":
            call.lines[caption.begin_s] = caption.text
            if len(call.lines) > LINES_MAX:
                call.lines.popitem(last=False)
        if len(self._calls) > CALLS_MAX:
            self._calls.popitem(last=False)

    def said(self, contact_id: ContactId) -> list[str]:
        """What the citizen said by now, line by line."""
        call = self._calls.get(contact_id)
        return [text for text in call.lines.values() if text] if call else []

    def seat_of(self, contact_id: ContactId) -> SeatId | None:
        """The seat that heard it last."""
        call = self._calls.get(contact_id)
        return call.seat_id if call else None
