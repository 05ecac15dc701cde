"""The web application. Invariants: importing builds nothing; no answer shows a traceback or personal data.

The same operations are served twice: on the network, where people sign in, and on the control socket, where
whoever may open the socket is the operator.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import structlog
from aiohttp import web

from callcenter import __version__
from callcenter.core.errors import CallcenterError, UsageError
from callcenter.settings import Settings
from callcenter.web import openapi, refusals
from callcenter.web.api import OPERATIONS
from callcenter.web.desks import Desks
from callcenter.web.door import Door
from callcenter.web.health import Probes
from callcenter.web.join_page import JoinPage
from callcenter.web.live_board import BoardFrame
from callcenter.web.live_captions import CaptionFrame
from callcenter.web.oidc_door import OidcDoor
from callcenter.web.pages import CONTENT_SECURITY_POLICY, PERMISSIONS_POLICY, Pages
from callcenter.web.partner_door import PartnerDoor
from callcenter.web.passwords import Passwords
from callcenter.web.ports import Ports
from callcenter.web.rating_page import RatingPage
from callcenter.web.routes import BODY_MAX_BYTES, Operation
from callcenter.web.services import Services, build_services
from callcenter.web.stream import SessionTakenFrame
from callcenter.web.views.events import EventView

log = structlog.get_logger()

SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS_POLICY,
}

FRAMES = (EventView, BoardFrame, CaptionFrame, SessionTakenFrame)
"""What the event stream sends."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def build_app(
    ports: Ports, settings: Settings, *, is_control: bool = False, passwords: Passwords | None = None
) -> web.Application:
    """The application. ``is_control``: for the control socket, whose callers are the operator."""
    services = build_services(ports, settings, passwords or Passwords())
    app = web.Application(middlewares=[_answer_errors(services)], client_max_size=BODY_MAX_BYTES)
    door = Door(services, is_control=is_control)
    for operation in OPERATIONS:
        app.router.add_route(operation.method, operation.pattern, _endpoint(door, operation, services))
    _add_probes(app, services)
    _add_document(app)
    pages = Pages()
    pages.add_routes(app.router)
    Desks(phones=ports.phones.origin).add_routes(app.router)
    RatingPage(ports, pages).add_routes(app.router)
    JoinPage(ports, pages).add_routes(app.router)
    PartnerDoor(ports).add_routes(app.router)
    OidcDoor(ports, settings, services.signin).add_routes(app.router)
    app.on_response_prepare.append(_secure)
    app.cleanup_ctx.append(_following(services))
    app.on_shutdown.append(_closing_streams(services))
    return app


def _endpoint(door: Door, operation: Operation, services: Services) -> Handler:
    metrics = services.ports.metrics

    async def serve(request: web.Request) -> web.StreamResponse:
        started = services.ports.clock.instant()
        status = 500
        try:
            response = await door.enter(operation, request)
            status = response.status
            return response
        except CallcenterError as error:
            status = refusals.status_of(error)
            raise
        finally:
            metrics.requests.labels(operation.name, str(status)).inc()
            if operation.name != "follow_events":
                metrics.seconds.labels(operation.name).observe(services.ports.clock.instant() - started)

    return serve


def _answer_errors(services: Services) -> Callable[..., Awaitable[web.StreamResponse]]:
    clock = services.ports.clock

    @web.middleware
    async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except CallcenterError as error:
            if not isinstance(error, UsageError):
                log.error("request failed", method=request.method, code=error.code)
            return refusals.answer(error, request.path, clock.at())
        except web.HTTPException as error:
            return refusals.answer_http(error, request.path, clock.at())
        except ConnectionError:
            raise
        except Exception as error:  # noqa: BLE001  the boundary to the outside: nothing of it may leak
            log.error("request crashed", method=request.method, error=type(error).__name__)
            return refusals.answer_crash(request.path, clock.at())

    return answer_errors


def _add_probes(app: web.Application, services: Services) -> None:
    probes = Probes(services)
    app.router.add_get("/healthz", probes.alive)
    app.router.add_get("/readyz", probes.ready)
    app.router.add_get("/metrics", probes.metrics)


def api_document() -> dict[str, Any]:
    """The OpenAPI document of this application."""
    return openapi.document(OPERATIONS, __version__, FRAMES)


def _add_document(app: web.Application) -> None:
    told = json.dumps(api_document(), ensure_ascii=False)

    async def serve(request: web.Request) -> web.Response:
        return web.Response(text=told, content_type="application/json")

    app.router.add_get("/api/openapi.json", serve)


async def _secure(request: web.Request, response: web.StreamResponse) -> None:
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.pop("Server", None)


def _following(services: Services) -> Callable[[web.Application], AsyncIterator[None]]:
    async def follow(app: web.Application) -> AsyncIterator[None]:
        services.feed.open()
        async with services.boards.running():
            yield
        services.feed.close()

    return follow


def _closing_streams(services: Services) -> Callable[[web.Application], Awaitable[None]]:
    async def close(app: web.Application) -> None:
        await services.streams.close()

    return close
