"""Voice messages that were taken while nobody steered: from Asterisk's spool into the ledger, exactly once.

Invariant: whatever step a crash interrupts, the next import does the rest and repeats nothing: the audio is
made safe first, then one unit of work keeps contact, recording, ticket and the fact of the import, and only
then do the spool's files go. What cannot be understood is put aside under ``rejected/``, never deleted.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import structlog
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import insert, select

from callcenter.core.clock import Clock
from callcenter.core.contact import Contact, ContactState
from callcenter.core.errors import UsageError
from callcenter.core.ids import ChannelName, ContactId, RecordingId, TicketNo
from callcenter.core.messages.calls import Outcome
from callcenter.outbox.letters import Letters
from callcenter.store import contacts
from callcenter.store.database import Database
from callcenter.store.schema import messages_imported
from callcenter.store.unit import Unit
from callcenter.tickets import store as tickets
from callcenter.tickets.catalog import Catalog
from recordings import store as recording_rows
from recordings import wav
from recordings.core.names import is_contact_id, recording_of
from recordings.store import Recording, RecordingState
from recordings.vault import Vault

log = structlog.get_logger()

NOTE_BYTES_MAX: Final = 10_000
REJECTED: Final = "rejected"
NO_AUDIO: Final = "no audio"


class Note(BaseModel):
    """What the survival script noted beside a recording."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    uniqueid: str
    number: str = Field(pattern=r"^(\+?[0-9]{3,20})?$")
    called: str = Field(pattern=r"^(\+?[0-9]{3,20})?$")
    at: AwareDatetime


WAIT_FOR_BOOKS = timedelta(minutes=2)
"""How long a message waits for its call to be entered from the books."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A message that is in the ledger now."""

    contact_id: ContactId
    recording_id: RecordingId
    ticket_no: TicketNo
    has_audio: bool


class MessageSpool:
    """The folder ``spool/messages`` of one instance. ``letters``: who left a message is told his ticket; ``None``: not."""

    def __init__(
        self,
        folder: Path,
        database: Database,
        vault: Vault,
        catalog: Catalog,
        zone: ZoneInfo,
        clock: Clock,
        letters: Letters | None = None,
    ):
        self._folder = folder
        self._database = database
        self._vault = vault
        self._catalog = catalog
        self._zone = zone
        self._clock = clock
        self._letters = letters

    async def import_all(self) -> list[Imported]:
        """Import what is there; a caller who has not hung up yet is left for the next time.

        Raises:
            UsageError: the database is not usable as it is set.
            PeerError: disk or database in trouble; the rest stays in the spool.
        """
        found = [await self._import(path) for path in sorted(self._folder.glob("*.json"))]
        return [imported for imported in found if imported]

    async def _import(self, path: Path) -> Imported | None:
        note = self._read(path)
        if note is None:
            return None
        contact_id = ContactId(note.uniqueid)
        if await self._is_done(contact_id):
            self._clear(path)
            return None
        if await self._is_too_early(contact_id, note):
            return None
        recording = await asyncio.to_thread(self._keep_audio, contact_id, path.with_suffix(".wav"))
        async with self._database.unit() as unit:
            imported = await self._enter(unit, note, recording)
        self._clear(path)
        log.info("message imported", contact_id=contact_id, has_audio=imported.has_audio)
        return imported

    def _read(self, path: Path) -> Note | None:
        try:
            with path.open("rb") as stream:
                note: Note | None = Note.model_validate_json(stream.read(NOTE_BYTES_MAX))
        except FileNotFoundError:
            return None
        except ValidationError:
            note = None
        if note is None or note.uniqueid != path.stem or not is_contact_id(path.stem):
            self._reject(path)
            return None
        return note

    def _reject(self, path: Path) -> None:
        for file in _files(path):
            if file.exists():
                self._put_aside(file)
        log.error("message rejected", spool_id=path.stem[:100])

    def _put_aside(self, file: Path) -> None:
        aside = self._folder / REJECTED
        aside.mkdir(exist_ok=True)
        file.replace(aside / file.name)

    def _clear(self, path: Path) -> None:
        """The note last: as long as it is there, the import is tried again."""
        for file in _files(path):
            file.unlink(missing_ok=True)

    async def _is_done(self, contact_id: ContactId) -> bool:
        statement = select(messages_imported.c.spool_id).where(messages_imported.c.spool_id == contact_id)
        async with self._database.reading() as connection:
            return await connection.scalar(statement) is not None

    async def _is_too_early(self, contact_id: ContactId, note: Note) -> bool:
        """He still calls, or the ledger does not know him yet: Asterisk's books tell his times better than a note."""
        async with self._database.reading() as connection:
            contact = await contacts.get(connection, contact_id)
        if contact is None:
            return self._clock.at() - note.at < WAIT_FOR_BOOKS
        return contact.outcome is None

    def _keep_audio(self, contact_id: ContactId, source: Path) -> Recording:
        """The sealed recording of a message; the same again when it was sealed before."""
        recording_id = recording_of(contact_id)
        now = self._clock.at()
        entry = self._vault.kept(contact_id, now)
        wave = self._sound(source) if entry is None else None
        if wave is not None:
            entry = self._vault.keep(contact_id, wave, now)
        if entry is None:
            return Recording(recording_id, contact_id, RecordingState.MISSING, reason=NO_AUDIO)
        return Recording(
            recording_id,
            contact_id,
            RecordingState.SEALED,
            path=entry.path,
            sha256=entry.sound_sha256,
            seconds=entry.seconds,
            short_by_s=0.0,
            sealed_at=datetime.fromisoformat(entry.sealed_at),
        )

    def _sound(self, source: Path) -> wav.Wave | None:
        """What was recorded, with a repaired header; ``None`` when there is nothing. What is no sound is put aside."""
        if not source.exists() or not source.stat().st_size:
            return None
        try:
            wave = wav.of_file(source)
        except UsageError:
            self._put_aside(source)
            return None
        return wave if wave.seconds else None

    async def _enter(self, unit: Unit, note: Note, recording: Recording) -> Imported:
        now = self._clock.at()
        await contacts.save(unit, _contact(note, recording))
        await unit.connection.execute(insert(messages_imported).values(_import_row(recording, now)))
        await contacts.becomes_message(unit, recording.contact_id)
        await recording_rows.save(unit, recording)
        await recording_rows.ask_for_transcript(unit, recording.recording_id, now)
        purpose = tickets.MESSAGE
        ticket = await tickets.draft(unit, recording.contact_id, now, self._zone, purpose)
        await tickets.complete(unit, recording.contact_id, now, self._catalog, self._zone, purpose)
        if self._letters is not None:
            await self._letters.ticket(unit, ticket.ticket_no, ticket.citizen, now)
        has_audio = recording.state is RecordingState.SEALED
        return Imported(recording.contact_id, recording.recording_id, ticket.ticket_no, has_audio)


def _files(path: Path) -> Iterable[Path]:
    """Of one message: its sound, a second one that was begun, and the note."""
    return path.with_suffix(".wav"), path.with_suffix(".again.wav"), path


def _import_row(recording: Recording, at: datetime) -> dict[str, Any]:
    return {"spool_id": recording.contact_id, "contact_id": recording.contact_id, "imported_at": at}


def _contact(note: Note, recording: Recording) -> Contact:
    """The row of a call that no controller saw; if there is one already, it stays."""
    arrived_at = note.at.astimezone(UTC)
    return Contact(
        contact_id=recording.contact_id,
        channel=ChannelName(""),
        caller=note.number,
        called=note.called,
        source="survival",
        state=ContactState.ENDED,
        arrived_at=arrived_at,
        ended_at=arrived_at,
        outcome=Outcome.MESSAGE,
    )
