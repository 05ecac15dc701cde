"""Makes the prompts at set-up: recorded by the house, else spoken by the offline voice and cached by their text.

Invariant: after :func:`ensure_prompts` every prompt is a whole 8 kHz 16-bit mono WAV file of one loudness, with the same
sound as A-law beside it; a prompt that cannot be had is an error then, not silence in a call.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from callcenter.core.errors import PeerError, UsageError, is_disk_full
from callcenter.settings import Settings
from callcenter.speech import audio, frontend
from callcenter.speech.voice import VERSION, Voice
from ivr.core.aloud import aloud
from ivr.prompts import (
    ALAW,
    BEEP,
    Prompt,
    is_playable,
    is_whole,
    made_folder,
    own_folder,
    prompts_folder,
    prompts_of,
    spoken_text,
)

Progress = Callable[[str], None]
"""Called with one line that says what is being done."""

LEVEL_DBFS = -20.0
"""Loudness (RMS) of all prompts made here."""

EDGE_S = 0.03
"""What is left of the silence around a piece, so that its ends are not clipped."""
HUSH = 0.02
"""Below this share of the loudest sample it is silence."""

SILENT_DBFS = -60.0
"""Below this loudness a file holds no sound that a caller would hear."""

_UNSPEAKABLE = (UsageError, ValueError, LookupError, AssertionError)
"""What the voice and its library raise on characters that they do not know."""


def reading(prompt: Prompt, city: str) -> str:
    """What the voice is given: figures in words.

    Raises:
        UsageError: ``unspeakable``: a figure has too many digits.
    """
    try:
        return aloud(spoken_text(prompt, city))
    except ValueError as error:
        raise UsageError(
            f"the prompt '{prompt.id}' cannot be read aloud: {error}", code="unspeakable"
        ) from None


def ensure_prompts(settings: Settings, progress: Progress = lambda line: None) -> dict[str, Path]:
    """Make what is missing or out of date; prompt id -> file to play. Seconds at first, then nothing.

    Raises:
        UsageError: an own recording of the wrong form, or a city that the voice cannot say.
        PeerError: ``disk_full``, ``prompt_io``, or ``voice_missing``: it is needed and not installed.
    """
    _refuse_bad_own(settings)
    voice = Voice(settings.cache_path)
    try:
        for folder in (made_folder(settings), prompts_folder(settings)):
            folder.mkdir(parents=True, exist_ok=True)
        beep = _put_in_use(settings, _make_beep(settings))
        ready = {
            name: _put_in_use(settings, _own_or_made(settings, prompt, voice, progress))
            for name, prompt in prompts_of(settings).items()
        }
        return {BEEP: beep, **ready}
    except OSError as error:
        code = "disk_full" if is_disk_full(error) else "prompt_io"
        raise PeerError("the prompts cannot be written to the disk", code=code) from None


def say(text: str, voice: Voice) -> audio.Samples:
    """Any Chinese text with figures, spoken as a prompt.

    Raises:
        UsageError: ``unspeakable``: it holds what the voice cannot say, such as Latin letters; the message names it.
    """
    try:
        return audio.normalize(voice.speak(aloud(text)), LEVEL_DBFS)
    except _UNSPEAKABLE:
        strange = "".join(dict.fromkeys(character for character in text if not _is_sayable(character)))
        raise UsageError(
            f"语音读不出“{strange[:20] or text[:20]}”，请用汉字、数字和标点"
            " / the voice cannot say this: use Chinese characters, digits and punctuation",
            code="unspeakable",
        ) from None


def put_sound(target: Path, samples: audio.Samples) -> None:
    """Write ``target`` (``.wav``) and the same sound as A-law beside it: Asterisk takes what costs it no conversion."""
    _write_whole(target, lambda draft: audio.write_wav(draft, samples))
    _write_whole(target.with_suffix(ALAW), lambda draft: draft.write_bytes(audio.alaw_bytes(samples)))


def _is_sayable(character: str) -> bool:
    try:
        frontend.symbols(frontend.clauses(f"一{aloud(character)}")[0])
    except _UNSPEAKABLE:
        return False
    return True


def _make_beep(settings: Settings) -> Path:
    return _make(made_folder(settings) / f"{BEEP}.wav", "", lambda: audio.tone(1000, 0.4, LEVEL_DBFS))


def _own_or_made(settings: Settings, prompt: Prompt, voice: Voice, progress: Progress) -> Path:
    """The house's own recording, else what the voice says."""
    own = own_folder(settings) / f"{prompt.id}.wav"
    return own if own.is_file() else _make_prompt(settings, prompt, voice, progress)


def _make_prompt(settings: Settings, prompt: Prompt, voice: Voice, progress: Progress) -> Path:
    text = reading(prompt, settings.city)

    def spoken() -> audio.Samples:
        progress(f"合成提示音 / prompt: {prompt.id}")
        said = voice.speak(text)
        return audio.normalize(trimmed(said) if prompt.is_piece else said, LEVEL_DBFS)

    return _make(made_folder(settings) / f"{prompt.id}.wav", text, spoken)


def made_sound(settings: Settings, prompt: Prompt) -> audio.Samples | None:
    """What the voice said of a prompt at set-up; ``None``: it is gone, or was another text."""
    path = made_folder(settings) / f"{prompt.id}.wav"
    stamp = _stamp(reading(prompt, settings.city))
    return audio.read_wav(path) if _is_made(path, stamp) else None


def trimmed(samples: audio.Samples) -> audio.Samples:
    """Without what is silent before and after."""
    loudness = np.abs(samples.astype(np.float32))
    (loud,) = np.nonzero(loudness > HUSH * loudness.max())
    edge = int(EDGE_S * audio.RATE)
    return samples[max(0, loud[0] - edge) : loud[-1] + edge]


def _make(path: Path, text: str, sound: Callable[[], audio.Samples]) -> Path:
    """Write the file unless it was made of the same text by the same voice."""
    wanted = _stamp(text)
    if not _is_made(path, wanted):
        samples, stamp = sound(), path.with_suffix(".sha256")
        stamp.unlink(missing_ok=True)
        _write_whole(path, lambda draft: audio.write_wav(draft, samples))
        _write_whole(stamp, lambda draft: draft.write_text(wanted))
    return path


def _stamp(text: str) -> str:
    return hashlib.sha256(f"{VERSION}\n{LEVEL_DBFS}\n{text}".encode()).hexdigest()


def _is_made(path: Path, stamp: str) -> bool:
    return is_whole(path) and _read(path.with_suffix(".sha256")) == stamp.encode()


def _put_in_use(settings: Settings, source: Path) -> Path:
    """Take it to where Asterisk plays from, a recording of the house's own in the loudness of the others."""
    target, samples = prompts_folder(settings) / source.name, audio.read_wav(source)
    if source.parent == own_folder(settings):
        samples = audio.normalize(samples, LEVEL_DBFS)
    if not (is_playable(target) and is_whole(target) and np.array_equal(audio.read_wav(target), samples)):
        put_sound(target, samples)
    return target


def _write_whole(path: Path, write: Callable[[Path], object]) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    os.close(handle)
    draft = Path(name)
    try:
        write(draft)
        draft.chmod(0o644)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _refuse_bad_own(settings: Settings) -> None:
    for own in sorted(own_folder(settings).glob("*.wav")):
        if not is_whole(own) or audio.rms_dbfs(audio.read_wav(own)) < SILENT_DBFS:
            raise UsageError(
                f"{own} must be WAV of 8000 Hz, 16 bit, mono, whole, with sound in it", code="bad_prompt"
            )
