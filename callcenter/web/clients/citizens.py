"""What the command line asks of the running system about citizens' matters. Answers are the API's JSON as it is."""

from urllib.parse import quote, urlencode

from callcenter.web.clients.control import LONG_TIMEOUT_S, ControlClient, Json


class CitizenClient(ControlClient):
    """The control socket, for ``callcenter outbox``, ``ratings`` and ``pin``; errors as in :class:`ControlClient`."""

    async def outbox(self, state: str = "", limit: int = 50) -> Json:
        """Short messages (``views.citizens.OutboxView``); empty ``state``: any."""
        wanted = {"state": state, "limit": str(limit)}
        return await self._ask("GET", "/outbox?" + urlencode({k: v for k, v in wanted.items() if v}))

    async def retry_message(self, entry_id: int) -> Json:
        """Try a failed message again (``views.citizens.RetryView``)."""
        return await self._ask("POST", "/outbox/retry", {"id": entry_id})

    async def ratings(self, window: str) -> Json:
        """Satisfaction of a window (``views.citizens.RatingsView``)."""
        return await self._ask("GET", "/ratings?" + urlencode({"window": window}), timeout_s=LONG_TIMEOUT_S)

    async def seat_ratings(self, window: str) -> Json:
        """The same by seat (``views.citizens.RatingsBySeatView``)."""
        path = "/ratings/seats?" + urlencode({"window": window})
        return await self._ask("GET", path, timeout_s=LONG_TIMEOUT_S)

    async def new_pin(self, ticket_no: str) -> Json:
        """A new PIN for a ticket (``views.citizens.PinView``)."""
        return await self._ask("POST", f"/tickets/{quote(ticket_no, safe='')}/pin")
