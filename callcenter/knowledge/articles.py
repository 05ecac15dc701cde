"""The articles: loaded, checked, found by key, id or words; what of them is spoken.

Invariant: an article that passed can be said by the voice and fits into a message; one that is over is not found.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from callcenter.core.errors import UsageError

SHIPPED = Path(__file__).with_name("articles.toml")
ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
MENU = "knowledge_menu"
"""The prompt that names the keys."""

SayableText = Annotated[str, Field(pattern=r"^[\u4e00-\u9fff0-9，。、：；？！]+。$", max_length=120)]
"""What the voice can say: characters, digits, Chinese punctuation; a whole sentence."""
Word = Annotated[str, Field(min_length=2, max_length=20)]


class Spoken(NamedTuple):
    """What a prompt says."""

    zh: str
    en: str


class Article(BaseModel):
    """An answer. ``key``: its digit in the menu, ``""`` without one; ``question``: a piece of a sentence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    key: str = Field(pattern=r"^[1-8]?$")  # 9 and 0 are for emergencies and people
    words: tuple[Word, ...] = Field(min_length=1, max_length=20)
    question: str = Field(pattern=r"^[\u4e00-\u9fff0-9、]{2,30}$")
    zh: SayableText
    en: str = Field(min_length=2, max_length=600)
    sms: str = Field(min_length=2, max_length=200)
    valid_until: date

    @property
    def prompt(self) -> str:
        """The prompt of its answer."""
        return f"article_{self.id}"

    @property
    def asking(self) -> str:
        """The prompt that asks whether it is meant."""
        return f"article_{self.id}_asked"


_ENTRY = TypeAdapter(dict[str, dict[str, object]])


@dataclass(frozen=True)
class Articles:
    """All of them, by id, in the order of the file."""

    by_id: Mapping[str, Article]

    def find(self, asked: str, today: date) -> Article | None:
        """By id, by key, or by what was said; ``None``: nothing fits, two fit alike, or it is over."""
        asked = asked.strip()
        found = self.by_id.get(asked) or self._of_key(asked) or self._of_words(asked)
        return found if found is not None and today <= found.valid_until else None

    def heard(self, said: str, today: date) -> list[Article]:
        """Those of whose words some were said, what fits best first; none that is over."""
        fitting = [
            (_fit(article, said), article) for article in self.by_id.values() if today <= article.valid_until
        ]
        fitting.sort(key=lambda each: each[0], reverse=True)
        return [article for (count, _), article in fitting if count]

    def prompts(self) -> Mapping[str, Spoken]:
        """Prompt id -> text, of all answers, of the questions before them, and of the menu."""
        texts = {MENU: self._menu()} if any(article.key for article in self.by_id.values()) else {}
        for article in self.by_id.values():
            texts[article.prompt] = Spoken(article.zh, article.en)
            asked = f"您要了解的是{article.question}，对吗。"
            texts[article.asking] = Spoken(asked, f"Is it about '{article.id.replace('_', ' ')}'?")
        return texts

    def _menu(self) -> Spoken:
        keyed = sorted((a for a in self.by_id.values() if a.key), key=lambda article: article.key)
        zh = "，".join(f"{article.question}请按{article.key}" for article in keyed)
        en = ", ".join(f"{article.id.replace('_', ' ')}: press {article.key}" for article in keyed)
        return Spoken(f"{zh}，人工服务请按0。", f"{en}; for a person press 0.")

    def _of_key(self, key: str) -> Article | None:
        return next((article for article in self.by_id.values() if key and article.key == key), None)

    def _of_words(self, said: str) -> Article | None:
        ranked = sorted(((_fit(article, said), article.id) for article in self.by_id.values()), reverse=True)
        if not ranked or not any(ranked[0][0]) or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
            return None
        return self.by_id[ranked[0][1]]


def load(path: Path = SHIPPED) -> Articles:
    """Read and check a file of articles.

    Raises:
        UsageError: ``bad_articles``: which article, which field, and why.
    """
    try:
        tree = _ENTRY.validate_python(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", code="bad_articles") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}", code="bad_articles") from None
    except ValidationError:
        raise UsageError(f"{path}: one table an article, [id]", code="bad_articles") from None
    articles = {name: _article(path, name, entry) for name, entry in tree.items()}
    _refuse_same_keys(path, articles)
    return Articles(articles)


def in_force(home: Path) -> Articles:
    """The house's own articles, ``HOME/knowledge/articles.toml``, else the shipped ones.

    Raises:
        UsageError: ``bad_articles``.
    """
    own = home / "knowledge" / "articles.toml"
    return load(own if own.exists() else SHIPPED)


def article_prompts(home: Path | None = None) -> Mapping[str, Spoken]:
    """What is to be spoken for the articles of a house (``None``: the shipped ones), by prompt id.

    Raises:
        UsageError: ``bad_articles``.
    """
    return (load() if home is None else in_force(home)).prompts()


def _article(path: Path, name: str, entry: Mapping[str, object]) -> Article:
    if not ID.fullmatch(name):
        raise UsageError(f"{path}: '{name}' is no id: use small letters, digits and '_'", code="bad_articles")
    try:
        return Article.model_validate({**entry, "id": name})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(map(str, first["loc"]))
        raise UsageError(f"{path}: [{name}] {field}: {first['msg']}", code="bad_articles") from None


def _refuse_same_keys(path: Path, articles: Mapping[str, Article]) -> None:
    owners: dict[str, str] = {}
    for name, article in articles.items():
        other = owners.setdefault(article.key or name, name)
        if other != name:
            raise UsageError(
                f"{path}: [{other}] and [{name}] have the same key {article.key}", code="bad_articles"
            )


def _fit(article: Article, said: str) -> tuple[int, int]:
    """How many of its words were said, and how many characters they are."""
    heard = [word for word in article.words if word in said]
    return len(heard), sum(map(len, heard))
