"""What the command line asks of the running system to move seats. Answers are the API's JSON as it is."""

from collections.abc import Sequence

from callcenter.web.clients.control import ControlClient, Json


class RebalanceClient(ControlClient):
    """The control socket, for ``callcenter rebalance``; errors as in :class:`ControlClient`."""

    async def preview_rebalance(self, moves: Sequence[Json], hours: float) -> Json:
        """What the moves should come to (``views.rebalance.PreviewView``)."""
        return await self._ask("POST", "/rebalance/preview", {"moves": list(moves), "hours": hours})

    async def apply_rebalance(self, moves: Sequence[Json], hours: float, why: str) -> Json:
        """Move seats (``views.rebalance.RebalanceView``)."""
        body = {"moves": list(moves), "hours": hours, "why": why}
        return await self._ask("POST", "/rebalance/apply", body)

    async def undo_rebalance(self, rebalance_id: str, why: str) -> Json:
        """Undo one (``views.rebalance.RebalanceView``); empty: the last."""
        return await self._ask("POST", "/rebalance/undo", {"id": rebalance_id, "why": why})

    async def rebalances(self, limit: int = 20) -> Json:
        """The last ones (``views.rebalance.RebalancesView``)."""
        return await self._ask("GET", f"/rebalance?limit={limit}")
