"""Serving: the network address and the control socket, started and stopped together."""

import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from callcenter.core.errors import UsageError
from callcenter.sections import Address
from callcenter.settings import Settings
from callcenter.tls import server_context
from callcenter.web.app import build_app
from callcenter.web.control import control_listener, control_path
from callcenter.web.passwords import Passwords
from callcenter.web.ports import Ports

STOP_LIMIT_S = 3.0
KEEP_ALIVE_S = 30.0


@asynccontextmanager
async def serving(
    ports: Ports, settings: Settings, *, passwords: Passwords | None = None
) -> AsyncIterator[None]:
    """Serve on ``settings.http`` and on the control socket while the block runs.

    Raises:
        UsageError: address in use or not ours, no good certificate, socket path too long, or another instance runs in this home.
    """
    shared = passwords or Passwords()
    async with _running(build_app(ports, settings, passwords=shared)) as public:
        await _listen(public, settings.http_address, server_context(settings.phones))
        async with _control(ports, settings, shared):
            yield


@asynccontextmanager
async def _control(ports: Ports, settings: Settings, passwords: Passwords) -> AsyncIterator[None]:
    path = control_path(settings)
    listener = control_listener(path)
    try:
        app = build_app(ports, settings, is_control=True, passwords=passwords)
        async with _running(app) as runner:
            await web.SockSite(runner, listener).start()
            yield
    finally:
        listener.close()
        path.unlink(missing_ok=True)


@asynccontextmanager
async def _running(app: web.Application) -> AsyncIterator[web.AppRunner]:
    runner = web.AppRunner(
        app, access_log=None, shutdown_timeout=STOP_LIMIT_S, keepalive_timeout=KEEP_ALIVE_S
    )
    await runner.setup()
    try:
        yield runner
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, address: Address, tls: ssl.SSLContext | None) -> None:
    try:
        await web.TCPSite(runner, address.host, address.port, ssl_context=tls).start()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "refused"
        raise UsageError(
            f"cannot listen on {address}: {reason}; choose another with CALLCENTER_HTTP", code="http_address"
        ) from None
