"""What the command line asks of the running system about staff and shifts. Answers are the API's JSON as it is."""

from base64 import b64encode
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from callcenter.core.errors import UsageError
from callcenter.web.clients.control import API, LONG_TIMEOUT_S, ControlClient, Json


class RefusedFile(UsageError):
    """A spreadsheet was refused. ``faults``: ``views.sheets.FaultView``; ``total``: how many there are."""

    def __init__(self, message: str, faults: list[Json], total: int) -> None:
        super().__init__(message, code="faulty_sheet")
        self.faults, self.total = faults, total


class ShiftClient(ControlClient):
    """The control socket, for ``callcenter shifts`` and ``callcenter staff``; errors as in :class:`ControlClient`."""

    async def staff(self, all_: bool = False) -> list[Json]:
        """The staff (``views.staff.PersonView``)."""
        return await self._items("/staff?all=1" if all_ else "/staff")

    async def import_staff(self, content: bytes, dry_run: bool, why: str) -> Json:
        """Import people (``views.staff.PeopleImportView``).

        Raises:
            RefusedFile: nothing was changed.
        """
        return await self._upload("/staff/import", content, {"dry_run": dry_run, "why": why})

    async def keep_staff(self, staff_no: str, person: Mapping[str, str | None]) -> Json:
        """Add or change one (``views.staff.PersonView``)."""
        return await self._ask("PUT", f"/staff/{quote(staff_no, safe='')}", dict(person))

    async def deactivate_staff(self, staff_no: str, why: str) -> Json:
        """Somebody works here no more (``views.staff.PersonView``)."""
        return await self._ask("POST", f"/staff/{quote(staff_no, safe='')}/deactivate", {"why": why})

    async def shifts(self, from_day: str, to_day: str, staff_no: str) -> list[Json]:
        """Shifts (``views.shifts.ShiftView``); empty texts: as the API has it."""
        wanted = {"from_day": from_day, "to_day": to_day, "staff_no": staff_no}
        return await self._items("/shifts?" + urlencode({k: v for k, v in wanted.items() if v}))

    async def import_shifts(self, content: bytes, dry_run: bool, replace: bool, month: str, why: str) -> Json:
        """Import a roster (``views.shifts.RosterImportView``). ``month``: ``YYYY-MM``, or empty.

        Raises:
            RefusedFile: nothing was changed.
        """
        body = {"dry_run": dry_run, "replace": replace, "why": why}
        return await self._upload(
            "/shifts/import", content, body | ({"month": f"{month}-01"} if month else {})
        )

    async def cancel_shift(self, shift_id: int, why: str) -> Json:
        """A shift is not worked (``views.shifts.ShiftView``)."""
        return await self._ask("POST", f"/shifts/{shift_id}/cancel", {"why": why})

    async def duty(self) -> Json:
        """Who should be there now (``views.presence.OnDutyView``)."""
        return await self._ask("GET", "/shifts/duty")

    async def swaps(self, limit: int) -> list[Json]:
        """Swaps (``views.shifts.SwapView``)."""
        return await self._items(f"/shifts/swaps?limit={limit}")

    async def propose_swap(self, first: int, second: int | None, taker: str, why: str) -> Json:
        """Wish to swap (``views.shifts.SwapView``)."""
        other = {"with_staff_no": taker} if second is None else {"second_id": second}
        return await self._ask("POST", "/shifts/swaps", {"first_id": first, "why": why, **other})

    async def settle_swap(self, swap_id: int, deed: str, why: str) -> Json:
        """``approve``, ``refuse`` or ``undo`` (``views.shifts.SwapView``)."""
        return await self._ask("POST", f"/shifts/swaps/{swap_id}/{deed}", {"why": why})

    async def presence(self, day: str) -> Json:
        """Presence against plan (``views.presence.PresenceView``); empty: today."""
        return await self._ask("GET", "/presence" + (f"?day={quote(day, safe='')}" if day else ""))

    async def _upload(self, path: str, content: bytes, body: Json) -> Json:
        asked = body | {"content": b64encode(content).decode()}
        status, answer = await self._send("POST", API + path, asked, LONG_TIMEOUT_S)
        if status == 422 and answer.get("error_id") == "faulty_sheet":
            raise RefusedFile(answer["message"], answer["details"]["faults"], answer["details"]["total"])
        return self._answered(status, answer)
