"""What we owe citizens (漏话回拨, 预约回呼, 语音留言): the list, and messages that have become tickets."""

from typing import Literal

from callcenter.web.api.common import Paging, Unmasking, Why, may_unmask, note
from callcenter.web.ports import CallbackFilter
from callcenter.web.refusals import unknown
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Params, Reply, operation
from callcenter.web.views import UNMASK, CallbackView, Page, ReviewAnswer


class CallbackQuery(Paging):
    """Which ones."""

    state: Literal["open", "closed"] | None = None
    ground: Literal["missed", "accepted", "message"] | None = None


class ReviewBody(Params):
    """``needs_call``: a question was left open, so the citizen is called."""

    needs_call: bool
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


OPERATIONS: tuple[Operation, ...] = (list_callbacks, get_callback, review_message)
