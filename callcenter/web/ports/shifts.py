"""What the web needs of staff and shifts, and no more."""

from datetime import date
from typing import Protocol

from callcenter.staff.core.people import Person
from callcenter.web.views import shifts as views
from callcenter.web.views.presence import OnDutyView


class StaffPort(Protocol):
    """The people of the hotline."""

    async def listed(self, all_: bool) -> list[views.PersonView]:
        """Who is active, or everybody who ever was, by number."""

    async def import_file(self, content: bytes, dry_run: bool) -> views.PeopleImportView:
        """Add or change everybody in a spreadsheet; who is not in it stays as he is.

        Raises:
            UsageError: ``bad_sheet``; :class:`callcenter.staff.core.roster.FaultySheet`: nothing was changed.
        """

    async def keep(self, person: Person) -> views.PersonView:
        """Add or change one.

        Raises:
            UsageError: ``bad_person``, with the reason.
        """

    async def deactivate(self, staff_no: str) -> views.PersonView:
        """He works here no more.

        Raises:
            UsageError: ``unknown_person``, or ``wrong_person_state``: he has shifts ahead.
        """


class ShiftPort(Protocol):
    """The roster: imported, swapped, and kept to."""

    async def between(self, from_day: date, to_day: date, staff_no: str) -> list[views.ShiftView]:
        """Shifts that touch these days, ends included; ``staff_no`` empty: everybody's."""

    async def import_file(
        self, content: bytes, dry_run: bool, replace: bool, month: date | None, by: str
    ) -> views.RosterImportView:
        """Take in a roster, or (``dry_run``) only tell its effect. ``replace``: cancel what was planned for its days.

        Raises:
            UsageError: ``bad_sheet``; :class:`callcenter.staff.core.roster.FaultySheet`: nothing was changed.
        """

    async def cancel(self, shift_id: int, by: str) -> views.ShiftView:
        """A shift ahead is not worked; open wishes to swap it are refused with it.

        Raises:
            UsageError: ``unknown_shift``, ``wrong_shift_state``: it has begun, or is cancelled already.
        """

    async def propose(
        self, first_id: int, second_id: int | None, taker: str, by: str, why: str, *, only_own: bool
    ) -> views.SwapView:
        """Wish to swap two shifts, or to let ``taker`` take the first over. ``only_own``: the first must be ``by``'s.

        Raises:
            UsageError: ``unknown_shift``, ``wrong_shift_state``, ``bad_swap``, ``not_your_shift``.
        """

    async def decide(self, swap_id: int, approve: bool, by: str) -> views.SwapView:
        """Approve, which takes effect at once, or refuse.

        Raises:
            UsageError: ``unknown_swap``, ``wrong_swap_state``, and of an approval as :meth:`propose`.
        """

    async def undo(self, swap_id: int, by: str) -> views.SwapView:
        """Give back what was swapped.

        Raises:
            UsageError: as :meth:`decide`; ``wrong_shift_state`` also when a shift has begun or changed since.
        """

    async def swaps(self, limit: int) -> list[views.SwapView]:
        """The newest, newest first."""

    def on_duty(self) -> OnDutyView:
        """Who should be there now."""

    async def presence(self, day: date | None) -> views.PresenceView:
        """A day hour by hour; ``None``: today.

        Raises:
            UsageError: ``bad_day``: not begun, or longer ago than the journal is kept.
        """
