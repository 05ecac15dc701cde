"""Punctuation from pauses and particles: a table of what stands where, and what is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.core.text_punctuation import punctuated
from recordings.core.transcript import Word

pytestmark = pytest.mark.core


def _said(text: str) -> list[Word]:
    """``您好 | 请讲 || 谢谢``: a bar is a pause of 0.4 s, two are a second; a space is none."""
    words, now = [], 0.0
    for piece in text.split():
        if set(piece) == {"|"}:
            now += {1: 0.4, 2: 1.0}[len(piece)]
        else:
            words.append(Word(piece, now, now + 0.3, 1.0))
            now += 0.3
    return words


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("", ""),
        ("您好", "您好。"),
        ("您好 | 请 讲", "您好，请讲。"),
        ("停水 了 || 三 天 了", "停水了。三天了。"),
        ("修 好 了 吗", "修好了吗？"),
        ("修 好 了 吗 我 想 问", "修好了吗？我想问。"),
        ("可以吗 | 谢谢", "可以吗？谢谢。"),
        ("我 呢", "我呢？"),
        ("什么 时候 来 呢 || 好 的", "什么时候来呢？好的。"),
        ("我 还 在 等 着 呢 || 快 点", "我还在等着呢。快点。"),
        ("好 吧", "好吧。"),
        ("请问 | 有 什么 可以 帮 您", "请问，有什么可以帮您？"),
        ("我 请问 一下", "我请问一下。"),
        ("不 知道 怎么 办", "不知道怎么办。"),
        ("办 理 ID card", "办理ID card。"),
        ("好 。", "好。"),
        ("<b>", "<b>。"),
    ],
)
def test_marks_stand_where_pauses_and_particles_say(said: str, written: str) -> None:
    """Commas at short pauses, stops at long ones, question marks where a word asks."""
    assert punctuated(_said(said)) == written


@given(st.lists(st.builds(Word, st.text(max_size=4), st.floats(), st.floats(), st.floats(0, 1)), max_size=20))
def test_no_word_is_changed_whatever_the_times_are(words: list[Word]) -> None:
    """Times that are no times cost nothing but marks."""
    drop = str.maketrans("", "", "，。？ ")
    assert punctuated(words).translate(drop) == "".join(word.word for word in words).translate(drop)
