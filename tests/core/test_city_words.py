"""The city's list of words: one verdict a line, each with its reason."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.errors import UsageError
from callcenter.speech.words import CHARACTERS_MAX, LIST_BYTES_MAX, WORDS_MAX, Fate, judge, parts, read

pytestmark = pytest.mark.core

VOCABULARY = {"宝塔", "区", "宝", "塔", "投诉", "人工"}


def test_each_word_gets_its_verdict() -> None:
    """Of a model whose words are fixed: known, heard in parts, never heard, or no word at all."""
    text = "# 单位\n投诉\n\n宝塔区 # 区\n安塞区\n投诉\n两个 词\n" + "长" * (CHARACTERS_MAX + 1) + "\n\x07"
    verdicts = judge(text, VOCABULARY, None)
    assert [(verdict.line, verdict.fate) for verdict in verdicts] == [
        (2, Fate.KNOWN),
        (4, Fate.PARTS),
        (5, Fate.UNKNOWN),
        (6, Fate.REFUSED),
        (7, Fate.REFUSED),
        (8, Fate.REFUSED),
        (9, Fate.REFUSED),
    ]
    assert "宝塔 区" in verdicts[1].reason
    assert "安塞" in verdicts[2].reason


def test_a_model_that_can_learn_says_what_it_cannot() -> None:
    """Its reason stands in the verdict."""
    verdicts = judge("安塞\nabc", VOCABULARY, lambda word: "Latin" if word.isascii() else "")
    assert [(verdict.fate, verdict.reason[:5]) for verdict in verdicts] == [
        (Fate.NEW, "可加入 /"[:5]),
        (Fate.UNKNOWN, "Latin"),
    ]


@given(st.text(max_size=200))
def test_no_line_is_dropped_silently(text: str) -> None:
    """As many verdicts as lines with a word; only known words come without a reason."""
    lines = [line for line in text.split("\n") if line.partition("#")[0].strip()]
    verdicts = judge(text, VOCABULARY, None)
    assert len(verdicts) == len(lines)
    assert all(bool(verdict.reason) == (verdict.fate is not Fate.KNOWN) for verdict in verdicts)


@pytest.mark.parametrize(
    ("word", "pieces"),
    [("宝塔区", ("宝塔", "区")), ("宝塔", ("宝塔",)), ("宝塔山", ()), ("投诉人工", ("投诉", "人工"))],
)
def test_a_word_in_parts_takes_the_fewest(word: str, pieces: tuple[str, ...]) -> None:
    """Written without spaces it reads the same."""
    assert tuple(parts(word, VOCABULARY)) == pieces


def test_a_list_that_is_too_long_says_so_word_by_word() -> None:
    """Nothing behind the limit is taken, and each is told."""
    text = "\n".join(f"词{number}" for number in range(WORDS_MAX + 3))
    fates = [verdict.fate for verdict in judge(text, set(), lambda word: "")]
    assert fates.count(Fate.NEW) == WORDS_MAX
    assert fates[-3:] == [Fate.REFUSED] * 3


def test_files_are_read_as_they_come(tmp_path: Path) -> None:
    """With a byte order mark, absent, of another encoding, too large."""
    path = tmp_path / "words.txt"
    assert read(path) == ""
    path.write_bytes("宝塔区\r\n".encode("utf-8-sig"))
    assert [verdict.word for verdict in judge(read(path), VOCABULARY, None)] == ["宝塔区"]
    for content in ("宝塔区".encode("gb18030"), b"x" * (LIST_BYTES_MAX + 1)):
        path.write_bytes(content)
        with pytest.raises(UsageError):
            read(path)
