"""Searching what was said: how text is cut, how a question is read, where its words are; hostile text is only text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.errors import UsageError
from recordings.core import search
from recordings.core.search import Question, parse, passages, plain, said, tokens
from recordings.core.transcript import Transcript, Word

pytestmark = pytest.mark.core

# ruff: noqa: RUF001  full-width signs are what it is about
SPEECH = st.text(alphabet="暖气停水了三天abAB1２ ，。*'\"&|!():<->\n\x00é𠮷", max_size=30)


def spoken(citizen: str, agent: str = "") -> Transcript:
    """A call; the words are given with spaces between, each takes a second."""
    sides = [tuple(Word(word, i, i + 0.5, 0.9) for i, word in enumerate(t.split())) for t in (citizen, agent)]
    return Transcript("cc-1.1", "m", False, 60.0, *sides)


def matches(question: Question, text: str) -> bool:
    """What the databases are asked: the tokens, then the phrases."""
    return (
        set(question.tokens) <= tokens(text)
        and all(phrase in text for phrase in question.to_compare)
        and not any(phrase in text for phrase in question.unwanted)
    )


def is_harmless(token: str) -> bool:
    """Letters and digits; beyond ASCII neither database knows operators."""
    return bool(token) and all(c.isalnum() for c in token if c.isascii())


def test_chinese_is_cut_into_characters_and_pairs() -> None:
    """A word of two characters is one look-up; so are a single character and a word of another script."""
    assert tokens(plain("暖气停，call ABC")) == {"暖", "气", "停", "暖气", "气停", "call", "abc"}


@pytest.mark.parametrize(
    ("question", "text", "found"),
    [
        ("暖气 停", "停了三天的暖气", True),
        ("暖气停", "暖气停了", True),
        ("暖气停", "停了暖气", False),
        ("暖气停", "暖气不热，气停了", False),
        ('"暖气 停"', "暖气停了", True),
        ("“暖气停”", "暖气，停了", True),
        ("暖气 -停", "暖气停了", False),
        ("暖气 －“停电”", "暖气停了", True),
        ("ab", "abc", False),
        ("ABC", "打abc电话", True),
        ("ｗｉ-ｆｉ", "WI FI坏了", True),
        ("暖气 AND OR NOT*", "暖气", False),
        ("NOT 暖气*", "not 暖气", True),
        ("'暖气' & !停", "暖气停", True),
    ],
)
def test_a_question_means_what_a_person_means(question: str, text: str, found: bool) -> None:
    """Words, phrases, exclusions, both widths; operators of databases are nothing special."""
    assert matches(parse(question), plain(text)) is found


@pytest.mark.parametrize(
    "question", ["", " ", "-暖气", '""', "*", '"', "-", "，。！", "停" * 201, "a b c d e f g h i"]
)
def test_a_question_without_a_word_is_refused(question: str) -> None:
    """Nothing to look for, too long, too much: one clear line."""
    with pytest.raises(UsageError) as caught:
        parse(question)
    assert caught.value.code == "bad_search"


@given(SPEECH)
def test_tokens_are_letters_and_digits_only(text: str) -> None:
    """Whatever was said or typed, no token holds a character that a database could read as an operator."""
    assert all(is_harmless(token) for token in tokens(plain(text)))


@given(SPEECH, SPEECH)
def test_a_text_contains_what_was_cut_out_of_it(before: str, phrase: str) -> None:
    """A phrase is found in every text that holds it between spaces; the tokens never rule it out."""
    text = plain(f"{before} {phrase} {before}")
    assert plain(phrase).strip() in text
    assert tokens(plain(phrase)) <= tokens(text)


@given(st.text(max_size=60))
def test_any_question_is_read_or_refused(text: str) -> None:
    """No typed text breaks the reader."""
    try:
        question = parse(text)
    except UsageError:
        return
    assert question.tokens
    assert all(is_harmless(token) for token in question.tokens)


def test_speakers_stay_apart() -> None:
    """Nothing is found that one began and the other ended."""
    text = said(spoken("暖气", "停了"))
    assert matches(parse("暖气 停了"), text)
    assert not matches(parse("暖气停了"), text)


def test_numbers_of_persons_cannot_be_searched() -> None:
    """A telephone number is neither kept nor found, not even a part of it; nothing is found across it."""
    text = said(spoken("电话 一 三 八 一 二 三 四 五 六 七 八 请 回电"))
    assert text == "电话\n请回电\n"
    assert not matches(parse("一三八"), text)
    assert not matches(parse("电话请"), text)


def test_a_passage_tells_second_and_words() -> None:
    """For each channel and word its first place, in order of time, with what was said around it."""
    call = spoken("我家 暖气 停 了 三天 暖气", "您好 请问 暖气 怎么 了")
    found = passages(call, parse("暖气 三天"))
    assert [(p.channel, p.start, p.end, p.before, p.hit, p.after) for p in found] == [
        ("citizen", 1.0, 1.5, "我家", "暖气", "停了三天暖气"),
        ("agent", 2.0, 2.5, "您好请问", "暖气", "怎么了"),
        ("citizen", 4.0, 4.5, "我家暖气停了", "三天", "暖气"),
    ]


def test_a_phrase_spans_words() -> None:
    """The recognizer's words and the person's need not be the same."""
    (found,) = passages(spoken("我家暖 气停了 三天"), parse("暖气停"))
    assert (found.start, found.end, found.hit) == (0.0, 1.5, "我家暖气停了")


def test_a_passage_shows_no_number() -> None:
    """Around the words a long number is four stars, whatever its length."""
    (found,) = passages(spoken("电话 一 三 八 一 二 三 四 五 六 七 八 请 回电"), parse("请"))
    assert (found.before, found.after) == ("电话****", "回电")


def test_the_tokens_of_one_call_are_bounded() -> None:
    """A call of nothing but different words fits into one row of either database."""
    endless = " ".join(f"word{number:060d}" for number in range(30_000))
    kept = search.indexed(plain(endless))
    assert sum(len(token) + 4 for token in kept) <= search.TOKEN_BYTES_MAX
