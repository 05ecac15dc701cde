"""Written Chinese as it is read aloud: figures become words, so that a voice that knows characters only can say them.

Invariant: what is not a figure stays as it is; a text without figures is its own reading.
"""

import re
from collections.abc import Callable

from ivr.core.numbers import MAX, cardinal, counted, singly
from ivr.core.say import clock_time

HOTLINE = "12345"
"""Read 一二三四五 by everybody, while other service numbers have 幺."""

SERVICE_NUMBERS = frozenset({"110", "119", "120", "122", "114"})
LONG = 5
"""A number of so many digits, or with a zero ahead, is read digit by digit."""

_COUNTED = "点个户人名次小时天周米公里吨元万千处条辆家座台起件位分秒年"
"""What follows a two that is 两; 年 only as a duration (a year has four digits)."""

_FIGURES = re.compile(
    r"(?P<phone>(?<!\d)0\d{2,3}-\d{7,8}(?!\d))"
    r"|(?P<date>(?<!\d)\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?![\d.]))"
    r"|(?P<year>(?<!\d)\d{4}(?=年))"
    r"|(?P<time>(?<!\d)\d{1,2}[:：][0-5]\d(?::[0-5]\d)?(?!\d))"
    r"|(?P<percent>\d+(?:\.\d+)?[%％])"  # noqa: RUF001
    r"|(?P<below>(?<!\d)[-−]\d+(?:\.\d+)?(?=℃|度))"  # noqa: RUF001
    r"|(?P<number>\d+(?:\.\d+)?)",
    re.ASCII,
)
_UNREAD = str.maketrans(dict.fromkeys("《》〈〉「」『』·'\""))
"""Marks that nobody pauses at."""

_DASH = re.compile(r"(日|号|点|分|时|℃|度)?\s*[-—–~～]+\s*")  # noqa: RUF001


def aloud(text: str) -> str:
    """The text with every figure in words: ``8:00-18:00`` is 上午八点到下午六点, ``50%`` 百分之五十, ``110`` 幺幺零.

    Raises:
        ValueError: a figure has too many digits.
    """
    text = text.translate(_UNREAD)
    read, since = "", 0
    for match in _FIGURES.finditer(text):
        between = text[since : match.start()]
        dash = _DASH.fullmatch(between) if since else None
        read += f"{dash[1] or ''}到" if dash else between
        read, since = read + _read(match), match.end()
    return (read + text[since:]).replace("℃", "摄氏度")


def _read(match: re.Match[str]) -> str:
    return _READ[match.lastgroup or ""](match[0], match.string[match.end() :])


def _phone(figure: str, after: str) -> str:
    return singly(figure.replace("-", ""))


def _date(figure: str, after: str) -> str:
    year, month, day = re.split(r"\D", figure)
    return f"{_year(year, '')}年{cardinal(int(month))}月{cardinal(int(day))}日"


def _year(figure: str, after: str) -> str:
    return singly(figure).replace("幺", "一")


def _time(figure: str, after: str) -> str:
    hour, minute = re.split(r"\D", figure)[:2]
    if int(hour) > 23:
        return f"{cardinal(int(hour))}点" + (f"{cardinal(int(minute))}分" if int(minute) else "")
    return clock_time(int(hour), int(minute))


def _percent(figure: str, after: str) -> str:
    return "百分之" + _number(figure[:-1], "")


def _below(figure: str, after: str) -> str:
    return "零下" + _number(figure[1:], "")


def _number(figure: str, after: str) -> str:
    whole, point, fraction = figure.partition(".")
    if whole == HOTLINE:
        return _year(whole, "")
    if not point and (len(whole) >= LONG or whole in SERVICE_NUMBERS or (whole[0] == "0" and len(whole) > 1)):
        return singly(whole)
    if int(whole) > MAX:
        return singly(whole) + (f"点{_year(fraction, '')}" if point else "")
    if point:
        return f"{cardinal(int(whole))}点{_year(fraction, '')}"
    return counted(int(whole)) if after[:1] and after[0] in _COUNTED else cardinal(int(whole))


_READ: dict[str, Callable[[str, str], str]] = {
    "phone": _phone,
    "date": _date,
    "year": _year,
    "time": _time,
    "percent": _percent,
    "below": _below,
    "number": _number,
}
