"""Numbers as Mandarin says them: read back by rules of their own, from 0 to 99,999,999."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ivr.core.numbers import DIGITS_MAX, MAX, cardinal, counted, singly

pytestmark = pytest.mark.core

VALUES = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2}
UNITS = {"千": 1000, "百": 100, "十": 10}
SECTION = re.compile(r"(?:[一二三四五六七八九两][千百十]?|零|十)+")


def section_value(text: str) -> int:
    """The value of one section (below ten thousand); a jump over a unit needs exactly one 零."""
    value, unit, bridged = 0, 10_000, False
    for digit, name in re.findall(r"([零一二三四五六七八九两]?)([千百十]?)", text):
        if digit == "零":
            assert not name
            assert not bridged
            bridged = True
        elif digit or name:
            weight = UNITS.get(name, 1)
            is_jump = value > 0 and weight * 10 < unit
            assert weight < unit
            assert bridged == is_jump
            value, unit, bridged = value + VALUES.get(digit, 1) * weight, weight, False
    assert not bridged
    return value


def value_of(numeral: str) -> int:
    """What a listener understands; refuses what nobody would say."""
    if numeral == "零":
        return 0
    assert "两" not in numeral[1:]
    assert not numeral.startswith(("一十", "二千", "二万"))
    head, wan, tail = numeral.rpartition("万")
    assert SECTION.fullmatch(tail) or (wan and not tail)
    assert head or not wan
    rest = section_value(tail.removeprefix("零") if wan else tail)
    assert tail.startswith("零") == bool(wan and 0 < rest < 1000)
    return section_value(head) * 10_000 + rest


@pytest.mark.parametrize(
    ("number", "numeral"),
    [
        (0, "零"),
        (2, "二"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (100, "一百"),
        (105, "一百零五"),
        (110, "一百一十"),
        (112, "一百一十二"),
        (200, "二百"),
        (222, "二百二十二"),
        (1001, "一千零一"),
        (1010, "一千零一十"),
        (2005, "两千零五"),
        (2200, "两千二百"),
        (10_000, "一万"),
        (10_010, "一万零一十"),
        (20_000, "两万"),
        (32_000, "三万二千"),
        (100_012, "十万零一十二"),
        (105_000, "十万五千"),
        (120_000, "十二万"),
        (200_000, "二十万"),
        (20_002_000, "两千万二千"),
        (10_100_001, "一千零一十万零一"),
        (99_999_999, "九千九百九十九万九千九百九十九"),
    ],
)
def test_a_number_is_its_numeral(number: int, numeral: str) -> None:
    """As it is written in Chinese characters."""
    assert cardinal(number) == numeral


@given(st.integers(0, MAX))
@example(10_001_000)
def test_a_listener_understands_every_number(number: int) -> None:
    """A reader with rules of its own gets the same number back, over the whole range."""
    assert value_of(cardinal(number)) == number


def test_the_first_hundred_thousand_are_understood_without_exception() -> None:
    """Each of them, none drawn by chance."""
    assert all(value_of(cardinal(number)) == number for number in range(100_000))


def test_two_of_something_is_another_word() -> None:
    """两 before a measure word, but only by itself: 十二 stays, 二十 too."""
    assert counted(2) == "两"
    assert [counted(number) for number in (12, 20, 22, 102)] == ["十二", "二十", "二十二", "一百零二"]


@pytest.mark.parametrize("number", [-1, MAX + 1])
def test_what_is_too_great_is_refused(number: int) -> None:
    """There is no 亿."""
    with pytest.raises(ValueError, match="99999999"):
        cardinal(number)


def test_digits_one_by_one() -> None:
    """One is 幺: on a telephone 一 sounds like 七."""
    assert singly("13800138000") == "幺三八零零幺三八零零零"
    assert singly("20261122-000123") == "二零二六幺幺二二杠零零零幺二三"


@pytest.mark.parametrize("text", ["", "1" * (DIGITS_MAX + 1), "12a", "١٢", "1 2", "+86"])
def test_what_is_no_digit_is_refused(text: str) -> None:
    """Nor is a line of digits without end said."""
    with pytest.raises(ValueError, match="digits"):
        singly(text)
