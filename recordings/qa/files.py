"""Reads rules and scorecards, which are data. Invariant: what was loaded is consistent, and its version tells its content."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog

from callcenter.core.errors import UsageError
from recordings.core.qa.rules import RuleSet, rule_set
from recordings.core.qa.scorecard import Scorecard, scorecard

log = structlog.get_logger()

SHIPPED_RULES: Final = Path(__file__).parents[1] / "qa_rules.toml"
SHIPPED_SCORECARDS: Final = Path(__file__).parents[1] / "scorecards"
FILE_BYTES_MAX: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class InForce:
    """What a running house goes by. ``trouble``: code of why the city's own files are not used; empty: none."""

    rules: RuleSet
    cards: Mapping[str, Scorecard]
    trouble: str = ""


def in_force(home: Path) -> InForce:
    """Rules and scorecards of a city. A mistake in its own files stops no call: the shipped ones serve meanwhile."""
    try:
        return InForce(load_rules(rules_path(home)), load_scorecards(home))
    except UsageError as error:
        log.error("quality rules not usable", code=error.code, why=str(error))
        return InForce(load_rules(), load_scorecards(), error.code)


def rules_path(home: Path) -> Path:
    """The rules in force: the city's own file in its home, else the shipped one."""
    own = home / SHIPPED_RULES.name
    return own if own.is_file() else SHIPPED_RULES


def load_rules(path: Path = SHIPPED_RULES) -> RuleSet:
    """Read a rule file.

    Raises:
        UsageError: code ``bad_rules``; the message names file, key and what is wrong.
    """
    tree = read_toml(path, "bad_rules")
    return rule_set(tree, fingerprint(tree), str(path))


def load_scorecards(home: Path | None = None) -> dict[str, Scorecard]:
    """The scorecards, by id: the shipped ones, and the city's own in its home, which go before shipped ones of that id.

    Raises:
        UsageError: code ``bad_scorecard``; the message names file, key and what is wrong.
    """
    folders = [SHIPPED_SCORECARDS, *([home / SHIPPED_SCORECARDS.name] if home else [])]
    files = {path.stem: path for folder in folders for path in sorted(folder.glob("*.toml"))}
    return {
        name: scorecard(name, read_toml(path, "bad_scorecard"), str(path)) for name, path in files.items()
    }


def fingerprint(tree: Mapping[str, Any]) -> str:
    """SHA-256 of what a file says; comments and layout do not count."""
    told = json.dumps(tree, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(told.encode()).hexdigest()


def read_toml(path: Path, code: str) -> dict[str, Any]:
    """A TOML file.

    Raises:
        UsageError: with this code, when it cannot be read or is no TOML.
    """
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise UsageError(f"{path}: larger than {FILE_BYTES_MAX} bytes", code=code)
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or 'unreadable'}", code=code) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}", code=code) from None
