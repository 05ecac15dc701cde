"""The recognizer of live captions in a process of its own: ``python -m recordings.captions_worker --model FOLDER``.

It reads recordings while Asterisk writes them, two channels each, many at once. Lines on standard input:
``{"open": KEY, "path": "...raw"}`` and ``{"close": KEY}``; lines on standard output: ``ready`` once, ``said`` for what is
heard, ``pace`` every second. A line of speech is told again and again as it grows, whole each time, until it is ``final``;
``begin_s`` is its name among those of its channel.
Invariants: it never reaches the network; memory and delay are bounded: what came too long ago is skipped, and captions go on
from the present; it ends when standard input ends, or when it holds more memory than it may.
"""

import argparse
import json
import os
import resource
import select
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, TextIO

import numpy as np

from callcenter.clocks import SystemClock
from callcenter.core.clock import Clock
from recordings import wav
from recordings.core.text_punctuation import joined, punctuated
from recordings.core.transcript import Word, words_of

POLL_S: Final = 0.05
PACE_S: Final = 1.0
FRESH_S: Final = 4.0
"""A call of which no more is recorded yet is captioned from its first word on."""

LATE_S: Final = 4.0
"""Sound that waited longer is skipped."""

STREAMS_MAX: Final = 64

_PIECE_S = 0.25
_TEXT_MAX = 1000
_NICENESS = 5  # calls come first; captions come before transcription, which can wait
_BYTES_PER_S = wav.RATE * wav.FRAME_BYTES

Told = dict[str, Any]
NewRecognizer = Callable[[], Any]
"""Makes what Vosk calls a recognizer: it hears one channel."""


class LiveEar:
    """Hears one channel as it comes. ``begin_s``: where in the recording it begins."""

    def __init__(self, recognizer: Any, begin_s: float) -> None:
        self._recognizer = recognizer
        self._heard_s = begin_s
        self._line_s = begin_s
        self._text = ""

    def feed(self, samples: Any) -> Iterator[Told]:
        """The next sound. What is told: lines that are over, then the one that goes on, if it grew."""
        size = round(_PIECE_S * wav.RATE)
        for start in range(0, len(samples), size):
            piece = samples[start : start + size]
            self._heard_s += len(piece) / wav.RATE
            if self._recognizer.AcceptWaveform(piece.tobytes()):
                yield from self._end_line(json.loads(self._recognizer.Result()))
        yield from self._grow(json.loads(self._recognizer.PartialResult()))

    def _end_line(self, result: Told) -> Iterator[Told]:
        text = punctuated(words_of(result.get("result", [])))
        if text or self._text:  # what was told may have been no speech after all
            yield self._told(text, final=True)
        self._line_s, self._text = self._heard_s, ""

    def _grow(self, result: Told) -> Iterator[Told]:
        text = joined(tuple(Word(word, 0.0, 0.0, 0.0) for word in result.get("partial", "").split()))
        if text and text != self._text:
            self._text = text
            yield self._told(text, final=False)

    def _told(self, text: str, *, final: bool) -> Told:
        begin_s, end_s = round(self._line_s, 2), round(self._heard_s, 2)
        return {"text": text[:_TEXT_MAX], "final": final, "begin_s": begin_s, "end_s": end_s}


class Tail:
    """Follows one growing recording, from its begin when that is near, else from the present."""

    def __init__(self, path: Path, new_recognizer: NewRecognizer) -> None:
        self._path = path
        self._new_recognizer = new_recognizer
        self._place: int | None = None
        self._ears: list[LiveEar] = []

    def turn(self) -> Iterator[Told]:
        """What is told of the sound that came since the last turn."""
        try:
            sound = self._news()
        except OSError:
            return  # not begun yet, or sealed and gone: then it is closed soon
        samples = np.frombuffer(sound, "<i2").reshape(-1, wav.CHANNELS)
        for channel, ear in enumerate(self._ears):
            for told in ear.feed(samples[:, channel]) if len(samples) else ():
                yield {"channel": channel, **told}

    def _news(self) -> bytes:
        size = self._path.stat().st_size // wav.FRAME_BYTES * wav.FRAME_BYTES
        if self._place is None:
            self._begin(0 if size <= FRESH_S * _BYTES_PER_S else size)
        elif size - self._place > LATE_S * _BYTES_PER_S:
            self._begin(size)
        place = self._place or 0
        if size <= place:
            return b""
        with self._path.open("rb") as file:
            file.seek(place)
            sound = file.read(size - place)
        self._place = place + len(sound)
        return sound

    def _begin(self, place: int) -> None:
        self._place = place
        self._ears = [LiveEar(self._new_recognizer(), place / _BYTES_PER_S) for _ in range(wav.CHANNELS)]


class Captions:
    """All recordings that are followed. ``tell``: writes one answer."""

    def __init__(self, new_recognizer: NewRecognizer, tell: Callable[[Told], None], clock: Clock) -> None:
        self._new_recognizer = new_recognizer
        self._tell = tell
        self._clock = clock
        self._tails: dict[str, Tail] = {}
        self._turn_began = self._paced = clock.instant()
        self._behind_s = 0.0

    def obey(self, request: Told) -> None:
        """Open or close one."""
        if "close" in request:
            self._tails.pop(str(request["close"]), None)
        elif len(self._tails) < STREAMS_MAX:
            self._tails[str(request["open"])] = Tail(Path(request["path"]), self._new_recognizer)

    def turn(self) -> None:
        """Hear all that came, and tell once a second how late it was at most: what comes during a turn waits for the next."""
        for key, tail in self._tails.items():
            for told in tail.turn():
                self._tell({"type": "said", "key": key, **told})
        now = self._clock.instant()
        self._behind_s = max(self._behind_s, now - self._turn_began)
        self._turn_began = now
        if now - self._paced >= PACE_S:
            self._tell({"type": "pace", "behind_s": round(self._behind_s, 3)})
            self._paced, self._behind_s = now, 0.0


def _serve(captions: Captions, resident_mb: int) -> None:
    """Until standard input ends, or too much memory is held."""
    waiting = b""
    while not resident_mb or _resident_mb() <= resident_mb:
        if select.select([0], [], [], POLL_S)[0]:
            block = os.read(0, 1 << 16)
            if not block:
                return
            *requests, waiting = (waiting + block).split(b"\n")
            for request in requests:
                captions.obey(json.loads(request))
        captions.turn()


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 1024**2


def _own_stdout() -> TextIO:
    """The real standard output, for answers alone: what libraries print goes to standard error."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return out


def _vosk(model: Path) -> NewRecognizer:
    import vosk  # slow, and only needed in the worker process

    vosk.SetLogLevel(-1)
    loaded = vosk.Model(model_path=str(model))

    def new_recognizer() -> Any:
        recognizer = vosk.KaldiRecognizer(loaded, wav.RATE)
        recognizer.SetWords(True)
        return recognizer

    return new_recognizer


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m recordings.captions_worker", description=__doc__)
    parser.add_argument("--model", required=True, type=Path, help="folder of a Vosk model")
    parser.add_argument("--resident-mb", type=int, default=0, help="memory at which it ends; 0: any")
    options = parser.parse_args()
    out = _own_stdout()
    os.nice(_NICENESS)

    def tell(answer: Told) -> None:
        out.write(json.dumps(answer, ensure_ascii=False) + "\n")
        out.flush()

    try:
        new_recognizer = _vosk(options.model)
    except Exception as error:  # noqa: BLE001  vosk raises bare Exception for a folder it cannot load
        tell({"type": "error", "reason": type(error).__name__})
        sys.exit(1)
    tell({"type": "ready"})
    try:
        _serve(Captions(new_recognizer, tell, SystemClock()), options.resident_mb)
    except (BrokenPipeError, KeyboardInterrupt):
        sys.exit(0)


if __name__ == "__main__":
    main()
