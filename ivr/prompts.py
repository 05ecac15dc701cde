"""What callers hear: the catalogue ``prompts.toml``, spoken by the offline voice at set-up and cached.

Invariant: after ``ensure_prompts`` every prompt of the catalogue is a whole 8 kHz 16-bit mono WAV file of one loudness,
with the same sound as A-law beside it; a prompt that cannot be had is an error then, not silence in a call. A recording
of the house's own always wins.
"""

import errno
import hashlib
import os
import tempfile
import tomllib
import wave
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from callcenter.core.errors import PeerError, UsageError
from callcenter.knowledge.articles import article_prompts
from callcenter.settings import Settings
from callcenter.speech import audio, frontend
from callcenter.speech.voice import VERSION, Voice
from ivr.core.aloud import aloud

Progress = Callable[[str], None]
"""Called with one line that says what is being done."""

LANGUAGE = "zh"
ALAW = ".alaw"
BEEP = "beep"
"""The tone after which a caller speaks; made, not spoken."""

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
_WAV_HEADER_BYTES = 44
_DISK_FULL = frozenset([errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
_SHAPE = (1, 2, audio.RATE)  # channels, bytes, samples per second


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt and what it says. The English text is for readers: no English sound is made."""

    id: str
    zh: str
    en: str

    @property
    def is_piece(self) -> bool:
        """Whether it is a piece of a sentence, to be heard between others."""
        return not self.zh.endswith("。")


@cache
def catalogue() -> Mapping[str, Prompt]:
    """All prompts by id, placeholders not filled in."""
    tree = tomllib.loads(Path(__file__).with_name("prompts.toml").read_text("utf-8"))
    return {name: Prompt(name, entry["zh"], entry["en"]) for name, entry in tree.items()}


def prompts_of(settings: Settings) -> Mapping[str, Prompt]:
    """The catalogue, and what the articles of this house say, by id.

    Raises:
        UsageError: ``bad_articles``.
    """
    return _prompts_of(settings.home_path)


@cache
def _prompts_of(home: Path) -> Mapping[str, Prompt]:
    told = article_prompts(home)
    return {**catalogue(), **{name: Prompt(name, said.zh, said.en) for name, said in told.items()}}


def spoken_text(prompt: Prompt, city: str) -> str:
    """The Chinese text with the city's name in it."""
    return prompt.zh.format(city=city)


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


def prompts_folder(settings: Settings) -> Path:
    """Where the prompts in use are, ``<id>.wav`` each; Asterisk plays from here."""
    return settings.home_path / "sounds" / LANGUAGE


def made_folder(settings: Settings) -> Path:
    """Where the voice's prompts are kept; may be shared by several homes."""
    return settings.cache_path / "prompts" / LANGUAGE


def own_folder(settings: Settings) -> Path:
    """Where the house puts recordings of its own."""
    return settings.home_path / "prompts" / LANGUAGE


def prompt_path(settings: Settings, prompt_id: str) -> Path:
    """The file to play.

    Raises:
        UsageError: ``unknown_prompt``: neither the catalogue nor an article has it.
    """
    if prompt_id != BEEP and prompt_id not in prompts_of(settings):
        raise UsageError(f"there is no prompt '{prompt_id}'", code="unknown_prompt")
    return prompts_folder(settings) / f"{prompt_id}.wav"


def playable_prompt(settings: Settings, prompt_id: str) -> Path:
    """The file to play, after two looks at the disk: it and its A-law are there and of one length.

    Raises:
        UsageError: ``unknown_prompt``.
        PeerError: ``prompt_missing``: the file is gone or was cut; the next start makes it anew.
    """
    path = prompt_path(settings, prompt_id)
    if not is_playable(path):
        raise PeerError(f"the prompt '{prompt_id}' is missing or damaged", code="prompt_missing")
    return path


def is_playable(path: Path) -> bool:
    """Whether the prompt at ``path`` (``.wav``) and its A-law are both there, with the same number of samples."""
    try:
        samples = path.with_suffix(ALAW).stat().st_size
        return samples > 0 and path.stat().st_size == _WAV_HEADER_BYTES + 2 * samples
    except OSError:
        return False


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
        code = "disk_full" if error.errno in _DISK_FULL else "prompt_io"
        raise PeerError("the prompts cannot be written to the disk", code=code) from None


def missing_prompts(settings: Settings) -> list[str]:
    """Ids that have no whole file of the right form, with its A-law: what ``prompts check`` reports."""
    paths = {name: prompt_path(settings, name) for name in [BEEP, *prompts_of(settings)]}
    return [name for name, path in paths.items() if not (_is_right(path) and is_playable(path))]


def unknown_recordings(settings: Settings) -> list[Path]:
    """Recordings of the house's own that no prompt asks for: a mistake in the name."""
    known = prompts_of(settings)
    return [path for path in sorted(own_folder(settings).glob("*.wav")) if path.stem not in known]


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
        return audio.normalize(_without_silence(said) if prompt.is_piece else said, LEVEL_DBFS)

    return _make(made_folder(settings) / f"{prompt.id}.wav", text, spoken)


def _without_silence(samples: audio.Samples) -> audio.Samples:
    """Without what is silent before and after."""
    loudness = np.abs(samples.astype(np.float32))
    (loud,) = np.nonzero(loudness > HUSH * loudness.max())
    edge = int(EDGE_S * audio.RATE)
    return samples[max(0, loud[0] - edge) : loud[-1] + edge]


def _make(path: Path, text: str, sound: Callable[[], audio.Samples]) -> Path:
    """Write the file unless it was made of the same text by the same voice."""
    stamp = path.with_suffix(".sha256")
    wanted = hashlib.sha256(f"{VERSION}\n{LEVEL_DBFS}\n{text}".encode()).hexdigest()
    if not (_is_right(path) and _read(stamp) == wanted.encode()):
        samples = sound()
        stamp.unlink(missing_ok=True)
        _write_whole(path, lambda draft: audio.write_wav(draft, samples))
        _write_whole(stamp, lambda draft: draft.write_text(wanted))
    return path


def _put_in_use(settings: Settings, source: Path) -> Path:
    """Take it to where Asterisk plays from, a recording of the house's own in the loudness of the others."""
    target, samples = prompts_folder(settings) / source.name, audio.read_wav(source)
    if source.parent == own_folder(settings):
        samples = audio.normalize(samples, LEVEL_DBFS)
    if not (is_playable(target) and _is_right(target) and np.array_equal(audio.read_wav(target), samples)):
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
        if not _is_right(own) or audio.rms_dbfs(audio.read_wav(own)) < SILENT_DBFS:
            raise UsageError(
                f"{own} must be WAV of 8000 Hz, 16 bit, mono, whole, with sound in it", code="bad_prompt"
            )


def _is_right(path: Path) -> bool:
    """Whether it is a WAV file of the right form with all the samples that its head tells of."""
    try:
        with wave.open(str(path), "rb") as sound:
            shape = (sound.getnchannels(), sound.getsampwidth(), sound.getframerate())
            frames = sound.getnframes()
            return shape == _SHAPE and frames > 0 and len(sound.readframes(frames)) == 2 * frames
    except (OSError, EOFError, wave.Error):
        return False
