"""What the command line asks of the running system about call days. Answers are the API's JSON as it is."""

from callcenter.web.clients.control import ControlClient, Json


class GuestClient(ControlClient):
    """The control socket, for ``callcenter guests``; errors as in :class:`ControlClient`."""

    async def open_guest_day(self, body: Json) -> Json:
        """Open a call day (``views.guests.GuestDayView``)."""
        return await self._ask("POST", "/guests", body)

    async def guest_days(self, limit: int = 20) -> list[Json]:
        """The last ones (``views.guests.GuestDayView``)."""
        return await self._items(f"/guests?limit={limit}")

    async def close_guest_day(self, day_id: int) -> Json:
        """Close one (``views.guests.GuestDayView``)."""
        return await self._ask("DELETE", f"/guests/{day_id}")

    async def guest_follow_ups(self, day_id: int) -> Json:
        """The tickets of its calls (``views.guests.FollowUpsView``)."""
        return await self._ask("GET", f"/guests/{day_id}/follow-ups")
