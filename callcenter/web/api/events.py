"""The event stream: as a WebSocket that replays and follows, and as pages for reconciliation."""

import re
from functools import partial
from typing import Annotated

from aiohttp import web
from pydantic import AfterValidator, Field

from callcenter.web.api.common import WHOLE_MAX, note
from callcenter.web.refusals import Refusal
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Params, operation
from callcenter.web.stream import matches
from callcenter.web.views.events import EventPage

_TYPE = re.compile(r"[a-z_]+\.([a-z_]+|\*)")
TYPES_MAX = 20


def _types(text: str) -> str:
    names = split_types(text)
    if len(names) > TYPES_MAX or not all(_TYPE.fullmatch(name) for name in names):
        raise ValueError("types are like call.arrived or call.*, separated by commas")
    return text


def split_types(text: str) -> list[str]:
    """``call.*,seat.paused`` -> its parts; empty: none."""
    return [name for name in text.split(",") if name]


Types = Annotated[
    str, AfterValidator(_types), Field(max_length=1000, description="call.arrived,seat.*; empty: all")
]


class StreamQuery(Params):
    """Where to begin. Without ``since``: from now on."""

    since: int | None = Field(None, ge=0, le=WHOLE_MAX)
    types: Types = ""


class EventQuery(Params):
    """Which part of the journal. Without ``since``: from the oldest entry kept."""

    since: int | None = Field(None, ge=0, le=WHOLE_MAX)
    types: Types = ""
    limit: int = Field(200, ge=1, le=500)


@operation(
    "GET",
    "/events",
    may=Permission.READ_EVENTS,
    zh="事件流",
    en="Event stream (WebSocket)",
    statuses=(410, 426, 503),
)
async def follow_events(call: Call[StreamQuery, Nothing]) -> web.StreamResponse:
    """Replay after ``since``, then follow. Frames of type ``stream.alive`` tell the position in silence.

    Who names ``caption.said`` among the types also gets what is said in the talks that he may hear: live, without ``seq``.
    Who names ``board.changed`` gets the live board: whole in the first frame, then what changes in it.
    """
    if not web.WebSocketResponse().can_prepare(call.request).ok:
        raise Refusal(426, "websocket_only", "open this as a WebSocket", headers={"Upgrade": "websocket"})
    if call.services.streams.is_full_for(call.identity):
        raise Refusal(503, "too_many_streams", "too many event streams are open")
    cursor = await call.services.feed.start_from(call.query.since)
    types = split_types(call.query.types)
    note_reader = partial(note, call, "captions.followed", "captions")
    return await call.services.streams.serve(call.request, call.identity, cursor, types, note_reader)


@operation(
    "GET", "/events/list", may=Permission.READ_EVENTS, zh="事件列表", en="Events as pages", statuses=(410,)
)
async def list_events(call: Call[EventQuery, Nothing]) -> EventPage:
    """Entries after ``since``."""
    oldest, newest = await call.ports.events.bounds()
    wanted = call.query.since
    since = oldest - 1 if wanted is None else await call.services.feed.start_from(wanted)
    found = await call.ports.events.since(since, call.query.limit)
    types = split_types(call.query.types)
    shown = (call.services.discretion.event(event, call.identity) for event in found)
    return EventPage(
        items=[event for event in shown if matches(event, types)],
        oldest_seq=oldest,
        newest_seq=newest,
        next_since=found[-1].seq if found else since,
    )


OPERATIONS: tuple[Operation, ...] = (follow_events, list_events)
