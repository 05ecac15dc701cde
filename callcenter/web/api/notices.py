"""Hot-topic notices (热点公告): one line, on air within half a minute, counted."""

from pydantic import Field

from callcenter.web.api.common import note
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Params, operation
from callcenter.web.views import Page
from callcenter.web.views.notices import HOURS_MAX, HOURS_USUAL, TEXT_MAX, NoticeView


class NoticesQuery(Params):
    """How many."""

    limit: int = Field(20, ge=1, le=200)


class NoticeBody(Params):
    """One line of Chinese, and for how long it is true."""

    text: str = Field(min_length=1, max_length=TEXT_MAX)
    hours: float = Field(HOURS_USUAL, gt=0, le=HOURS_MAX, allow_inf_nan=False)


@operation("GET", "/notices", may=Permission.READ_BOARD, zh="热点公告", en="Hot-topic notices, newest first")
async def list_notices(call: Call[NoticesQuery, Nothing]) -> Page[NoticeView]:
    """What was on air when, how many heard it, hung up content with it, and called again all the same."""
    notices = await call.ports.notices.list(call.query.limit)
    return Page.whole(notices)


@operation(
    "POST", "/notices", may=Permission.STEER, zh="发布热点公告", en="Put a notice on air", statuses=(400,)
)
async def put_notice(call: Call[Nothing, NoticeBody]) -> NoticeView:
    """Spoken and on air when this answers, within 30 s, in place of the notice before; the text stands in the audit."""
    await note(call, "notice.put", "notice", call.body.text)
    return await call.ports.notices.put(call.body.text, call.body.hours, call.identity.name)


@operation("DELETE", "/notices/{notice_id}", may=Permission.STEER, zh="撤下热点公告", en="Withdraw a notice")
async def withdraw_notice(call: Call[Nothing, Nothing]) -> NoticeView:
    """Nobody hears it from now on; who hears it at this moment hears it to the end."""
    number = int(call.request.match_info["notice_id"])
    await note(call, "notice.withdrawn", f"notice/{number}")
    return await call.ports.notices.withdraw(number, call.identity.name)


OPERATIONS: tuple[Operation, ...] = (list_notices, put_notice, withdraw_notice)
