"""The journal as the outside sees it."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, PlainSerializer

from callcenter.core.masking import masked
from callcenter.web.views import View


def _event_data(value: dict[str, Any]) -> dict[str, Any]:
    return masked(value)  # type: ignore[no-any-return]  # a dict stays a dict


MaskedData = Annotated[
    dict[str, Any],
    PlainSerializer(_event_data),
    Field(description="the message's own fields, numbers masked"),
]


class EventView(View):
    """An entry of the journal. Consumers de-duplicate by ``id``."""

    seq: int = Field(ge=1)
    id: str
    type: str
    at: datetime
    subject: dict[str, str]
    data: MaskedData


class EventPage(View):
    """Entries after ``since``; ask again from ``next_since`` until ``items`` is empty."""

    items: list[EventView]
    oldest_seq: int
    newest_seq: int
    next_since: int
