"""What the web needs of the staff, and no more."""

from typing import Protocol

from callcenter.staff.core.people import Person
from callcenter.web.views.staff import PeopleImportView, PersonView


class StaffPort(Protocol):
    """The people of the hotline."""

    async def listed(self, all_: bool) -> list[PersonView]:
        """Who is active, or everybody who ever was, by number."""

    async def import_file(self, content: bytes, dry_run: bool) -> PeopleImportView:
        """Add or change everybody in a spreadsheet; who is not in it stays as he is.

        Raises:
            UsageError: ``bad_sheet``; :class:`callcenter.staff.core.roster.FaultySheet`: nothing was changed.
        """

    async def keep(self, person: Person) -> PersonView:
        """Add or change one.

        Raises:
            UsageError: ``bad_person``, with the reason.
        """

    async def deactivate(self, staff_no: str) -> PersonView:
        """He works here no more.

        Raises:
            UsageError: ``unknown_person``, or ``wrong_person_state``: he has shifts ahead.
        """
