"""Reading the vault: from wherever a recording lies, any part of it, and only what is proved."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from small_disk import room_for
from vaults import master_key, new_vault

from callcenter.core.errors import PeerError, UsageError
from callcenter.core.ids import ContactId, RecordingId
from recordings import wav
from recordings.vault import Vault

pytestmark = pytest.mark.adapters

CALL = ContactId("cell1-1795305600.3")
RECORDING = RecordingId(CALL)
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
SOUND = os.urandom(4 * wav.RATE * 9)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """A vault with one recording of nine seconds."""
    vault = new_vault(tmp_path)
    vault.keep(CALL, raw(tmp_path, SOUND), NOW)
    return vault


def raw(folder: Path, content: bytes) -> wav.Wave:
    """What Asterisk recorded."""
    path = folder / "x.raw"
    path.write_bytes(content)
    return wav.of_raw(path)


def test_parts_are_read_without_the_rest(vault: Vault) -> None:
    """From any second; damage elsewhere does not hinder it."""
    path = vault.sealed_path(RECORDING)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with vault.opened(RECORDING) as sound:
        assert sound.size == len(SOUND) + 44
        assert sound.read(44 + 32_000, 32_000) == SOUND[32_000:64_000]
        with pytest.raises(PeerError):
            sound.read(sound.size - 1, 1)


def test_recordings_from_before_encryption_are_still_read(tmp_path: Path) -> None:
    """A plain file under its old name is found by its id."""
    vault = new_vault(tmp_path)
    path = vault.wav_path(RECORDING)
    path.parent.mkdir(parents=True)
    path.write_bytes(wav.header(len(SOUND)) + SOUND)
    with vault.opened(RECORDING) as sound:
        assert sound.read(44, 100) == SOUND[:100]
        assert sound.layout().seconds == 9.0


def test_what_is_not_there_is_said(vault: Vault) -> None:
    """By ``None`` or by an error with a code; what is no id is refused before any path is made of it."""
    other = RecordingId("cell1-1795305600.4")
    assert vault.open(other) is None
    with pytest.raises(PeerError) as caught:
        vault.plain_copy(other)
    assert caught.value.code == "no_recording"
    for hostile in ("../../x-1.1", "x-1.1/..", "x-1.1\0", "", "/etc/passwd"):
        with pytest.raises(UsageError):
            vault.open(RecordingId(hostile))


def test_a_key_that_is_gone_is_said(vault: Vault) -> None:
    """Missing for now, or erased for ever: the code tells which."""
    assert vault.keys is not None
    aside = master_key(vault.root).rename(vault.root / "aside")
    with pytest.raises(PeerError) as caught:
        vault.open(RECORDING)
    assert caught.value.code == "vault_key_missing"
    aside.rename(master_key(vault.root))
    vault.keys.erase("2026-11", "over")
    with pytest.raises(PeerError) as caught:
        vault.open(RECORDING)
    assert caught.value.code == "vault_key_erased"


def test_a_copy_for_another_program_lives_in_memory_only(vault: Vault) -> None:
    """A child process can read it by its path; it is on no disk, and gone when it is let go."""
    before = sorted(vault.root.rglob("*"))
    with vault.plain_copy(RECORDING) as path:
        read = [sys.executable, "-c", "import sys; sys.stdout.buffer.write(open(sys.argv[1], 'rb').read())"]
        told = subprocess.run([*read, str(path)], capture_output=True, check=True, timeout=30)
        assert told.stdout == wav.header(len(SOUND)) + SOUND
        assert wav.inspect(path).seconds == 9.0
        assert sorted(vault.root.rglob("*")) == before
    assert not path.exists()


def test_a_damaged_recording_leaves_no_half_copy(vault: Vault) -> None:
    """The error comes instead of the copy."""
    path = vault.sealed_path(RECORDING)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    handles = len(os.listdir("/proc/self/fd"))  # noqa: PTH208  counting is all
    with pytest.raises(PeerError) as caught:
        vault.plain_copy(RECORDING)
    assert caught.value.code == "recording_damaged"
    assert len(os.listdir("/proc/self/fd")) == handles  # noqa: PTH208


def test_a_full_disk_in_the_middle_leaves_nothing_half(tmp_path: Path) -> None:
    """Neither file nor line; later, with room, both."""
    vault = new_vault(tmp_path)
    assert vault.keys is not None
    vault.keys.for_month("2026-11")
    wave = raw(tmp_path, SOUND)
    for room in (100, 50_000, len(SOUND)):
        with room_for(room), pytest.raises(PeerError) as caught:
            vault.keep(CALL, wave, NOW)
        assert caught.value.code == "disk_full"
        assert list(vault.manifest.lines()) == []
        assert [path for path in (tmp_path / "sealed").rglob("*") if path.is_file()] == []
    assert vault.keep(CALL, wave, NOW).seconds == 9.0


def test_a_full_disk_tears_no_line(tmp_path: Path) -> None:
    """A line for which there is no room is not there by half, and the chain goes on behind it."""
    vault = new_vault(tmp_path)
    vault.keep(CALL, raw(tmp_path, b"\1\0\2\0"), NOW)
    size = (tmp_path / "manifest.jsonl").stat().st_size
    entry = vault.manifest.find(RECORDING)
    assert entry is not None
    for room in (size, size + 1, size + 200):
        with room_for(room), pytest.raises(PeerError):
            vault.manifest.append(entry)
        assert (tmp_path / "manifest.jsonl").stat().st_size == size
    vault.manifest.append(entry)
    assert vault.manifest.broken_lines() == []


def test_old_recordings_are_encrypted_on_demand(tmp_path: Path) -> None:
    """The plain file goes when the encrypted one is entered; what is heard is the same, byte for byte."""
    old, vault = Vault(tmp_path), new_vault(tmp_path)
    old.keep(CALL, raw(tmp_path, SOUND), NOW)
    waiting = old.waiting_path(RECORDING)
    vault.wav_path(RECORDING).parent.mkdir(parents=True)
    waiting.rename(vault.wav_path(RECORDING))
    newest = vault.manifest.find(RECORDING)
    assert newest is not None
    entry = vault.encrypt(newest, NOW)
    assert entry is not None
    assert entry.event == "encrypted"
    assert not vault.wav_path(RECORDING).exists()
    with vault.opened(RECORDING) as sound:
        assert sound.read(0, sound.size) == wav.header(len(SOUND)) + SOUND


def test_a_program_without_keys_reads_no_encrypted_recording(vault: Vault) -> None:
    """It says what it lacks."""
    with pytest.raises(PeerError) as caught:
        Vault(vault.root).open(RECORDING)
    assert caught.value.code == "vault_key_missing"


def test_a_deletion_takes_what_lies_beside_and_nothing_of_others(tmp_path: Path) -> None:
    """The id of a call-back may be the beginning of another one's."""
    vault = new_vault(tmp_path)
    ids = [ContactId(f"callback-cc-1795305600.1-1{end}") for end in ("", ".2")]
    for contact_id in ids:
        vault.keep(contact_id, raw(tmp_path, SOUND), NOW)
        vault.sealed_path(RecordingId(contact_id)).with_name(f"{contact_id}.json").write_text("{}")
    one, other = map(RecordingId, ids)
    vault.sealed_path(one).with_name(f"{one}.small-model.json").write_text("{}")
    vault.delete(one, vault.manifest.find(one), "call: 180 days", NOW)
    left = sorted(path.name for path in vault.sealed_path(one).parent.iterdir())
    assert left == [f"{other}.json", f"{other}.wav.enc"]
