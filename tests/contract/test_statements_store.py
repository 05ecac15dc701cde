"""What is stated in line: into vault and ledger exactly once, whatever is interrupted."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from rows import C1, NOW, StillClock, answered
from writers import writing

from callcenter.core.contact import ContactState
from callcenter.core.errors import CallcenterError
from callcenter.core.ids import ContactId
from callcenter.core.messages.work import DraftTicket
from callcenter.outbox.letters import Letters
from callcenter.outbox.section import Sms
from callcenter.paperwork import Paperwork
from callcenter.statements import LEFT_AFTER_S, Statements
from callcenter.store import contacts, jobs
from callcenter.store.database import Database
from callcenter.store.writer import StoreWriter
from callcenter.tickets import catalog
from callcenter.tickets import store as tickets
from callcenter.tickets.pins import Pins
from callcenter.workbench import Workbench
from queues.core.numbers import mobile_number
from recordings import store as recordings
from recordings import wav
from recordings.core.names import statement_of
from recordings.vault import Vault

pytestmark = pytest.mark.contract

SOUND = wav.header(2 * wav.RATE, 1) + b"\1\0" * wav.RATE
"""One second."""


@dataclass
class House:
    """A spool, a vault, a database, and a citizen in the line."""

    database: Database
    root: Path

    def __post_init__(self) -> None:
        self.folder = self.root / "spool" / "statements"
        self.folder.mkdir(parents=True)
        self.vault = Vault(self.root / "recordings")
        self.woken = 0

    def statements(self, writer: StoreWriter) -> tuple[Statements, Paperwork]:
        """As a newly started controller builds them."""
        clock, letters = StillClock(), Letters(Sms(), "延安", mobile_number, Pins(b"key"))
        paperwork = Paperwork(writer, catalog.load(), clock, ZoneInfo("Asia/Shanghai"), letters)
        bench = Workbench("sound", limit=1, limit_s=10.0)
        return Statements(self.folder, self.vault, writer, paperwork, bench, self._wake, clock), paperwork

    def _wake(self) -> None:
        self.woken += 1

    async def wait_in_line(self) -> None:
        """He arrived, and nobody answered him yet."""
        waiting = replace(answered(ended=False), state=ContactState.WAITING, answered_at=None, seat_id=None)
        async with self.database.unit() as unit:
            await contacts.save(unit, waiting)

    def leave(
        self, contact_id: ContactId = C1, sound: bytes = SOUND, age_s: float = LEFT_AFTER_S + 1
    ) -> Path:
        """What Asterisk recorded so long ago."""
        path = self.folder / f"{contact_id}.wav"
        path.write_bytes(sound)
        written = NOW.timestamp() - age_s
        os.utime(path, (written, written))
        return path


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    """An empty house."""
    return House(database, tmp_path / "home")


async def test_a_statement_becomes_recording_job_and_the_one_ticket(house: House) -> None:
    """Everything is in the ledger and the spool is empty; the seat that answers finds the same ticket."""
    await house.wait_in_line()
    path = house.leave()
    async with writing(house.database) as writer:
        statements, paperwork = house.statements(writer)
        assert statements.path(C1) == path
        await statements.sweep()
        paperwork.draft_ticket(DraftTicket(C1))
    async with house.database.reading() as connection:
        recording = await recordings.get(connection, statement_of(C1))
        job = await jobs.by_key(connection, recordings.transcription_key(statement_of(C1)))
        drafted = await tickets.newest(connection)
        talk = await recordings.of_contact(connection, C1)
        stated = await recordings.stated(connection)
    assert recording is not None
    assert job is not None
    assert (recording.contact_id, recording.seconds) == (C1, 1.0)
    assert [(ticket.contact_id, ticket.purpose) for ticket in drafted] == [(C1, tickets.CALL)]
    assert talk is None
    assert stated == {C1}
    assert (house.woken, path.exists()) == (1, False)
    with house.vault.opened(statement_of(C1)) as sound:
        assert sound.layout().seconds == 1.0


async def test_what_a_crash_interrupts_is_done_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The controller dies when the sound is safe and nothing is written down: the next one makes one ticket of it."""
    await house.wait_in_line()
    path = house.leave()

    async def die(*_: object, **__: object) -> None:
        raise CallcenterError("killed", code="killed")

    async with writing(house.database) as writer:
        dying, _ = house.statements(writer)
        monkeypatch.setattr(dying, "_enter", die)
        await dying.sweep()
        assert path.exists()
        for _ in range(2):
            await house.statements(writer)[0].sweep()
    async with house.database.reading() as connection:
        assert len(await tickets.newest(connection)) == 1
    assert not path.exists()
    assert len(list(house.vault.manifest.lines())) == 1


async def test_what_may_still_be_written_to_is_left_alone(house: House) -> None:
    """A young file belongs to a caller who speaks; what is no sound is put aside, foreign names are not touched."""
    await house.wait_in_line()
    young = house.leave(age_s=1.0)
    foreign = house.leave(ContactId("x"))
    async with writing(house.database) as writer:
        statements, _ = house.statements(writer)
        await statements.sweep()
        assert young.exists()
        assert foreign.exists()
        house.leave(sound=b"ID3 not a sound of ours" * 100)
        await statements.sweep()
    assert not young.exists()
    assert young.with_suffix(".rejected").exists()
    async with house.database.reading() as connection:
        assert await tickets.newest(connection) == []
