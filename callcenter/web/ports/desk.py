"""What an agent's desk shows beside a call: earlier contacts of the same citizen, and articles to answer from."""

from collections.abc import Sequence
from typing import Protocol

from callcenter.core.ids import ContactId
from callcenter.web.views.desk import ArticleView, EarlierView


class CallerHistory(Protocol):
    """What a citizen's number did before."""

    async def earlier(self, contact_id: ContactId, limit: int) -> Sequence[EarlierView] | None:
        """Newest first; empty for a number that is not known; ``None``: no such contact."""


class ArticleReader(Protocol):
    """The city's articles."""

    def articles(self) -> Sequence[ArticleView]:
        """Those that are valid today, in the order of their file."""
