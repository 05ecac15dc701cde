"""The staff (人员). Who changed what, and why, is always kept."""

from typing import Annotated

from pydantic import Field, StringConstraints

from callcenter.core.ids import SeatId
from callcenter.staff.core.people import Person, StaffKind
from callcenter.web.api.common import Why, WhyBody, audit
from callcenter.web.api.sheets import UPLOAD_MAX_BYTES, Content, faults_told
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Params, operation
from callcenter.web.views import Page
from callcenter.web.views.staff import PeopleImportView, PersonView


class StaffQuery(Params):
    """Which."""

    all: bool = Field(False, description="also who is not active any more")


class PeopleFileBody(Params):
    """A list of people: 工号, 姓名, 类别, 电话, 坐席."""

    content: Content
    dry_run: bool = False
    why: Why = ""


class PersonBody(Params):
    """One of the staff."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    kind: StaffKind = StaffKind.ON_SITE
    phone: Annotated[str, Field(max_length=20)] = ""
    seat_id: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")] | None = None
    why: Why = ""


@operation("GET", "/staff", may=Permission.STEER, zh="人员名单", en="The staff")
async def list_staff(call: Call[StaffQuery, Nothing]) -> Page[PersonView]:
    """By number; phones masked."""
    return Page.whole(await call.ports.staff.listed(call.query.all))


@operation(
    "POST",
    "/staff/import",
    may=Permission.STEER,
    zh="导入人员",
    en="Add or change people by spreadsheet",
    statuses=(400,),
    body_max_bytes=UPLOAD_MAX_BYTES,
)
async def import_staff(call: Call[Nothing, PeopleFileBody]) -> PeopleImportView:
    """All of the file or nothing; its faults are told at once, with sheet, row and column."""
    body = call.body
    if not body.dry_run:
        await audit(call, "staff.imported", "staff", body.why)
    with faults_told():
        return await call.ports.staff.import_file(body.content, body.dry_run)


@operation(
    "PUT",
    "/staff/{staff_no}",
    may=Permission.STEER,
    zh="登记人员",
    en="Add or change one of the staff",
    statuses=(400,),
)
async def keep_staff(call: Call[Nothing, PersonBody]) -> PersonView:
    """Also takes back who was not active any more."""
    number, body = call.request.match_info["staff_no"], call.body
    await audit(call, "staff.kept", f"staff/{number}", body.why)
    seat_id = SeatId(body.seat_id) if body.seat_id else None
    return await call.ports.staff.keep(Person(number, body.name, body.kind, body.phone, seat_id))


@operation(
    "POST",
    "/staff/{staff_no}/deactivate",
    may=Permission.STEER,
    zh="停用人员",
    en="Somebody works here no more",
)
async def deactivate_staff(call: Call[Nothing, WhyBody]) -> PersonView:
    """His seat is free, what he has done stays; refused while he has shifts ahead."""
    number = call.request.match_info["staff_no"]
    await audit(call, "staff.deactivated", f"staff/{number}", call.body.why)
    return await call.ports.staff.deactivate(number)


OPERATIONS: tuple[Operation, ...] = (list_staff, import_staff, keep_staff, deactivate_staff)
