"""What the command line asks of the running system about accounts. Answers are the API's JSON as it is."""

from callcenter.web.clients.control import ControlClient, Json


class AccountClient(ControlClient):
    """The control socket, for ``callcenter accounts``; errors as in :class:`ControlClient`."""

    async def accounts(self) -> list[Json]:
        """Everybody (``accounts.AccountView``)."""
        return await self._items("/accounts")

    async def make_account(self, name: str, role: str, seat_id: str | None, why: str) -> Json:
        """A new account with its one-time password (``accounts.OneTimeView``)."""
        return await self._ask(
            "POST", "/accounts", {"name": name, "role": role, "seat_id": seat_id, "why": why}
        )
