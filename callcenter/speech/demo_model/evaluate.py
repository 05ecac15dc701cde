"""How well the demo recognizer knows its own voice: character error rate on sentences it never learned.

Invariant: the figure is about one synthetic voice and the recognizer's own words; it is never an accuracy on people.
"""

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from callcenter.speech import audio
from callcenter.speech.demo_model.corpus import heldout_sentences
from callcenter.speech.voice import Voice

Recognize = Callable[[audio.Samples], str]


def character_errors(reference: str, heard: str) -> int:
    """Least number of characters to insert, delete or replace (Levenshtein 1966)."""
    row = list(range(len(heard) + 1))
    for number, wanted in enumerate(reference, start=1):
        previous, row = row, [number]
        for place, got in enumerate(heard, start=1):
            row.append(min(previous[place - 1] + (wanted != got), previous[place] + 1, row[-1] + 1))
    return row[-1]


def character_error_rate(texts: Iterable[str], voice: Voice, recognize: Recognize) -> float:
    """Errors per character of the texts, spoken by the voice over an A-law telephone."""
    errors = characters = 0
    for text in texts:
        errors += character_errors(text.replace("，", ""), recognize(on_the_phone(voice.speak(text))))
        characters += len(text.replace("，", ""))
    return errors / characters


def on_the_phone(samples: audio.Samples) -> audio.Samples:
    """With a little silence around, and A-law coded."""
    padded = np.concatenate([audio.silence(0.3), samples, audio.silence(0.6)])
    return audio.to_int16(audio.through_alaw(padded.astype(np.float32)))


def recognizer(model: Path) -> Recognize:
    """Vosk with this model, in this process: for trying a model, not for serving."""
    import vosk  # slow, and never beside kaldifst: see build

    vosk.SetLogLevel(-1)
    loaded = vosk.Model(model_path=str(model))

    def recognize(samples: audio.Samples) -> str:
        ear = vosk.KaldiRecognizer(loaded, audio.RATE)
        seconds = (samples[start : start + audio.RATE] for start in range(0, len(samples), audio.RATE))
        results = [ear.Result() for second in seconds if ear.AcceptWaveform(second.tobytes())]
        results.append(ear.FinalResult())
        return "".join(json.loads(result)["text"] for result in results).replace(" ", "")

    return recognize


def main() -> None:
    """``python -m callcenter.speech.demo_model.evaluate MODEL CACHE``: print the rate."""
    model, cache = map(Path, sys.argv[1:3])
    texts = [sentence.text for sentence in heldout_sentences()]
    sys.stdout.write(f"{character_error_rate(texts, Voice(cache), recognizer(model))}\n")


if __name__ == "__main__":
    main()
