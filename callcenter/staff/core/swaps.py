"""Swaps of shifts (换班): who works what afterwards, and why it may not be.

Invariant: after a swap nobody is booked twice, everybody has the rest that the house grants, and nothing that has begun changed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from callcenter.core.errors import UsageError
from callcenter.staff.core.people import Person
from callcenter.staff.core.roster import Shift, ShiftState


@dataclass(frozen=True, slots=True)
class SwapRules:
    """``rest``: between two shifts of one person."""

    rest: timedelta
    zone: tzinfo


def exchanged(first: Shift, second: Shift) -> list[Shift]:
    """The two shifts, each worked by the other's person; seats stay with the shifts."""
    return [_given(first, second.staff_no), _given(second, first.staff_no)]


def taken_over(shift: Shift, taker: Person) -> list[Shift]:
    """The shift, worked by somebody else."""
    return [_given(shift, taker.staff_no)]


def check_swap(
    before: Sequence[Shift],
    after: Sequence[Shift],
    others: Iterable[Shift],
    people: Iterable[Person],
    now: datetime,
    rules: SwapRules,
) -> None:
    """Refuse what the rules forbid. ``others``: all shifts near these, the present form of these among them.

    Raises:
        UsageError: ``wrong_shift_state`` (begun, cancelled, changed) or ``bad_swap``, with the reason.
    """
    for shift in before:
        if shift.state is ShiftState.CANCELLED:
            raise _wrong(f"班次 {shift.shift_id} 已取消", f"shift {shift.shift_id} is cancelled")
        if shift.from_at <= now:
            raise _wrong(
                f"班次 {shift.shift_id} 已经开始，不能再换", f"shift {shift.shift_id} has begun already"
            )
    by_number = {person.staff_no: person for person in people}
    numbers = {shift.shift_id for shift in after}
    rest = [shift for shift in others if shift.shift_id not in numbers]
    for old, new in zip(before, after, strict=True):
        _check_person(old, new, by_number.get(new.staff_no))
        for other in [*rest, *(shift for shift in after if shift is not new)]:
            if other.staff_no == new.staff_no and other.state is not ShiftState.CANCELLED:
                _check_pair(new, other, rules)


def _check_person(old: Shift, new: Shift, person: Person | None) -> None:
    if person is None or not person.active:
        raise _bad(f"{new.staff_no} 不在岗员名单或已停用", f"{new.staff_no} is unknown or not active")
    if old.staff_no == new.staff_no:
        raise _bad(
            f"班次 {new.shift_id} 本来就是 {new.staff_no} 的", f"shift {new.shift_id} is his own already"
        )
    if person.kind.seats != new.kind:
        raise _bad(
            f"{new.staff_no} 与班次 {new.shift_id} 一个是现场一个是云坐席，不能换",
            f"{new.staff_no} does not work at the kind of seat of shift {new.shift_id}",
        )


def _check_pair(new: Shift, other: Shift, rules: SwapRules) -> None:
    told = " ".join(_told(shift, rules.zone) for shift in sorted((new, other), key=lambda s: s.from_at))
    if new.overlaps(other):
        raise _bad(f"{new.staff_no} 会同时有两班：{told}", f"{new.staff_no} would be booked twice")
    first, second = sorted((new, other), key=lambda shift: shift.from_at)
    rest = second.from_at - first.to_at
    if rest < rules.rest:
        hour = timedelta(hours=1)
        raise _bad(
            f"{new.staff_no} 两班之间只休息 {rest / hour:g} 小时，至少 {rules.rest / hour:g} 小时：{told}",
            f"{new.staff_no} would rest {rest / hour:g} h only, {rules.rest / hour:g} h are due",
        )


def _given(shift: Shift, staff_no: str) -> Shift:
    return replace(shift, staff_no=staff_no, state=ShiftState.SWAPPED)


def _told(shift: Shift, zone: tzinfo) -> str:
    begin, end = shift.from_at.astimezone(zone), shift.to_at.astimezone(zone)
    return f"{begin:%m-%d %H:%M}-{end:%H:%M}"


def _wrong(zh: str, en: str) -> UsageError:
    return UsageError(f"{zh} / {en}", code="wrong_shift_state")


def _bad(zh: str, en: str) -> UsageError:
    return UsageError(f"{zh} / {en}", code="bad_swap")
