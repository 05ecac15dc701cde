"""Numbers that may be called back, and those that never are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queues.core.numbers import can_be_called, domestic_number, mobile_number

pytestmark = pytest.mark.core


@pytest.mark.parametrize(
    ("caller", "number"),
    [
        ("13812345678", "13812345678"),
        ("+8613812345678", "13812345678"),
        ("16612345678", "16612345678"),
        ("008613812345678", "13812345678"),
        ("02988887777", "02988887777"),
        ("+862988887777", "02988887777"),
        ("09112345678", "09112345678"),
    ],
)
def test_ordinary_numbers(caller: str, number: str) -> None:
    """Mobiles and landlines, with or without our country's prefix."""
    assert domestic_number(caller) == number


@pytest.mark.parametrize(
    "caller",
    [
        *(
            "",
            "anonymous",
            "+14155550100",
            "0014155550100",
            "16812345",
            "16812345678",
            "+8616012345678",
            "9601234",
            "12345",
            "110",
            "4001234567",
        ),
        *("1381234567", "138123456789", "13812345678\n", "1381234567\uff18", "13812345678;x", "%31381234567"),
    ],
)
def test_never_called(caller: str) -> None:
    """Withheld, foreign, premium, service and damaged numbers are refused."""
    assert not can_be_called(caller, own_numbers=())


@pytest.mark.parametrize(
    ("caller", "number"),
    [
        ("13812345678", "13812345678"),
        ("+8619912345678", "19912345678"),
        ("02988887777", None),
        ("+14155550100", None),
        ("12345", None),
        ("", None),
        ("13800012345", None),
    ],
)
def test_who_gets_short_messages(caller: str, number: str | None) -> None:
    """Domestic mobile numbers, without our country's prefix; never a landline, and never ourselves."""
    assert mobile_number(caller, own_numbers=("12345", "13800012345")) == number


def test_the_hotline_does_not_call_itself() -> None:
    """Its own landline is refused in every spelling."""
    own = {"02988887777"}
    assert not can_be_called("02988887777", own)
    assert not can_be_called("+862988887777", own)


@given(st.text(max_size=20))
def test_whatever_comes_in_only_digits_go_out(caller: str) -> None:
    """Hostile caller ID text never becomes a number to dial."""
    number = domestic_number(caller)
    assert number is None or (number.isascii() and number.isdigit() and 10 <= len(number) <= 12)
