"""The two books compared: our contacts, and what Asterisk itself wrote down (CEL, CDR).

Invariant: a contact that both books describe alike yields no difference; everything else yields at least one,
with its name. Nothing here reads a file or a clock.
"""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, Protocol

from callcenter.core.contact import Contact
from callcenter.core.ids import ContactId, QueueName, SeatId
from callcenter.core.messages import beside, callbacks, conference
from callcenter.core.messages.calls import ContactSettled, Outcome
from callcenter.core.messages.partner import PARTNER_SEAT

TRUNK: Final = "PJSIP/trunk-"
INTAKE: Final = "intake"
CITY: Final = "PJSIP/partner-"
"""Channels to and from the partner city begin with this."""
TIME_TOLERANCE_S: Final = 2.0
"""Two clocks of one machine and a busy event loop may lie this far apart."""

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


class Kind(StrEnum):
    """How the two books can differ about a contact."""

    MISSING_IN_LEDGER = "missing_in_ledger"
    MISSING_IN_BOOKS = "missing_in_books"
    MISSING_IN_CDR = "missing_in_cdr"
    TWO_ROWS = "two_rows"
    STILL_OPEN = "still_open"
    """It ended in the books and has no outcome in the ledger."""
    OPEN_IN_BOOKS = "open_in_books"
    """It has an outcome in the ledger and no end in the books."""
    OUTCOME_DIFFERS = "outcome_differs"
    SEAT_DIFFERS = "seat_differs"
    TIME_DIFFERS = "time_differs"


@dataclass(frozen=True, slots=True)
class Difference:
    """One disagreement, both sides as text. Numbers of citizens never appear."""

    contact_id: ContactId
    kind: Kind
    ours: str
    theirs: str


def book_entries(lines: Iterable[BookLine]) -> list[BookEntry]:
    """One entry for each inbound contact and each call-back of the CEL lines, in order of arrival."""
    stories: dict[str, list[BookLine]] = {}
    for line in sorted(lines, key=lambda line: line.at_s):
        stories.setdefault(line.linkedid, []).append(line)
    entries = [_entry(ContactId(contact_id), story) for contact_id, story in stories.items()]
    return sorted((entry for entry in entries if entry), key=lambda entry: entry.arrived_at)


def compare(
    contacts: Sequence[Contact], entries: Sequence[BookEntry], cdr_ids: Collection[str] | None = None
) -> list[Difference]:
    """Every difference between the ledger and the books, in order of arrival.

    ``cdr_ids``: the Linkedids of the CDR; ``None`` leaves that book out.
    """
    ours = {contact.contact_id: contact for contact in contacts}
    theirs = {entry.contact_id: entry for entry in entries}
    found = _doubles(contact.contact_id for contact in contacts)
    for contact_id in _in_order(ours, theirs):
        found += _differences(contact_id, ours.get(contact_id), theirs.get(contact_id))
    if cdr_ids is not None:
        found += _without_cdr(entries, cdr_ids)
    return found


def settlement(contact: Contact | None, entry: BookEntry | None, at: datetime) -> ContactSettled | None:
    """How a contact ended that vanished unseen; ``None`` if neither book knows it.

    Without an end in the books (the PBX died with the call) it ended when it was last seen and, unless it had
    been answered, was lost by us; without any entry that is ``at``, when its absence was noticed.
    """
    if entry is None:
        entry = _entry_of(contact, at) if contact else None
    if entry is None:
        return None
    return ContactSettled(
        contact_id=entry.contact_id,
        caller=entry.caller or (contact.caller if contact else ""),
        called=entry.called or (contact.called if contact else ""),
        outcome=entry.outcome or _cut_off(entry),
        queue=entry.queue or (contact.queue if contact else None),
        seat_id=entry.seat_id,
        arrived_at=entry.arrived_at,
        queued_at=entry.queued_at,
        answered_at=entry.answered_at,
        ended_at=entry.ended_at or entry.seen_at,
        is_aid=entry.is_aid,
    )


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


def _cut_off(entry: BookEntry) -> Outcome:
    if entry.answered_at:
        return Outcome.ANSWERED
    if callbacks.is_callback(entry.contact_id):
        return Outcome.UNREACHED
    return Outcome.LOST if entry.queued_at else Outcome.LOST_EARLY


def _entry_of(contact: Contact, at: datetime) -> BookEntry:
    """The entry that the books should have had."""
    return BookEntry(
        contact_id=contact.contact_id,
        arrived_at=contact.arrived_at,
        seen_at=at,
        queued_at=contact.queued_at,
        queue=contact.queue,
        answered_at=contact.answered_at,
        seat_id=contact.seat_id,
    )


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


def _in_order(ours: dict[ContactId, Contact], theirs: dict[ContactId, BookEntry]) -> list[ContactId]:
    arrived_at = {entry.contact_id: entry.arrived_at for entry in theirs.values()}
    arrived_at |= {contact.contact_id: contact.arrived_at for contact in ours.values()}
    return sorted(arrived_at, key=lambda contact_id: (arrived_at[contact_id], contact_id))


def _differences(contact_id: ContactId, contact: Contact | None, entry: BookEntry | None) -> list[Difference]:
    if contact is None:
        return [Difference(contact_id, Kind.MISSING_IN_LEDGER, "", _told(entry))]
    if entry is None:
        return (
            []
            if _never_rang(contact)
            else [Difference(contact_id, Kind.MISSING_IN_BOOKS, _told(contact), "")]
        )
    if contact.outcome is None and entry.outcome is None:
        return []
    if contact.outcome is None:
        return [Difference(contact_id, Kind.STILL_OPEN, contact.state, _told(entry))]
    if entry.outcome is None:
        return (
            [] if _was_cut_off(contact) else [Difference(contact_id, Kind.OPEN_IN_BOOKS, _told(contact), "")]
        )
    return _details(contact, entry)


def _details(contact: Contact, entry: BookEntry) -> list[Difference]:
    found = []
    if contact.outcome != entry.outcome:
        found.append(Difference(contact.contact_id, Kind.OUTCOME_DIFFERS, _told(contact), _told(entry)))
    if contact.seat_id != entry.seat_id:
        found.append(
            Difference(contact.contact_id, Kind.SEAT_DIFFERS, contact.seat_id or "", entry.seat_id or "")
        )
    for name in ("arrived_at", "queued_at", "answered_at", "ended_at"):
        ours, theirs = getattr(contact, name), getattr(entry, name)
        if not _same_time(ours, theirs):
            found.append(
                Difference(contact.contact_id, Kind.TIME_DIFFERS, f"{name} {ours}", f"{name} {theirs}")
            )
    return found


def _was_cut_off(contact: Contact) -> bool:
    """The PBX died with the call, so that the books have no end; the ledger was settled from that."""
    return (
        contact.outcome in (Outcome.LOST, Outcome.LOST_EARLY, Outcome.UNREACHED) or contact.source == "books"
    )


def _never_rang(contact: Contact) -> bool:
    """A call-back has its row before there is a channel; a seat whose phone is gone never gets one."""
    return callbacks.is_callback(contact.contact_id) and contact.outcome in (None, Outcome.UNREACHED)


def _same_time(ours: datetime | None, theirs: datetime | None) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    return abs((ours - theirs).total_seconds()) <= TIME_TOLERANCE_S


def _told(row: Contact | BookEntry | None) -> str:
    return (row.outcome or "open") if row else ""


def _doubles(contact_ids: Iterable[ContactId]) -> list[Difference]:
    return [
        Difference(contact_id, Kind.TWO_ROWS, str(count), "1")
        for contact_id, count in Counter(contact_ids).items()
        if count > 1
    ]


def _without_cdr(entries: Iterable[BookEntry], cdr_ids: Collection[str]) -> list[Difference]:
    return [
        Difference(entry.contact_id, Kind.MISSING_IN_CDR, _told(entry), "")
        for entry in entries
        if entry.outcome is not None and entry.contact_id not in cdr_ids
    ]
