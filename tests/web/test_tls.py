"""The web over TLS: the same server by https, its cookies for https alone; the control socket stays as it is."""

import ssl
from pathlib import Path

import aiohttp
import pytest
from loopback import free_port
from web_fakes import CHEAP, PASSWORD, House

from callcenter.clocks import SystemClock
from callcenter.core.errors import UsageError
from callcenter.settings import Settings
from callcenter.tls import make_pair
from callcenter.web.clients.control import ControlClient
from callcenter.web.passwords import Passwords
from callcenter.web.roles import Role
from callcenter.web.server import serving

pytestmark = pytest.mark.web


async def test_the_web_is_served_by_tls(tmp_path: Path) -> None:
    """Whoever trusts the certificate signs in; the cookie is Secure, and plain requests come to nothing."""
    house = House(tmp_path)
    house.add_account(Role.AGENT)
    pair = make_pair(tmp_path / "tls", ["127.0.0.1"], SystemClock().at())
    settings = Settings.model_validate(
        {
            "home": str(tmp_path / "home"),
            "http": f"127.0.0.1:{free_port()}",
            "phones": {"tls_cert": str(pair.cert), "tls_key": str(pair.key)},
        }
    )
    trusting = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=str(pair.cert)))
    async with (
        serving(house.ports, settings, passwords=Passwords(CHEAP)),
        aiohttp.ClientSession(connector=trusting) as http,
    ):
        credentials = {"name": Role.AGENT.value, "password": PASSWORD, "kind": "cookie"}
        async with http.post(f"{settings.web_url}/api/v1/session", json=credentials) as answer:
            assert answer.status == 201
            assert "Secure" in answer.headers["Set-Cookie"]
        with pytest.raises(aiohttp.ClientError):
            await http.get(f"http://{settings.http}/healthz")
        async with ControlClient(settings) as client:
            assert await client.status()


async def test_a_server_without_a_good_certificate_does_not_start(tmp_path: Path) -> None:
    """In one line, before anybody is served in plain."""
    house = House(tmp_path)
    phones = {"tls_cert": str(tmp_path / "none"), "tls_key": str(tmp_path / "none")}
    settings = Settings.model_validate({"home": str(tmp_path / "home"), "phones": phones})
    with pytest.raises(UsageError, match="tls make"):
        async with serving(house.ports, settings, passwords=Passwords(CHEAP)):
            pass
