"""Places in line: urgent first, first come first, and a kept place for who comes back."""

import pytest

from queues.core.routing import Line

pytestmark = pytest.mark.core


def _order(line: Line, now: float) -> list[str]:
    order = []
    while head := line.head():
        order.append(head.caller)
        line.leave(head.caller, now)
    return order


def test_urgent_callers_stand_first() -> None:
    """Urgent callers among themselves keep their order, before everybody else."""
    line = Line(kept_place_s=900)
    for caller, urgent in (("a", False), ("b", True), ("c", False), ("d", True)):
        line.join(caller, urgent, now=0)
    assert _order(line, 1) == ["b", "d", "a", "c"]


def test_a_redial_gets_its_place_back() -> None:
    """Who left five minutes ago stands where he stood; after the limit he stands at the end."""
    line = Line(kept_place_s=900)
    line.join("a", False, 0)
    line.join("b", False, 10)
    line.leave("a", 20)
    assert line.ahead("a", False, 320) == 0
    assert line.ahead("a", False, 921) == 1
    line.join("a", False, 320)
    assert _order(line, 330) == ["a", "b"]


def test_who_joins_twice_has_one_place() -> None:
    """The one that he had, under his new urgency."""
    line = Line(kept_place_s=900)
    for at, caller in enumerate("abc"):
        line.join(caller, urgent=False, now=float(at))
    line.join("a", urgent=False, now=10.0)
    assert (len(line), line.position("a")) == (3, 1)
    line.join("c", urgent=True, now=11.0)
    assert (len(line), line.position("c")) == (3, 1)
    for caller in "abc":
        line.leave(caller, now=12.0)
    assert line.head() is None
