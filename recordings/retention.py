"""Recordings whose time is over, and legal holds: what SQL knows of them, and the deletion itself.

Invariants: who deletes first asks what is held; with the sound goes what was made of it (transcripts, search, waveform, the
words of findings); a deletion is told in the manifest, in the row and in the audit; a month's key is destroyed only when
none of its recordings is wanted any more.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.errors import CallcenterError, PeerError, UsageError
from callcenter.core.ids import ContactId, RecordingId
from callcenter.core.messages.calls import Outcome
from callcenter.sections import Recordings
from callcenter.store import audit
from callcenter.store.database import Database
from callcenter.store.schema import (
    contacts,
    earlier_transcripts,
    legal_holds,
    recordings,
    tickets,
    transcripts,
)
from callcenter.store.unit import Unit
from recordings import peaks, search
from recordings.core.manifest import Entry, Event
from recordings.core.names import is_statement, month_of
from recordings.core.retention import Facts, Policy, RecordingClass, classify, is_due
from recordings.keys import checked_month
from recordings.qa import assessments
from recordings.store import RecordingState
from recordings.vault import Vault

log = structlog.get_logger()

BY: Final = "retention"
"""Who deletes, in the audit."""

BATCH: Final = 200
"""Recordings whose deletion is looked up at once."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold (法律保全) on the recordings of a contact and of the call-backs that answer it."""

    contact_id: ContactId
    why: str
    placed_by: str
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """A recording that is kept, and what decides how long. ``contact_ids``: whose holds keep it."""

    recording_id: RecordingId
    contact_ids: frozenset[ContactId]
    facts: Facts


@dataclass
class Deletion:
    """What a run did. ``failed``: recording -> code; they are tried again in the next run."""

    deleted: list[RecordingId] = field(default_factory=list)
    failed: dict[RecordingId, str] = field(default_factory=dict)


def policy_of(chosen: Recordings) -> Policy:
    """The policy that the operator set."""
    return Policy(
        {
            RecordingClass.CALL: chosen.calls_days,
            RecordingClass.CALLBACK: chosen.callbacks_days,
            RecordingClass.MESSAGE: chosen.messages_days,
            RecordingClass.COMPLAINT: chosen.complaints_days,
        }
    )


async def place_hold(unit: Unit, contact_id: ContactId, why: str, by: str, at: datetime) -> None:
    """Keep the recordings of a contact until the hold is released; audited.

    Raises:
        UsageError: ``unknown_contact``, ``wrong_hold_state`` (held already), ``why_missing``.
    """
    require_why(why)
    known = select(contacts.c.contact_id).where(contacts.c.contact_id == contact_id)
    if await unit.connection.scalar(known) is None:
        raise UsageError(f"there is no contact {contact_id}", code="unknown_contact")
    if contact_id in {hold.contact_id for hold in await holds(unit.connection)}:
        raise UsageError(f"contact {contact_id} is held already", code="wrong_hold_state")
    row = {"contact_id": contact_id, "why": why, "placed_by": by, "placed_at": at}
    await unit.connection.execute(insert(legal_holds).values(row | {"released_by": "", "release_why": ""}))
    await note(unit, at, by, "hold.placed", f"contact/{contact_id}", why)


async def release_hold(unit: Unit, contact_id: ContactId, why: str, by: str, at: datetime) -> None:
    """End a hold; audited.

    Raises:
        UsageError: ``wrong_hold_state``: there is none, ``why_missing``.
    """
    require_why(why)
    ended = {"released_at": at, "released_by": by, "release_why": why}
    active = (legal_holds.c.contact_id == contact_id) & legal_holds.c.released_at.is_(None)
    result = await unit.connection.execute(update(legal_holds).where(active).values(ended))
    if not result.rowcount:
        raise UsageError(f"contact {contact_id} is not held", code="wrong_hold_state")
    await note(unit, at, by, "hold.released", f"contact/{contact_id}", why)


async def holds(connection: AsyncConnection) -> list[Hold]:
    """The holds in force, oldest first."""
    statement = (
        select(legal_holds).where(legal_holds.c.released_at.is_(None)).order_by(legal_holds.c.placed_at)
    )
    rows = (await connection.execute(statement)).mappings()
    return [
        Hold(ContactId(row["contact_id"]), row["why"], row["placed_by"], row["placed_at"]) for row in rows
    ]


async def kept(connection: AsyncConnection, arrived_before: datetime | None = None) -> list[Kept]:
    """The recordings that are kept, oldest first, of contacts that arrived before a time."""
    held = {hold.contact_id for hold in await holds(connection)}
    is_kept = recordings.c.state == RecordingState.SEALED.value
    origin = contacts.c.answers_contact_id
    belongs = (tickets.c.contact_id == contacts.c.contact_id) | (tickets.c.contact_id == origin)
    joined = recordings.join(contacts, contacts.c.contact_id == recordings.c.contact_id).outerjoin(
        tickets, belongs
    )
    statement = (
        select(
            recordings.c.recording_id,
            contacts.c.contact_id,
            origin,
            contacts.c.outcome,
            contacts.c.arrived_at,
            tickets.c.nature,
        )
        .select_from(joined)
        .where(is_kept)
        .order_by(contacts.c.arrived_at, recordings.c.recording_id)
    )
    if arrived_before is not None:
        statement = statement.where(contacts.c.arrived_at < arrived_before)
    rows = (await connection.execute(statement)).mappings().all()
    natures: dict[str, set[str]] = {}
    for row in rows:
        natures.setdefault(row["recording_id"], set()).update({row["nature"]} - {None})
    newest = {row["recording_id"]: row for row in rows}
    return [_kept(row, natures[name], held) for name, row in newest.items()]


async def due(database: Database, policy: Policy, now: datetime) -> list[Kept]:
    """The recordings whose time is over and that nothing holds."""
    async with database.reading() as connection:
        candidates = await kept(connection, now - policy.shortest)
    return [item for item in candidates if is_due(item.facts, policy, now)]


async def delete_due(database: Database, vault: Vault, policy: Policy, now: datetime) -> Deletion:
    """Delete what is due, one recording after the other; what fails is left for the next run.

    Raises:
        PeerError: the database or the manifest cannot be read.
    """
    done = Deletion()
    wanted = await due(database, policy, now)
    for start in range(0, len(wanted), BATCH):
        batch = await _unheld(database, wanted[start : start + BATCH])
        names = {item.recording_id for item in batch}
        lines = await asyncio.to_thread(vault.manifest.newest, names)
        for item in batch:
            await _delete(database, vault, policy, item, lines.get(item.recording_id), now, done)
    return done


async def erase_month(
    database: Database, vault: Vault, policy: Policy, month: str, why: str, by: str, now: datetime
) -> list[str]:
    """Destroy a month's data keys: whatever copy of its recordings exists anywhere is noise from now on.

    The master key is replaced too, so that older copies of the wrapped keys open with nothing that is kept here. The ids
    of the keys destroyed.

    Raises:
        UsageError: ``bad_month``, ``why_missing``, ``nothing_to_erase``, or ``month_wanted``: a recording of the month is
            held or its time is not over; the message counts them.
        PeerError: a recording that is due could not be deleted, a key's trouble, or disk and database.
    """
    require_why(why)
    checked_month(month)
    if vault.keys is None or not any(key.wrapped for key in vault.keys.months() if key.month == month):
        raise UsageError(f"there is no data key of {month}", code="nothing_to_erase")
    await _require_unwanted(database, policy, month, now)
    deletion = await delete_due(database, vault, policy, now)
    if any(month_of(recording_id) == month for recording_id in deletion.failed):
        raise PeerError("not every recording of the month could be deleted: try again", code="recording_io")
    async with database.unit() as unit:
        await note(unit, now, by, "vault.key_erased", f"vault/{month}", why)
    erased = await asyncio.to_thread(vault.keys.erase, month, why)
    for key_id in erased:
        line = Entry(
            RecordingId(""), ContactId(""), "", "", 0.0, now.isoformat(timespec="seconds"), "", key_id=key_id,
            event=Event.KEY_ERASED.value, why=why,
        )  # fmt: skip
        await asyncio.to_thread(vault.manifest.append, line)
    await asyncio.to_thread(vault.keys.rotate)
    return erased


async def note(unit: Unit, at: datetime, by: str, action: str, resource: str, why: str) -> None:
    """Write the book of accesses."""
    await audit.write(unit, at=at, by=by, action=action, resource=resource, why=why)


async def sealed_sounds(connection: AsyncConnection) -> Mapping[RecordingId, str]:
    """Recording -> SHA-256 of its sound, of all rows that are called sealed."""
    is_sealed = recordings.c.state == RecordingState.SEALED.value
    rows = await connection.execute(select(recordings.c.recording_id, recordings.c.sha256).where(is_sealed))
    return {RecordingId(recording_id): sha256 for recording_id, sha256 in rows}


async def _unheld(database: Database, items: list[Kept]) -> list[Kept]:
    """Those that no hold keeps, as of now: a hold may have come while others were deleted."""
    async with database.reading() as connection:
        held = {hold.contact_id for hold in await holds(connection)}
    return [item for item in items if held.isdisjoint(item.contact_ids)]


async def _require_unwanted(database: Database, policy: Policy, month: str, now: datetime) -> None:
    async with database.reading() as connection:
        mine = [item for item in await kept(connection) if month_of(item.recording_id) == month]
    held = sum(1 for item in mine if item.facts.is_held)
    young = sum(1 for item in mine if not item.facts.is_held and not is_due(item.facts, policy, now))
    if held or young:
        raise UsageError(
            f"{month} is still wanted: {held} recordings are held, the time of {young} is not over; "
            "see 'callcenter vault holds' and the days under [recordings]",
            code="month_wanted",
        )


async def _delete(
    database: Database,
    vault: Vault,
    policy: Policy,
    item: Kept,
    before: Entry | None,
    now: datetime,
    done: Deletion,
) -> None:
    kind = classify(item.facts)
    why = f"{kind}: {policy.days[kind]} days"
    try:
        await asyncio.to_thread(vault.delete, item.recording_id, before, why, now)
        async with database.unit() as unit:
            gone = {"state": RecordingState.DELETED.value, "path": None, "reason": why}
            row = recordings.c.recording_id == item.recording_id
            await unit.connection.execute(update(recordings).where(row).values(gone))
            await _forget_words(unit, item.recording_id)
            await note(unit, now, BY, "recording.deleted", f"recording/{item.recording_id}", why)
    except CallcenterError as error:
        log.error("recording not deleted", recording_id=item.recording_id, code=error.code)
        done.failed[item.recording_id] = error.code
    else:
        done.deleted.append(item.recording_id)


async def _forget_words(unit: Unit, recording_id: RecordingId) -> None:
    """What was made of the sound goes with it; scores, seconds and the ticket stay."""
    await search.forget(unit, recording_id)
    await assessments.forget(unit, [recording_id])
    await peaks.forget(unit, recording_id)
    for table in (transcripts, earlier_transcripts):
        await unit.connection.execute(delete(table).where(table.c.recording_id == recording_id))


def _kept(row: RowMapping, natures: set[Any], held: set[ContactId]) -> Kept:
    contact_ids = frozenset({row["contact_id"], row["answers_contact_id"]} - {None})
    facts = Facts(
        is_callback=row["answers_contact_id"] is not None,
        is_message=row["outcome"] == Outcome.MESSAGE.value or is_statement(row["recording_id"]),
        natures=frozenset(natures),
        arrived_at=row["arrived_at"],
        is_held=not held.isdisjoint(contact_ids),
    )
    return Kept(RecordingId(row["recording_id"]), contact_ids, facts)


def require_why(why: str) -> None:
    """Refuse to go on without a reason.

    Raises:
        UsageError: ``why_missing``.
    """
    if len(why.strip()) < 2 or len(why) > 200 or not why.isprintable():
        raise UsageError("say why, in 2 to 200 printable characters: --why ...", code="why_missing")
