"""Recognizers on this machine: which there are, and which one is used."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from callcenter.core.errors import UsageError
from callcenter.settings import Settings
from recordings.engines import is_whisper
from recordings.wav import write_whole

SMALL_CHINESE = "vosk-model-small-cn-0.22"
DEMO = "demo-zh"
"""The demo model's folder (see ``callcenter.speech.demo_model``)."""

Progress = Callable[[str], None]
"""Called with one line that says what is being done."""

_NEEDED = ("am/final.mdl", "conf/mfcc.conf")
_GRAPHS = ("graph/HCLG.fst", "graph/Gr.fst")
_FLAT = "final.mdl"  # some small models keep everything in one folder
MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A recognizer. ``is_demo``: made from a synthetic voice, recognizes no people."""

    path: Path
    is_demo: bool

    @property
    def name(self) -> str:
        """The folder's name; it stands in every transcript."""
        return self.path.name


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A row of ``callcenter models list``. ``in_use``: this is what transcription takes."""

    name: str
    path: Path
    is_demo: bool
    in_use: bool
    size_bytes: int


def resolve_model(settings: Settings) -> ModelChoice:
    """The model to use: the base model, with the city's words if ``words apply`` made it anew with them.

    Raises:
        UsageError: as :func:`base_model`.
    """
    base = base_model(settings)
    return with_words(settings, base) or base


def base_model(settings: Settings) -> ModelChoice:
    """The configured model, else an installed one, else the demo model; as it was installed.

    Raises:
        UsageError: ``no_model``: there is none, or the configured folder is not a model.
    """
    if settings.speech.vosk_model:
        return _configured(Path(settings.speech.vosk_model).expanduser().absolute())
    found = [_choice(path) for path in _model_folders(settings)]
    if not found:
        raise UsageError(
            "no recognizer is installed: run 'callcenter models install' or 'callcenter models build-demo'",
            code="no_model",
        )
    return min(found, key=lambda choice: (choice.is_demo, choice.name))


def with_words(settings: Settings, base: ModelChoice) -> ModelChoice | None:
    """The base model made anew with the city's words, if there is one in use."""
    try:
        name = _pointer(settings, base).read_text("utf-8").strip()
    except OSError:
        return None
    path = words_folder(settings) / name
    return _choice(path) if MODEL_NAME.fullmatch(name) and is_model(path) else None


def use_with_words(settings: Settings, base: ModelChoice, folder: Path) -> None:
    """From the next start on, take ``folder`` where ``base`` would be taken.

    Raises:
        PeerError: ``disk_full`` or ``recording_io``.
    """
    write_whole(_pointer(settings, base), f"{folder.name}\n".encode())


def words_folder(settings: Settings) -> Path:
    """Where models with the city's own words are kept: each city its own."""
    return settings.home_path / "models"


def vocabulary(model: Path) -> frozenset[str]:
    """All words that a model can hear.

    Raises:
        UsageError: ``free_words``: it has no list of words.
    """
    for part in ("graph/words.txt", "words.txt"):
        try:
            lines = (model / part).read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            continue
        words = (line.split()[0] for line in lines if line.strip())
        return frozenset(word for word in words if not word.startswith(("<", "#", "[")))
    raise UsageError(
        f"{model.name} has no list of words: it writes what it hears, letter by letter", code="free_words"
    )


def has_dynamic_graph(model: Path) -> bool:
    """Whether lexicon and language model are joined while it listens; else they were joined once and for all."""
    return (model / "graph/HCLr.fst").is_file() or (model / "HCLr.fst").is_file()


def named_model(settings: Settings, name: str) -> ModelChoice:
    """An installed model by its name; empty: the one in use.

    Raises:
        UsageError: ``no_model``: there is no such one; the error names those that there are.
    """
    if not name:
        return resolve_model(settings)
    models = list_models(settings)
    for model in models:
        if model.name == name:
            return ModelChoice(model.path, model.is_demo)
    known = ", ".join(model.name for model in models) or "none"
    raise UsageError(f"no model '{name}' is installed; installed: {known}", code="no_model")


def ensure_model(settings: Settings, progress: Progress) -> ModelChoice:
    """The model to use; without any, the demo model is built, which takes some two minutes.

    Raises:
        UsageError: ``no_model``: the configured folder is not a model.
    """
    try:
        return resolve_model(settings)
    except UsageError:
        if settings.speech.vosk_model:
            raise
    from callcenter.speech.demo_model.build import build  # slow, and seldom needed

    return _choice(build(settings.cache_path, progress))


def list_models(settings: Settings) -> list[ModelInfo]:
    """All models on this machine, the one in use first."""
    try:
        used: ModelChoice | None = resolve_model(settings)
    except UsageError:
        used = None
    choices = {choice.path: choice for choice in map(_choice, _model_folders(settings))}
    if used is not None:
        choices.setdefault(used.path, used)
    rows = [
        ModelInfo(choice.name, choice.path, choice.is_demo, choice == used, _size_bytes(choice.path))
        for choice in choices.values()
    ]
    return sorted(rows, key=lambda row: (not row.in_use, row.name))


def is_model(folder: Path) -> bool:
    """Whether this folder looks like a model of one of the engines."""
    if is_whisper(folder):
        return True
    if (folder / _FLAT).is_file():
        return (folder / "mfcc.conf").is_file()
    has_parts = all((folder / part).is_file() for part in _NEEDED)
    return has_parts and any((folder / graph).is_file() for graph in _GRAPHS)


def _pointer(settings: Settings, base: ModelChoice) -> Path:
    return words_folder(settings) / f"{base.name}.in-use"


def models_path(settings: Settings) -> Path:
    """Where models are installed: once for all houses of this machine."""
    return settings.cache_path / "models"


def _model_folders(settings: Settings) -> list[Path]:
    folder = models_path(settings)
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if not path.name.startswith(".") and is_model(path))


def _configured(path: Path) -> ModelChoice:
    if not is_model(path):
        raise UsageError(f"speech.vosk_model: {path} is not the folder of a model", code="no_model")
    return _choice(path)


def _choice(path: Path) -> ModelChoice:
    return ModelChoice(path, _is_demo(path))


def _is_demo(path: Path) -> bool:
    try:
        label = json.loads((path / "demo.json").read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(label, dict) and label.get("is_demo") is True


def _size_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
