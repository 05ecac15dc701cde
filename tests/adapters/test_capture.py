"""Sealing: from Asterisk's raw file to a checked recording, whatever happens in between."""

import asyncio
import hashlib
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from small_disk import room_for
from vaults import master_key, new_vault

from callcenter.core.clock import Instant
from callcenter.core.errors import PeerError, UsageError
from callcenter.core.ids import ContactId, RecordingId
from callcenter.core.messages.work import RecordingMissing, RecordingReady
from recordings import wav
from recordings.capture import Capture, Missing, Sealed
from recordings.core.completeness import Verdict
from recordings.core.manifest import Entry, parse
from recordings.vault import Vault

pytestmark = pytest.mark.adapters

CALL = ContactId("cell1-1795305600.3")
SECOND = b"\1\0\2\0" * wav.RATE


class StoppedClock:
    """Always the same moment."""

    def instant(self) -> Instant:
        """Zero."""
        return Instant(0.0)

    def at(self) -> datetime:
        """A Sunday in November."""
        return datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.fixture
def capture(tmp_path: Path) -> Capture:
    """A vault with a key, and Asterisk's corner in it."""
    return _capture(tmp_path)


def _capture(folder: Path, patience_s: float = 1.0) -> Capture:
    (folder / "incoming").mkdir()
    return Capture(new_vault(folder), StoppedClock(), patience_s=patience_s)


def _heard(capture: Capture, contact_id: ContactId = CALL) -> bytes:
    with capture.vault.opened(RecordingId(contact_id)) as sound:
        return sound.read(0, sound.size)


def _record(capture: Capture, contact_id: ContactId = CALL, seconds: int = 3) -> Path:
    raw = capture.vault.raw_path(contact_id)
    raw.write_bytes(SECOND * seconds)
    return raw


def _line(vault: Vault) -> Entry:
    entry = vault.manifest.find(RecordingId(CALL))
    assert entry is not None
    return entry


async def test_a_finished_call_is_sealed(capture: Capture) -> None:
    """Encrypted file, hashes, manifest line and message agree; the raw file is gone."""
    raw = _record(capture)
    sealed = await capture.seal(CALL, 3.4)
    assert isinstance(sealed, Sealed)
    path = capture.vault.root / sealed.path
    assert sealed.path == f"sealed/20261122/{CALL}.wav.enc"
    assert _heard(capture) == wav.header(len(SECOND) * 3) + SECOND * 3
    assert sealed.sha256 == hashlib.sha256(_heard(capture)).hexdigest()
    assert SECOND not in path.read_bytes()
    assert sealed.completeness.verdict is Verdict.COMPLETE
    entry = parse(next(capture.vault.manifest.lines()))
    assert entry.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (entry.plain_sha256, entry.key_id) == (sealed.sha256, "2026-11")
    assert entry.sealed_at == "2026-11-22T08:00:00+00:00"
    assert not raw.exists()
    message = sealed.message()
    assert isinstance(message, RecordingReady)
    assert (str(message.recording_id), message.seconds) == (CALL, 3.0)


async def test_sealing_twice_gives_the_same(capture: Capture) -> None:
    """A repeated effect changes nothing."""
    _record(capture)
    assert await capture.seal(CALL, 3.0) == await capture.seal(CALL, 3.0)
    assert len(list(capture.vault.manifest.lines())) == 1


async def test_a_crash_before_the_raw_file_was_removed_is_healed(capture: Capture) -> None:
    """The same line is used again."""
    raw = _record(capture)
    first = await capture.seal(CALL, 3.0)
    _record(capture)
    assert await capture.seal(CALL, 3.0) == first
    assert not raw.exists()
    assert len(list(capture.vault.manifest.lines())) == 1


async def test_a_sealed_file_without_a_line_is_entered(capture: Capture) -> None:
    """A WAV file that only its name remembers gets its line, and a right header."""
    path = capture.vault.wav_path(RecordingId(CALL))
    path.parent.mkdir(parents=True)
    path.write_bytes(wav.header(0) + SECOND + b"\1")
    sealed = await capture.seal(CALL, 1.0)
    assert isinstance(sealed, Sealed)
    assert sealed.seconds == 1.0
    assert _heard(capture) == wav.header(len(SECOND)) + SECOND
    assert not path.exists()
    assert capture.vault.manifest.broken_lines() == []


async def test_an_encrypted_file_without_a_line_is_entered(capture: Capture) -> None:
    """Its line is made of what it holds."""
    _record(capture)
    first = await capture.seal(CALL, 3.0)
    (capture.vault.root / "manifest.jsonl").unlink()
    assert await capture.seal(CALL, 3.0) == first
    assert len(list(capture.vault.manifest.lines())) == 1


async def test_a_crash_between_file_and_line_is_healed(
    capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next try makes both agree; the raw file is there until then."""
    raw = _record(capture)
    with monkeypatch.context() as patch:
        patch.setattr("recordings.manifest._add", _crash)
        with pytest.raises(PeerError):
            await capture.seal(CALL, 3.0)
    assert raw.exists()
    sealed = await capture.seal(CALL, 3.0)
    assert isinstance(sealed, Sealed)
    entry = capture.vault.manifest.find(RecordingId(CALL))
    assert entry is not None
    stored = capture.vault.sealed_path(RecordingId(CALL)).read_bytes()
    assert entry.sha256 == hashlib.sha256(stored).hexdigest()


def _crash(*_: object) -> None:
    raise PeerError("crash")


async def test_a_missing_recording_is_said(capture: Capture) -> None:
    """No file, or an empty one."""
    assert await capture.seal(CALL, 30.0) == Missing(CALL, "no recording")
    capture.vault.raw_path(CALL).write_bytes(b"")
    missing = await capture.seal(CALL, 30.0)
    assert isinstance(missing.message(), RecordingMissing)
    assert list(capture.vault.manifest.lines()) == []


async def test_a_short_recording_is_sealed_and_said(capture: Capture) -> None:
    """What is missing against the talk is in the message."""
    _record(capture)
    sealed = await capture.seal(CALL, 63.0)
    assert isinstance(sealed, Sealed)
    assert sealed.completeness.verdict is Verdict.SHORT
    assert sealed.message().short_by_s == 60.0


async def test_sealing_waits_for_asterisk_to_finish(tmp_path: Path) -> None:
    """A file that still grows is not cut off."""
    capture = _capture(tmp_path, patience_s=20.0)
    raw = _record(capture, seconds=1)
    sealing = asyncio.create_task(capture.seal(CALL, 9.0))
    for _ in range(8):
        await asyncio.to_thread(_append, raw)
    sealed = await sealing
    assert isinstance(sealed, Sealed)
    assert sealed.seconds == 9.0


def _append(raw: Path) -> None:
    with raw.open("ab") as file:
        file.write(SECOND)


async def test_a_full_disk_keeps_the_raw_file(capture: Capture) -> None:
    """Later, with room, the same call is sealed."""
    raw = _record(capture)
    with room_for(1000), pytest.raises(PeerError) as caught:
        await capture.seal(CALL, 3.0)
    assert caught.value.code == "disk_full"
    assert raw.stat().st_size == len(SECOND) * 3
    assert isinstance(await capture.seal(CALL, 3.0), Sealed)


async def test_a_hostile_id_touches_no_file(capture: Capture) -> None:
    """It is refused before any path is made of it."""
    with pytest.raises(UsageError):
        await capture.seal(ContactId("../../x-1.1"), 1.0)
    with pytest.raises(UsageError):
        capture.vault.wav_path(RecordingId("..-1.1/"))


def test_orphans_are_finished_calls_with_a_raw_file(capture: Capture) -> None:
    """Oldest first; live calls and foreign files are left alone."""
    other, live = ContactId("cell1-1795305500.1"), ContactId("cell1-1795305700.9")
    for age, contact_id in [(10, CALL), (20, other), (5, live)]:
        os.utime(_record(capture, contact_id), (1e9 - age, 1e9 - age))
    (capture.vault.incoming / "notes.raw").write_bytes(b"x")
    assert capture.orphans(frozenset([live])) == [other, CALL]


async def test_the_manifest_is_a_chain_and_heals_a_torn_line(capture: Capture) -> None:
    """A line that a crash cut in two was never counted: the next one takes its place."""
    for number in range(3):
        contact_id = ContactId(f"cell1-1795305600.{number}")
        _record(capture, contact_id)
        await capture.seal(contact_id, 3.0)
        with (capture.vault.root / "manifest.jsonl").open("ab") as file:
            file.write(b'{"torn": ')
    assert len(list(capture.vault.manifest.lines())) == 3
    assert capture.vault.manifest.broken_lines() == []


async def test_many_calls_end_at_once(capture: Capture) -> None:
    """Sealing in parallel keeps the chain whole."""
    calls = [ContactId(f"cell1-1795305600.{number}") for number in range(20)]
    for contact_id in calls:
        _record(capture, contact_id, seconds=1)
    results = await asyncio.gather(*(capture.seal(contact_id, 1.0) for contact_id in calls))
    assert all(isinstance(result, Sealed) for result in results)
    assert len(list(capture.vault.manifest.lines())) == 20
    assert capture.vault.manifest.broken_lines() == []


async def test_the_same_call_sealed_by_two_at_once_is_one_recording(capture: Capture) -> None:
    """What recovers after a gap and what follows the hang-up may meet: file and line still agree."""
    _record(capture)
    results = await asyncio.gather(*(capture.seal(CALL, 3.0) for _ in range(4)))
    assert len(set(results)) == 1
    entry = capture.vault.manifest.find(RecordingId(CALL))
    assert entry is not None
    stored = capture.vault.sealed_path(RecordingId(CALL)).read_bytes()
    assert entry.sha256 == hashlib.sha256(stored).hexdigest()


async def test_without_its_key_a_recording_waits_and_is_not_lost(capture: Capture) -> None:
    """It can be heard, says that it is not encrypted, and is encrypted when the key is back."""
    vault = capture.vault
    key = master_key(vault.root)
    aside = key.rename(key.with_suffix(".aside"))
    _record(capture)
    sealed = await capture.seal(CALL, 3.0)
    assert isinstance(sealed, Sealed)
    assert sealed.path == f"waiting/20261122/{CALL}.wav"
    assert _heard(capture) == wav.header(len(SECOND) * 3) + SECOND * 3
    with pytest.raises(PeerError) as caught:
        vault.encrypt(_line(vault), StoppedClock().at())
    assert caught.value.code == "vault_key_missing"
    aside.rename(key)
    entry = vault.encrypt(_line(vault), StoppedClock().at())
    assert entry is not None
    assert (entry.event, entry.key_id, entry.plain_sha256) == ("encrypted", "2026-11", sealed.sha256)
    assert not vault.waiting_path(RecordingId(CALL)).exists()
    assert _heard(capture) == wav.header(len(SECOND) * 3) + SECOND * 3
    assert vault.encrypt(_line(vault), StoppedClock().at()) is None


async def test_what_was_changed_while_it_waited_is_not_made_good(capture: Capture) -> None:
    """Encrypting would hide the change: the file stays as it is, as evidence."""
    vault = capture.vault
    key = master_key(vault.root)
    aside = key.rename(key.with_suffix(".aside"))
    _record(capture)
    await capture.seal(CALL, 3.0)
    aside.rename(key)
    path = vault.waiting_path(RecordingId(CALL))
    path.write_bytes(path.read_bytes()[:-4] + b"\7\7\7\7")
    with pytest.raises(PeerError) as caught:
        vault.encrypt(_line(vault), StoppedClock().at())
    assert caught.value.code == "recording_changed"
    assert path.exists()
    assert not vault.sealed_path(RecordingId(CALL)).exists()


@pytest.mark.parametrize("raw", [b"", b"\1", b"\1\0\2"], ids=["empty", "a byte", "less than a sample"])
async def test_a_raw_file_without_a_sample_is_a_missing_recording(capture: Capture, raw: bytes) -> None:
    """No sound is made up, and the file does not come back at the next start."""
    capture.vault.raw_path(CALL).write_bytes(raw)
    assert await capture.seal(CALL, 30.0) == Missing(CALL, "no recording")
    assert capture.orphans(frozenset()) == []


async def test_nothing_readable_is_left_beside_the_recording(capture: Capture) -> None:
    """Drafts go, modes are the owner's."""
    _record(capture)
    await capture.seal(CALL, 3.0)
    files = [path for path in (capture.vault.root / "sealed").rglob("*") if path.is_file()]
    assert [(path.name, stat.S_IMODE(path.stat().st_mode)) for path in files] == [(f"{CALL}.wav.enc", 0o600)]
