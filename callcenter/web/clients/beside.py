"""What the command line asks of the running system about who sits beside a talk. Answers are the API's JSON as it is."""

from urllib.parse import quote

from callcenter.web.clients.control import ControlClient, Json


class BesideClient(ControlClient):
    """The control socket, for ``callcenter beside``; errors as in :class:`ControlClient`."""

    async def sit_beside(self, contact_id: str, mode: str, phone: str, why: str) -> Json:
        """Be beside a talk, or in another mode (``ports.beside.BesideAnswer``)."""
        return await self._ask("POST", _path(contact_id), {"mode": mode, "from": phone, "why": why})

    async def leave_beside(self, contact_id: str) -> None:
        """Nobody is beside it any more."""
        await self._ask("DELETE", _path(contact_id))


def _path(contact_id: str) -> str:
    return f"/calls/{quote(contact_id, safe='')}/beside"
