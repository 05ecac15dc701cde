"""Figures said in pieces: what is heard, joined, is what one says; waits are never shorter than true."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ivr.core.numbers import MAX, counted
from ivr.core.say import KINDS, PROMPTS, place, spoken, wait
from ivr.prompts import catalogue

pytestmark = pytest.mark.core

HOUR_S = 3600


def said(prompts: tuple[str, ...]) -> str:
    """The Chinese that the prompts speak."""
    return "".join(catalogue()[prompt].zh for prompt in prompts)


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("number", "2", "二"),
        ("number", "20110", "两万零一百一十"),
        ("digits", "110", "幺幺零"),
        ("digits", "20261122-000012", "二零二六幺幺二二杠零零零零幺二"),
        ("place", "2", "第二位"),
        ("place", "12", "第十二位"),
        ("place", "200", "第二百位"),
        ("time", "00:00", "凌晨零点"),
        ("time", "02:05", "凌晨两点零五分"),
        ("time", "09:10", "上午九点十分"),
        ("time", "12:02", "中午十二点零二分"),
        ("time", "12:30", "中午十二点半"),
        ("time", "14:12", "下午两点十二分"),
        ("time", "15:30", "下午三点半"),
        ("time", "18:00", "下午六点"),
        ("time", "23:59", "晚上十一点五十九分"),
        ("date", "2026-11-22", "十一月二十二日星期日"),
        ("date", "2026-02-02", "二月二日星期一"),
        ("money", "0", "零元"),
        ("money", "2", "两分"),
        ("money", "20", "两角"),
        ("money", "25", "两角五分"),
        ("money", "100", "一元"),
        ("money", "202", "两元零二分"),
        ("money", "222", "两元二角二分"),
        ("money", "10005", "一百元零五分"),
        ("money", "10050", "一百元五角"),
        ("money", "12345", "一百二十三元四角五分"),
        ("money", str(MAX * 100 + 99), "九千九百九十九万九千九百九十九元九角九分"),
    ],
)
def test_a_figure_is_said_as_people_say_it(kind: str, value: str, text: str) -> None:
    """The pieces that are played, joined."""
    assert said(spoken(kind, value)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("2026-12-30", "今天"),
        ("2026-12-31", "明天"),
        ("2027-01-01", "后天"),
        ("2026-12-29", "十二月二十九日星期二"),
        ("2027-01-12", "二零二七年一月十二日星期二"),
        ("2011-11-11", "二零一一年十一月十一日星期五"),
    ],
)
def test_a_date_near_today_is_named_by_its_distance(value: str, text: str) -> None:
    """And the year is said only where it is another one; in a year one is 一."""
    assert said(spoken("date", value, today=date(2026, 12, 30))) == text


def test_a_prompt_names_itself() -> None:
    """A fact may be a prompt: a topic, an answer."""
    assert spoken("prompt", "goodbye") == ("goodbye",)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("number", ""),
        ("number", "-1"),
        ("number", "1.5"),
        ("number", "١٢"),
        ("number", str(MAX + 1)),
        ("number", "9" * 5000),
        ("digits", "12ab"),
        ("place", "0"),
        ("time", "24:00"),
        ("time", "9:00"),
        ("time", "12:60"),
        ("time", "12:00:00"),
        ("date", "2026-02-29"),
        ("date", "20261122"),
        ("date", "11-22"),
        ("money", "-5"),
        ("money", "1.20"),
        ("prompt", "../greeting"),
        ("prompt", ""),
        ("weather", "1"),
    ],
)
def test_what_cannot_be_said_is_refused(kind: str, value: str) -> None:
    """With a reason that does not repeat the value: it may be a citizen's."""
    with pytest.raises(ValueError, match=r"\S") as refused:
        spoken(kind, value)
    assert not value or len(value) < 3 or value not in str(refused.value)


def test_every_piece_has_its_prompt() -> None:
    """A piece without sound would be silence in a call; the prompt says the piece and nothing else."""
    assert {catalogue()[prompt].zh: prompt for prompt in PROMPTS.values()} == dict(PROMPTS)
    assert all(catalogue()[prompt].is_piece for prompt in PROMPTS.values())


@given(
    st.sampled_from([kind for kind in KINDS if kind != "prompt"]),
    st.integers(0, MAX) | st.dates() | st.times(),
)
def test_whatever_is_said_can_be_played(kind: str, value: object) -> None:
    """Any value either gives prompts of the catalogue or is refused, never something else."""
    text = str(value)[:5] if kind == "time" else str(value)
    try:
        prompts = spoken(kind, text)
    except ValueError:
        return
    assert prompts
    assert set(prompts) <= set(catalogue())


@given(st.dates(date(2026, 1, 1), date(2030, 12, 31)))
def test_every_date_is_understood(day: date) -> None:
    """Month and day are read back from what is heard, by its own rules."""
    text = said(spoken("date", day.isoformat()))
    match = re.fullmatch(r"(.+)月(.+)日星期([一二三四五六日])", text)
    assert match is not None
    numbers = {counted(number).replace("两", "二"): number for number in range(1, 32)}
    assert (numbers[match[1]], numbers[match[2]]) == (day.month, day.day)
    monday = day - timedelta(days="一二三四五六日".index(match[3]))
    assert monday.isoweekday() == 1


def test_the_place_is_a_sentence() -> None:
    """From 1; nobody is at place 0."""
    assert said(place(12)) == "您现在排在第十二位"
    with pytest.raises(ValueError, match="from 1"):
        place(0)


@pytest.mark.parametrize(
    ("low_s", "high_s", "sentence"),
    [
        (180, 300, "预计等待三到五分钟"),
        (0, 0, "预计等待不到一分钟"),
        (20, 59, "预计等待不到一分钟"),
        (30, 60, "预计等待一分钟以内"),
        (0, 119, "预计等待两分钟以内"),
        (60, 61, "预计等待一到两分钟"),
        (120, 240, "预计等待两到四分钟"),
        (179, 181, "预计等待两到四分钟"),
        (180, 180, "预计等待三分钟"),
        (120, 120, "预计等待两分钟"),
        (725, 900, "预计等待十二到十五分钟"),
        (600, 1300, "预计等待十到二十二分钟"),
        (2700, 3600, "预计等待四十五到六十分钟"),
        (3000, 3601, "预计等待五十分钟以上"),
        (30, 3601, "预计等待一分钟以上"),
        (3599, 7200, "预计等待五十九分钟以上"),
        (3600, 3600, "预计等待一小时以上"),
        (5000, 9000, "预计等待一小时以上"),
    ],
)
def test_a_wait_is_one_sentence(low_s: int, high_s: int, sentence: str) -> None:
    """In minutes, as one says it."""
    assert said(wait(low_s, high_s)) == sentence


MINUTES = {counted(number): number for number in range(61)}
SPAN = re.compile(r"预计等待(?:(?P<low>.+)到(?P<high>.+)|(?P<one>[^到]+))分钟(?P<edge>以内|以上)?")
ENDLESS = float("inf")


def heard(sentence: str) -> tuple[float, float]:
    """From when to when a citizen expects to be served, in seconds."""
    if sentence == "预计等待不到一分钟":
        return 0, 60
    if sentence == "预计等待一小时以上":
        return HOUR_S, ENDLESS
    match = SPAN.fullmatch(sentence)
    assert match is not None
    low, high = (60 * MINUTES[match[name] or match["one"]] for name in ("low", "high"))
    return (0 if match["edge"] == "以内" else low), (ENDLESS if match["edge"] == "以上" else high)


@given(st.integers(0, 3 * HOUR_S), st.integers(0, 3 * HOUR_S))
@example(0, 60)
@example(HOUR_S, HOUR_S)
def test_no_wait_is_told_shorter_than_it_is(one_s: int, other_s: int) -> None:
    """The end is never before the true one; nobody is told an end beyond an hour."""
    low_s, high_s = sorted((one_s, other_s))
    begin, end = heard(said(wait(low_s, high_s)))
    assert end >= high_s
    assert begin <= max(low_s, 60)
    assert end <= HOUR_S or end == ENDLESS
