"""``callcenter transcripts``: transcribing again, with real files, the real recognizer and a database."""

from datetime import UTC, date, datetime
from filecmp import cmpfiles
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from recognizer import cache_path, demo_model, two_channels, voice, write_recording
from rows import answered

from callcenter.commands.speech import Redone, apply_words, judge_words, parse_day, redo
from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId, RecordingId
from callcenter.sections import Speech
from callcenter.settings import Settings
from callcenter.speech.demo_model.city import graph_with
from callcenter.speech.demo_model.evaluate import on_the_phone
from callcenter.speech.words import Fate
from callcenter.store import contacts
from callcenter.store.database import Database
from recordings import store
from recordings.core.transcript import Transcript
from recordings.models import ModelChoice, base_model, named_model, resolve_model
from recordings.store import Recording, RecordingState
from recordings.transcribe import transcribe_files
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


async def test_a_citys_words_are_heard_once_they_are_applied(settings: Settings, tmp_path: Path) -> None:
    """The same sound, before and after; what cannot be learned is named, and the base model is as it was."""
    (settings.home_path / "words.txt").write_text("# 街道\n宝塔山\n延河大桥\n投诉\nKTV\n", "utf-8")
    said = on_the_phone(voice().speak("我要投诉延河大桥"))
    path = write_recording(tmp_path / "x.wav", two_channels(said, said[:0]))
    before = await _heard(resolve_model(settings), path)
    verdicts, name = apply_words(settings)
    after = resolve_model(settings)
    assert [(verdict.word, verdict.fate) for verdict in verdicts] == [
        ("宝塔山", Fate.KNOWN),
        ("延河大桥", Fate.KNOWN),
        ("投诉", Fate.KNOWN),
        ("KTV", Fate.UNKNOWN),
    ]
    assert (after.name, after.is_demo) == (name, True)
    assert "延河大桥" not in before
    assert await _heard(after, path) == "我要投诉延河大桥"
    assert base_model(settings).path == demo_model().path
    assert apply_words(settings)[1] == name


def test_the_graph_is_made_of_texts_alone() -> None:
    """Without a city's words it is the demo model's own, byte for byte: its phones have the same numbers."""
    made = demo_model().path / "graph"
    with TemporaryDirectory() as folder:
        graph_with([]).write(Path(folder) / "graph")
        assert cmpfiles(made, Path(folder) / "graph", ["words.txt", "HCLG.fst"], shallow=False)[0] == [
            "words.txt",
            "HCLG.fst",
        ]


def test_a_model_with_fixed_words_says_what_it_hears(settings: Settings, tmp_path: Path) -> None:
    """Apply refuses and tells why; check tells word by word."""
    model = tmp_path / "official"
    for part in ("am/final.mdl", "conf/mfcc.conf", "graph/Gr.fst", "graph/HCLr.fst"):
        (model / part).parent.mkdir(parents=True, exist_ok=True)
        (model / part).write_bytes(b"")
    (model / "graph/words.txt").write_text("<eps> 0\n宝塔 1\n区 2\n#0 3\n", "utf-8")
    (settings.home_path / "words.txt").write_text("宝塔区\n工单\n宝塔\n", "utf-8")
    fixed = settings.model_copy(update={"speech": Speech(vosk_model=str(model))})
    fates = [verdict.fate for verdict in judge_words(fixed, resolve_model(fixed))]
    assert fates == [Fate.PARTS, Fate.UNKNOWN, Fate.KNOWN]
    with pytest.raises(UsageError, match="dynamic"):
        apply_words(fixed)


async def _heard(model: ModelChoice, path: Path) -> str:
    results = [result async for _, result in transcribe_files([path], model, lambda path, share: None)]
    assert isinstance(results[0], Transcript)
    return results[0].citizen_text


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
