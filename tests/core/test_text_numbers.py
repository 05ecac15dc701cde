"""Numbers in speech: which are found, which are hidden, and what nearly looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.core import text_numbers
from recordings.core.text_numbers import Kind, find, mask, mask_dialog, mask_together

pytestmark = pytest.mark.core

HIDDEN = [
    ("我的电话是13800001234", Kind.MOBILE, "13800001234"),
    ("一三八零零零零一二三四", Kind.MOBILE, "13800001234"),
    ("幺三八\u3007\u3007\u3007\u3007幺二三四", Kind.MOBILE, "13800001234"),
    ("一三八，零零零零，一二三四", Kind.MOBILE, "13800001234"),
    ("一三八 嗯 零零零零 然后一二三四", Kind.MOBILE, "13800001234"),
    ("138-0000-1234", Kind.MOBILE, "13800001234"),
    ("\uff11\uff13\uff18\uff10\uff10\uff10\uff10\uff11\uff12\uff13\uff14", Kind.MOBILE, "13800001234"),
    ("13八零零零零1234", Kind.MOBILE, "13800001234"),
    ("零九一一二一二三四五六", Kind.LANDLINE, "09112123456"),
    ("0911-2123456", Kind.LANDLINE, "09112123456"),
    ("二一二三四五六", Kind.LANDLINE, "2123456"),
    ("六一零六零二一九八五零三零二一二三四", Kind.IDENTITY, "610602198503021234"),
    ("61060219850302123X", Kind.IDENTITY, "61060219850302123X"),
    ("六一零六零二一九八五零三零二一二三叉", Kind.IDENTITY, "61060219850302123X"),
    ("卡号6222020200012345678", Kind.BANK_CARD, "6222020200012345678"),
    ("四三三六六六零零零零零零一二三四", Kind.BANK_CARD, "4336660000001234"),
    ("车牌陕J12345", Kind.PLATE, "J12345"),
    ("陕J·幺二三四五", Kind.PLATE, "J12345"),
    ("陕 J 一 二 三 四 五", Kind.PLATE, "J12345"),
    ("粤BD12345", Kind.PLATE, "BD12345"),
    ("京A1234学", Kind.PLATE, "A1234"),
    ("验证码是八零八零", Kind.CODE, "8080"),
    ("密码 123456", Kind.CODE, "123456"),
    ("一九八五年三月二号", Kind.BIRTHDAY, "198532"),
    ("1985年3月2日", Kind.BIRTHDAY, "198532"),
    ("八五年十二月三号", Kind.BIRTHDAY, "8523"),
    ("19850302", Kind.BIRTHDAY, "19850302"),
    ("1985-03-02", Kind.BIRTHDAY, "19850302"),
    ("案号20265678901234", Kind.LONG, "20265678901234"),
    ("610602198513021234", Kind.LONG, "610602198513021234"),
]

SHOWN = [
    ("三月五号停水", Kind.DAY),
    ("十一月二十二日", Kind.DAY),
    ("二零二六年三月", Kind.DAY),
    ("请拨打12345", Kind.QUANTITY),
    ("一一零", Kind.QUANTITY),
    ("三个工作日", Kind.QUANTITY),
    ("二号楼三单元", Kind.QUANTITY),
    ("尾号一二三四", Kind.QUANTITY),
    ("123456", Kind.QUANTITY),
    ("陕A1234", Kind.QUANTITY),
    ("一万二千三百四十五元", Kind.QUANTITY),
    ("密码锁坏了3天", Kind.QUANTITY),
]

NO_NUMBERS = ["", "您好", "新A座", "密码忘了", "云", "百分之", "陕J", "\x00<b>"]


@pytest.mark.parametrize(("text", "kind", "value"), HIDDEN)
def test_numbers_of_a_person_are_found_and_hidden(text: str, kind: Kind, value: str) -> None:
    """Spoken, written, mixed, in groups: the kind is told, and no digit of it is left."""
    found = find(text)[0]
    assert (found.kind, found.value) == (kind, value)
    left = mask(text)[found.start : found.end]
    assert len(mask(text)) == len(text)
    assert not [c for c in left if c.isalnum()]


@pytest.mark.parametrize(("text", "kind"), SHOWN)
def test_what_a_ticket_is_about_stays_readable(text: str, kind: Kind) -> None:
    """Days, amounts, houses and short numbers are recognized and not hidden."""
    assert kind in {number.kind for number in find(text)}
    assert mask(text) == text


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_near_misses_are_no_numbers(text: str) -> None:
    """Words that only look like the beginning of a number."""
    assert find(text) == []
    assert mask(text) == text


def test_a_number_spread_over_words_and_turns_is_found() -> None:
    """Each piece keeps its length, so words keep their times."""
    parts = ["我", "电话", "一三八", "零零", "零零", "一", "二三四", "谢谢"]
    assert mask_together(parts) == ["我", "电话", "***", "**", "**", "*", "***", "谢谢"]


def test_two_numbers_in_a_sentence_are_both_hidden() -> None:
    """What stands between them stays."""
    assert mask("电话13800001234，车牌陕J12345，三天没水") == "电话***********，车牌*******，三天没水"


def test_a_number_dictated_in_turns_is_hidden_in_the_dialog() -> None:
    """The other's 嗯 between the groups does not save it; his own numbers are his."""
    dialog = "市民：一三八，零零零零。\n坐席：嗯，一一零。\n市民：一二三四。\n\n坐席：好的。"
    hidden = "市民：***，****。\n坐席：嗯，一一零。\n市民：****。\n\n坐席：好的。"
    assert mask_dialog(dialog) == hidden


DIGITS = "0123456789零\u3007一二三四五六七八九幺"


@given(st.text(st.sampled_from(DIGITS), min_size=7, max_size=40), st.text(max_size=10), st.text(max_size=10))
def test_no_seven_digits_in_a_row_are_ever_left(number: str, before: str, after: str) -> None:
    """Whatever stands around them; and the length is kept."""
    text = before + number + after
    assert len(mask(text)) == len(text)
    assert mask(text)[len(before) : len(before) + len(number)] == text_numbers.STAR * len(number)


@given(st.text(st.sampled_from(DIGITS + "年月日号陕京AJx密码是 ，要"), max_size=200))
def test_masking_again_changes_nothing(text: str) -> None:
    """A masked text holds nothing more to hide."""
    assert mask(mask(text)) == mask(text)
