"""What a shift manager is proposed: from the same situation the same, nothing in a calm one, nothing twice."""

from dataclasses import replace

import pytest

from callcenter.core.ids import QueueName, SeatId
from queues.core.proposals import GroupNow, Proposal, ProposalKind, Situation, proposals
from queues.core.what_if import Change

pytestmark = pytest.mark.core

CALM = Situation(
    level=0, proposed_level=None, load=0.6, waiting=0, cap_s=0.0, caps_s={0: 0.0, 1: 0.0, 2: 120.0, 3: 60.0}
)
FLOOD = replace(CALM, level=2, load=2.0, waiting=30, cap_s=120.0)


def only(found: list[Proposal]) -> Proposal:
    """The one that there is."""
    [proposal] = found
    return proposal


def seats(*numbers: int) -> tuple[SeatId, ...]:
    """Seats by number."""
    return tuple(SeatId(str(number)) for number in numbers)


def test_a_calm_house_is_left_alone() -> None:
    """Even with a paused partner and seats on surveys."""
    assert proposals(replace(CALM, partner_takes=5, on_surveys=seats(8004))) == []


def test_the_level_that_the_figures_ask_for() -> None:
    """It may be a lower one; shorter after-call work is part of it and not proposed beside it."""
    found = only(proposals(replace(FLOOD, proposed_level=3)))
    assert (found.kind, found.level, found.change) == (ProposalKind.LEVEL, 3, Change(level=3))
    assert only(proposals(replace(CALM, level=1, proposed_level=0))).level == 0


def test_shorter_after_call_work_where_the_level_is_held() -> None:
    """The next level that cuts it shorter; at the highest there is none."""
    found = only(proposals(FLOOD))
    assert (found.id, found.kind, found.amount, found.level) == ("wrap_up-60", ProposalKind.WRAP_UP, 60, 3)
    assert only(proposals(replace(FLOOD, level=0, cap_s=0.0))).amount == 120
    assert proposals(replace(FLOOD, level=3, cap_s=60.0)) == []


def test_cloud_seats_the_partner_and_seats_on_surveys() -> None:
    """Each with the change that it would be; of the partner only the best that can come of it is known."""
    flood = replace(FLOOD, level=3, cap_s=60.0, cloud=6, partner_takes=5, on_surveys=seats(8004, 8005))
    found = {proposal.kind: proposal for proposal in proposals(flood)}
    assert found[ProposalKind.CLOUD].change == Change(cloud_seats=6)
    assert found[ProposalKind.PARTNER].is_upper_bound
    inbound = found[ProposalKind.INBOUND]
    assert (inbound.seats, inbound.change) == (seats(8004, 8005), Change(seats=2))
    assert [proposal.id for proposal in proposals(flood)] == ["cloud-6", "partner", "inbound-8004-8005"]


def test_seats_move_to_the_group_that_is_short_of_them() -> None:
    """Free ones first, a third of the group at most; where both are alike nobody moves."""
    idle = GroupNow(QueueName("enterprise"), 0, seats(8001, 8002, 8003, 8004, 8005, 8006), seats(8006))
    short = GroupNow(QueueName("main"), 20, seats(8007, 8008))
    found = only(proposals(replace(CALM, waiting=20, groups=(idle, short))))
    assert (found.queue, found.seats, found.change) == ("main", seats(8006, 8001), None)
    alike = replace(idle, waiting=40)
    assert proposals(replace(CALM, waiting=60, groups=(alike, short))) == []
    assert proposals(replace(CALM, waiting=20, groups=(replace(idle, working=seats(8001)), short))) == []


@pytest.mark.parametrize("groups", [(), (GroupNow(QueueName("main"), 20, ()),)])
def test_one_group_has_nobody_to_take_from(groups: tuple[GroupNow, ...]) -> None:
    """A house with one queue, or with none that is seen."""
    assert proposals(replace(CALM, waiting=20, groups=groups)) == []
