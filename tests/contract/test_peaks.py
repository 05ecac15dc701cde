"""Waveforms: made of the sealed sound once, kept in SQL, the same on both databases."""

from pathlib import Path

import numpy as np
import pytest
from assessed_calls import answer_call
from rows import NOW
from vaults import new_vault

from callcenter.core.ids import ContactId, RecordingId
from callcenter.store.database import Database
from callcenter.web.readers.peaks import KeptPeaks
from recordings import peaks, wav
from recordings.core.peaks import Peaks

pytestmark = pytest.mark.contract


async def test_a_waveform_is_made_once_and_kept(database: Database, tmp_path: Path) -> None:
    """The first look reads the sound, later ones do not; each voice has ten levels a second."""
    recording_id = await answer_call(database, 1)
    vault = new_vault(tmp_path)
    frames = np.zeros((wav.RATE, 2), "<i2")
    frames[100, 0], frames[-1, 1] = 12_800, -32_768
    source = tmp_path / "x.raw"
    source.write_bytes(frames.tobytes())
    vault.keep(ContactId(recording_id), wav.of_raw(source), NOW)
    reader = KeptPeaks(database, vault)
    expected = Peaks(bytes([100]) + bytes(9), bytes(9) + bytes([255]))
    assert await reader.of(recording_id) == expected
    async with database.reading() as connection:
        assert await peaks.kept(connection, recording_id) == expected
    assert await reader.of(recording_id) == expected


async def test_a_forgotten_waveform_is_gone(database: Database) -> None:
    """With the recording its waveform goes; keeping and forgetting may be repeated."""
    recording_id = await answer_call(database, 1)
    for _ in range(2):
        async with database.unit() as unit:
            await peaks.keep(unit, recording_id, Peaks(b"\1", b"\2"))
    for _ in range(2):
        async with database.unit() as unit:
            await peaks.forget(unit, recording_id)
    async with database.reading() as connection:
        assert await peaks.kept(connection, recording_id) is None


async def test_without_sound_there_is_no_waveform(database: Database, tmp_path: Path) -> None:
    """An unknown recording, a missing one, an id that is a path: none, and nothing is made."""
    missing = await answer_call(database, 1, sealed=False, transcribed=False)
    reader = KeptPeaks(database, new_vault(tmp_path))
    for recording_id in (missing, RecordingId("cc-9.9"), RecordingId("../../etc/passwd")):
        assert await reader.of(recording_id) is None
