"""Full text search over what was said (全文检索); every question is audited with its words."""

from datetime import date, datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from callcenter.core.errors import UsageError
from callcenter.web.api.common import note, printable
from callcenter.web.roles import Permission
from callcenter.web.routes import PATH_IDS, Call, Nothing, Operation, Params, operation
from callcenter.web.views.search import SearchView
from recordings.core.search import QUESTION_CHARACTERS_MAX, parse
from recordings.core.text_numbers import mask
from recordings.search import FOUND_MAX, Filter

Key = Annotated[str, AfterValidator(printable), Field(max_length=80)]
Moment = Annotated[
    str,
    Field(
        max_length=40, description="a day as 2026-11-21, or an ISO 8601 time; without an offset the city's"
    ),
]


class SearchQuery(Params):
    """What is looked for, and in which calls."""

    q: str = Field(
        max_length=QUESTION_CHARACTERS_MAX,
        description='words that were all said, "an exact phrase", -without: 暖气 "没有人来" -投诉',
    )
    seat_id: str | None = Field(None, pattern=f"^{PATH_IDS['seat_id']}$")
    since: Moment | None = None
    until: Moment | None = Field(None, description="exclusive")
    topic: Key | None = Field(None, description="key of the city's list")
    nature: Key | None = Field(None, description="help, consult, complaint, tip_off, suggestion, praise")
    outcome: Key | None = None
    score_min: float | None = Field(None, ge=0, le=100)
    score_max: float | None = Field(None, ge=0, le=100)
    limit: int = Field(20, ge=1, le=100)
    offset: int = Field(0, ge=0, lt=FOUND_MAX)


@operation(
    "GET",
    "/search",
    may=Permission.READ_TICKETS,
    zh="全文检索",
    en="Calls in which something was said, newest first",
)
async def search_transcripts(call: Call[SearchQuery, Nothing]) -> SearchView:
    """Who may read a ticket's transcript may search; numbers of persons are neither shown nor found."""
    query, zone = call.query, ZoneInfo(call.services.settings.time_zone)
    question = parse(query.q)
    which = Filter(
        query.seat_id,
        _moment(query.since, zone),
        _moment(query.until, zone),
        query.topic,
        query.nature,
        query.outcome,
        query.score_min,
        query.score_max,
    )
    await note(call, "transcript.searched", "search", mask(" ".join(query.q.split())))
    return await call.ports.search.find(question, which, query.limit, query.offset)


def _moment(text: str | None, zone: ZoneInfo) -> datetime | None:
    """A day's midnight, or a time; without an offset it is the city's.

    Raises:
        UsageError: ``bad_time``.
    """
    if text is None:
        return None
    try:
        if len(text) == len("2026-11-21"):
            return datetime.combine(date.fromisoformat(text), time(), zone)
        at = datetime.fromisoformat(text)
        return at if at.tzinfo else at.replace(tzinfo=zone)
    except ValueError:
        raise UsageError(
            "write a day as 2026-11-21, or a time as 2026-11-21T08:30", code="bad_time"
        ) from None


OPERATIONS: tuple[Operation, ...] = (search_transcripts,)
