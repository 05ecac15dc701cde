"""Proposals (建议): what a shift manager could do now. Reading them changes nothing and asks no simulation."""

from dataclasses import asdict

from callcenter.core.ids import QueueName, SeatId
from callcenter.core.messages.seats import SeatState
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, operation
from callcenter.web.views.board import StatusView
from callcenter.web.views.proposals import ProposedSeatView, ShiftProposalsView, ShiftProposalView
from callcenter.web.views.what_if import ChangeView
from queues.core.proposals import GroupNow, Proposal, Situation, proposals

_AWAY = frozenset({SeatState.OFF, SeatState.UNREACHABLE})


@operation("GET", "/proposals", may=Permission.READ_BOARD, zh="建议", en="What a shift manager could do now")
async def get_proposals(call: Call[Nothing, Nothing]) -> ShiftProposalsView:
    """Level, cloud seats, partner city, seats on surveys, seats between groups; each with the change that it would be."""
    ports = call.ports
    surge, places = ports.surge.view(), await ports.rebalance.newest(1)
    versions = {seat.seat_id: seat.version for seat in places.seats}
    situation = Situation(
        level=surge.level,
        proposed_level=surge.proposal,
        load=surge.load,
        waiting=surge.waiting,
        cap_s=surge.profile.wrap_up_cap_s or 0.0,
        caps_s={
            level: profile.wrap_up_cap_s
            for level, profile in enumerate(call.services.settings.surge.levels())
        },
        cloud=ports.cloud.view().proposal,
        partner_takes=await _partner_takes(call),
        on_surveys=[SeatId(seat) for seat in places.wanted_back],
        groups=_groups(ports.board.status()),
    )
    found = [_view(it, versions) for it in proposals(situation)]
    return ShiftProposalsView(as_of=ports.clock.at(), proposals=found)


async def _partner_takes(call: Call[Nothing, Nothing]) -> int:
    if not call.ports.partner.exists:
        return 0
    partner = await call.ports.partner.view()
    return partner.help_max if partner.is_paused and not partner.trouble else 0


def _groups(status: StatusView) -> list[GroupNow]:
    """Every queue with the seats that ring for it alone."""
    own = {
        row.queue: [seat for seat in status.seats if seat.skills == [row.queue] and seat.state not in _AWAY]
        for row in status.queues
    }
    return [
        GroupNow(
            QueueName(row.queue),
            row.waiting or 0,
            tuple(SeatId(seat.seat_id) for seat in own[row.queue]),
            tuple(SeatId(seat.seat_id) for seat in own[row.queue] if seat.state is SeatState.READY),
        )
        for row in status.queues
    ]


def _view(proposal: Proposal, versions: dict[str, int]) -> ShiftProposalView:
    return ShiftProposalView(
        id=proposal.id,
        kind=proposal.kind,
        amount=proposal.amount,
        level=proposal.level,
        seats=[ProposedSeatView(seat_id=seat, version=versions.get(seat, 0)) for seat in proposal.seats],
        queue=proposal.queue,
        change=ChangeView(**asdict(proposal.change)) if proposal.change else None,
        is_upper_bound=proposal.is_upper_bound,
    )


OPERATIONS: tuple[Operation, ...] = (get_proposals,)
