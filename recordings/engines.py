"""Recognizers behind one interface: a model folder makes an engine, an engine gives an ear to each channel.

Invariant: an engine is used by one process and one file at a time and never reaches the network; what it hears are rows
of ``word``, ``start``, ``end`` (seconds from the beginning) and ``conf`` (0..1), in order of time.
"""

import json
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from callcenter.core.errors import UsageError
from recordings import wav

Samples = NDArray[np.int16]
Row = dict[str, Any]

WHISPER_FILES: Final = ("model.bin", "config.json")
"""By these the folder of a Whisper model in CTranslate2's format is known."""

_ANYTHING_ELSE = "[unk]"
"""What Vosk makes of speech outside its phrases, if the model knows how; else it takes that for one of them."""

_WHISPER_RATE = 16_000
_CHUNK_S = 28
"""Whisper hears 30 s at once; a chunk is cut where it is quietest in its last ``_SEARCH_S``."""
_SEARCH_S = 8
_QUIET_S = 0.2
_SILENT_LEVEL = 30.0
"""A chunk whose loudest moment is below this (of 32,768) is not asked about: Whisper makes words of silence."""
_DOUBT_NO_SPEECH, _DOUBT_LOG_PROB = 0.6, -1.0


class Ear(Protocol):
    """Hears one channel of one file."""

    def feed(self, samples: Samples) -> list[Row]:
        """The next second at most, 8 kHz; the words that are certain by now."""

    def finish(self) -> list[Row]:
        """There is no more sound; the rest of the words."""


class Engine(Protocol):
    """A loaded model."""

    def new_ear(self) -> Ear:
        """For one channel."""


def open_engine(model: Path, phrases: Sequence[str] = ()) -> Engine:
    """The engine of a model's folder.

    ``phrases``: all that is to be heard, words of the vocabulary apart by spaces, for engines that can be told; none:
    everything.

    Raises:
        UsageError: ``no_engine``: the library of this kind of model is not installed.
        Exception: whatever the library says of a folder that it cannot load.
    """
    return Whisper(model) if is_whisper(model) else Vosk(model, phrases)


def is_whisper(folder: Path) -> bool:
    """Whether this is a Whisper model in CTranslate2's format."""
    return all((folder / name).is_file() for name in WHISPER_FILES)


class Vosk:
    """The default: Kaldi models, heard as they come."""

    def __init__(self, model: Path, phrases: Sequence[str] = ()):
        import vosk  # slow, and only needed in the worker process

        vosk.SetLogLevel(-1)
        self._vosk = vosk
        self._model = vosk.Model(model_path=str(model))
        self._grammar = [json.dumps([*phrases, _ANYTHING_ELSE], ensure_ascii=False)] if phrases else []

    def new_ear(self) -> Ear:
        """See :class:`Engine`."""
        recognizer = self._vosk.KaldiRecognizer(self._model, wav.RATE, *self._grammar)
        recognizer.SetWords(True)
        return _VoskEar(recognizer)


class _VoskEar:
    def __init__(self, recognizer: Any):
        self._recognizer = recognizer

    def feed(self, samples: Samples) -> list[Row]:
        if not self._recognizer.AcceptWaveform(samples.tobytes()):
            return []
        return _vosk_words(self._recognizer.Result())

    def finish(self) -> list[Row]:
        return _vosk_words(self._recognizer.FinalResult())


def _vosk_words(result: str) -> list[Row]:
    return list(json.loads(result).get("result", []))


class Whisper:
    """Whisper by ``faster-whisper``, chunk by chunk; traditional characters, which it mixes in, become simplified ones.

    Without a prompt, which it would return on unintelligible sound.
    """

    def __init__(self, model: Path):
        try:
            library = import_module("faster_whisper")  # optional, and slow
            self._simplified = import_module("opencc").OpenCC("t2s").convert
        except ImportError:
            raise UsageError(
                "a Whisper model needs faster-whisper: pip install 'callcenter-12345[whisper]'",
                code="no_engine",
            ) from None
        self._model = library.WhisperModel(
            str(model), device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True
        )

    def new_ear(self) -> Ear:
        """See :class:`Engine`."""
        return ChunkedEar(self._hear)

    def _hear(self, samples: Samples) -> list[Row]:
        segments, _ = self._model.transcribe(
            doubled(samples),
            language="zh",
            word_timestamps=True,
            condition_on_previous_text=False,
        )
        sure = (segment for segment in segments if not _is_doubtful(segment))
        return [row for segment in sure for row in self._words(segment)]

    def _words(self, segment: Any) -> list[Row]:
        return [
            {
                "word": self._simplified(word.word.strip()),
                "start": float(word.start),
                "end": float(word.end),
                "conf": float(word.probability),
            }
            for word in segment.words or ()
            if word.word.strip()
        ]


class ChunkedEar:
    """Gathers sound for an engine that hears whole chunks of at most ``_CHUNK_S`` seconds."""

    def __init__(self, hear: "Hear"):
        self._hear = hear
        self._kept: list[Samples] = []
        self._begin = 0

    def feed(self, samples: Samples) -> list[Row]:
        """See :class:`Ear`."""
        self._kept.append(samples)
        if sum(map(len, self._kept)) < _CHUNK_S * wav.RATE:
            return []
        sound = np.concatenate(self._kept)
        place = quietest(sound)
        self._kept = [sound[place:]]
        return self._heard(sound[:place])

    def finish(self) -> list[Row]:
        """See :class:`Ear`."""
        sound = np.concatenate([*self._kept, np.zeros(0, np.int16)])
        self._kept = []
        return self._heard(sound)

    def _heard(self, sound: Samples) -> list[Row]:
        begin_s, length_s = self._begin / wav.RATE, len(sound) / wav.RATE
        self._begin += len(sound)
        if not len(sound) or np.abs(sound.astype(np.int32)).max() < _SILENT_LEVEL:
            return []
        return [_moved(row, begin_s, length_s) for row in self._hear(sound)]


class Hear(Protocol):
    """Hears a chunk of 8 kHz sound; times from its beginning."""

    def __call__(self, samples: Samples, /) -> list[Row]:
        """The words."""


def quietest(sound: Samples) -> int:
    """Where to cut: the middle of the quietest moment of the last seconds."""
    size = int(_QUIET_S * wav.RATE)
    start = max(0, len(sound) - _SEARCH_S * wav.RATE)
    moments = (len(sound) - start) // size
    if not moments:
        return len(sound)
    tail = sound[start : start + moments * size].astype(np.float64).reshape(moments, size)
    return start + int(np.argmin((tail**2).sum(axis=1))) * size + size // 2


def doubled(samples: Samples) -> NDArray[np.float32]:
    """8 kHz as 16 kHz in -1..1, nothing above 4 kHz (the spectrum is padded with zeros)."""
    if not len(samples):
        return np.zeros(0, np.float32)
    factor = _WHISPER_RATE // wav.RATE
    spectrum = np.fft.rfft(samples.astype(np.float64) / 32768)
    sound: NDArray[np.float32] = (np.fft.irfft(spectrum, factor * len(samples)) * factor).astype(np.float32)
    return sound


def _moved(row: Row, begin_s: float, length_s: float) -> Row:
    """A row's times from the beginning of the file; no word ends after its chunk."""
    start, end = (round(begin_s + min(max(0.0, row[name]), length_s), 3) for name in ("start", "end"))
    return {**row, "start": start, "end": end}


def _is_doubtful(segment: Any) -> bool:
    """Words that Whisper made of noise."""
    return bool(segment.no_speech_prob > _DOUBT_NO_SPEECH and segment.avg_logprob < _DOUBT_LOG_PROB)
