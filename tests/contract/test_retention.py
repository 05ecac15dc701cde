"""Retention and holds on real databases: what is over goes, with its traces; what is wanted stays."""

import asyncio
import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from rows import NOW, answered
from sqlalchemy import Table, select, update
from vaults import can_be_heard, new_vault

from callcenter.core.contact import Contact
from callcenter.core.errors import PeerError, UsageError
from callcenter.core.ids import ContactId, RecordingId
from callcenter.core.messages.calls import Outcome
from callcenter.store import contacts, schema
from callcenter.store.database import Database
from callcenter.tickets import store as tickets
from recordings import gaps, retention, wav
from recordings import store as recordings
from recordings.core.names import recording_of
from recordings.core.retention import Policy, RecordingClass
from recordings.core.transcript import Transcript, Word
from recordings.store import Recording, RecordingState
from recordings.vault import Vault

pytestmark = pytest.mark.contract

ZONE = ZoneInfo("Asia/Shanghai")
POLICY = Policy(
    {
        RecordingClass.CALL: 180,
        RecordingClass.CALLBACK: 180,
        RecordingClass.MESSAGE: 365,
        RecordingClass.COMPLAINT: 1095,
    }
)


@dataclass
class House:
    """A database and a vault."""

    database: Database
    vault: Vault

    async def record(
        self, number: int, age_days: float, nature: str | None = None, **changes: object
    ) -> RecordingId:
        """An answered contact of so many days ago, recorded and with a ticket."""
        at = NOW - timedelta(days=age_days)
        contact_id = ContactId(f"cc-{int(at.timestamp())}.{number}")
        contact = replace(answered(contact_id, at), **changes)  # type: ignore[arg-type]  # fields by name
        raw = self.vault.root / "x.raw"
        raw.write_bytes(b"\1\0\2\0" * wav.RATE)
        entry = self.vault.keep(contact_id, wav.of_raw(raw), at)
        row = Recording(
            recording_of(contact_id),
            contact_id,
            RecordingState.SEALED,
            path=entry.path,
            sha256=entry.sound_sha256,
            seconds=1.0,
            sealed_at=at,
        )
        async with self.database.unit() as unit:
            await contacts.save(unit, contact)
            await recordings.save(unit, row)
            await tickets.draft(unit, contact_id, at, ZONE)
            mine = schema.tickets.c.contact_id == contact_id
            await unit.connection.execute(update(schema.tickets).where(mine).values(nature=nature))
        return row.recording_id

    async def answers(self, callback: RecordingId, origin: RecordingId) -> None:
        """Make one contact the call-back that answers another."""
        async with self.database.unit() as unit:
            row = schema.contacts.c.contact_id == callback
            values = {"answers_contact_id": origin, "source": "callback"}
            await unit.connection.execute(update(schema.contacts).where(row).values(values))

    async def hold(self, recording_id: RecordingId, why: str = "行政复议") -> None:
        """Place a hold."""
        async with self.database.unit() as unit:
            await retention.place_hold(unit, ContactId(recording_id), why, "cli:qa", NOW)

    async def delete_due(self) -> list[RecordingId]:
        """One night."""
        return (await retention.delete_due(self.database, self.vault, POLICY, NOW)).deleted

    async def known(self, table: Table) -> list[RecordingId]:
        """The recordings of which a table tells."""
        async with self.database.reading() as connection:
            return list(await connection.scalars(select(table.c.recording_id)))

    async def audit(self) -> list[tuple[str, str, str, str]]:
        """Who did what to what, why."""
        table = schema.audit.c
        async with self.database.reading() as connection:
            rows = await connection.execute(
                select(table.by, table.action, table.resource, table.why).order_by(table.id)
            )
            return [tuple(row) for row in rows]


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    """An empty house."""
    return House(database, new_vault(tmp_path / "v"))


async def test_what_is_over_goes_and_leaves_its_traces(house: House) -> None:
    """The file is gone; tombstone, row and audit tell when and why; a younger one stays."""
    old, young = await house.record(1, 181), await house.record(2, 179)
    assert await house.delete_due() == [old]
    assert not can_be_heard(house.vault, old)
    assert can_be_heard(house.vault, young)
    entry = house.vault.manifest.find(old)
    assert entry is not None
    assert (entry.event, entry.why, entry.sha256) == ("deleted", "call: 180 days", "")
    async with house.database.reading() as connection:
        row = await recordings.get(connection, old)
    assert row is not None
    assert (row.state, row.path, row.reason) == (RecordingState.DELETED, None, "call: 180 days")
    assert await house.audit() == [("retention", "recording.deleted", f"recording/{old}", "call: 180 days")]
    assert await house.delete_due() == []
    assert len(list(house.vault.manifest.lines())) == 3


async def test_the_words_go_with_the_sound(house: House) -> None:
    """Transcripts, also earlier ones, and the search over them; the ticket stays, and others keep theirs."""
    old, young = await house.record(1, 181), await house.record(2, 179)
    async with house.database.unit() as unit:
        for recording_id in (old, young):
            for model in ("small", "large"):
                said = Transcript(recording_id, model, True, 1.0, (Word("路灯坏了", 0.0, 1.0, 0.9),), ())
                await recordings.save_transcript(unit, said, NOW)
    assert len(await house.known(schema.transcript_texts)) == 2
    assert await house.delete_due() == [old]
    for table in (schema.transcripts, schema.transcript_texts):
        assert await house.known(table) == [young]
    assert old not in await house.known(schema.earlier_transcripts)
    async with house.database.reading() as connection:
        assert await tickets.of_contact(connection, ContactId(old)) is not None


async def test_each_class_has_its_time(house: House) -> None:
    """Complaints outlive messages, messages outlive calls; a call-back is as long of use as what it answers."""
    call = await house.record(1, 200, nature="consultation")
    message = await house.record(2, 200, outcome=Outcome.MESSAGE)
    complaint = await house.record(3, 200, nature="complaint")
    callback, answer = await house.record(4, 200), await house.record(5, 200)
    await house.answers(callback, call)
    await house.answers(answer, complaint)
    assert await house.delete_due() == [call, callback]
    for kept in (message, complaint, answer):
        assert can_be_heard(house.vault, kept)


async def test_a_hold_keeps_a_contact_and_its_call_backs(house: House) -> None:
    """Until it is released, which is audited as well."""
    held, callback = await house.record(1, 400), await house.record(2, 399)
    await house.answers(callback, held)
    await house.hold(held)
    assert await house.delete_due() == []
    async with house.database.unit() as unit:
        await retention.release_hold(unit, ContactId(held), "已结案", "cli:qa", NOW)
    assert await house.delete_due() == [held, callback]
    assert [entry[:3] for entry in await house.audit()][:2] == [
        ("cli:qa", "hold.placed", f"contact/{held}"),
        ("cli:qa", "hold.released", f"contact/{held}"),
    ]


async def test_holds_are_placed_with_a_reason_on_what_is_there(house: House) -> None:
    """Nobody unknown, nobody twice, nothing without a reason; after a release it may be placed again."""
    recording_id = await house.record(1, 1)
    with pytest.raises(UsageError) as caught:
        await house.hold(RecordingId("cc-1763784000.99"))
    assert caught.value.code == "unknown_contact"
    for why in ("", " ", "x", "a\nb", "x" * 201):
        with pytest.raises(UsageError) as caught:
            await house.hold(recording_id, why)
        assert caught.value.code == "why_missing"
    await house.hold(recording_id)
    with pytest.raises(UsageError) as caught:
        await house.hold(recording_id)
    assert caught.value.code == "wrong_hold_state"
    async with house.database.unit() as unit:
        await retention.release_hold(unit, ContactId(recording_id), "已结案", "cli:qa", NOW)
    with pytest.raises(UsageError):
        async with house.database.unit() as unit:
            await retention.release_hold(unit, ContactId(recording_id), "已结案", "cli:qa", NOW)
    await house.hold(recording_id)
    async with house.database.reading() as connection:
        assert [str(hold.contact_id) for hold in await retention.holds(connection)] == [recording_id]


async def test_an_interrupted_deletion_is_ended_the_next_night(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the file went and before the row knew: one tombstone, and everything agrees."""
    old = await house.record(1, 181)
    with monkeypatch.context() as patch:
        patch.setattr(retention, "note", _crash)
        deletion = await retention.delete_due(house.database, house.vault, POLICY, NOW)
    assert (deletion.deleted, deletion.failed) == ([], {old: "peer"})
    assert await house.delete_due() == [old]
    assert len(list(house.vault.manifest.lines())) == 2


async def _crash(*_: object) -> None:
    raise PeerError("crash")


async def test_one_that_cannot_be_deleted_does_not_keep_the_others(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its trouble is told; the next night it is tried again."""
    stuck, other = await house.record(1, 182), await house.record(2, 181)
    delete = Vault.delete

    def failing(vault: Vault, recording_id: RecordingId, *rest: object) -> None:
        if recording_id == stuck:
            raise PeerError("read-only disk", code="recording_io")
        delete(vault, recording_id, *rest)  # type: ignore[arg-type]  # as they came

    with monkeypatch.context() as patch:
        patch.setattr(Vault, "delete", failing)
        deletion = await retention.delete_due(house.database, house.vault, POLICY, NOW)
    assert (deletion.deleted, deletion.failed) == ([other], {stuck: "recording_io"})
    assert await house.delete_due() == [stuck]


async def _erase(house: House, month: str, why: str = "保存期满") -> list[str]:
    return await retention.erase_month(house.database, house.vault, POLICY, month, why, "cli:root", NOW)


async def test_a_month_is_erased_when_nobody_wants_it_any_more(house: House) -> None:
    """Due recordings go first; then its key, so that any copy elsewhere is noise; later months can be heard."""
    old, young = await house.record(1, 300), await house.record(2, 1)
    month = f"{NOW - timedelta(days=300):%Y-%m}"
    copy = house.vault.sealed_path(old).read_bytes()
    assert await _erase(house, month) == [month]
    assert ("cli:root", "vault.key_erased", f"vault/{month}", "保存期满") in await house.audit()
    events = [json.loads(line)["event"] for line in house.vault.manifest.lines()]
    assert events == ["sealed", "sealed", "deleted", "key_erased"]
    house.vault.sealed_path(old).write_bytes(copy)
    with pytest.raises(PeerError) as caught:
        house.vault.open(old)
    assert caught.value.code == "vault_key_erased"
    with house.vault.opened(young) as sound:
        assert sound.read(0, 4) == b"RIFF"
    assert house.vault.manifest.broken_lines() == []


async def test_a_wanted_month_is_not_erased(house: House) -> None:
    """A hold or a recording whose time is not over: refused, with what to look at; nothing is touched."""
    complaint = await house.record(1, 300, nature="complaint")
    month = f"{NOW - timedelta(days=300):%Y-%m}"
    with pytest.raises(UsageError, match="0 recordings are held, the time of 1 is not over") as caught:
        await _erase(house, month)
    assert caught.value.code == "month_wanted"
    held = await house.record(2, 301)
    month_held = f"{NOW - timedelta(days=301):%Y-%m}"
    await house.hold(held)
    with pytest.raises(UsageError, match="1 recordings are held"):
        await _erase(house, month_held)
    for recording_id in (complaint, held):
        assert can_be_heard(house.vault, recording_id)


@pytest.mark.parametrize(
    ("month", "why", "code"),
    [
        ("2026-13", "over", "bad_month"),
        ("../x", "over", "bad_month"),
        ("2020-01", "over", "nothing_to_erase"),
        ("2026-01", "", "why_missing"),
    ],
)
async def test_what_cannot_be_erased_is_said(house: House, month: str, why: str, code: str) -> None:
    """One clear code each."""
    with pytest.raises(UsageError) as caught:
        await _erase(house, month, why)
    assert caught.value.code == code


async def test_gaps_name_every_answered_contact_without_its_sound(house: House) -> None:
    """Short, missing, and without any row; the day is the house's; the list is kept as a file."""
    short = await house.record(1, 0.2)  # 60 s talked, 1 s recorded
    whole = await house.record(2, 0.1)
    lost, just_now = ContactId("cc-1763784000.3"), ContactId("cc-1763784000.4")
    async with house.database.unit() as unit:
        await contacts.save(unit, answered(lost, NOW - timedelta(hours=1)))
        await contacts.save(unit, _ended(answered(just_now, NOW), NOW - timedelta(seconds=5)))
        await contacts.save(unit, answered(ContactId("cc-1763784000.5"), NOW - timedelta(days=2)))
        row = schema.recordings.c.recording_id == whole
        await unit.connection.execute(update(schema.recordings).where(row).values(seconds=61.0))
    day = NOW.astimezone(ZONE).date()
    report = await gaps.gaps_of(house.database, day, ZONE, NOW)
    assert [(gap.talk.contact_id, gap.completeness.reason) for gap in report.gaps] == [
        (lost, "no recording"),
        (short, "1.0 s of 60.0 s"),
    ]
    assert (report.rate.complete, report.rate.answered) == (1, 3)
    path = await asyncio.to_thread(gaps.write_report, house.vault.root, day, report)
    assert [gap["contact_id"] for gap in json.loads(path.read_text())["gaps"]] == [lost, short]


def _ended(contact: Contact, at: datetime) -> Contact:
    return replace(contact, arrived_at=at - timedelta(minutes=2), ended_at=at, talk_ended_at=at)
