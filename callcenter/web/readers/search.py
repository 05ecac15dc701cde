"""The search on the real store (:class:`callcenter.web.ports.search.SearchReader`). It only reads."""

from collections.abc import Mapping

from callcenter.store.database import Database
from callcenter.web.views.search import SearchView, found_view
from recordings import search
from recordings.core.search import Question
from recordings.search import FOUND_MAX, Filter


class SqlSearch:
    """What was said, in SQL. ``topic_names``: key -> Chinese name."""

    def __init__(self, database: Database, topic_names: Mapping[str, str] | None = None):
        self._database = database
        self._topic_names = topic_names or {}

    async def find(self, question: Question, which: Filter, limit: int, offset: int) -> SearchView:
        """The calls in which it was said, newest first."""
        async with self._database.reading() as connection:
            answer = await search.find(connection, question, which, limit, offset)
        return SearchView(
            items=[
                found_view(hit, hit.topic and self._topic_names.get(hit.topic, hit.topic))
                for hit in answer.hits
            ],
            found=answer.found,
            is_more=answer.found >= FOUND_MAX or answer.searched_from is not None,
            searched_from=answer.searched_from,
            words=[phrase.strip() for phrase in question.wanted],
            without=[phrase.strip() for phrase in question.unwanted],
        )
