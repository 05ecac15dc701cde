"""Beside a call: what the same number did before, and what may be told."""

from pydantic import Field

from callcenter.web.refusals import unknown
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Params, operation
from callcenter.web.views import Page
from callcenter.web.views.desk import ArticleView, EarlierView


class EarlierQuery(Params):
    """How many."""

    limit: int = Field(10, ge=1, le=100)


@operation(
    "GET",
    "/contacts/{contact_id}/earlier",
    may=Permission.READ_CONTACTS,
    zh="同号历史来电",
    en="What the same number did before, newest first",
)
async def list_earlier(call: Call[EarlierQuery, Nothing]) -> Page[EarlierView]:
    """Contacts with their tickets; nothing for a number that is withheld."""
    found = await call.ports.history.earlier(call.contact_id, call.query.limit)
    if found is None:
        raise unknown("contact", call.contact_id)
    return Page.whole(found)


@operation("GET", "/articles", may=Permission.READ_TICKETS, zh="知识条目", en="Articles to answer from")
async def list_articles(call: Call[Nothing, Nothing]) -> Page[ArticleView]:
    """What is valid today."""
    found = list(call.ports.articles.articles())
    return Page.whole(found)


OPERATIONS: tuple[Operation, ...] = (list_earlier, list_articles)
