"""What is composed while a caller listens: numbers, times, dates, money, places and waits as sequences of prompts.

Invariants: the Chinese texts of the prompts, joined, are what one says; a wait is never told shorter than it is: the low
end is rounded down, the high end up, and none is named that lies beyond an hour.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, time, timedelta
from typing import TypeVar

from ivr.core.numbers import MAX, cardinal, counted, singly

T = TypeVar("T")
Words = tuple[str, ...]
"""Pieces of Chinese, in the order in which they are heard."""

WEEKDAYS = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")
NEAR_DAYS = ("今天", "明天", "后天")

PROMPTS: Mapping[str, str] = {
    **{digit: f"number_{value}" for value, digit in enumerate("零一二三四五六七八九十")},
    "两": "number_2_of",
    "幺": "digit_1",
    "百": "number_100",
    "千": "number_1000",
    "万": "number_10000",
    "杠": "word_hyphen",
    "年": "word_year",
    "月": "word_month",
    "日": "word_day",
    "点": "word_hour",
    "半": "word_half",
    "分": "word_fen",
    "元": "word_yuan",
    "角": "word_jiao",
    "第": "word_ordinal",
    "位": "word_persons",
    "凌晨": "word_night",
    "上午": "word_morning",
    "中午": "word_noon",
    "下午": "word_afternoon",
    "晚上": "word_evening",
    **{name: f"word_weekday_{number}" for number, name in enumerate(WEEKDAYS, start=1)},
    **dict(zip(NEAR_DAYS, ("word_today", "word_tomorrow", "word_day_after"), strict=True)),
    "预计等待": "wait_expected",
    "不到一分钟": "wait_under_minute",
    "一小时以上": "wait_over_hour",
    "到": "word_to",
    "分钟": "word_minutes",
    "以内": "word_or_less",
    "以上": "word_or_more",
    "您现在排在": "place_in_line",
}
"""Every piece, and the prompt that speaks it."""

_PARTS_OF_DAY = ((6, "凌晨"), (12, "上午"), (13, "中午"), (19, "下午"), (24, "晚上"))
"""Until which hour, and what the time of day is called: heard better than hours up to 24, and as people say it."""

_MINUTE_S = 60
_HOUR_MIN = 60
_FEN_MAX = MAX * 100 + 99
_PROMPT_ID = re.compile(r"[a-z][a-z0-9_]{0,63}")


def spoken(kind: str, value: str, today: date | None = None) -> tuple[str, ...]:
    """The prompts that say ``value``.

    ``kind``: ``number`` (0 to 99999999), ``digits`` (one by one), ``date`` (ISO), ``time`` (HH:MM), ``money`` (in fen),
    ``place`` (in line, from 1) or ``prompt`` (the value is a prompt's id). ``today``: lets a date be 今天, 明天, 后天, and
    leaves a year out that is the present one; without it the date stands for itself, without year.

    Raises:
        ValueError: no such kind, or a value that this kind cannot say; the text never holds the value.
    """
    if kind == "prompt":
        if not _PROMPT_ID.fullmatch(value):
            raise ValueError("a prompt's id is lower-case letters, digits and _")
        return (value,)
    if kind == "date":
        return _prompts(_date(value, today))
    if kind not in _SAID:
        raise ValueError(f"nothing is said as '{kind}': use {', '.join(KINDS)}")
    return _prompts(_SAID[kind](value))


def wait(low_s: int, high_s: int) -> tuple[str, ...]:
    """预计等待三到五分钟: how long one may wait, ``0 <= low_s <= high_s`` seconds."""
    return _prompts(("预计等待", *_duration(low_s, high_s)))


def place(position: int) -> tuple[str, ...]:
    """您现在排在第十二位: the place in line, from 1. Raises as :func:`spoken`."""
    return _prompts(("您现在排在", *_place(str(position))))


def clock_time(hour: int, minute: int) -> str:
    """下午三点半 in characters; ``hour`` 0 to 23."""
    return "".join(_clock(hour, minute))


def _prompts(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(PROMPTS[word] for word in words)


def _number(value: str) -> Words:
    return tuple(cardinal(_whole(value, 0, MAX)))


def _digits(value: str) -> Words:
    return tuple(singly(value))


def _place(value: str) -> Words:
    return ("第", *cardinal(_whole(value, 1, MAX)), "位")


def _money(value: str) -> Words:
    """One hundred yuan and five fen are 一百元零五分; two is 两 at the head only: 两元二角."""
    yuan, fen = divmod(_whole(value, 0, _FEN_MAX), 100)
    jiao, fen = divmod(fen, 10)
    words: Words = (*counted(yuan), "元") if yuan or not (jiao or fen) else ()
    if jiao:
        words = (*words, *(cardinal(jiao) if words else counted(jiao)), "角")
    if fen:
        bridge = "零" if yuan and not jiao else ""
        words = (*words, *bridge, *(cardinal(fen) if words else counted(fen)), "分")
    return words


def _time(value: str) -> Words:
    at = _parsed(time.fromisoformat, value, r"\d{2}:\d{2}", "a time is HH:MM, from 00:00 to 23:59")
    return _clock(at.hour, at.minute)


def _clock(hour: int, minute: int) -> Words:
    part = next(name for until, name in _PARTS_OF_DAY if hour < until)
    return (part, *counted(hour - 12 if hour > 12 else hour), "点", *_minutes_past(minute))


def _minutes_past(minute: int) -> Words:
    if minute in (0, 30):
        return ("半",) if minute else ()
    return (*("零" if minute < 10 else ""), *cardinal(minute), "分")


def _date(value: str, today: date | None) -> Words:
    """十一月二十二日星期日; a year only where it is another one than today's."""
    day = _parsed(date.fromisoformat, value, r"\d{4}-\d{2}-\d{2}", "a date is YYYY-MM-DD")
    for ahead, name in enumerate(NEAR_DAYS):
        if today is not None and day == today + timedelta(days=ahead):
            return (name,)
    year = (*_year(day.year), "年") if today is not None and today.year != day.year else ()
    return (*year, *cardinal(day.month), "月", *cardinal(day.day), "日", WEEKDAYS[day.weekday()])


def _year(year: int) -> str:
    return singly(f"{year:04}").replace("幺", "一")


def _duration(low_s: int, high_s: int) -> Words:
    low, high = low_s // _MINUTE_S, -(-high_s // _MINUTE_S)
    if high_s < _MINUTE_S:
        return ("不到一分钟",)
    if low >= _HOUR_MIN:
        return ("一小时以上",)
    if high > _HOUR_MIN:
        return (*counted(max(low, 1)), "分钟", "以上")
    if low == 0:
        return (*counted(high), "分钟", "以内")
    if low == high:
        return (*counted(low), "分钟")
    return (*counted(low), "到", *counted(high), "分钟")


def _whole(value: str, low: int, high: int) -> int:
    is_number = value.isascii() and value.isdigit() and len(value) <= len(str(high))
    if not (is_number and low <= int(value) <= high):
        raise ValueError(f"this needs a whole number from {low} to {high}")
    return int(value)


def _parsed(parse: Callable[[str], T], value: str, shape: str, told: str) -> T:
    try:
        if re.fullmatch(shape, value, re.ASCII):
            return parse(value)
    except ValueError:
        pass
    raise ValueError(told)


_SAID: Mapping[str, Callable[[str], Words]] = {
    "number": _number,
    "digits": _digits,
    "time": _time,
    "money": _money,
    "place": _place,
}

KINDS = (*_SAID, "date", "prompt")
"""What :func:`spoken` can say."""
