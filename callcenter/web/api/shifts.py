"""Rosters, swaps and presence (排班、换班、在岗). Who changed what, and why, is always kept."""

from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, Strict, StringConstraints

from callcenter.web.api.common import Why, WhyBody, audit
from callcenter.web.api.sheets import UPLOAD_MAX_BYTES, Content, faults_told
from callcenter.web.refusals import Refusal
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Params, operation
from callcenter.web.views import Page
from callcenter.web.views.presence import OnDutyView, PresenceView
from callcenter.web.views.shifts import RosterImportView, ShiftView, SwapView

DAYS_MAX = 62

StaffNo = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,19}$")]
ShiftId = Annotated[int, Strict(), Field(ge=1)]


class ShiftsQuery(Params):
    """Which days; without: today and tomorrow."""

    from_day: date | None = None
    to_day: date | None = Field(None, description="included; at most 62 days after the first")
    staff_no: StaffNo | None = None


class RosterFileBody(Params):
    """A roster: a list of shifts, or a month grid."""

    content: Content
    dry_run: bool = Field(False, description="only tell the effect")
    replace: bool = Field(
        False, description="cancel what was planned for the days of the file and has not begun"
    )
    month: date | None = Field(
        None, description="any day of the month that a grid of bare day numbers is about"
    )
    why: Why = ""


class SwapBody(Params):
    """Swap ``first_id`` for ``second_id``, or let ``with_staff_no`` take it over."""

    first_id: ShiftId
    second_id: ShiftId | None = None
    with_staff_no: StaffNo | None = None
    why: Why = ""


class SwapsQuery(Params):
    """How many."""

    limit: int = Field(50, ge=1, le=500)


class PresenceQuery(Params):
    """Which day of the city's calendar; none: today."""

    day: date | None = None


@operation("GET", "/shifts", may=Permission.READ_BOARD, zh="排班表", en="Shifts of some days")
async def list_shifts(call: Call[ShiftsQuery, Nothing]) -> Page[ShiftView]:
    """Every shift that touches them, by its begin."""
    today = call.ports.clock.at().astimezone(ZoneInfo(call.services.settings.time_zone)).date()
    first = call.query.from_day or today
    last = call.query.to_day or date.fromordinal(
        first.toordinal() + (1 if call.query.from_day is None else 0)
    )
    if not 0 <= (last - first).days <= DAYS_MAX:
        raise Refusal(422, "bad_days", f"the days must be in order, and at most {DAYS_MAX} apart")
    return Page.whole(await call.ports.shifts.between(first, last, call.query.staff_no or ""))


@operation(
    "POST",
    "/shifts/import",
    may=Permission.STEER,
    zh="导入排班",
    en="Import a roster by spreadsheet",
    statuses=(400,),
    body_max_bytes=UPLOAD_MAX_BYTES,
)
async def import_shifts(call: Call[Nothing, RosterFileBody]) -> RosterImportView:
    """All of the file or nothing; its faults are told at once. Promises and levels count with it from now on."""
    body = call.body
    if not body.dry_run:
        await audit(call, "shifts.imported", "shifts", body.why)
    with faults_told():
        return await call.ports.shifts.import_file(
            body.content, body.dry_run, body.replace, body.month, call.identity.name
        )


@operation(
    "POST",
    "/shifts/{shift_id}/cancel",
    may=Permission.STEER,
    zh="取消班次",
    en="Cancel a shift",
    statuses=(400,),
)
async def cancel_shift(call: Call[Nothing, WhyBody]) -> ShiftView:
    """One that has not begun. The day is planned without it, and open wishes to swap it are refused."""
    number = int(call.request.match_info["shift_id"])
    await audit(call, "shifts.cancelled", f"shift/{number}", call.body.why)
    return await call.ports.shifts.cancel(number, call.identity.name)


@operation(
    "GET", "/shifts/duty", may=Permission.READ_BOARD, zh="当前应到与缺岗", en="Who should be there now"
)
async def get_duty(call: Call[Nothing, Nothing]) -> OnDutyView:
    """Counted from the shifts and the seats that are logged in."""
    return call.ports.shifts.on_duty()


@operation("GET", "/shifts/swaps", may=Permission.READ_BOARD, zh="换班记录", en="Swaps, newest first")
async def list_swaps(call: Call[SwapsQuery, Nothing]) -> Page[SwapView]:
    """Who wished, who approved, what was undone."""
    return Page.whole(await call.ports.shifts.swaps(call.query.limit))


@operation(
    "POST",
    "/shifts/swaps",
    may=Permission.ASK_OWN_SEAT,
    zh="申请换班",
    en="Wish to swap shifts",
    statuses=(400,),
)
async def propose_swap(call: Call[Nothing, SwapBody]) -> SwapView:
    """Who does not steer may propose for shifts of his own: of the staff number that his account is named after."""
    body = call.body
    if (body.second_id is None) == (body.with_staff_no is None):
        raise Refusal(422, "bad_swap", "name either second_id or with_staff_no")
    await audit(call, "shifts.swap_proposed", f"shift/{body.first_id}", body.why)
    return await call.ports.shifts.propose(
        body.first_id,
        body.second_id,
        body.with_staff_no or "",
        call.identity.name,
        body.why,
        only_own=not call.identity.has(Permission.STEER),
    )


@operation(
    "POST",
    "/shifts/swaps/{swap_id}/approve",
    may=Permission.STEER,
    zh="批准换班",
    en="Approve a swap",
    statuses=(400,),
)
async def approve_swap(call: Call[Nothing, WhyBody]) -> SwapView:
    """In force at once; refused where somebody would be booked twice or rest too little."""
    return await _decide(call, "approved", approve=True)


@operation("POST", "/shifts/swaps/{swap_id}/refuse", may=Permission.STEER, zh="驳回换班", en="Refuse a swap")
async def refuse_swap(call: Call[Nothing, WhyBody]) -> SwapView:
    """Nothing changes."""
    return await _decide(call, "refused", approve=False)


@operation(
    "POST",
    "/shifts/swaps/{swap_id}/undo",
    may=Permission.STEER,
    zh="撤销换班",
    en="Undo a swap",
    statuses=(400,),
)
async def undo_swap(call: Call[Nothing, WhyBody]) -> SwapView:
    """As long as none of its shifts has begun or changed hands again."""
    number = _swap_id(call)
    await audit(call, "shifts.swap_undone", f"swap/{number}", call.body.why)
    return await call.ports.shifts.undo(number, call.identity.name)


@operation(
    "GET",
    "/presence",
    may=Permission.READ_BOARD,
    zh="在岗与排班对照",
    en="Presence against plan, hour by hour",
)
async def get_presence(call: Call[PresenceQuery, Nothing]) -> PresenceView:
    """Seat-hours planned, present and at work; who did not come; when nobody watched."""
    return await call.ports.shifts.presence(call.query.day)


async def _decide(call: Call[Nothing, WhyBody], deed: str, *, approve: bool) -> SwapView:
    number = _swap_id(call)
    await audit(call, f"shifts.swap_{deed}", f"swap/{number}", call.body.why)
    return await call.ports.shifts.decide(number, approve, call.identity.name)


def _swap_id(call: Call[Nothing, WhyBody]) -> int:
    return int(call.request.match_info["swap_id"])


OPERATIONS: tuple[Operation, ...] = (
    list_shifts,
    import_shifts,
    cancel_shift,
    get_duty,
    list_swaps,
    propose_swap,
    approve_swap,
    refuse_swap,
    undo_swap,
    get_presence,
)
