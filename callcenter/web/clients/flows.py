"""What the command line asks of the running system about flows. Answers are the API's JSON as it is."""

from urllib.parse import quote

from callcenter.web.clients.control import ControlClient, Json


class FlowClient(ControlClient):
    """The control socket, for ``callcenter ivr``; errors as in :class:`ControlClient`."""

    async def flows(self) -> list[Json]:
        """The flows in force (``views.flows.FlowSummary``)."""
        return await self._items("/flows")

    async def flow_versions(self, flow: str) -> list[Json]:
        """Who published what (``views.flows.FlowVersionView``), newest first."""
        return await self._items(f"/flows/{quote(flow, safe='')}/versions")

    async def publish_flow(self, flow: str, text: str, why: str) -> Json:
        """Put a new version in force (``views.flows.FlowVersionView``)."""
        return await self._ask("PUT", f"/flows/{quote(flow, safe='')}", {"text": text, "why": why})

    async def flow_counts(self, since: str = "") -> list[Json]:
        """Walks by flow and version (``views.flows.FlowCountView``)."""
        return await self._items("/flow-counts" + (f"?since={quote(since, safe='')}" if since else ""))
