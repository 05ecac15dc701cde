"""Numbers said in pieces: right as Mandarin says them, from 0 to 99."""

import pytest

from ivr.core.numbers import cardinal, counted
from ivr.prompts import catalogue

pytestmark = pytest.mark.core

DIGITS = "一二三四五六七八九"
BELOW_TEN = ["零", *DIGITS]
TENS = ["十", *(f"{digit}十" for digit in DIGITS[1:])]
NUMERALS = [*BELOW_TEN, *(ten + one for ten in TENS for one in ["", *DIGITS])]


def said(pieces: tuple[str, ...]) -> str:
    """What the pieces say, one after the other."""
    return "".join(catalogue()[piece].zh for piece in pieces)


def test_every_number_is_its_numeral() -> None:
    """0 to 99: 十 and not 一十, 二十 and not 二十零."""
    assert len(NUMERALS) == 100
    assert [said(cardinal(number)) for number in range(100)] == NUMERALS


def test_two_of_something_is_another_word() -> None:
    """两 before a measure word, but only by itself: 十二 stays, 二十 too."""
    assert said(counted(2)) == "两"
    others = [number for number in range(100) if number != 2]
    assert [said(counted(number)) for number in others] == [NUMERALS[number] for number in others]


@pytest.mark.parametrize("number", [-1, 100])
def test_what_has_no_pieces_is_refused(number: int) -> None:
    """There is no hundred."""
    with pytest.raises(ValueError, match="0 to 99"):
        cardinal(number)
