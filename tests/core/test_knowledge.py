"""Articles for callers: the shipped file, bad files, and what is found by key, id and words."""

from datetime import date
from pathlib import Path

import pytest

from callcenter.core.errors import UsageError
from callcenter.knowledge.articles import MENU, article_prompts, in_force, load
from callcenter.speech import frontend

pytestmark = pytest.mark.core

TODAY = date(2026, 11, 22)
GOOD = """
[card]
key = "1"
words = ["社保卡"]
question = "社保卡补办"
zh = "请先挂失。"
en = "Report it first."
sms = "先挂失。"
valid_until = 2026-11-22
"""


def written(folder: Path, text: str) -> Path:
    """A file of articles in a home."""
    path = folder / "knowledge" / "articles.toml"
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    return path


def test_every_shipped_article_can_be_said() -> None:
    """Answers, questions and menu hold only what the voice can say, and have their English beside them."""
    prompts = article_prompts()
    for name, spoken in prompts.items():
        assert [frontend.symbols(clause) for clause in frontend.clauses(spoken.zh)], name
        assert spoken.en
    assert len(load().by_id) >= 8
    assert {MENU, "article_heating", "article_heating_asked"} <= set(prompts)
    assert "暖气不热怎么办请按8" in prompts[MENU].zh
    assert prompts[MENU].zh.endswith("人工服务请按0。")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("heating", "heating"),
        ("8", "heating"),
        (" 8 ", "heating"),
        ("我家暖气一直不热", "heating"),
        ("老板拖欠农民工工资", "wages"),
        ("社保卡丢了怎么补卡", "social_card"),
        ("你好", None),
        ("", None),
        ("9", None),
        ("0", None),
        ("丢失补办挂失补卡", None),
    ],
)
def test_what_is_found(asked: str, found: str | None) -> None:
    """By id, by key, by the words said; what fits two alike or none is not answered by a machine."""
    article = load().find(asked, TODAY)
    assert (article.id if article else None) == found


def test_an_article_that_is_over_is_not_found(tmp_path: Path) -> None:
    """Its last day counts; the day after nobody hears it, whichever way he asks."""
    articles = load(written(tmp_path, GOOD))
    assert articles.find("1", TODAY) is not None
    for asked in ("1", "card", "社保卡"):
        assert articles.find(asked, date(2026, 11, 23)) is None


def test_the_houses_own_file_takes_the_place(tmp_path: Path) -> None:
    """A city's articles replace the shipped ones, in the prompts too."""
    assert in_force(tmp_path) == load()
    written(tmp_path, GOOD)
    assert list(in_force(tmp_path).by_id) == ["card"]
    assert article_prompts(tmp_path)["article_card"].zh == "请先挂失。"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[card]", "[Card]", "'Card' is no id"),
        ('"1"', '"9"', "[card] key"),
        ('"1"', '"12"', "[card] key"),
        ("请先挂失。", "请打开App。", "[card] zh"),
        ("请先挂失。", "请先挂失", "[card] zh"),
        ("请先挂失。", "请" * 200 + "。", "[card] zh"),
        ("2026-11-22", '"soon"', "[card] valid_until"),
        ('words = ["社保卡"]', "words = []", "[card] words"),
        ('words = ["社保卡"]', 'words = ["卡"]', "[card] words.0"),
        ("sms =", "SMS =", "[card]"),
        ("[card]", "card = 1\n[x]", "one table an article"),
        ("[card]", "[card", "not valid TOML"),
        ("valid_until = 2026-11-22", "valid_until = 2026-11-22" + GOOD.replace("card", "two"), "same key 1"),
    ],
)
def test_a_bad_file_is_told_in_one_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    """File, article, field and cause; nothing is loaded."""
    path = written(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(UsageError) as refused:
        load(path)
    assert refused.value.code == "bad_articles"
    assert told in str(refused.value)
    assert str(path) in str(refused.value)
