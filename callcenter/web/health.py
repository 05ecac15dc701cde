"""Alive, ready, metrics: for probes, without signing in and without personal data.

Invariant: only a required component that is down makes the system unready; a lost Redis degrades it.
"""

import prometheus_client
from aiohttp import web
from pydantic import Field

from callcenter.web.services import Services
from callcenter.web.views import View
from callcenter.web.views.board import ComponentView


class Readiness(View):
    """Whether calls can be taken and kept."""

    ready: bool
    degraded: bool = Field(description="something is not as it should be")
    components: list[ComponentView]


def readiness(components: list[ComponentView]) -> Readiness:
    """The judgment over all components."""
    return Readiness(
        ready=not any(part.required and part.state == "down" for part in components),
        degraded=any(part.state != "up" for part in components),
        components=components,
    )


class Probes:
    """The handlers."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def alive(self, request: web.Request) -> web.Response:
        """The event loop turns."""
        return web.json_response({"alive": True})

    async def ready(self, request: web.Request) -> web.Response:
        """Each component by name; 503 when a required one is down."""
        found = readiness(self._services.ports.health.components())
        return web.Response(
            status=200 if found.ready else 503, text=found.model_dump_json(), content_type="application/json"
        )

    async def metrics(self, request: web.Request) -> web.Response:
        """Prometheus text format."""
        body = prometheus_client.generate_latest(self._services.ports.metrics.registry)
        return web.Response(body=body, headers={"Content-Type": prometheus_client.CONTENT_TYPE_LATEST})
