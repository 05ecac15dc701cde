"""The partner city (协作城市): how mutual aid stands, pausing it, giving a caller back."""

from callcenter.web.api.common import Why, WhyBody, audit
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Params, operation
from callcenter.web.views.partner import GiveBackView, PartnerView


class PausePartnerBody(Params):
    """Pause mutual aid in both directions (``true``), or resume it; talks go on."""

    paused: bool
    why: Why = ""


@operation(
    "GET", "/partner", may=Permission.READ_BOARD, zh="城际协作状态", en="Mutual aid with the partner city"
)
async def get_partner(call: Call[Nothing, Nothing]) -> PartnerView:
    """Who is helped there and here, offers by their answers, today's share and harm; 404 without a partner."""
    return await call.ports.partner.view()


@operation(
    "POST",
    "/partner/pause",
    may=Permission.STEER,
    zh="暂停或恢复城际协作",
    en="Pause mutual aid, or resume it",
    statuses=(404,),
)
async def pause_partner(call: Call[Nothing, PausePartnerBody]) -> PartnerView:
    """Nobody is offered and nobody is taken until it is resumed; who talks goes on talking."""
    wish = "pause" if call.body.paused else "resume"
    await audit(call, f"partner.{wish}_asked", "partner", call.body.why)
    await call.ports.partner.pause(call.body.paused, call.identity.name, call.body.why)
    return await call.ports.partner.view()


@operation(
    "POST",
    "/partner/calls/{contact_id}/give-back",
    may=Permission.STEER,
    zh="把协作城市的来电交还",
    en="Give a caller of the partner back",
)
async def give_back_call(call: Call[Nothing, WhyBody]) -> GiveBackView:
    """He is at the head of his own city's line within a second or two."""
    await audit(call, "partner.given_back", f"contact/{call.contact_id}", call.body.why)
    await call.ports.partner.give_back(call.contact_id, call.identity.name)
    return GiveBackView(contact_id=call.contact_id)


OPERATIONS: tuple[Operation, ...] = (get_partner, pause_partner, give_back_call)
