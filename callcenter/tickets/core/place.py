"""Where a citizen's matter is (事发地点), as he named it.

Invariant: a place always stands in the text as it is told; where no listed word speaks there is none.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from callcenter.tickets.core.suggest import silent

NAME_CHARACTERS: Final = range(2, 7)
"""Of the name before 路, 小区, ..."""
PLACE_CHARACTERS_MAX: Final = 60

_HAN: Final = "\u4e00-\u9fff"
_NUMBER: Final = "[0-9a-z零一二三四五六七八九十百两]{1,5}"


@dataclass(frozen=True)
class PlaceWords:
    """The words by which places are heard.

    ``ends``: on which a name ends (路, 小区); ``parts``: of an address, behind a number (号楼, 单元); ``never``: characters
    that stand in no name (在, 我); ``hidden``: longer words that are no place (路灯).
    """

    ends: tuple[str, ...]
    parts: tuple[str, ...]
    never: str
    hidden: tuple[str, ...]

    def find(self, text: str) -> str | None:
        """The first place of a text: 人民路幸福小区三号楼; ``None``: none is named."""
        shown = self._hiding.sub(" ", silent(text).lower())
        found = self._place.search(shown)
        return found[0][:PLACE_CHARACTERS_MAX] if found else None

    @cached_property
    def _hiding(self) -> re.Pattern[str]:
        return re.compile(_any(self.hidden) if self.hidden else r"(?!)")

    @cached_property
    def _place(self) -> re.Pattern[str]:
        name = f"(?:(?![{re.escape(self.never)}])[{_HAN}]){{{NAME_CHARACTERS[0]},{NAME_CHARACTERS[-1]}}}?"
        return re.compile(f"(?:{name}(?:{_any(self.ends)})(?:{_NUMBER}(?:{_any(self.parts)}))*)+")


def _any(words: tuple[str, ...]) -> str:
    return "|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word))))
