"""Whose calls and reviews somebody is shown: all, or those of the own seat."""

from typing import Any

from callcenter.core.ids import SeatId
from callcenter.web.ports.quality import Viewer
from callcenter.web.refusals import Refusal, unknown
from callcenter.web.roles import Permission
from callcenter.web.routes import Call
from callcenter.web.views.quality import AssessmentView


def viewer_of(call: Call[Any, Any]) -> Viewer:
    """Who asks, as the desk of reviews knows people."""
    return Viewer(call.identity.name, _only_seat(call))


def readable_seat(call: Call[Any, Any], asked: str | None) -> str | None:
    """The seat whose calls are shown; ``None``: of all.

    Raises:
        Refusal: 403: another one's, or the account has no seat.
    """
    only = _only_seat(call)
    if only is None:
        return asked
    if asked not in (None, only):
        raise _not_your_seat()
    return only


async def readable_call(call: Call[Any, Any], rules_version: str | None) -> AssessmentView:
    """The call in the path, if it is for who asks; another one's is as unknown as none."""
    only = _only_seat(call)
    found = await call.ports.quality.call(call.recording_id, rules_version)
    if found is None or only not in (None, found.seat_id):
        raise unknown("assessment", call.recording_id)
    return found


def own_seat(call: Call[Any, Any]) -> SeatId:
    """The seat of who asks.

    Raises:
        Refusal: 403: the account has none.
    """
    if call.identity.seat_id is None:
        raise _not_your_seat()
    return call.identity.seat_id


def _only_seat(call: Call[Any, Any]) -> SeatId | None:
    return None if call.identity.has(Permission.READ_QUALITY) else own_seat(call)


def _not_your_seat() -> Refusal:
    return Refusal(403, "not_your_seat", "this is for calls of your own seat only")
