"""Two people on one seat (坐席): who comes second is told who sits there, and takes over with a reason or not at all.

Invariant: somebody sits where his desk is open, by whichever session; the own session never counts.
"""

from datetime import datetime
from typing import Any

from callcenter.web.api.common import WhyBody, audit, require_own
from callcenter.web.ports.accounts import Session
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Reply, operation
from callcenter.web.stream import SessionTakenFrame
from callcenter.web.views import Page, View


class SitterView(View):
    """Somebody whose desk of this seat is open."""

    account: str
    since: datetime
    address: str
    program: str


@operation(
    "GET",
    "/seats/{seat_id}/sitters",
    may=Permission.ASK_OWN_SEAT,
    zh="谁在本席",
    en="Who else sits at the own seat",
)
async def list_sitters(call: Call[Nothing, Nothing]) -> Page[SitterView]:
    """Of one's own seat only; normally nobody."""
    items = [
        SitterView(account=it.account, since=it.created_at, address=it.address, program=it.program)
        for it in await _others(call)
    ]
    return Page.whole(items)


@operation(
    "POST",
    "/seats/{seat_id}/take-over",
    may=Permission.ASK_OWN_SEAT,
    zh="接管本席",
    en="Take the own seat over",
)
async def take_seat_over(call: Call[Nothing, WhyBody]) -> Reply[None]:
    """The others' sessions end; their desks say at once by whom and why. A running call goes on."""
    others = await _others(call)
    await audit(call, "seat.taken_over", f"seat/{call.seat_id}", call.body.why)
    told = SessionTakenFrame(
        at=call.ports.clock.at(), seat_id=call.seat_id, by=call.identity.name, why=call.body.why
    )
    for session in others:
        await call.ports.sessions.revoke(session.token_hash)
        await call.services.streams.dismiss(session.token_hash, told)
    return Reply(None)


async def _others(call: Call[Any, Any]) -> list[Session]:
    """Sessions, beside the own, with an open desk of this seat."""
    require_own(call)
    there = {it.token_hash for it in call.services.streams.present() if it.seat_id == call.seat_id}
    open_now = await call.ports.sessions.all_open(call.ports.clock.at())
    return [it for it in open_now if it.token_hash in there - {call.identity.token_hash}]


OPERATIONS: tuple[Operation, ...] = (list_sitters, take_seat_over)
