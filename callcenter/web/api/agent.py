"""An agent's own call and day: what the words heard propose for its ticket, and the own figures without a rank."""

from typing import Annotated

from pydantic import Field

from callcenter.core.ids import SeatId
from callcenter.knowledge.articles import ID
from callcenter.web.api.common import note
from callcenter.web.refusals import Refusal, unknown
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Params, operation
from callcenter.web.views.agent import SeatDayView, SentView, SuggestionsView


class ArticleBody(Params):
    """Which article."""

    article_id: Annotated[str, Field(pattern=f"^{ID.pattern}$")]


@operation(
    "GET",
    "/tickets/{ticket_no}/suggestions",
    may=Permission.WORK_TICKETS,
    zh="填单建议",
    en="What the words heard so far propose for a ticket",
)
async def get_suggestions(call: Call[Nothing, Nothing]) -> SuggestionsView:
    """Live captions count for the seat in the talk alone; ask again when something was said."""
    return await call.ports.suggestions.of(call.ticket_no, call.identity.seat_id)


@operation(
    "GET",
    "/seats/{seat_id}/day",
    may=Permission.ASK_OWN_SEAT,
    zh="个人当日",
    en="The own figures of the day",
)
async def get_seat_day(call: Call[Nothing, Nothing]) -> SeatDayView:
    """Own values beside the middle of the house; the own seat only, whoever asks."""
    if call.identity.seat_id != call.seat_id:
        raise Refusal(403, "not_your_seat", "these figures are for the agent of this seat alone")
    return await call.ports.seat_days.of(call.seat_id)


@operation(
    "POST",
    "/calls/{contact_id}/article",
    may=Permission.ASK_OWN_SEAT,
    zh="短信发送知识条目",
    en="Send the citizen of a call an article in writing",
    statuses=(404,),
)
async def send_article(call: Call[Nothing, ArticleBody]) -> SentView:
    """To the number that called and no other, by the limits of the outbox; for who talks or talked with him."""
    contact = await call.ports.contacts.get(call.contact_id)
    if contact is None:
        raise unknown("contact", call.contact_id)
    seat_id = call.ports.recorder.seat_of(call.contact_id) or SeatId(contact.seat_id or "")
    if not call.identity.may_ask_seat(seat_id):
        raise Refusal(403, "not_your_seat", "this is not your call")
    await note(call, "article.sent", f"contact/{call.contact_id}", call.body.article_id)
    return SentView(is_sent=await call.ports.article_post.send(contact.citizen, call.body.article_id))


OPERATIONS: tuple[Operation, ...] = (get_suggestions, get_seat_day, send_article)
