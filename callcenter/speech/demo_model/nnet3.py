"""The acoustic model as Kaldi reads it: ``final.mdl`` in text form.

Invariant: a pure function from layers to text. Normalization of the features is folded into the first layer.
"""

import math
from collections.abc import Iterable

import numpy as np

from callcenter.speech.demo_model.features import DIMENSION, Features
from callcenter.speech.demo_model.hmm import Hmm
from callcenter.speech.demo_model.network import CONTEXT, OFFSETS, Array, Layer


def fold_normalization(layers: list[Layer], mean: Array, deviation: Array) -> list[Layer]:
    """Layers that take raw features in place of ``(features - mean) / deviation``."""
    (weights, biases), *rest = layers
    scaled = weights / np.tile(deviation, len(OFFSETS))[:, None]
    return [(scaled, biases - np.tile(mean, len(OFFSETS)) @ scaled), *rest]


def model_text(hmm: Hmm, layers: list[Layer], priors: Features) -> str:
    """The whole ``final.mdl``."""
    return _transition_model(hmm) + _network(layers, priors)


def _transition_model(hmm: Hmm) -> str:
    by_length: dict[int, list[int]] = {}
    for name, number in hmm.phone_ids.items():
        by_length.setdefault(len(hmm.states(name)), []).append(number)
    topology = "".join(_topology_entry(length, ids) for length, ids in sorted(by_length.items()))
    triples = "".join(f"{phone} {state} {acoustic} \n" for phone, state, acoustic in hmm.triples)
    log_probs = [0.0] + [math.log(0.5)] * (2 * len(hmm.triples))
    return (
        f"<TransitionModel> \n<Topology> \n{topology}</Topology> \n"
        f"<Triples> {len(hmm.triples)} \n{triples}</Triples> \n"
        f"<LogProbs> \n{_vector(log_probs)}</LogProbs> \n</TransitionModel> \n"
    )


def _topology_entry(states: int, phones: list[int]) -> str:
    lines = [
        f"<State> {s} <PdfClass> {s} <Transition> {s} 0.5 <Transition> {s + 1} 0.5 </State> \n"
        for s in range(states)
    ]
    listed = " ".join(map(str, phones))
    body = "".join(lines)
    return (
        f"<TopologyEntry> \n<ForPhones> \n{listed} \n</ForPhones> \n"
        f"{body}<State> {states} </State> \n</TopologyEntry> \n"
    )


def _network(layers: list[Layer], priors: Features) -> str:
    spliced = ", ".join("input" if n == 0 else f"Offset(input, {n})" for n in OFFSETS)
    nodes, components = [f"input-node name=input dim={DIMENSION}\n"], []
    source = f"Append({spliced})"
    for number, (weights, biases) in enumerate(layers):
        last = number == len(layers) - 1
        kind = "LogSoftmaxComponent" if last else "RectifiedLinearComponent"
        nodes.append(f"component-node name=affine{number} component=affine{number} input={source}\n")
        nodes.append(f"component-node name=shape{number} component=shape{number} input=affine{number}\n")
        components.append(_affine(f"affine{number}", weights, biases))
        components.append(_nonlinearity(f"shape{number}", kind, len(biases)))
        source = f"shape{number}"
    nodes.append(f"output-node name=output input={source} objective=linear\n")
    return (
        f"<Nnet3> \n{''.join(nodes)}\n<NumComponents> {len(components)} \n{''.join(components)}</Nnet3> \n"
        f"<LeftContext> {CONTEXT} <RightContext> {CONTEXT} <Priors> {_vector(priors)}\n"
    )


def _affine(name: str, weights: Array, biases: Array) -> str:
    return (
        f"<ComponentName> {name} <FixedAffineComponent> <LinearParams> {_matrix(weights.T)}"
        f"<BiasParams> {_vector(biases)}</FixedAffineComponent> \n"
    )


def _nonlinearity(name: str, kind: str, dimension: int) -> str:
    return (
        f"<ComponentName> {name} <{kind}> <Dim> {dimension} <ValueAvg>  [ ]\n<DerivAvg>  [ ]\n"
        f"<Count> 0 <NumDimsSelfRepaired> 0 <NumDimsProcessed> 0 <SelfRepairScale> 0 </{kind}> \n"
    )


def _numbers(values: Iterable[float]) -> str:
    return " ".join(f"{value:.5g}" for value in values)


def _vector(values: Iterable[float]) -> str:
    return f" [ {_numbers(values)} ]\n"


def _matrix(rows: Array) -> str:
    return " [\n" + "\n".join(f"  {_numbers(row)}" for row in rows) + " ]\n"
