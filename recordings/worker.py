"""The recognizer in a process of its own: ``python -m recordings.worker --model FOLDER``.

One request a line on standard input, ``{"path": "...wav"}``; answers are lines on standard output:
``ready`` once, ``progress`` every ten seconds of sound (a heartbeat), then ``result`` or ``error``.
Invariant: it never reaches the network (the model is a folder), and a bad file costs one error line, not the process.
"""

import argparse
import json
import os
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from callcenter.core.errors import CallcenterError, UsageError
from recordings import wav
from recordings.engines import Engine, Row, open_engine

_PROGRESS_S = 10
_NICENESS = 10  # calls come first


class Recognizer:
    """An engine with one model; each channel of each file gets an ear of its own."""

    def __init__(self, engine: Engine):
        self._engine = engine

    def transcribe(self, path: Path) -> Iterator[dict[str, Any]]:
        """``progress`` lines, then the ``result`` line. Channels come in the order of the file.

        Raises:
            UsageError: ``not_wav``, ``wrong_rate``, ``too_many_channels``.
            PeerError: the file cannot be read.
        """
        layout = _checked(wav.inspect(path))
        ears = [self._engine.new_ear() for _ in range(layout.channels)]
        words: list[list[Row]] = [[] for _ in ears]
        for second, samples in enumerate(_seconds_of(path, layout)):
            if second % _PROGRESS_S == 0:
                yield {"type": "progress", "done_s": second, "total_s": round(layout.seconds, 3)}
            for channel, ear in enumerate(ears):
                words[channel] += ear.feed(samples[:, channel])
        for channel, ear in enumerate(ears):
            words[channel] += ear.finish()
        yield {"type": "result", "seconds": round(layout.seconds, 3), "channels": words}


def _checked(layout: wav.Layout) -> wav.Layout:
    if layout.rate != wav.RATE:
        raise UsageError(f"the sound has {layout.rate} Hz; 8000 Hz is what calls have", code="wrong_rate")
    if layout.channels > wav.CHANNELS:
        raise UsageError("more than two channels", code="too_many_channels")
    return layout


def _seconds_of(path: Path, layout: wav.Layout) -> Iterator[Any]:
    """The sound in pieces of one second: samples x channels."""
    left = layout.data_bytes
    with wav.disk_errors(), path.open("rb") as file:
        file.seek(layout.data_offset)
        while left and (block := file.read(min(left, layout.frame_bytes * layout.rate))):
            left -= len(block)
            whole = len(block) - len(block) % layout.frame_bytes
            yield np.frombuffer(block[:whole], "<i2").reshape(-1, layout.channels)


def _answers(recognizer: Recognizer, line: str) -> Iterator[dict[str, Any]]:
    try:
        yield from recognizer.transcribe(Path(json.loads(line)["path"]))
    except CallcenterError as error:
        yield {"type": "error", "code": error.code, "reason": str(error)}
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  # vosk raises bare Exception; one file must not end the process
        yield {"type": "error", "code": "recognizer", "reason": type(error).__name__}


def _serve(recognizer: Recognizer, requests: TextIO, out: TextIO) -> None:
    _tell(out, {"type": "ready"})
    for line in requests:
        for answer in _answers(recognizer, line):
            _tell(out, answer)


def _tell(out: TextIO, answer: dict[str, Any]) -> None:
    out.write(json.dumps(answer, ensure_ascii=False) + "\n")
    out.flush()


def _own_stdout() -> TextIO:
    """The real standard output, for answers alone: what libraries print goes to standard error."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return out


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m recordings.worker", description=__doc__)
    parser.add_argument("--model", required=True, type=Path, help="folder of a model")
    parser.add_argument("--memory-mb", type=int, default=0, help="address space allowed; 0: no limit")
    parser.add_argument("--phrases", type=json.loads, default=(), help="all that is to be heard, a JSON list")
    options = parser.parse_args()
    out = _own_stdout()
    os.nice(_NICENESS)
    if options.memory_mb:
        limit = options.memory_mb * 1024**2
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    try:
        recognizer = Recognizer(open_engine(options.model, options.phrases))
    except CallcenterError as error:
        _tell(out, {"type": "error", "code": error.code, "reason": str(error)})
        sys.exit(1)
    except Exception as error:  # noqa: BLE001  # vosk raises bare Exception for a folder it cannot load
        _tell(out, {"type": "error", "code": "bad_model", "reason": type(error).__name__})
        sys.exit(1)
    try:
        _serve(recognizer, sys.stdin, out)
    except (BrokenPipeError, KeyboardInterrupt):
        sys.exit(0)


if __name__ == "__main__":
    main()
