"""Somebody at a running web server in front of a house of fakes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp.test_utils import BaseTestServer, TestServer

from callcenter.web.roles import Role
from web_fakes.house import House
from web_fakes.scene import PASSWORD

PROBES = ("/", "/healthz", "/readyz", "/metrics")


@dataclass
class Browser:
    """Somebody at a web server: by bearer token, by cookie, or a stranger."""

    server: BaseTestServer
    http: aiohttp.ClientSession
    headers: dict[str, str] = field(default_factory=dict)

    async def ask(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        headers: dict[str, str] | None = None,
        data: Any = None,
    ) -> tuple[int, Any]:
        """Status and parsed answer (or text, or ``None``)."""
        answer = await self.raw(method, path, json=json, headers=headers, data=data)
        body = await answer.read()
        if answer.content_type == "application/json" and body:
            return answer.status, await answer.json()
        return answer.status, body.decode(errors="replace") or None

    async def raw(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        headers: dict[str, str] | None = None,
        data: Any = None,
    ) -> aiohttp.ClientResponse:
        """The answer itself, read to its end: the connection is free again."""
        url = path if path.startswith("/api/") or path in PROBES else f"/api/v1{path}"
        answer = await self.http.request(
            method,
            self.server.make_url(url),
            json=json,
            data=data,
            headers={**self.headers, **(headers or {})},
        )
        await answer.read()
        return answer

    async def get(self, path: str) -> tuple[int, Any]:
        """``GET``."""
        return await self.ask("GET", path)

    async def post(self, path: str, json: Any = None, **headers: str) -> tuple[int, Any]:
        """``POST``; header names with ``_`` for ``-``."""
        return await self.ask(
            "POST",
            path,
            json=json,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )


@asynccontextmanager
async def browsing(house: House, role: Role | None = None, *, by: str = "token") -> AsyncIterator[Browser]:
    """A server on a free port and somebody signed in there. ``by``: ``token`` or ``cookie``."""
    async with TestServer(house.build()) as server, _client() as http:
        browser = Browser(server, http)
        if role is not None:
            await sign_in(house, browser, role, by=by)
        yield browser


def _client() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))


async def sign_in(house: House, browser: Browser, role: Role, *, by: str = "token") -> None:
    """Sign in with an account of this role, making it if need be."""
    if role.value not in house.accounts.by_name:
        house.add_account(role)
    credentials = {"name": role.value, "password": PASSWORD, "kind": by}
    status, answer = await browser.post("/session", credentials)
    assert status == 201, answer
    if by == "token":
        browser.headers["Authorization"] = f"Bearer {answer['token']}"
    else:
        browser.headers["X-CSRF-Token"] = answer["csrf"]
