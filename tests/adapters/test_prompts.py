"""Prompts: all made, all of one form and loudness; the house's own win."""

import shutil
import wave
from pathlib import Path

import numpy as np
import pytest
from recognizer import cache_path
from small_disk import room_for

from callcenter.core.errors import PeerError, UsageError
from callcenter.settings import Settings
from callcenter.speech import audio
from callcenter.speech.voice import Voice
from ivr import prompt_maker, prompts

pytestmark = [pytest.mark.adapters, pytest.mark.timeout(300)]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home of its own on the shared cache."""
    return Settings(home=str(tmp_path), cache=str(cache_path()))


def _samples(path: Path) -> audio.Samples:
    with wave.open(str(path)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 8000)
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2")


def test_every_prompt_is_made_in_one_loudness(settings: Settings) -> None:
    """8 kHz, 16 bit, mono, about -20 dBFS, none missing."""
    made = prompt_maker.ensure_prompts(settings)
    assert set(made) == {prompts.BEEP, *prompts.prompts_of(settings)}
    assert prompts.missing_prompts(settings) == []
    for path in made.values():
        assert audio.rms_dbfs(_samples(path)) == pytest.approx(-20, abs=1.5)


def test_a_piece_of_a_sentence_is_spoken_without_silence_around_it(settings: Settings) -> None:
    """Or a wait put together of seven pieces would stumble."""
    made = prompt_maker.ensure_prompts(settings)
    pieces = [name for name, prompt in prompts.catalogue().items() if prompt.is_piece]
    assert {"number_2_of", "number_10", "word_to", "word_minutes", "wait_expected"} <= set(pieces)
    for name in pieces:
        samples = np.abs(_samples(made[name]).astype(int))
        for edge in (samples[:640], samples[-640:]):  # 0.08 s
            assert edge.max() > prompt_maker.HUSH * samples.max()


def test_nothing_is_made_twice(settings: Settings) -> None:
    """The second run tells of no work."""
    prompt_maker.ensure_prompts(settings)
    told: list[str] = []
    prompt_maker.ensure_prompts(settings, told.append)
    assert told == []


def test_another_city_is_greeted_by_its_name(settings: Settings, tmp_path: Path) -> None:
    """Only what names the city is spoken again, and another home's greeting stays."""
    prompt_maker.ensure_prompts(settings)
    own_cache = tmp_path / "cache"
    shutil.copytree(prompts.made_folder(settings), own_cache / "prompts" / prompts.LANGUAGE)
    first = Settings(home=str(tmp_path / "a"), cache=str(own_cache))
    greeting = prompt_maker.ensure_prompts(first)["greeting"]
    before = greeting.read_bytes()
    told: list[str] = []
    second = Settings(home=str(tmp_path / "b"), cache=str(own_cache), city="榆林")
    assert prompt_maker.ensure_prompts(second, told.append)["greeting"].read_bytes() != before
    named = [name for name, prompt in prompts.catalogue().items() if "{city}" in prompt.zh]
    assert len(told) == len(named) >= 2
    assert greeting.read_bytes() == before


def test_the_houses_own_recording_wins(settings: Settings) -> None:
    """In the loudness of all others; and when it is taken away, the voice is back."""
    own = prompts.own_folder(settings) / "greeting.wav"
    own.parent.mkdir(parents=True)
    audio.write_wav(own, audio.tone(700, 1.0, -35.0))
    samples = _samples(prompt_maker.ensure_prompts(settings)["greeting"])
    assert len(samples) == 8000
    assert audio.rms_dbfs(samples) == pytest.approx(prompt_maker.LEVEL_DBFS, abs=0.1)
    assert np.argmax(np.abs(np.fft.rfft(samples))) == 700  # one second: a bin is a hertz
    own.unlink()
    assert len(_samples(prompt_maker.ensure_prompts(settings)["greeting"])) > 8000


def test_a_house_with_recordings_of_its_own_needs_no_voice(settings: Settings) -> None:
    """Every prompt recorded: nothing is synthesized, so nothing may be asked of the voice."""
    prompts.own_folder(settings).mkdir(parents=True)
    for name in prompts.prompts_of(settings):
        audio.write_wav(prompts.own_folder(settings) / f"{name}.wav", audio.tone(700, 0.1))
    empty_cache = settings.model_copy(update={"cache": str(settings.home_path / "cache")})
    told: list[str] = []
    prompt_maker.ensure_prompts(empty_cache, told.append)
    assert told == []
    assert prompts.missing_prompts(empty_cache) == []


def test_a_misnamed_recording_is_told(settings: Settings) -> None:
    """No prompt asks for it: somebody believes that it is heard."""
    own = prompts.own_folder(settings) / "greting.wav"
    own.parent.mkdir(parents=True)
    audio.write_wav(own, audio.tone(700, 1.0))
    assert prompts.unknown_recordings(settings) == [own]


@pytest.mark.parametrize("fault", ["no sound file", "cut", "silent"])
def test_an_own_recording_that_cannot_be_heard_is_refused(settings: Settings, fault: str) -> None:
    """At set-up, by name, and not in a call."""
    own = prompts.own_folder(settings) / "greeting.wav"
    own.parent.mkdir(parents=True)
    audio.write_wav(own, audio.silence(1.0) if fault == "silent" else audio.tone(700, 1.0))
    if fault != "silent":
        own.write_bytes(b"not sound" if fault == "no sound file" else own.read_bytes()[:-4000])
    with pytest.raises(UsageError, match=r"greeting\.wav"):
        prompt_maker.ensure_prompts(settings)


@pytest.mark.parametrize("suffix", [".wav", prompts.ALAW])
@pytest.mark.parametrize("damage", ["empty", "cut", "gone"])
def test_a_damaged_prompt_is_noticed_and_made_again(settings: Settings, suffix: str, damage: str) -> None:
    """When it is to be played the caller goes on to a person; the next start makes it whole."""
    path = prompt_maker.ensure_prompts(settings)["goodbye"]
    assert prompts.playable_prompt(settings, "goodbye") == path
    broken = path.with_suffix(suffix)
    if damage == "gone":
        broken.unlink()
    else:
        broken.write_bytes(broken.read_bytes()[:-1000] if damage == "cut" else b"")
    assert prompts.missing_prompts(settings) == ["goodbye"]
    with pytest.raises(PeerError) as caught:
        prompts.playable_prompt(settings, "goodbye")
    assert caught.value.code == "prompt_missing"
    prompt_maker.ensure_prompts(settings)
    assert prompts.missing_prompts(settings) == []


def test_any_text_is_said_or_refused(settings: Settings) -> None:
    """Figures in words, in the loudness of the prompts; what the voice does not know is refused in one line."""
    voice = Voice(settings.cache_path)
    samples = prompt_maker.say("8:00停水。", voice)
    assert len(samples) > 8000
    assert audio.rms_dbfs(samples) == pytest.approx(prompt_maker.LEVEL_DBFS, abs=1.5)
    for text in ("停水 notice", "", "。", "1" * 50, "😀"):
        with pytest.raises(UsageError, match="voice"):
            prompt_maker.say(text, voice)


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    """With the code that set-up shows."""
    with room_for(500), pytest.raises(PeerError) as caught:
        prompt_maker.ensure_prompts(Settings(home=str(tmp_path), cache=str(tmp_path / "cache")))
    assert caught.value.code == "disk_full"


def test_an_unknown_prompt_has_no_path(settings: Settings) -> None:
    """Nor has one that would leave the folder."""
    for name in ("nope", "../greeting", ""):
        with pytest.raises(UsageError):
            prompts.prompt_path(settings, name)


def test_figures_in_prompts_are_read_as_people_read_them() -> None:
    """Keys and the hotline's number as before; times, dates and service numbers in words."""
    for written, read in (
        ("请按1。", "请按一。"),
        ("12345热线", "一二三四五热线"),
        ("9:30前", "上午九点半前"),
    ):
        assert prompt_maker.reading(prompts.Prompt("x", written, ""), "") == read
    with pytest.raises(UsageError, match="'x'"):
        prompt_maker.reading(prompts.Prompt("x", "1" * 40, ""), "")


def test_every_prompt_has_both_languages() -> None:
    """Chinese is spoken, English is its meaning."""
    assert all(prompt.zh and prompt.en for prompt in prompts.catalogue().values())
