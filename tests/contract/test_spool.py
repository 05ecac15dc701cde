"""Voice messages from the spool: imported once, whatever is interrupted."""

import json
import math
import wave
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rows import C1, NOW, StillClock, answered, arrival

from callcenter.core.errors import PeerError
from callcenter.core.messages.calls import Outcome
from callcenter.outbox import store as outbox
from callcenter.outbox.letters import Letters
from callcenter.outbox.section import Sms
from callcenter.store import contacts, jobs
from callcenter.store import spool as spools
from callcenter.store.database import Database
from callcenter.store.spool import MessageSpool
from callcenter.tickets import catalog
from callcenter.tickets import store as tickets
from callcenter.tickets.core.draft import Problem, TicketState
from callcenter.tickets.pins import Pins
from queues.core.numbers import mobile_number
from recordings import store as recordings
from recordings import wav
from recordings.vault import Vault

pytestmark = pytest.mark.contract

NOTE = {
    "uniqueid": C1,
    "number": "13812345678",
    "called": "12345",
    "at": "2026-11-22T03:50:00.000+00:00",
    "seconds": 1.0,
}


@dataclass
class House:
    """A spool, a vault and a database."""

    database: Database
    root: Path

    def __post_init__(self) -> None:
        self.folder = self.root / "spool" / "messages"
        self.folder.mkdir(parents=True)
        self.vault = Vault(self.root / "recordings")

    def spool(self) -> MessageSpool:
        """As a newly started controller builds it."""
        zone, letters = ZoneInfo("Asia/Shanghai"), Letters(Sms(), "延安", mobile_number, Pins(b"key"))
        return MessageSpool(
            self.folder, self.database, self.vault, catalog.load(), zone, StillClock(), letters
        )

    def leave(self, note: Mapping[str, Any] | str = NOTE, sound: bytes | None = None) -> None:
        """What the survival script leaves."""
        sound = _sound() if sound is None else sound
        if sound:
            (self.folder / f"{C1}.wav").write_bytes(sound)
        text = note if isinstance(note, str) else json.dumps(note)
        (self.folder / f"{C1}.json").write_text(text)


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    """An empty house."""
    return House(database, tmp_path / "home")


async def test_who_left_a_message_is_told_his_ticket(house: House) -> None:
    """Its number and PIN by short message, in the commit that makes it; once, however often the spool is looked at."""
    for _ in range(2):
        house.leave()
        await house.spool().import_all()
    async with house.database.reading() as connection:
        (letter,) = await outbox.newest(connection)
        ticket = await tickets.of_contact(connection, C1, tickets.MESSAGE)
    assert ticket is not None
    assert (letter.kind, letter.about, letter.number) == ("ticket", ticket.ticket_no, NOTE["number"])


async def test_a_message_becomes_contact_recording_job_and_ticket(house: House) -> None:
    """Everything about a message is in the ledger, and the spool is empty."""
    house.leave()
    (imported,) = await house.spool().import_all()
    async with house.database.reading() as connection:
        contact = await contacts.get(connection, C1)
        ticket = await tickets.of_contact(connection, C1, tickets.MESSAGE)
        recording = await recordings.of_contact(connection, C1)
        job = await jobs.by_key(connection, recordings.transcription_key(imported.recording_id))
    assert contact is not None
    assert (contact.outcome, contact.caller, contact.source) == (Outcome.MESSAGE, "13812345678", "survival")
    assert ticket is not None
    assert (ticket.ticket_no, ticket.state) == (imported.ticket_no, TicketState.DRAFT)
    assert recording is not None
    assert (recording.seconds, job is not None) == (1.0, True)
    assert (house.vault.root / str(recording.path)).is_file()
    assert list(house.folder.iterdir()) == []


async def test_importing_again_does_nothing(house: House) -> None:
    """The same note found again (a crash before the spool was cleared) is only cleared."""
    house.leave()
    await house.spool().import_all()
    house.leave()
    assert await house.spool().import_all() == []
    assert list(house.folder.iterdir()) == []
    assert len(list(house.vault.manifest.lines())) == 1


@pytest.mark.parametrize("step", ["_keep_audio", "_enter", "_clear"])
async def test_a_crash_at_any_step_is_made_good(
    house: House, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interrupted after any step, the next import completes the message and doubles nothing."""
    house.leave()
    after = getattr(MessageSpool, step)
    with monkeypatch.context() as patch:
        patch.setattr(MessageSpool, step, _crashing(after, step))
        with pytest.raises(PeerError, match="crash"):
            await house.spool().import_all()
    await house.spool().import_all()
    async with house.database.reading() as connection:
        outcomes = [contact.outcome for contact in await contacts.newest(connection)]
        found = await tickets.newest(connection)
    assert outcomes == [Outcome.MESSAGE]
    assert [ticket.ticket_no for ticket in found] == ["20261122-000001"]
    assert len(list(house.vault.manifest.lines())) == 1
    assert list(house.folder.iterdir()) == []


async def test_a_call_that_the_books_have_not_told_yet_is_left_for_later(house: House) -> None:
    """A fresh note waits for its contact: Asterisk's books know its times better."""
    house.leave(NOTE | {"at": NOW.isoformat()})
    assert await house.spool().import_all() == []


async def test_a_caller_who_is_still_there_is_left_for_later(house: House) -> None:
    """While the contact is open its message stays in the spool; afterwards it is its outcome."""
    async with house.database.unit() as unit:
        await contacts.arrive(unit, arrival())
    house.leave()
    assert await house.spool().import_all() == []
    abandoned = replace(
        answered(), answered_at=None, talk_ended_at=None, seat_id=None, outcome=Outcome.ABANDONED
    )
    async with house.database.unit() as unit:
        await contacts.save(unit, abandoned)
    assert len(await house.spool().import_all()) == 1
    async with house.database.reading() as connection:
        contact = await contacts.get(connection, C1)
    assert contact == replace(abandoned, outcome=Outcome.MESSAGE)


async def test_who_left_only_a_number_gets_a_ticket_too(house: House) -> None:
    """No sound: the ticket is ready at once and says that there is none."""
    house.leave(sound=b"")
    (imported,) = await house.spool().import_all()
    async with house.database.reading() as connection:
        ticket = await tickets.get(connection, imported.ticket_no)
    assert (imported.has_audio, ticket.state) == (False, TicketState.READY)
    assert ticket.problems == (Problem.RECORDING_MISSING,)


async def test_a_torn_header_is_repaired(house: House) -> None:
    """A file that Asterisk could not finish keeps its sound."""
    sound = bytearray(_sound())
    sound[40:44] = bytes(4)
    house.leave(sound=bytes(sound))
    await house.spool().import_all()
    async with house.database.reading() as connection:
        recording = await recordings.of_contact(connection, C1)
    assert recording is not None
    with wave.open(str(house.vault.root / str(recording.path))) as sealed:
        assert sealed.getnframes() == 8000


@pytest.mark.parametrize(
    ("sound", "seconds"),
    [
        (wav.header(0) + b"\1\0\2\0" * 8000, 1.0),
        (wav.header(10**6) + b"\1\0\2\0" * 8000 + b"\1", 1.0),
        (wav.header(32_000, channels=1) + b"\1\0" * 16_000, 2.0),
        (wav.header(32_000, channels=1, rate=16_000) + b"\1\0" * 16_000, 1.0),
    ],
    ids=["no sizes", "cut off", "one channel", "another rate"],
)
async def test_sound_that_is_not_as_usual_is_kept(house: House, sound: bytes, seconds: float) -> None:
    """With the length that its bytes have; whoever transcribes it will say what hinders him."""
    house.leave(sound=sound)
    (imported,) = await house.spool().import_all()
    async with house.database.reading() as connection:
        recording = await recordings.of_contact(connection, C1)
    assert recording is not None
    assert (imported.has_audio, recording.seconds) == (True, seconds)


@pytest.mark.parametrize(
    ("sound", "is_kept"),
    [
        (b"", False),
        (wav.header(0), False),
        (b"RIFF", True),
        (b"ID3 not a sound of ours" * 100, True),
        (b"RIFF\0\0\0\0WAVEdata\0\0\0\0", True),
    ],
    ids=["empty", "header only", "cut in the header", "foreign", "without format"],
)
async def test_a_file_without_sound_is_no_recording(house: House, sound: bytes, is_kept: bool) -> None:
    """The ticket says what is missing; bytes that nobody understands are put aside, never deleted."""
    house.leave(sound=sound)
    (house.folder / f"{C1}.wav").write_bytes(sound)
    (imported,) = await house.spool().import_all()
    async with house.database.reading() as connection:
        ticket = await tickets.get(connection, imported.ticket_no)
    assert (imported.has_audio, ticket.problems) == (False, (Problem.RECORDING_MISSING,))
    aside = house.folder / spools.REJECTED / f"{C1}.wav"
    assert aside.exists() == is_kept
    assert not is_kept or aside.read_bytes() == sound
    assert not (house.folder / f"{C1}.json").exists()


@pytest.mark.parametrize(
    "note",
    [
        "",
        "{",
        "[]",
        "x" * 20_000,
        json.dumps(NOTE | {"number": "1; DROP"}),
        json.dumps(NOTE | {"uniqueid": "../x"}),
    ],
)
async def test_what_is_not_a_note_is_put_aside(house: House, note: str) -> None:
    """A damaged or hostile note is kept under rejected/, with its sound, and stops nobody else."""
    house.leave(note)
    assert await house.spool().import_all() == []
    assert {path.name for path in (house.folder / spools.REJECTED).iterdir()} == {f"{C1}.json", f"{C1}.wav"}


def _crashing(step: Any, name: str) -> Any:
    async def asynchronous(*arguments: Any) -> None:
        await step(*arguments)
        raise PeerError("crash")

    def synchronous(*arguments: Any) -> None:
        step(*arguments) if name == "_keep_audio" else arguments[1].with_suffix(".wav").unlink()
        raise PeerError("crash")

    return asynchronous if name == "_enter" else synchronous


def _sound() -> bytes:
    samples = array("h", (round(8000 * math.sin(n * 0.5)) for n in range(8000)))
    data = samples.tobytes()
    head = b"RIFF" + (36 + len(data)).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    form = (
        b"\x01\x00\x01\x00"
        + (8000).to_bytes(4, "little")
        + (16000).to_bytes(4, "little")
        + b"\x02\x00\x10\x00"
    )
    return head + form + b"data" + len(data).to_bytes(4, "little") + data
