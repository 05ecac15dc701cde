"""Reads what a city sets for its tickets: the words that suggest nature, topic and place, and the time that each nature has.

Invariant: a file that was loaded is consistent.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from callcenter.core.errors import UsageError
from callcenter.tickets.core.deadline import WORKDAYS_MAX
from callcenter.tickets.core.place import PlaceWords
from callcenter.tickets.core.suggest import STRONG, WEAK, Nature, WordList

UNIT_CHARACTERS_MAX = 60

SHIPPED = Path(__file__).with_name("suggestions.toml")


@dataclass(frozen=True, slots=True)
class Catalog:
    """The words for three questions: what kind of appeal, about what, and where.

    ``workdays``: nature -> until it is due.

    ``units``: topic -> whose matter it usually is (承办单位).
    """

    natures: WordList
    topics: WordList
    places: PlaceWords
    workdays: Mapping[str, int]
    units: Mapping[str, str] = field(default_factory=dict)


def load(path: Path = SHIPPED) -> Catalog:
    """Read a word list file.

    Raises:
        UsageError: unreadable, unknown key, a word that stands twice in a section, or an unknown nature.
    """
    try:
        tree = tomllib.loads(path.read_text("utf-8"))
        natures = tree.pop("nature")
        topics = tree.pop("topic")
        workdays, units = dict(_workdays(natures)), dict(_units(topics))
        places = _places(tree.pop("place"))
        catalog = Catalog(_word_list(natures), _word_list(topics), places, workdays, units)
    except OSError as error:
        raise _bad(path, error.strerror or "unreadable") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValueError) as error:
        raise _bad(path, str(error)) from None
    except (KeyError, TypeError, AttributeError):
        raise _bad(
            path,
            "every category needs zh, strong and weak, in [nature.*] and [topic.*]; [place] all its lists",
        ) from None
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


def _workdays(section: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Nature -> working days; taken out of the section."""
    for name, category in _categories(section).items():
        days = category.pop("workdays", None)
        if days is not None:
            if type(days) is not int or not 1 <= days <= WORKDAYS_MAX:
                raise ValueError(f"workdays of '{name}' must be a number from 1 to {WORKDAYS_MAX}")
            yield name, days


def _units(section: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Topic -> the unit whose matter it usually is; taken out of the section."""
    for name, category in _categories(section).items():
        unit = category.pop("unit", None)
        if unit is not None:
            if not isinstance(unit, str) or not 1 <= len(unit.strip()) <= UNIT_CHARACTERS_MAX:
                raise ValueError(
                    f"the unit of '{name}' must be a name of at most {UNIT_CHARACTERS_MAX} characters"
                )
            yield name, unit.strip()


def _places(section: dict[str, Any]) -> PlaceWords:
    never = section.pop("never")
    lists = {name: tuple(section.pop(name)) for name in ("ends", "parts", "hidden")}
    for word in (never, *(word for words in lists.values() for word in words)):
        if not isinstance(word, str) or not word.strip():
            raise ValueError(f"the word '{word}' of [place] is empty or no text")
    if section or not lists["ends"] or not lists["parts"]:
        raise KeyError("place")
    return PlaceWords(never=never, **lists)


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
