"""What Asterisk wrote down about each contact (CEL): who called, who answered, how it ended.

Invariant: the books are read as they are; nothing here reads a file or a clock.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from callcenter.core.ids import ContactId, QueueName, SeatId
from callcenter.core.messages import beside, callbacks, conference
from callcenter.core.messages.calls import Outcome
from callcenter.core.messages.partner import PARTNER_SEAT

TRUNK: Final = "PJSIP/trunk-"

INTAKE: Final = "intake"

CITY: Final = "PJSIP/partner-"
"""Channels to and from the partner city begin with this."""

CITIZEN, REFUSED, ASKED = "CITIZEN", "REFUSED", "ASKED"
"""Marks in CEL: the validated number; the call was refused; the greeting was heard to its end, he wants a person."""

RETURNED = "RETURNED"
"""The service that he was handed over to did not answer: he went to the line."""

ADMITTED, CAME_BACK = "AID", "PARTNER_BACK"
"""A caller of the partner city came with a good token; ours came back from there, not yet served."""

CHOSEN = {
    "MESSAGE": Outcome.MESSAGE,
    "CALLBACK": Outcome.CALLBACK,
    "TRANSFER": Outcome.SELF_RESOLVED,
    "RESOLVED": Outcome.SELF_RESOLVED,
}
"""Marks of what a caller chose instead of waiting, and what it makes of one who got no person; the first counts."""

_SEAT = re.compile(r"PJSIP/(\d+)-")

_DIGITS = re.compile(r"\+?\d{3,20}")


class BookLine(Protocol):
    """One CEL line, as :mod:`callcenter.asterisk.books` reads it."""

    @property
    def at_s(self) -> float:
        """Seconds since the epoch."""

    @property
    def event(self) -> str:
        """``CHAN_START``, ``BRIDGE_ENTER`` ..."""

    @property
    def user_event(self) -> str:
        """The mark where ``event`` is ``USER_DEFINED``."""

    @property
    def uniqueid(self) -> str:
        """The channel's own id."""

    @property
    def linkedid(self) -> str:
        """The id of the contact that the channel serves."""

    @property
    def channel(self) -> str:
        """Such as ``PJSIP/trunk-00000001``."""

    @property
    def context(self) -> str:
        """Dialplan context."""

    @property
    def exten(self) -> str:
        """Dialplan extension: the called number."""

    @property
    def application(self) -> str:
        """Dialplan application."""

    @property
    def arguments(self) -> str:
        """Its arguments."""

    @property
    def extra(self) -> str:
        """JSON of Asterisk, or the text of a mark."""


@dataclass(frozen=True, slots=True)
class BookEntry:
    """What Asterisk wrote down about one contact. ``outcome`` is ``None`` until it has ended there."""

    contact_id: ContactId
    arrived_at: datetime
    seen_at: datetime
    """Its last line of any kind: the latest instant at which the call surely was."""
    caller: str = ""
    called: str = ""
    queued_at: datetime | None = None
    queue: QueueName | None = None
    answered_at: datetime | None = None
    seat_id: SeatId | None = None
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    is_aid: bool = False


def book_entries(lines: Iterable[BookLine]) -> list[BookEntry]:
    """One entry for each inbound contact and each call-back of the CEL lines, in order of arrival."""
    stories: dict[str, list[BookLine]] = {}
    for line in sorted(lines, key=lambda line: line.at_s):
        stories.setdefault(line.linkedid, []).append(line)
    entries = [_entry(ContactId(contact_id), story) for contact_id, story in stories.items()]
    return sorted((entry for entry in entries if entry), key=lambda entry: entry.arrived_at)


def _entry(contact_id: ContactId, story: list[BookLine]) -> BookEntry | None:
    own = [line for line in story if line.uniqueid == contact_id]
    birth = next((line for line in own if line.event == "CHAN_START"), None)
    if birth is None:
        return None
    begin = _callback if callbacks.is_callback(contact_id) else _inbound
    entry = begin(contact_id, birth, own)
    if entry is None:
        return None
    entry = replace(entry, seen_at=_at(story[-1]))
    if answer := _answer(contact_id, story):
        seat, line = answer
        entry = replace(entry, seat_id=seat, answered_at=_at(line) if line else None)
    end = next((line for line in own if line.event == "CHAN_END"), None)
    return replace(entry, ended_at=_at(end), outcome=_outcome(entry, own)) if end else entry


def _inbound(contact_id: ContactId, birth: BookLine, own: Sequence[BookLine]) -> BookEntry | None:
    """A citizen's channel that came in by the trunk, or from the partner with a good token; ``own``: its lines."""
    is_aid = birth.channel.startswith(CITY) and any(line.user_event == ADMITTED for line in own)
    is_rung = contact_id.startswith((conference.PREFIX, beside.PREFIX))
    is_citizen = birth.channel.startswith(TRUNK) and birth.context.startswith(INTAKE) and not is_rung
    if not (is_aid or is_citizen):
        return None
    queued = next((line for line in own if line.event == "APP_START" and line.application == "Queue"), None)
    return BookEntry(
        contact_id=contact_id,
        arrived_at=_at(birth),
        seen_at=_at(birth),
        caller=_caller(own),
        called="" if is_aid else birth.exten,
        is_aid=is_aid,
        queued_at=_at(queued) if queued else None,
        queue=QueueName(queued.arguments.partition(",")[0]) if queued else None,
    )


def _callback(contact_id: ContactId, birth: BookLine, own: Sequence[BookLine]) -> BookEntry | None:
    """The channel of an agent whom we rang, so that a citizen is dialed."""
    seat = _SEAT.match(birth.channel)
    if seat is None:
        return None
    return BookEntry(contact_id, _at(birth), _at(birth), caller=_caller(own), seat_id=SeatId(seat[1]))


def _answer(contact_id: ContactId, story: Sequence[BookLine]) -> tuple[SeatId, BookLine | None] | None:
    """The first seat that was in one bridge with the citizen, and the line that joined the two.

    The partner city's answer counts as one of ``PARTNER_SEAT`` unless he came back from there; then that seat is told
    without a line, as long as no other answers.
    """
    inside: dict[str, set[str]] = {}
    helped: tuple[SeatId, BookLine | None] | None = None
    for line in story:
        if line.user_event == CAME_BACK and helped:
            helped = (PARTNER_SEAT, None)
        bridge = _field(line.extra, "bridge_id") or contact_id
        present = inside.setdefault(bridge, set())
        if line.event == "BRIDGE_EXIT":
            present.discard(line.channel)
        elif line.event == "BRIDGE_ENTER":
            present.add(line.channel)
            seats = [match[1] for channel in sorted(present) if (match := _SEAT.match(channel))]
            if seats and any(channel.startswith((TRUNK, CITY)) for channel in present):
                return SeatId(seats[0]), line
            is_helped = any(channel.startswith(CITY) for channel in present)
            if is_helped and any(channel.startswith(TRUNK) for channel in present) and not _line_of(helped):
                helped = (PARTNER_SEAT, line)
    return helped


def _line_of(answer: tuple[SeatId, BookLine | None] | None) -> BookLine | None:
    return answer[1] if answer else None


def _outcome(entry: BookEntry, own: Sequence[BookLine]) -> Outcome:
    if entry.answered_at:
        return Outcome.ANSWERED
    if callbacks.is_callback(entry.contact_id):
        return Outcome.UNREACHED
    marks = {line.user_event for line in own}
    if RETURNED in marks:
        marks.discard("TRANSFER")
    for mark, outcome in CHOSEN.items():
        if mark in marks:
            return outcome
    if REFUSED in marks:
        return Outcome.BLOCKED
    return Outcome.ABANDONED if entry.queued_at or ASKED in marks else Outcome.LEFT_EARLY


def _caller(own: Iterable[BookLine]) -> str:
    marks = (line.extra for line in own if line.user_event == CITIZEN)
    found = (_DIGITS.search(_field(extra, "extra") or extra) for extra in marks)
    return next((match[0] for match in found if match), "")


def _field(extra: str, name: str) -> str:
    try:
        data: Any = json.loads(extra)
    except ValueError:
        return ""
    value = data.get(name) if isinstance(data, dict) else None
    return value if isinstance(value, str) else ""


def _at(line: BookLine) -> datetime:
    return datetime.fromtimestamp(line.at_s, UTC)
