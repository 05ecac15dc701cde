"""Building the demo recognizer: speak, hear, learn, write. One core, a few minutes, nothing from outside.

Invariant: the folder appears complete or not at all; ``demo.json`` in it says that it is no recognizer of people.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it has no types

from callcenter.core.errors import OurError
from callcenter.speech import voice as voices
from callcenter.speech.demo_model import bigram, evaluate, network, nnet3
from callcenter.speech.demo_model.corpus import Sentence, training_sentences
from callcenter.speech.demo_model.features import MFCC_CONF, Features
from callcenter.speech.demo_model.graph import Graph
from callcenter.speech.demo_model.hmm import Hmm
from callcenter.speech.demo_model.material import States, heard, spoken
from callcenter.speech.demo_model.phones import PhoneSet, lexicon
from callcenter.speech.progress import Progress, unheard
from callcenter.speech.voice import Utterance, Voice

NAME = "demo-zh"
RECIPE = 3
"""Counted up when the same sentences would give another model."""

_REPORT_EVERY = 50
_TEST_LIMIT_S = 300
_ROOT = Path(__file__).parents[3]

_PASSES, _TELEPHONES, _EPOCHS, _HIDDEN, _SEED = 3, 2, 6, (320, 256), 12345

_MODEL_CONF = """\
--min-active=200
--max-active=3000
--beam=13.0
--lattice-beam=4.0
--acoustic-scale=0.3
--frame-subsampling-factor=3
--endpoint.silence-phones=1
--endpoint.rule2.min-trailing-silence=0.5
--endpoint.rule3.min-trailing-silence=1.0
--endpoint.rule4.min-trailing-silence=2.0
"""

_README = """\
合成语音演示模型，不能识别真人。
A demo recognizer made from a synthetic voice: it recognizes no people.

It knows one synthetic voice and some hundred words. It exists to carry Chinese text through a call, its
recording, Vosk and a ticket in the demo and in the tests. Its error rate is no accuracy of anything else.
For real calls install a real model: callcenter models install vosk-model-small-cn-0.22
The voice's corpus may be non-commercial: use this for demos and tests only.
"""


@dataclass(frozen=True)
class _Learned:
    hmm: Hmm
    layers: list[network.Layer]
    priors: Features


def model_path(cache: Path) -> Path:
    """Where the demo model is, or will be."""
    return cache / "models" / NAME


def build(cache: Path, progress: Progress = unheard) -> Path:
    """Build the demo model unless the same one is there; its folder. Takes two to four minutes of one core."""
    target, stamp = model_path(cache), _stamp()
    target.parent.mkdir(parents=True, exist_ok=True)
    with (target.parent / f".{NAME}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second builder waits, and then finds it built
        if not _is_current(target, stamp):
            _build(cache, target, stamp, progress)
    return target


def is_current(folder: Path) -> bool:
    """Whether this is the demo model that ``build`` would build now."""
    return _is_current(folder, _stamp())


def _build(cache: Path, target: Path, stamp: str, progress: Progress) -> None:
    draft = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{NAME}-"))
    try:
        with threadpool_limits(1):
            _make(draft, Voice(cache), progress)
        _label(draft, stamp, _self_test(draft, cache, progress))
        _replace(draft, target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _make(folder: Path, voice: Voice, progress: Progress) -> None:
    generator = np.random.default_rng(_SEED)
    sentences = training_sentences()
    utterances = _speak(voice, sentences, generator, progress)
    ways = lexicon((words, utterance.symbols) for words, utterance in utterances)
    phones = PhoneSet.of(way for several in ways.values() for way in several)
    material = list(_hear([utterance for _, utterance in utterances], phones, generator, progress))
    learned = _learn(material, phones, generator, progress)
    progress("写出模型 / writing the model")
    _write(folder, learned, Graph(learned.hmm, ways, word_pairs(sentences)))


def _speak(
    voice: Voice, sentences: list[Sentence], generator: np.random.Generator, progress: Progress
) -> list[tuple[tuple[str, ...], Utterance]]:
    clauses = sorted({clause for sentence in sentences for clause in sentence.clauses})
    done: list[tuple[tuple[str, ...], Utterance]] = []
    for number, words in enumerate(clauses):
        if number % _REPORT_EVERY == 0:
            progress(f"合成训练语音 / speaking: {number} / {len(clauses)}")
        done += [(words, utterance) for utterance in spoken(voice, "".join(words), _PASSES, generator)]
    return done


def _hear(
    utterances: list[Utterance], phones: PhoneSet, generator: np.random.Generator, progress: Progress
) -> Iterator[tuple[Features, States]]:
    progress(f"模拟电话线路 / telephones: {len(utterances)} x {_TELEPHONES}")
    for utterance in utterances:
        for _ in range(_TELEPHONES):
            yield heard(utterance, phones, generator)


def _learn(
    material: list[tuple[Features, States]],
    phones: PhoneSet,
    generator: np.random.Generator,
    progress: Progress,
) -> _Learned:
    everything = np.concatenate([features for features, _ in material])
    mean, deviation = everything.mean(axis=0), everything.std(axis=0) + np.float32(1e-3)
    frames = network.collect([((features - mean) / deviation, states) for features, states in material])

    def told(epoch: int, loss: float) -> None:
        progress(f"训练 / learning: {epoch} / {_EPOCHS}, loss {loss:.3f}")

    layers = network.train(
        frames, phones.state_count, hidden=_HIDDEN, epochs=_EPOCHS, generator=generator, told=told
    )
    counts = np.bincount(frames.states, minlength=phones.state_count) + 10.0
    priors = (counts / counts.sum()).astype(np.float32)
    return _Learned(Hmm(phones), nnet3.fold_normalization(layers, mean, deviation), priors)


def word_pairs(sentences: list[Sentence], alone: Iterable[str] = ()) -> bigram.Bigram:
    """How words follow each other in the sentences; ``alone``: words that are utterances of their own."""
    whole = [sentence.words for sentence in sentences]
    clauses = [clause for sentence in sentences if len(sentence.clauses) > 1 for clause in sentence.clauses]
    return bigram.count(whole + clauses + [(word,) for word in alone])


def _write(folder: Path, learned: _Learned, graph: Graph) -> None:
    (folder / "am").mkdir()
    (folder / "conf").mkdir()
    model = nnet3.model_text(learned.hmm, learned.layers, learned.priors)
    (folder / "am" / "final.mdl").write_text(model, "ascii")
    (folder / "conf" / "mfcc.conf").write_text(MFCC_CONF, "ascii")
    (folder / "conf" / "model.conf").write_text(_MODEL_CONF, "ascii")
    graph.write(folder / "graph")


def _self_test(folder: Path, cache: Path, progress: Progress) -> float:
    """Character error rate on sentences it never learned, in the voice it learned from.

    In a process of its own: Vosk cannot be loaded beside ``kaldifst``, both register OpenFst and wait for ever.
    """
    command = [sys.executable, "-m", evaluate.__name__, str(folder), str(cache)]
    tried = subprocess.run(
        command, env=_environment(), capture_output=True, timeout=_TEST_LIMIT_S, check=False
    )
    if tried.returncode:
        raise OurError("the demo model that was made cannot be used", code="bad_demo_model")
    rate = float(tried.stdout)
    progress(
        f"自测 / self-test: {rate:.1%} character errors in its own synthetic voice; it cannot recognize people"
    )
    return rate


def _label(folder: Path, stamp: str, rate: float) -> None:
    (folder / "README").write_text(_README, "utf-8")
    label = {
        "is_demo": True,
        "label": "合成语音演示模型，不能识别真人 / no recognizer of people",
        "character_error_rate_on_its_own_synthetic_voice": round(rate, 4),
        "stamp": stamp,
    }
    (folder / "demo.json").write_text(json.dumps(label, ensure_ascii=False, indent=2) + "\n", "utf-8")


def _environment() -> dict[str, str]:
    """Our packages are found wherever they run from."""
    paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def _replace(draft: Path, target: Path) -> None:
    draft.chmod(0o755)
    if target.exists():
        old = Path(tempfile.mkdtemp(dir=target.parent, prefix=".old-"))
        target.rename(old / NAME)
        shutil.rmtree(old, ignore_errors=True)
    draft.rename(target)


def _stamp() -> str:
    """Hash of all that the model is made of: texts, voice, recipe."""
    texts = "\n".join(sentence.text + "|" + " ".join(sentence.words) for sentence in training_sentences())
    return hashlib.sha256(f"{RECIPE}\n{voices.VERSION}\n{texts}".encode()).hexdigest()


def _is_current(folder: Path, stamp: str) -> bool:
    try:
        return bool(json.loads((folder / "demo.json").read_text("utf-8"))["stamp"] == stamp)
    except (OSError, ValueError, KeyError, TypeError):
        return False
