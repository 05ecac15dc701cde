"""Full text over what was said."""

from typing import Protocol

from callcenter.web.views.search import SearchView
from recordings.core.search import Question
from recordings.search import Filter


class SearchReader(Protocol):
    """Full text over what was said."""

    async def find(self, question: Question, which: Filter, limit: int, offset: int) -> SearchView:
        """The calls in which it was said, newest first."""
