"""What people write into the cells of a roster: days, times of day, numbers, codes, headers.

Invariant: what is not surely understood is refused with a reason; nothing is guessed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

Cell = str | int | float | bool | datetime | date | time | timedelta | None

MIDNIGHT_END = timedelta(hours=24)
NAME_MAX, CODE_MAX, SHOWN_MAX = 40, 20, 40
_TIME = re.compile(r"(次日|\+1)?\s*(\d{1,2})[:：](\d{2})(?::00)?\s*(次日|\+1)?")
_SPAN = re.compile(r"(.+?)\s*[-\u2013\u2014~\uff5e至]\s*(.+)")
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_MONTH_DAY = re.compile(r"(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_DAY_OF_MONTH = re.compile(r"(\d{1,2})\s*[日号]?")
_MONTH = re.compile(r"(20\d{2})\s*[-/.年]\s*(\d{1,2})\s*月?")
_STAFF_NO = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,19}", re.ASCII)
_FORMULA_BEGIN = ("=", "+", "-", "@")

HEADERS: Mapping[str, frozenset[str]] = {
    name: frozenset(words)
    for name, words in {
        "staff_no": ("工号", "员工号", "员工编号", "编号", "staffno", "staffid", "employeeid", "id"),
        "name": ("姓名", "名字", "话务员", "员工", "name"),
        "seat": ("坐席", "座席", "坐席号", "座席号", "席位", "分机", "seat", "seatid", "extension"),
        "day": ("日期", "工作日期", "date", "day"),
        "from": ("上班", "上班时间", "开始", "开始时间", "起", "from", "start", "begin"),
        "to": ("下班", "下班时间", "结束", "结束时间", "止", "to", "end", "until"),
        "code": ("班次", "班次代码", "班别", "代码", "shift", "code"),
        "note": ("备注", "说明", "note", "notes", "remark"),
        "kind": ("类别", "类型", "岗位", "kind", "type"),
        "phone": ("电话", "手机", "手机号", "联系电话", "手机号码", "phone", "mobile", "tel"),
    }.items()
}
"""Meaning -> how people name the column; compared without blanks, case, ``_`` and brackets."""


class Unreadable(ValueError):
    """A cell that is not what it should be; the text says what to do, in both languages."""


@dataclass(frozen=True, slots=True)
class Hours:
    """From and until when, counted from the midnight of the shift's day; ``until`` <= 36 h."""

    begin: timedelta
    end: timedelta


def text_of(value: Cell) -> str:
    """A cell as it reads: whole numbers without a decimal point, blanks trimmed."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    return str(value).strip()


def shown(value: Cell) -> str:
    """A cell as a complaint may quote it: short, one line."""
    text = "".join(c if c.isprintable() else " " for c in text_of(value))
    return text if len(text) <= SHOWN_MAX else f"{text[: SHOWN_MAX - 1]}…"


def meaning(value: Cell) -> str | None:
    """Which column a header names."""
    word = re.sub(r"[\s_*（）()：:]", "", text_of(value)).lower()
    return next((name for name, words in HEADERS.items() if word in words), None)


def staff_number(value: Cell) -> str:
    """A staff number (工号).

    Raises:
        Unreadable: not 1 to 20 letters, digits, ``-`` or ``_``.
    """
    text = text_of(value)
    if not _STAFF_NO.fullmatch(text):
        raise Unreadable(
            "工号应为 1 到 20 个字母或数字 / a staff number is 1 to 20 letters or digits: correct it"
        )
    return text


def plain_text(value: Cell, longest: int) -> str:
    """A name or a code of one line.

    Raises:
        Unreadable: too long, control characters, or text that a spreadsheet would take for a formula.
    """
    text = text_of(value)
    if len(text) > longest or not text.isprintable() or text.startswith(_FORMULA_BEGIN):
        raise Unreadable(
            f"应为一行文字，最多 {longest} 字，不以 = + - @ 开头"
            f" / must be one line of at most {longest} characters that does not begin like a formula"
        )
    return text


def day_of(value: Cell) -> date:
    """A date.

    Raises:
        Unreadable: no such day, or not written as a date.
    """
    if isinstance(value, datetime):
        if value.time() != time():
            raise Unreadable("日期不应带时刻 / a date without time is wanted: correct the cell")
        return value.date()
    if isinstance(value, date):
        return value
    found = _DAY.fullmatch(text_of(value))
    if not found:
        raise Unreadable("不是日期，请写成 2026-12-01 / not a date: write 2026-12-01")
    return _date(int(found[1]), int(found[2]), int(found[3]))


def header_day(value: Cell, month: date | None) -> date | None:
    """The day that a column of a month grid stands for; ``None``: the header is no day at all.

    ``month``: any day of the month that the sheet is about.

    Raises:
        Unreadable: it looks like a day, but there is none such, or the month is not known.
    """
    if isinstance(value, (datetime, date)):
        return day_of(value)
    text = re.sub(r"\s*[（(]?(?:周|星期|礼拜)?[一二三四五六日天][）)]?$", "", text_of(value))
    if _DAY.fullmatch(text):
        return day_of(text)
    if found := _MONTH_DAY.fullmatch(text):
        return _date(_known(month).year, int(found[1]), int(found[2]))
    if found := _DAY_OF_MONTH.fullmatch(text):
        return _date(_known(month).year, _known(month).month, int(found[1]))
    if text and any(c.isdigit() for c in text):
        raise Unreadable(
            "不是这个月的一天，请写日期如 2026-12-01 / not a day: write a date such as 2026-12-01"
        )
    return None


def month_in(text: str) -> date | None:
    """The month that a title names, such as ``2026年12月排班表``."""
    found = _MONTH.search(text)
    return date(int(found[1]), int(found[2]), 1) if found and 1 <= int(found[2]) <= 12 else None


def time_of(value: Cell) -> timedelta:
    """A time of day, as time since midnight; ``24:00`` and ``次日 08:00`` lie after it.

    Raises:
        Unreadable: not a time.
    """
    if isinstance(value, datetime):
        value = value.time()
    if isinstance(value, time):
        return timedelta(hours=value.hour, minutes=value.minute)
    if isinstance(value, timedelta) and timedelta() <= value <= MIDNIGHT_END:
        return value
    found = _TIME.fullmatch(text_of(value)) if isinstance(value, str) else None
    if not found or int(found[2]) > 24 or int(found[3]) > 59:
        raise Unreadable("不是时间，请写成 08:00 / not a time: write 08:00")
    at = timedelta(hours=int(found[2]), minutes=int(found[3]))
    if at > MIDNIGHT_END:
        raise Unreadable("时间最晚 24:00 / the latest time is 24:00: correct it")
    return at + MIDNIGHT_END if found[1] or found[4] else at


def hours_of(begin: Cell, end: Cell, longest: timedelta) -> Hours:
    """A shift's hours; an end that is not after the begin lies on the next day.

    Raises:
        Unreadable: no times, no length, or longer than ``longest``.
    """
    from_, until = time_of(begin), time_of(end)
    if from_ >= MIDNIGHT_END:
        raise Unreadable("上班时间应在当日 / the begin must lie on the day itself: correct date or time")
    if until == from_:
        raise Unreadable("上下班时间相同 / begin and end are the same: correct one")
    if until < from_:
        until += MIDNIGHT_END
    if until - from_ > longest:
        hours = longest / timedelta(hours=1)
        raise Unreadable(
            f"一班超过 {hours:g} 小时，上下班时间写反了吗？ / longer than {hours:g} h: are begin and end mixed up?"
        )
    return Hours(from_, until)


def span_of(text: str, longest: timedelta) -> Hours | None:
    """Hours of a code, as ``08:00-16:00``; empty: a day off.

    Raises:
        Unreadable: neither.
    """
    if not text.strip():
        return None
    found = _SPAN.fullmatch(text.strip())
    if not found:
        raise Unreadable("不是时段，请写成 08:00-16:00 / not a span: write 08:00-16:00")
    return hours_of(found[1], found[2], longest)


def _known(month: date | None) -> date:
    if month is None:
        raise Unreadable(
            "不知道是哪年哪月：请在表名或标题写 2026年12月，或用 --month 2026-12"
            " / which month? name it in the sheet's title, or by --month 2026-12"
        )
    return month


def _date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Unreadable("没有这一天 / there is no such day: correct it") from None
