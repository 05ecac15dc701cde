"""Transcription as Vosk's own examples do it: open a WAV file, 4,000 frames at a time, one recognizer a channel.

``python plain_vosk.py MODEL``: one path a line on standard input, its number of words on standard output. Nothing of the
product is in here: it is what the product is measured against.
"""

import json
import os
import sys
import wave

import vosk

FRAMES = 4000


def transcribe(model: vosk.Model, path: str) -> int:
    """How many words are in it."""
    words = 0
    with wave.open(path) as sound:
        channels, rate = sound.getnchannels(), sound.getframerate()
        ears = [vosk.KaldiRecognizer(model, rate) for _ in range(channels)]
        for ear in ears:
            ear.SetWords(True)
        while data := sound.readframes(FRAMES):
            samples = memoryview(data).cast("h")
            for number, ear in enumerate(ears):
                if ear.AcceptWaveform(samples[number::channels].tobytes()):
                    words += len(json.loads(ear.Result()).get("result", []))
        return words + sum(len(json.loads(ear.FinalResult()).get("result", [])) for ear in ears)


def main() -> None:
    """Serve until standard input ends; as nice as the product's recognizers, or the two could not be compared."""
    os.nice(10)
    vosk.SetLogLevel(-1)
    model = vosk.Model(model_path=sys.argv[1])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        sys.stdout.write(f"{transcribe(model, line.strip())}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
