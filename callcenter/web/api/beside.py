"""监听、耳语、介入: somebody who answers for agents is beside a talk; never without a reason."""

from pydantic import Field

from callcenter.core.messages.beside import TELEPHONE, Mode
from callcenter.web.api.common import Why, audit, note
from callcenter.web.identity import Identity, Via
from callcenter.web.refusals import Refusal
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Params, operation
from callcenter.web.views.beside import BesideAnswer

OWN_SEAT = ""


class BesideBody(Params):
    """How, on which telephone, and why."""

    mode: Mode = Field(
        description="listen 监听：无人听见；whisper 耳语：仅坐席听见；join 介入：双方听见并录音 / nobody hears him; the agent "
        "alone does; both do, and the recording"
    )
    phone: str = Field(
        OWN_SEAT,
        alias="from",
        pattern=rf"^([0-9]{{4}}|{TELEPHONE})?$",
        description="留空：本人坐席；telephone：[beside] telephones 中登记的本人电话 / empty: the own seat; telephone: the own "
        "one in the settings' [beside] telephones",
    )
    why: Why = ""


@operation(
    "POST",
    "/calls/{contact_id}/beside",
    may=Permission.SIT_BESIDE,
    zh="监听、耳语或介入通话",
    en="Listen to a talk, whisper to its agent, or join it",
    statuses=(404, 409),
)
async def sit_beside(call: Call[Nothing, BesideBody]) -> BesideAnswer:
    """The own telephone rings first. Asked again by the same person it switches the mode. Each time the reason is audited."""
    phone = _own_phone(call.identity, call.body.phone)
    await audit(call, f"call.beside_{call.body.mode}", f"contact/{call.contact_id}", call.body.why)
    return await call.ports.beside.ask(call.contact_id, call.body.mode, phone, call.identity.name)


@operation(
    "DELETE",
    "/calls/{contact_id}/beside",
    may=Permission.SIT_BESIDE,
    zh="结束旁听",
    en="Nobody is beside the talk any more",
    statuses=(409,),
)
async def leave_beside(call: Call[Nothing, Nothing]) -> None:
    """The talk goes on. How long it was is in the audit."""
    await note(call, "call.beside_end_asked", f"contact/{call.contact_id}")
    await call.ports.beside.end(call.contact_id, call.identity.name)


def _own_phone(identity: Identity, phone: str) -> str:
    """A seat's id, or ``TELEPHONE``; the operator names any seat.

    Raises:
        Refusal: 403, the seat is not theirs; 409, they have none.
    """
    if phone == OWN_SEAT:
        if identity.seat_id is None:
            raise Refusal(
                409,
                "no_own_seat",
                "您的账号没有坐席：请管理员指定，或用登记的电话 / your account has no seat: have one assigned, or use "
                "your registered telephone",
            )
        return identity.seat_id
    if phone not in (TELEPHONE, identity.seat_id) and identity.via is not Via.CONTROL:
        raise Refusal(403, "not_your_seat", "旁听须用本人坐席 / listen on your own seat")
    return phone


OPERATIONS: tuple[Operation, ...] = (sit_beside, leave_beside)
