"""A small frame classifier in numpy: spliced MFCC -> acoustic state.

Invariant: the same data and the same generator give the same network (one thread, no other chance).
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

OFFSETS = (-14, -10, -7, -5, -3, -1, 0, 1, 3, 5, 7, 10, 14)
"""The frames, relative to its own, that the network looks at."""
CONTEXT = max(OFFSETS)

Array = NDArray[np.float32]
Layer = tuple[Array, Array]
"""Weights (inputs x outputs) and biases of an affine layer; a ReLU between every two."""


@dataclass(frozen=True)
class Frames:
    """Utterances end to end, each padded by ``CONTEXT`` repeated frames; ``centers`` are the real frames."""

    features: Array
    centers: NDArray[np.int64]
    states: NDArray[np.int64]

    def batch(self, picked: NDArray[np.int64]) -> tuple[Array, NDArray[np.int64]]:
        """Spliced input and states of some frames."""
        rows = self.centers[picked][:, None] + np.array(OFFSETS)
        return self.features[rows].reshape(len(picked), -1), self.states[picked]


def collect(utterances: list[tuple[Array, NDArray[np.int64]]]) -> Frames:
    """Pad and join utterances of (features, states)."""
    padded = [np.pad(features, ((CONTEXT, CONTEXT), (0, 0)), mode="edge") for features, _ in utterances]
    starts = np.cumsum([0, *map(len, padded)])
    centers = [np.arange(start + CONTEXT, end - CONTEXT) for start, end in pairwise(starts)]
    return Frames(np.concatenate(padded), np.concatenate(centers), np.concatenate([s for _, s in utterances]))


def train(
    frames: Frames,
    state_count: int,
    *,
    hidden: tuple[int, ...],
    epochs: int,
    generator: np.random.Generator,
    told: Callable[[int, float], None],
    batch: int = 512,
    rate: float = 2e-3,
) -> list[Layer]:
    """Adam on cross-entropy, the step size falling to zero along a cosine.

    ``frames.features`` should have mean 0 and deviation 1. ``told`` hears (epoch from 1, mean loss).
    """
    sizes = (frames.features.shape[1] * len(OFFSETS), *hidden, state_count)
    layers = [_new_layer(inputs, outputs, generator) for inputs, outputs in pairwise(sizes)]
    adam = _Adam([part for layer in layers for part in layer])
    steps = len(frames.centers) // batch
    for epoch in range(epochs):
        order = generator.permutation(len(frames.centers))
        losses = []
        for step in range(steps):
            inputs, states = frames.batch(order[step * batch : (step + 1) * batch])
            loss, gradients = _gradients(layers, inputs, states)
            done = (epoch * steps + step) / (epochs * steps)
            adam.step(gradients, rate * (1 + np.cos(np.pi * done)) / 2)
            losses.append(loss)
        told(epoch + 1, float(np.mean(losses)))
    return layers


def _new_layer(inputs: int, outputs: int, generator: np.random.Generator) -> Layer:
    weights = generator.standard_normal((inputs, outputs), np.float32) * np.float32(np.sqrt(2 / inputs))
    return weights, np.zeros(outputs, np.float32)


def _gradients(layers: list[Layer], inputs: Array, states: NDArray[np.int64]) -> tuple[float, list[Array]]:
    """Mean cross-entropy and its gradients, in the order of the layers' parts."""
    activations = [inputs]
    for weights, biases in layers:
        activations.append(np.maximum(activations[-1] @ weights + biases, 0))
    weights, biases = layers[-1]
    logits = activations[-2] @ weights + biases
    logits -= logits.max(axis=1, keepdims=True)
    shares = np.exp(logits)
    shares /= shares.sum(axis=1, keepdims=True)
    rows = np.arange(len(states))
    loss = float(-np.log(shares[rows, states] + 1e-10).mean())
    shares[rows, states] -= 1
    delta = shares / np.float32(len(states))
    gradients: list[Array] = []
    for number in reversed(range(len(layers))):
        gradients = [activations[number].T @ delta, delta.sum(axis=0), *gradients]
        if number:
            delta = (delta @ layers[number][0].T) * (activations[number] > 0)
    return loss, gradients


class _Adam:
    """Kingma and Ba 2015, with the usual constants; changes the parameters in place."""

    def __init__(self, parameters: list[Array]):
        self._parameters = parameters
        self._means = [np.zeros_like(p) for p in parameters]
        self._squares = [np.zeros_like(p) for p in parameters]
        self._steps = 0

    def step(self, gradients: list[Array], rate: float) -> None:
        self._steps += 1
        scale = np.float32(rate * np.sqrt(1 - 0.999**self._steps) / (1 - 0.9**self._steps))
        parts = zip(self._parameters, self._means, self._squares, gradients, strict=True)
        for parameter, mean, square, gradient in parts:
            mean += np.float32(0.1) * (gradient - mean)
            square += np.float32(0.001) * (gradient * gradient - square)
            parameter -= scale * mean / (np.sqrt(square) + np.float32(1e-8))
