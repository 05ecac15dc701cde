"""Numbers in what was said: recognized by kind, and hidden from those who need not know them.

Invariants: pure; masking keeps the length of the text, so every word keeps its place and its times; a masked
character cannot be turned back. Spoken digits (一三八, 幺) and written ones count alike, also mixed.

In doubt a number is hidden: recognizers mistake digits, so neither check digits nor exact lengths are asked for.
"""

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

STAR: Final = "*"
LONG_DIGITS: Final = 7
"""So many digits in a row are hidden, whatever they are; 12345, 110 and house numbers stay readable."""


class Kind(StrEnum):
    """What a number seems to be."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    IDENTITY = "identity"
    """身份证号."""
    BANK_CARD = "bank_card"
    PLATE = "plate"
    """车牌号."""
    CODE = "code"
    """A password or a code that was sent, named as such."""
    BIRTHDAY = "birthday"
    """A day with its year: mostly a day of birth."""
    DAY = "day"
    """A day without a year, or a month of a year."""
    QUANTITY = "quantity"
    """Short: an amount, a house number, a short telephone number."""
    LONG = "long"
    """Long, and nothing of the above: an account, a case."""


HIDDEN: Final = frozenset(Kind) - {Kind.DAY, Kind.QUANTITY}
"""What most roles do not see. Days and quantities are what a ticket is about (三个工作日, 三月五号停水)."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number in ``text[start:end]``. ``value``: its digits and Latin letters, ``138...``; tens (十) are left out."""

    kind: Kind
    start: int
    end: int
    value: str


_COLON: Final = "："
_SPOKEN: Final = dict(zip("零\u3007一二三四五六七八九幺", "001234567891", strict=True)) | {"叉": "X"}
_D = "[0-9零\u3007一二三四五六七八九幺]"
_N = "[0-9零\u3007一二三四五六七八九十]"
_BETWEEN = r"(?:[\s\-_.,，、。；：？！·]|[嗯啊呃额哦噢哎诶要是]|那个|然后|后面|接着){0,4}"
"""What people, recognizers (幺 heard as 要) and punctuation put between the digits of one number."""

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PATTERN = re.compile(
    rf"""
      (?P<plate>[{_PROVINCES}]\s?[A-Za-z][\s·.]{{0,2}}(?:(?:[A-Za-z]|{_D})\s?){{4,5}}(?:[A-Za-z学警挂港澳]|{_D})
        (?!{_D}|[A-Za-z]))
    | (?P<code>(?<=密码|证码)(?:是|为|：|:|\s){{0,2}}{_D}(?:{_BETWEEN}{_D}){{3,}})
    | (?P<birthday>(?:{_D}{_BETWEEN}){{2,4}}年\s?{_N}{{1,3}}月\s?{_N}{{1,3}}[日号]?)
    | (?P<day>(?:{_D}{{2,4}}年\s?{_N}{{1,3}}月(?:份)?)|(?:{_N}{{1,3}}月\s?{_N}{{1,3}}[日号]))
    | (?P<digits>{_D}(?:{_BETWEEN}{_D})*(?:\s?[Xx叉])?)
    """,
    re.VERBOSE,
)


def find(text: str) -> list[Number]:
    """All numbers of a text, in order; none overlap."""
    return list(_found(text))


def mask(text: str) -> str:
    """The text with hidden numbers as stars, one for each digit or letter; as long as before."""
    characters = list(text)
    for number in _found(text):
        if number.kind in HIDDEN:
            for place in range(number.start, number.end):
                if characters[place].isalnum():
                    characters[place] = STAR
    return "".join(characters)


def mask_together(parts: Sequence[str]) -> list[str]:
    """The parts of one speech, masked as one: a number that is spread over several of them is found."""
    whole = mask("".join(parts))
    masked, start = [], 0
    for part in parts:
        masked.append(whole[start : start + len(part)])
        start += len(part)
    return masked


def mask_dialog(text: str) -> str:
    """A dialog, one turn a line behind its speaker and ``：``, masked speaker by speaker.

    A number that was said in several turns, with a 嗯 of the other between them, is found too.
    """
    lines = [line.partition(_COLON) for line in text.split("\n")]
    said = [tail for _, _, tail in lines]
    for speaker in {head for head, _, _ in lines}:
        places = [place for place, (head, _, _) in enumerate(lines) if head == speaker]
        for place, masked in zip(places, mask_together([said[place] for place in places]), strict=True):
            said[place] = masked
    return "\n".join(head + colon + tail for (head, colon, _), tail in zip(lines, said, strict=True))


def _found(text: str) -> Iterator[Number]:
    for match in _PATTERN.finditer(_folded(text)):
        kind, value = match.lastgroup or "", _value(match.group())
        yield Number(_kind_of(value) if kind == "digits" else Kind(kind), match.start(), match.end(), value)


def _kind_of(value: str) -> Kind:
    """What digits alone seem to be."""
    if len(value) < LONG_DIGITS:
        return Kind.QUANTITY
    if _is_identity(value):
        return Kind.IDENTITY
    if re.fullmatch(r"1[3-9]\d{9}", value):
        return Kind.MOBILE
    if re.fullmatch(r"0\d{9,11}|[2-8]\d{6,7}", value):
        return Kind.LANDLINE
    if re.fullmatch(r"\d{16}|\d{19}|62\d{15,16}", value):
        return Kind.BANK_CARD
    if _is_day(value):
        return Kind.BIRTHDAY
    return Kind.LONG


def _is_identity(value: str) -> bool:
    """18 places with a day of birth in the middle, GB 11643; the last may be X."""
    return bool(re.fullmatch(r"[1-9]\d{16}[\dX]", value)) and _is_day(value[6:14])


def _is_day(value: str) -> bool:
    """``YYYYMMDD`` of a living person."""
    if not re.fullmatch(r"(?:19|20)\d{6}", value):
        return False
    year, month, day = int(value[:4]), int(value[4:6]), int(value[6:])
    return 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]


def _folded(text: str) -> str:
    """Full-width letters and digits as narrow ones, each in its place."""
    return "".join(chr(ord(c) - 0xFEE0) if "\uff01" <= c <= "\uff5e" and c.isalnum() else c for c in text)


def _value(text: str) -> str:
    return "".join(_SPOKEN.get(c, c) for c in text if (c.isascii() and c.isalnum()) or c in _SPOKEN).upper()
