"""三方通话: a colleague's seat or a department joins the talk of a seat."""

from typing import Annotated

from pydantic import AfterValidator, Field

from callcenter.web.api.common import note, printable, require_may_ask
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Params, operation
from callcenter.web.views import Page
from callcenter.web.views.conference import ConferenceAnswer, DepartmentView


class ConferenceBody(Params):
    """Who is to join."""

    third: Annotated[str, AfterValidator(printable)] = Field(
        alias="with",
        min_length=1,
        max_length=40,
        description="坐席号，或名录中部门的名称或号码 / a seat, or a department of the directory, by name or number",
    )


@operation(
    "POST",
    "/seats/{seat_id}/conference",
    may=Permission.ASK_OWN_SEAT,
    zh="邀请第三方通话",
    en="Have a third join the talk",
)
async def ask_conference(call: Call[Nothing, ConferenceBody]) -> ConferenceAnswer:
    """Ring a colleague or a department; who picks up is joined with citizen and seat. Each may leave by hanging up."""
    require_may_ask(call, call.seat_id)
    await note(call, "seat.conference_asked", f"seat/{call.seat_id}", call.body.third)
    return await call.ports.conferences.ask(call.seat_id, call.body.third, call.identity.name)


@operation("GET", "/departments", may=Permission.ASK_OWN_SEAT, zh="部门名录", en="Departments that can join")
async def list_departments(call: Call[Nothing, Nothing]) -> Page[DepartmentView]:
    """Whom an agent may ask into his talk besides colleagues; emergency services are among them where the house has put them."""
    found = call.ports.conferences.departments()
    return Page.whole(found)


OPERATIONS: tuple[Operation, ...] = (ask_conference, list_departments)
