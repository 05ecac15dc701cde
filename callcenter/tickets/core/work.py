"""What a person makes of a ticket (工单办理): corrections beside the machine's suggestions, and how it ends.

Invariants: a suggestion is never overwritten, a correction stands before it; nobody overwrites what he has not seen; an ended
ticket changes only after it was opened again.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from callcenter.core.errors import UsageError

TEXT_MAX: Final = 4000
"""Characters of a note."""


class Standing(StrEnum):
    """How far a person is with it."""

    OPEN = "open"
    ANSWERED = "answered"
    """Answered on the spot (直接解答)."""
    HANDED_ON = "handed_on"
    """Handed on to a unit (转办)."""


@dataclass(frozen=True, slots=True)
class Work:
    """A person's part of a ticket. ``None``: not corrected; ``unit``: whose matter it is (承办单位)."""

    version: int = 0
    standing: Standing = Standing.OPEN
    nature: str | None = None
    topic: str | None = None
    place: str | None = None
    unit: str | None = None
    note: str | None = None
    by: str = ""
    at: datetime | None = None


FIELDS: Final = ("nature", "topic", "place", "unit", "note")


def correct(work: Work, changes: Mapping[str, str | None], version: int, by: str, at: datetime) -> Work:
    """The work with some fields corrected; an empty text takes a correction back.

    Raises:
        UsageError: ``wrong_version``, ``wrong_ticket_state``.
    """
    _require_seen(work, version)
    if work.standing is not Standing.OPEN:
        raise UsageError("this ticket has ended: open it again first", code="wrong_ticket_state")
    known: dict[str, Any] = {name: text or None for name, text in changes.items() if name in FIELDS}
    return replace(work, **known, version=work.version + 1, by=by, at=at)


def end(work: Work, ending: Standing, lacks: Collection[str], version: int, by: str, at: datetime) -> Work:
    """The work, ended. ``lacks``: fields that neither machine nor person has filled.

    Raises:
        UsageError: ``wrong_version``, ``wrong_ticket_state``, ``ticket_incomplete``.
    """
    _require_seen(work, version)
    if work.standing is not Standing.OPEN:
        raise UsageError("this ticket has ended already", code="wrong_ticket_state")
    wanted = [name for name in lacks if name in ("nature", "topic")]
    if ending is Standing.HANDED_ON and not work.unit:
        wanted.append("unit")
    if wanted:
        raise UsageError(f"the ticket lacks {', '.join(wanted)}", code="ticket_incomplete")
    return replace(work, standing=ending, version=work.version + 1, by=by, at=at)


def reopen(work: Work, version: int, by: str, at: datetime) -> Work:
    """The work, open again.

    Raises:
        UsageError: ``wrong_version``, ``wrong_ticket_state``.
    """
    _require_seen(work, version)
    if work.standing is Standing.OPEN:
        raise UsageError("this ticket is open", code="wrong_ticket_state")
    return replace(work, standing=Standing.OPEN, version=work.version + 1, by=by, at=at)


def _require_seen(work: Work, version: int) -> None:
    if version != work.version:
        raise UsageError(f"{work.by} changed this ticket meanwhile: look again", code="wrong_version")
