"""What the command line asks of the running system about mutual aid. Answers are the API's JSON as it is."""

from callcenter.web.clients.control import ControlClient, Json


class PartnerClient(ControlClient):
    """The control socket, for ``callcenter partner``; errors as in :class:`ControlClient`."""

    async def partner(self) -> Json:
        """How mutual aid stands (``views.partner.PartnerView``)."""
        return await self._ask("GET", "/partner")

    async def pause_partner(self, paused: bool, why: str) -> Json:
        """Pause it or resume it (``views.partner.PartnerView``)."""
        return await self._ask("POST", "/partner/pause", {"paused": paused, "why": why})

    async def give_back(self, contact_id: str, why: str) -> Json:
        """Give a caller of the partner back (``views.partner.GiveBackView``)."""
        return await self._ask("POST", f"/partner/calls/{contact_id}/give-back", {"why": why})
