"""Training material: the voice speaks every clause several ways, and telephones of many kinds carry it.

Invariant: all chance comes from one generator; labels are the voice's own durations, so nothing is aligned.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from callcenter.speech import audio
from callcenter.speech.demo_model.features import FRAME_CENTER, FRAME_SHIFT, Features, mfcc
from callcenter.speech.demo_model.phones import PhoneSet, segments
from callcenter.speech.voice import SAMPLES_PER_FRAME, Utterance, Voice

States = NDArray[np.int64]


def spoken(voice: Voice, clause: str, passes: int, generator: np.random.Generator) -> Iterator[Utterance]:
    """The clause in the voice's own manner, then in ``passes - 1`` others."""
    yield voice.speak_aligned(clause)
    for _ in range(passes - 1):
        yield voice.speak_aligned(
            clause,
            speed=generator.uniform(0.85, 1.2),
            pitch=generator.uniform(0.75, 1.25),
            energy=generator.uniform(0.85, 1.15),
        )


def heard(utterance: Utterance, phones: PhoneSet, generator: np.random.Generator) -> tuple[Features, States]:
    """One telephone's version of it: features, and the acoustic state of each frame."""
    factor = generator.uniform(0.92, 1.1) if generator.random() < 0.5 else 1.0
    before, after = (np.zeros(int(generator.exponential(2500)), np.float32) for _ in range(2))
    sound = audio.stretch(utterance.samples.astype(np.float32), factor)
    line = _telephone(np.concatenate([before, sound, after]), generator)
    features = mfcc(line)
    return features, _states(utterance, phones, len(features), factor * SAMPLES_PER_FRAME, len(before))


def _telephone(sound: audio.Wave, generator: np.random.Generator) -> audio.Wave:
    if generator.random() < 0.5:
        sound = audio.through_telephone(sound)
    loudness, noise = generator.uniform(0.2, 1.4), generator.choice([0, 0, 0.5, 3, 10, 40, 100])
    sound = sound * loudness + noise * generator.standard_normal(len(sound))
    sound = audio.to_int16(sound).astype(np.float32)
    return audio.through_alaw(sound) if generator.random() < 0.75 else sound


def _states(utterance: Utterance, phones: PhoneSet, frames: int, scale: float, offset: int) -> States:
    """The acoustic state at the middle of each frame; silence outside the utterance."""
    states = np.full(frames, phones.states("SIL")[0], np.int64)
    for segment in segments(utterance.symbols, utterance.durations):
        own = phones.states(segment.phone)
        edges = np.linspace(segment.start, segment.end, len(own) + 1) * scale + offset
        frame_edges = np.clip(np.ceil((edges - FRAME_CENTER) / FRAME_SHIFT), 0, frames).astype(int)
        for state, start, end in zip(own, frame_edges, frame_edges[1:], strict=False):
            states[start:end] = state
    return states
