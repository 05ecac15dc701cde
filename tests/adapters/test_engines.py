"""Recognizers behind one interface: the second engine in its own process, with a library of this test."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from recognizer import write_recording

from callcenter.core.errors import PeerError
from callcenter.sections import Speech
from callcenter.settings import Settings
from recordings import wav
from recordings.engines import ChunkedEar, Row, Samples, doubled, quietest
from recordings.models import ModelChoice, resolve_model
from recordings.process import Limits, WorkerProcess

pytestmark = pytest.mark.adapters

LIBRARY = '''
"""Hears the word 嚴 at the loudest moment of what it is given, and a doubtful one."""
import numpy as np
from types import SimpleNamespace as Thing

class WhisperModel:
    def __init__(self, path, **options):
        assert options["local_files_only"], "it must never reach the network"

    def transcribe(self, sound, **options):
        assert "initial_prompt" not in options and sound.dtype == np.float32
        at = float(np.argmax(np.abs(sound))) / 16000
        word = Thing(word=" 嚴", start=at, end=at + 0.1, probability=0.5)
        sure = Thing(words=[word], no_speech_prob=0.1, avg_logprob=-0.2)
        unsure = Thing(words=[word], no_speech_prob=0.9, avg_logprob=-2.0)
        return [sure, unsure], None
'''


SIMPLIFIER = """
class OpenCC:
    def __init__(self, name):
        assert name == "t2s"

    def convert(self, text):
        return text.replace("嚴", "严")
"""


def _loud_at(seconds: list[float], length_s: int) -> Samples:
    sound = np.zeros(length_s * wav.RATE, np.int16)
    for second in seconds:
        sound[int(second * wav.RATE)] = 20_000
    return sound


@pytest.fixture
def whisper(tmp_path: Path) -> Path:
    """A folder that looks like a Whisper model."""
    model = tmp_path / "whisper-base"
    model.mkdir()
    for name in ("model.bin", "config.json"):
        (model / name).write_bytes(b"")
    return model


async def test_the_second_engine_gives_the_same_transcript(
    whisper: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words of each channel at their time in the file, though it hears chunks; doubtful ones are left out."""
    (tmp_path / "faster_whisper.py").write_text(LIBRARY, "utf-8")
    (tmp_path / "opencc.py").write_text(SIMPLIFIER, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    model = resolve_model(Settings(home=str(tmp_path), speech=Speech(vosk_model=str(whisper))))
    sides = np.stack([_loud_at([3.0, 40.0], 45), np.zeros(45 * wav.RATE, np.int16)], axis=1)
    path = write_recording(tmp_path / "x.wav", sides.astype("<i2").tobytes())
    worker = await WorkerProcess.start(model, Limits())
    try:
        transcript = await worker.transcribe(path, "x")
    finally:
        await worker.stop()
    assert (transcript.model, transcript.is_demo) == ("whisper-base", False)
    assert [(word.word, round(word.start, 1)) for word in transcript.citizen] == [("严", 3.0), ("严", 40.0)]
    assert transcript.agent == ()


async def test_a_missing_library_says_what_to_install(
    whisper: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error comes before any job is taken."""
    (tmp_path / "faster_whisper.py").write_text("raise ImportError", "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(PeerError, match="pip install") as caught:
        await WorkerProcess.start(ModelChoice(whisper, is_demo=False), Limits())
    assert caught.value.code == "no_engine"


def test_chunks_are_cut_where_it_is_quiet_and_lose_nothing() -> None:
    """Every sample is heard once, in order, and the times are those of the file."""
    heard: list[Samples] = []

    def hear(samples: Samples) -> list[Row]:
        heard.append(samples)
        return [{"word": "啊", "start": 0.0, "end": 99.0, "conf": 1.0}]

    sound = np.random.default_rng(1).integers(-9000, 9000, 65 * wav.RATE).astype(np.int16)
    sound[25 * wav.RATE : 26 * wav.RATE] = 0
    ear, rows = ChunkedEar(hear), []
    for start in range(0, len(sound), wav.RATE):
        rows += ear.feed(sound[start : start + wav.RATE])
    rows += ear.finish()
    assert np.array_equal(np.concatenate(heard), sound)
    assert 25 <= len(heard[0]) / wav.RATE <= 26
    assert all(a["end"] == b["start"] for a, b in pairwise(rows))
    assert rows[-1]["end"] == 65.0


def test_silence_is_not_asked_about() -> None:
    """An engine that makes words of silence gets none; neither does an empty file trouble it."""
    ear = ChunkedEar(lambda samples: [{"word": "谢谢", "start": 0.0, "end": 1.0, "conf": 1.0}])
    assert ear.feed(np.zeros(wav.RATE, np.int16)) == []
    assert ear.finish() == []
    assert quietest(np.zeros(10, np.int16)) == 10


def test_doubling_the_rate_keeps_the_tone() -> None:
    """A tone of 1000 Hz is one of 1000 Hz, as loud as before."""
    times = np.arange(8000) / 8000
    sound = doubled((16384 * np.sin(2 * np.pi * 1000 * times)).astype(np.int16))
    spectrum = np.abs(np.fft.rfft(sound)) / len(sound) * 2
    assert (len(sound), int(np.argmax(spectrum))) == (16_000, 1000)
    assert abs(spectrum[1000] - 0.5) < 0.01
