"""Moving seats (调岗) between skill groups, inbound calls and surveys: previewed, applied, undone, compared."""

from typing import Annotated

from pydantic import Field

from callcenter.core.ids import QueueName, SeatId
from callcenter.core.messages.duty import MOVABLE, Duty, SeatMove
from callcenter.web.api.common import Why, audit
from callcenter.web.refusals import Refusal
from callcenter.web.roles import Permission
from callcenter.web.routes import PATH_IDS, Call, Nothing, Operation, Params, operation
from callcenter.web.views.rebalance import PreviewView, RebalancesView, RebalanceView
from queues.core.rebalance import MOVES_MAX
from queues.core.what_if import HOURS_MAX


class MoveBody(Params):
    """Where one seat goes. ``skills`` or ``duty`` left out: as it is. ``version``: as the preview told it."""

    seat_id: str = Field(pattern=f"^{PATH_IDS['seat_id']}$")
    skills: list[Annotated[str, Field(pattern=f"^{PATH_IDS['queue']}$")]] | None = Field(None, max_length=20)
    duty: Duty | None = Field(None, description="inbound or surveys")
    version: int = Field(0, ge=0)


class MovesBody(Params):
    """Which seats go where, and for how many hours the effect is looked at."""

    moves: list[MoveBody] = Field(min_length=1, max_length=MOVES_MAX)
    hours: float = Field(1.0, gt=0, le=HOURS_MAX, allow_inf_nan=False)


class ApplyBody(MovesBody):
    """The same, with the reason."""

    why: Why


class UndoRebalanceBody(Params):
    """Why; ``id``: which one; empty: the last."""

    id: str = Field("", pattern=r"^[0-9a-f]{0,16}$")
    why: Why


class RebalancesQuery(Params):
    """How many."""

    limit: int = Field(20, ge=1, le=100)


@operation("GET", "/rebalance", may=Permission.READ_BOARD, zh="调岗记录", en="Moved seats, newest first")
async def list_rebalances(call: Call[RebalancesQuery, Nothing]) -> RebalancesView:
    """Each with its seats before and after, what was predicted, and beside it what came of it."""
    return await call.ports.rebalance.newest(call.query.limit)


@operation(
    "POST",
    "/rebalance/preview",
    may=Permission.STEER,
    zh="预览调岗",
    en="Preview moving seats",
    statuses=(404,),
)
async def preview_rebalance(call: Call[Nothing, MovesBody]) -> PreviewView:
    """Expected wait and share within 15 s, per group and for the whole, before and after; nothing is moved."""
    return await call.ports.rebalance.preview(_moves(call.body), call.body.hours)


@operation(
    "POST", "/rebalance/apply", may=Permission.STEER, zh="调岗", en="Move seats", statuses=(400, 404, 409)
)
async def apply_rebalance(call: Call[Nothing, ApplyBody]) -> RebalanceView:
    """All or none, from every seat's next call on; 409 says who moved a seat since it was previewed."""
    seats = " ".join(move.seat_id for move in call.body.moves)
    await audit(call, "seats.moved", f"seats/{seats}"[:200], call.body.why)
    return await call.ports.rebalance.apply(
        _moves(call.body), call.body.hours, call.identity.name, call.body.why
    )


@operation(
    "POST",
    "/rebalance/undo",
    may=Permission.STEER,
    zh="撤销调岗",
    en="Undo moving seats",
    statuses=(404, 409),
)
async def undo_rebalance(call: Call[Nothing, UndoRebalanceBody]) -> RebalanceView:
    """As it was, for the seats that nobody moved since; the answer names the others and why."""
    await audit(call, "seats.moved_back", f"rebalance/{call.body.id}", call.body.why)
    return await call.ports.rebalance.undo(call.body.id, call.identity.name, call.body.why)


def _moves(body: MovesBody) -> list[SeatMove]:
    return [_move(each) for each in body.moves]


def _move(body: MoveBody) -> SeatMove:
    if body.duty not in (None, *MOVABLE):
        raise Refusal(422, "bad_body", "duty is 'inbound' or 'surveys'", details={"fields": ["duty"]})
    skills = None if body.skills is None else tuple(QueueName(skill) for skill in dict.fromkeys(body.skills))
    return SeatMove(SeatId(body.seat_id), skills, body.duty, body.version)


OPERATIONS: tuple[Operation, ...] = (list_rebalances, preview_rebalance, apply_rebalance, undo_rebalance)
