"""What we owe citizens (漏话回拨, 预约回呼, 语音留言): the list, messages that have become tickets, changes by hand."""

from typing import Literal

from pydantic import Field

from callcenter.web.api.common import Paging, Unmasking, Why, WhyBody, audit, may_unmask, note
from callcenter.web.ports.callbacks import CallbackFilter
from callcenter.web.refusals import unknown
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Params, Reply, operation
from callcenter.web.views import UNMASK, Page
from callcenter.web.views.callbacks import CallbackView, CloseAnswer, PostponeAnswer, ReviewAnswer

POSTPONE_MAX_MIN = 7 * 24 * 60
"""A call-back is put off by a week at most."""


class CallbackQuery(Paging):
    """Which ones."""

    state: Literal["open", "closed"] | None = None
    ground: Literal["missed", "accepted", "message"] | None = None


class ReviewBody(Params):
    """``needs_call``: a question was left open, so the citizen is called."""

    needs_call: bool
    why: Why = ""


class PostponeBody(Params):
    """``minutes``: from now on, at most a week."""

    minutes: int = Field(ge=1, le=POSTPONE_MAX_MIN)
    why: Why = ""


@operation(
    "GET",
    "/callbacks",
    may=Permission.READ_CONTACTS,
    zh="漏话与回拨",
    en="Missed calls and call-backs, newest first",
)
async def list_callbacks(call: Call[CallbackQuery, Nothing]) -> Page[CallbackView]:
    """What is or was owed, one open entry a number."""
    query = call.query
    return await call.ports.callbacks.list(
        CallbackFilter(query.state, query.ground), query.limit, query.offset
    )


@operation("GET", "/callbacks/{contact_id}", may=Permission.READ_CONTACTS, zh="漏话或回拨", en="One of them")
async def get_callback(call: Call[Unmasking, Nothing]) -> Reply[CallbackView]:
    """What a contact led to."""
    found = await call.ports.callbacks.get(call.contact_id)
    if found is None:
        raise unknown("callback", call.contact_id)
    shown = await may_unmask(call, call.query, f"callback/{call.contact_id}")
    return Reply(found, context=UNMASK if shown else None)


@operation(
    "POST",
    "/callbacks/messages/{contact_id}/reviewed",
    may=Permission.REVIEW_MESSAGES,
    zh="留言已成单",
    en="A message has become a ticket",
)
async def review_message(call: Call[Nothing, ReviewBody]) -> ReviewAnswer:
    """A person listened to the voice message and made it a ticket."""
    body = call.body
    await note(call, "message.reviewed", f"contact/{call.contact_id}", body.why)
    await call.ports.messages.reviewed(call.contact_id, body.needs_call, call.identity.name)
    return ReviewAnswer(contact_id=call.contact_id, needs_call=body.needs_call)


@operation(
    "POST",
    "/callbacks/{contact_id}/close",
    may=Permission.STEER,
    zh="人工结案",
    en="Close by hand what is owed",
)
async def close_callback(call: Call[Nothing, WhyBody]) -> CloseAnswer:
    """It was settled in another way, or the citizen wants no call. Figures do not count it as kept."""
    await audit(call, "callback.closed", f"callback/{call.contact_id}", call.body.why)
    await call.ports.owed.close(call.contact_id, call.identity.name, call.body.why)
    return CloseAnswer(contact_id=call.contact_id)


@operation(
    "POST",
    "/callbacks/{contact_id}/postpone",
    may=Permission.STEER,
    zh="推迟回拨",
    en="Call a citizen back later",
)
async def postpone_callback(call: Call[Nothing, PostponeBody]) -> PostponeAnswer:
    """Not before so many minutes from now; the hours of call-backs hold as well."""
    minutes, why = call.body.minutes, call.body.why
    await audit(call, "callback.postponed", f"callback/{call.contact_id}", why)
    not_before = await call.ports.owed.postpone(call.contact_id, 60.0 * minutes, call.identity.name, why)
    return PostponeAnswer(contact_id=call.contact_id, not_before=not_before)


OPERATIONS: tuple[Operation, ...] = (
    list_callbacks,
    get_callback,
    review_message,
    close_callback,
    postpone_callback,
)
