"""``callcenter transcripts``: transcribing again, with real files, the real recognizer and a database."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from recognizer import cache_path, demo_model, write_recording
from rows import answered

from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId, RecordingId
from callcenter.settings import Settings
from callcenter.speech_command import Redone, parse_day, redo
from callcenter.store import contacts
from callcenter.store.database import Database
from recordings import store
from recordings.core.transcript import Transcript
from recordings.models import named_model
from recordings.store import Recording, RecordingState
from recordings.vault import Vault

pytestmark = [pytest.mark.adapters, pytest.mark.timeout(600)]

AT = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
IDS = ("x-1795305600.1", "x-1795305600.2", "x-1795305600.3")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home of this test's own, with the machine's recognizers."""
    demo_model()
    return Settings(home=str(tmp_path), cache=str(cache_path()))


async def test_redo_transcribes_again_and_keeps_both(settings: Settings) -> None:
    """Of the day that was asked for; a second run has nothing to do."""
    await _transcribed_before(settings)
    model = named_model(settings, "demo-zh").name
    shares: list[float] = []
    day = date(2026, 11, 22)
    assert await redo(settings, day, model, 1, shares.append) == Redone(model, 3, 3, 0)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert await _models(settings) == [[model, "old"]] * 3
    assert await redo(settings, day, model, 1, shares.append) == Redone(model, 0, 0, 0)
    assert await redo(settings, date(2026, 11, 21), model, 1, shares.append) == Redone(model, 0, 0, 0)


async def test_a_model_that_is_not_here_is_named(settings: Settings) -> None:
    """With those that are."""
    with pytest.raises(UsageError, match="demo-zh"):
        await redo(settings, None, "better", 1, lambda share: None)


def test_a_day_is_written_in_one_way() -> None:
    """Nothing means every day."""
    assert (parse_day(""), parse_day("2026-11-21")) == (None, date(2026, 11, 21))
    with pytest.raises(UsageError):
        parse_day("yesterday")


async def _transcribed_before(settings: Settings) -> None:
    database = Database(settings.effective_database_url)
    await database.upgrade()
    for name in IDS:
        write_recording(Vault(settings.recordings_path).wav_path(RecordingId(name)), b"\0" * 32_000)
        async with database.unit() as unit:
            await contacts.save(unit, answered(ContactId(name), AT))
            recording = Recording(
                RecordingId(name),
                ContactId(name),
                RecordingState.SEALED,
                path="plain.wav",
                sha256="0" * 64,
                seconds=1.0,
                sealed_at=AT,
            )
            await store.save(unit, recording)
            await store.save_transcript(unit, Transcript(name, "old", True, 1.0, (), ()), AT)
    await database.close()


async def _models(settings: Settings) -> list[list[str]]:
    database = Database(settings.effective_database_url)
    async with database.reading() as connection:
        found = [await store.transcripts_of(connection, RecordingId(name)) for name in IDS]
    await database.close()
    return [[transcript.model for transcript in several] for several in found]
