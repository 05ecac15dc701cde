"""Reads the word lists that suggest nature and topic. Invariant: a list that was loaded is consistent."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callcenter.core.errors import UsageError
from callcenter.tickets.core.suggest import STRONG, WEAK, Nature, WordList

SHIPPED = Path(__file__).with_name("suggestions.toml")


@dataclass(frozen=True, slots=True)
class Catalog:
    """The words for both questions: what kind of appeal, and about what."""

    natures: WordList
    topics: WordList


def load(path: Path = SHIPPED) -> Catalog:
    """Read a word list file.

    Raises:
        UsageError: unreadable, unknown key, a word that stands twice in a section, or an unknown nature.
    """
    try:
        tree = tomllib.loads(path.read_text("utf-8"))
        catalog = Catalog(_word_list(tree.pop("nature")), _word_list(tree.pop("topic")))
    except OSError as error:
        raise _bad(path, error.strerror or "unreadable") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValueError) as error:
        raise _bad(path, str(error)) from None
    except (KeyError, TypeError, AttributeError):
        raise _bad(path, "every category needs zh, strong and weak, in [nature.*] and [topic.*]") from None
    strangers = set(catalog.natures.names) - set(Nature)
    if strangers or tree:
        raise _bad(path, f"unknown key '{min([*strangers, *tree])}'")
    return catalog


def _word_list(section: dict[str, Any]) -> WordList:
    words: dict[str, tuple[str | None, int]] = {}
    for word, category, weight in _entries(section):
        if not isinstance(word, str) or not word.strip() or word in words:
            raise ValueError(f"the word '{word}' is empty or stands twice")
        words[word] = (category, weight)
    return WordList({name: value["zh"] for name, value in _categories(section).items()}, words)


def _entries(section: dict[str, Any]) -> Iterator[tuple[Any, str | None, int]]:
    yield from ((word, None, 0) for word in section.get("ignored", []))
    for name, category in _categories(section).items():
        if set(category) != {"zh", "strong", "weak"}:
            raise KeyError(name)
        yield from ((word, name, STRONG) for word in category["strong"])
        yield from ((word, name, WEAK) for word in category["weak"])


def _categories(section: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: value for name, value in section.items() if name != "ignored"}


def _bad(path: Path, why: str) -> UsageError:
    return UsageError(f"{path}: {why}", code="bad_word_list")
