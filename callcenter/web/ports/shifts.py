"""What the web needs of shifts, and no more."""

from datetime import date
from typing import Protocol

from callcenter.web.views.presence import OnDutyView, PresenceView
from callcenter.web.views.shifts import RosterImportView, ShiftView, SwapView


class ShiftPort(Protocol):
    """The roster: imported, swapped, and kept to."""

    async def between(self, from_day: date, to_day: date, staff_no: str) -> list[ShiftView]:
        """Shifts that touch these days, ends included; ``staff_no`` empty: everybody's."""

    async def import_file(
        self, content: bytes, dry_run: bool, replace: bool, month: date | None, by: str
    ) -> RosterImportView:
        """Take in a roster, or (``dry_run``) only tell its effect. ``replace``: cancel what was planned for its days.

        Raises:
            UsageError: ``bad_sheet``; :class:`callcenter.staff.core.roster.FaultySheet`: nothing was changed.
        """

    async def cancel(self, shift_id: int, by: str) -> ShiftView:
        """A shift ahead is not worked; open wishes to swap it are refused with it.

        Raises:
            UsageError: ``unknown_shift``, ``wrong_shift_state``: it has begun, or is cancelled already.
        """

    async def propose(
        self, first_id: int, second_id: int | None, taker: str, by: str, why: str, *, only_own: bool
    ) -> SwapView:
        """Wish to swap two shifts, or to let ``taker`` take the first over. ``only_own``: the first must be ``by``'s.

        Raises:
            UsageError: ``unknown_shift``, ``wrong_shift_state``, ``bad_swap``, ``not_your_shift``.
        """

    async def decide(self, swap_id: int, approve: bool, by: str) -> SwapView:
        """Approve, which takes effect at once, or refuse.

        Raises:
            UsageError: ``unknown_swap``, ``wrong_swap_state``, and of an approval as :meth:`propose`.
        """

    async def undo(self, swap_id: int, by: str) -> SwapView:
        """Give back what was swapped.

        Raises:
            UsageError: as :meth:`decide`; ``wrong_shift_state`` also when a shift has begun or changed since.
        """

    async def swaps(self, limit: int) -> list[SwapView]:
        """The newest, newest first."""

    def on_duty(self) -> OnDutyView:
        """Who should be there now."""

    async def presence(self, day: date | None) -> PresenceView:
        """A day hour by hour; ``None``: today.

        Raises:
            UsageError: ``bad_day``: not begun, or longer ago than the journal is kept.
        """
