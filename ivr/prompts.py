"""What callers hear: the catalogue ``prompts.toml`` and the files that speak it.

Invariant: nothing is made here (see :mod:`ivr.prompt_maker`); what is missing or damaged is told before it is played.
"""

import tomllib
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from callcenter.core.errors import PeerError, UsageError
from callcenter.knowledge.articles import article_prompts
from callcenter.settings import Settings
from callcenter.speech.audio import RATE

LANGUAGE = "zh"
ALAW = ".alaw"
"""Beside each ``.wav`` lies the same sound as A-law: Asterisk takes the one that costs it no conversion."""

BEEP = "beep"
"""The tone after which a caller speaks; made, not spoken."""

_WAV_HEADER_BYTES = 44
_SHAPE = (1, 2, RATE)  # channels, bytes, samples per second


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


def missing_prompts(settings: Settings) -> list[str]:
    """Ids that have no whole file of the right form, with its A-law: what ``prompts check`` reports."""
    paths = {name: prompt_path(settings, name) for name in [BEEP, *prompts_of(settings)]}
    return [name for name, path in paths.items() if not (is_whole(path) and is_playable(path))]


def unknown_recordings(settings: Settings) -> list[Path]:
    """Recordings of the house's own that no prompt asks for: a mistake in the name."""
    known = prompts_of(settings)
    return [path for path in sorted(own_folder(settings).glob("*.wav")) if path.stem not in known]


def is_whole(path: Path) -> bool:
    """Whether it is a WAV file of the right form with all the samples that its head tells of."""
    try:
        with wave.open(str(path), "rb") as sound:
            shape = (sound.getnchannels(), sound.getsampwidth(), sound.getframerate())
            frames = sound.getnframes()
            return shape == _SHAPE and frames > 0 and len(sound.readframes(frames)) == 2 * frames
    except (OSError, EOFError, wave.Error):
        return False
