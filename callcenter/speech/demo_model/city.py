"""The demo model with a city's own words: the same ears, another graph.

Invariant: the acoustic model is copied byte for byte and its phones keep their numbers; the folder appears complete or
not at all. No sound is made: a word's pronunciation comes from the text side of the voice.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from callcenter.core.errors import OurError, UsageError
from callcenter.speech import frontend
from callcenter.speech.demo_model import build
from callcenter.speech.demo_model.corpus import training_sentences
from callcenter.speech.demo_model.graph import Graph
from callcenter.speech.demo_model.hmm import Hmm
from callcenter.speech.demo_model.phones import PhoneSet, Pronunciation, lexicon

LABEL = "words.json"


def why_not(word: str) -> str:
    """Why the demo model cannot take up this word; empty: it can."""
    try:
        phones = {phone for way in _spoken((word,))[word] for phone in way}
    except (UsageError, OurError):
        return "读不出来：只能是汉字和数字 / cannot be spoken: Chinese characters and digits only"
    foreign = sorted(phones - set(_phones().phones))
    return f"模型没学过这个音 / sounds that the model never learned: {' '.join(foreign)}" if foreign else ""


def add_words(base: Path, words: Sequence[str], folder: Path) -> Path:
    """Make ``base``, the demo model, anew with ``words`` (each one that ``why_not`` lets pass) in ``folder``; its path.

    Raises:
        UsageError: ``stale_demo_model``: the base was built by another version of the recipe.
    """
    if not build.is_current(base):
        raise UsageError(
            "the demo model is of another version: run 'callcenter models build-demo' first",
            code="stale_demo_model",
        )
    target = folder / f"{base.name}-words-{_digest(base, words)}"
    if target.exists():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=folder, prefix=".words-"))
    try:
        _make(base, words, draft)
        draft.chmod(0o755)
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target


def _make(base: Path, words: Sequence[str], draft: Path) -> None:
    for part in ("am", "conf"):
        shutil.copytree(base / part, draft / part)
    for file in ("README", "demo.json"):
        shutil.copy2(base / file, draft / file)
    graph_with(words).write(draft / "graph")
    label = {"base": base.name, "words": list(words)}
    (draft / LABEL).write_text(json.dumps(label, ensure_ascii=False, indent=1) + "\n", "utf-8")


def graph_with(words: Sequence[str]) -> Graph:
    """The demo model's graph; ``words`` may stand anywhere, and alone."""
    ways = dict(_own_lexicon())
    for word in words:
        ways[word] = ways.get(word, set()) | _spoken((word,))[word]
    return Graph(Hmm(_phones()), ways, build.word_pairs(training_sentences(), words))


def _spoken(clause: tuple[str, ...]) -> dict[str, set[Pronunciation]]:
    """How the words of one clause are spoken together.

    Raises:
        UsageError: something that is not Chinese text.
        OurError: not one syllable for each character.
    """
    spoken = frontend.clauses("".join(clause))
    if len(spoken) != 1 or len(spoken[0]) != sum(map(len, clause)):
        raise UsageError("punctuation in a word", code="unspeakable")
    return lexicon([(clause, frontend.symbols(spoken[0]))])


@cache
def _own_lexicon() -> dict[str, set[Pronunciation]]:
    clauses = sorted({clause for sentence in training_sentences() for clause in sentence.clauses})
    return lexicon((words, frontend.symbols("".join(words))) for words in clauses)


@cache
def _phones() -> PhoneSet:
    return PhoneSet.of(way for several in _own_lexicon().values() for way in several)


def _digest(base: Path, words: Sequence[str]) -> str:
    stamp = json.loads((base / "demo.json").read_text("utf-8"))["stamp"]
    return hashlib.sha256("\n".join([stamp, *words]).encode()).hexdigest()[:8]
