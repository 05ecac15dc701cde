"""Cloud seats (云坐席): the roll, calling for help, withdrawing, locking, links. Every change is audited."""

from typing import Annotated

from pydantic import AfterValidator, Field

from callcenter.core.messages.cloud import CloudRequest
from callcenter.web.api.common import Why, WhyBody, audit, note, printable
from callcenter.web.roles import Permission
from callcenter.web.routes import PATH_IDS, Call, Nothing, Operation, Params, operation
from callcenter.web.views import Page
from callcenter.web.views.cloud import CloudPersonView, CloudSeatAnswer, CloudView, JoinLinkView

SEATS_MAX = 99
Plain = AfterValidator(printable)


class InviteBody(Params):
    """How many are called for."""

    seats: int = Field(ge=1, le=SEATS_MAX, description="so many more cloud seats")
    why: Why = ""


class CloudPersonBody(Params):
    """Somebody who may be invited."""

    staff_no: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,19}$", description="工号")
    name: Annotated[str, Plain] = Field(min_length=1, max_length=40)
    phone: str = Field(
        "", pattern=r"^\+?[0-9]{0,20}$", description="his own, for invitations; empty: never rung"
    )
    seat_id: str | None = Field(
        None, pattern=f"^{PATH_IDS['seat_id']}$", description="his cloud seat; null: any"
    )


@operation("GET", "/cloud", may=Permission.READ_BOARD, zh="云坐席", en="Cloud seats right now")
async def get_cloud(call: Call[Nothing, Nothing]) -> CloudView:
    """Each with its state, what was measured, and who is there; only proven ones are capacity."""
    return call.ports.cloud.view()


@operation("POST", "/cloud/invite", may=Permission.STEER, zh="邀请云坐席", en="Invite people to cloud seats")
async def invite_cloud(call: Call[Nothing, InviteBody]) -> CloudView:
    """So many and a few more, as not all are willing; further rounds follow by themselves."""
    wanted, why = call.body.seats, call.body.why
    await audit(call, "cloud.invited", f"cloud/{wanted}", why)
    await call.ports.cloud.invite(wanted, call.identity.name, why)
    return call.ports.cloud.view()


@operation("POST", "/cloud/apply", may=Permission.STEER, zh="批准建议", en="Apply what the figures propose")
async def apply_cloud(call: Call[Nothing, WhyBody]) -> CloudView:
    """The proposed number is invited."""
    return await _answer(call, applied=True)


@operation("POST", "/cloud/decline", may=Permission.STEER, zh="不采纳建议", en="Decline the proposal")
async def decline_cloud(call: Call[Nothing, WhyBody]) -> CloudView:
    """Nobody is invited."""
    return await _answer(call, applied=False)


@operation(
    "POST",
    "/cloud/call-off",
    may=Permission.STEER,
    zh="取消邀请云坐席",
    en="Take the running call for help back",
    statuses=(409,),
)
async def call_off_cloud(call: Call[Nothing, WhyBody]) -> CloudView:
    """Nobody more is invited, and who is on his way need not come; who is proven stays."""
    await audit(call, "cloud.called_off", "cloud", call.body.why)
    await call.ports.cloud.call_off(call.identity.name, call.body.why)
    return call.ports.cloud.view()


@operation(
    "POST", "/cloud/{seat_id}/withdraw", may=Permission.STEER, zh="撤回云坐席", en="End a cloud seat's help"
)
async def withdraw_cloud(call: Call[Nothing, WhyBody]) -> CloudSeatAnswer:
    """At once, or after the running call."""
    return await _ask(call, CloudRequest.WITHDRAW)


@operation("POST", "/cloud/{seat_id}/lock", may=Permission.STEER, zh="锁定云坐席", en="Lock a cloud seat")
async def lock_cloud(call: Call[Nothing, WhyBody]) -> CloudSeatAnswer:
    """Out of the line and never checked until it is unlocked: its password may be stolen."""
    return await _ask(call, CloudRequest.LOCK)


@operation("POST", "/cloud/{seat_id}/unlock", may=Permission.STEER, zh="解锁云坐席", en="Unlock a cloud seat")
async def unlock_cloud(call: Call[Nothing, WhyBody]) -> CloudSeatAnswer:
    """With a new password, which Asterisk takes at once; calls go on."""
    return await _ask(call, CloudRequest.UNLOCK)


@operation("POST", "/cloud/{seat_id}/check", may=Permission.STEER, zh="重新检测", en="Check a line again")
async def check_cloud(call: Call[Nothing, WhyBody]) -> CloudSeatAnswer:
    """Of a seat that was refused."""
    return await _ask(call, CloudRequest.CHECK)


@operation(
    "POST",
    "/cloud/{seat_id}/link",
    may=Permission.STEER,
    zh="云坐席链接",
    en="A link to join, shown once",
    keeps_answer=False,
)
async def link_cloud(call: Call[Nothing, WhyBody]) -> JoinLinkView:
    """For the seat's owner, good once; the seat's other unused links are good no more."""
    await audit(call, "cloud.link_told", f"seat/{call.seat_id}", call.body.why)
    return await call.ports.cloud.link(call.seat_id)


@operation("GET", "/cloud/people", may=Permission.STEER, zh="云坐席人员", en="Who may be invited")
async def list_cloud_people(call: Call[Nothing, Nothing]) -> Page[CloudPersonView]:
    """Numbers masked."""
    people = list(call.ports.cloud.people())
    return Page.whole(people)


@operation(
    "POST", "/cloud/people", may=Permission.STEER, zh="登记云坐席人员", en="Write down who may be invited"
)
async def add_cloud_person(call: Call[Nothing, CloudPersonBody]) -> CloudPersonView:
    """Somebody new, or what changed about him."""
    person = call.body
    await note(call, "cloud.person_kept", f"staff/{person.staff_no}")
    return await call.ports.cloud.add(person.staff_no, person.name, person.phone, person.seat_id)


async def _answer(call: Call[Nothing, WhyBody], applied: bool) -> CloudView:
    action = "cloud.proposal_applied" if applied else "cloud.proposal_declined"
    await audit(call, action, "cloud", call.body.why)
    await call.ports.cloud.answer(applied, call.identity.name, call.body.why)
    return call.ports.cloud.view()


async def _ask(call: Call[Nothing, WhyBody], request: CloudRequest) -> CloudSeatAnswer:
    await audit(call, f"cloud.{request.value}_asked", f"seat/{call.seat_id}", call.body.why)
    return await call.ports.cloud.ask(call.seat_id, request, call.identity.name, call.body.why)


OPERATIONS: tuple[Operation, ...] = (
    get_cloud,
    invite_cloud,
    apply_cloud,
    decline_cloud,
    call_off_cloud,
    withdraw_cloud,
    lock_cloud,
    unlock_cloud,
    check_cloud,
    link_cloud,
    list_cloud_people,
    add_cloud_person,
)
