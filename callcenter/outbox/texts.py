"""What citizens are sent (短信文字): the catalogue ``texts.toml``, read once."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Formatter

from callcenter.core.errors import OurError

FIELDS: Mapping[str, frozenset[str]] = {
    "missed": frozenset(),
    "ticket": frozenset({"ticket_no", "pin"}),
    "rating": frozenset({"link", "days"}),
    "cloud": frozenset({"link", "minutes"}),
}
"""Kind of message -> what its text must name."""


def text_of(kind: str, **values: str) -> str:
    """The Chinese text of a kind with its values filled in."""
    return _catalogue()[kind].format(**values)


@cache
def _catalogue() -> Mapping[str, str]:
    tree = tomllib.loads(Path(__file__).with_name("texts.toml").read_text("utf-8"))
    texts = {kind: str(entry["zh"]) for kind, entry in tree.items()}
    named = {
        kind: {name for _, name, _, _ in Formatter().parse(text) if name} for kind, text in texts.items()
    }
    if named != FIELDS:
        raise OurError("texts.toml does not name what its messages need", code="bad_texts")
    return texts
