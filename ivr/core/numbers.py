"""Numbers as Mandarin says them, written in Chinese characters: each character is one small piece of speech.

Choices where usage varies: two is 两 before a measure word and before 千 or 万 at the head of a number (两千, 两万二千),
二 elsewhere (二百, 三万二千); one is 幺 where digits are said one by one, because 一 and 七 are mixed up on a telephone.
"""

MAX = 99_999_999
"""The greatest number that is said: whole units of 万, no 亿."""

DIGITS_MAX = 32
"""Most digits that are said one by one."""

_DIGITS = "零一二三四五六七八九"
_SINGLY = dict(zip("0123456789-", "零幺二三四五六七八九杠", strict=True))
_UNITS = (("千", 1000), ("百", 100), ("十", 10), ("", 1))
_WAN = 10_000


def cardinal(number: int) -> str:
    """The numeral of ``number`` by itself, as in counting: 十二, 二百, 两千零五, 十万零一十二.

    Raises:
        ValueError: it is not 0 to :data:`MAX`.
    """
    if not 0 <= number <= MAX:
        raise ValueError(f"only 0 to {MAX} can be said")
    wan, rest = divmod(number, _WAN)
    text = _section(wan) + "万" if wan else ""
    if rest or not wan:
        text += ("零" if wan and rest < 1000 else "") + _section(rest)
    return _with_usual_head(text)


def counted(number: int) -> str:
    """The numeral before a measure word: 两分钟, but 十二分钟. Raises as :func:`cardinal`."""
    return "两" if number == 2 else cardinal(number)


def singly(digits: str) -> str:
    """Digits one by one, as in numbers of telephones and tickets: 幺三八; a hyphen is 杠.

    Raises:
        ValueError: nothing, more than :data:`DIGITS_MAX`, or other characters.
    """
    if not 0 < len(digits) <= DIGITS_MAX or not set(digits) <= set(_SINGLY):
        raise ValueError(f"only 1 to {DIGITS_MAX} digits and hyphens can be said one by one")
    return "".join(_SINGLY[digit] for digit in digits)


def _section(number: int) -> str:
    """A numeral of 0 to 9999 with every 一 spoken; one 零 wherever units are left out before a later one."""
    if number == 0:
        return "零"
    text, skipped = "", False
    for name, unit in _UNITS:
        digit, number = divmod(number, unit)
        if digit:
            text += ("零" if skipped and text else "") + _DIGITS[digit] + name
        skipped = not digit
    return text


def _with_usual_head(text: str) -> str:
    """十二 and not 一十二; 两千 and 两万, not 二千."""
    if text.startswith("一十"):
        return text[1:]
    return "两" + text[1:] if text.startswith(("二千", "二万")) else text
