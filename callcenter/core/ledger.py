"""The two books compared: our contacts, and what Asterisk itself wrote down (CEL, CDR).

Invariant: a contact that both books describe alike yields no difference; everything else yields at least one,
with its name. Nothing here reads a file or a clock.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from callcenter.core.books import BookEntry
from callcenter.core.contact import Contact
from callcenter.core.ids import ContactId
from callcenter.core.messages import callbacks
from callcenter.core.messages.calls import ContactSettled, Outcome

TIME_TOLERANCE_S: Final = 2.0
"""Two clocks of one machine and a busy event loop may lie this far apart."""


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
