"""Provisioning of browser phones: settings, addresses, certificates, credentials."""

import asyncio
import hashlib
import ssl
import stat
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from callcenter.asterisk.ports import Ports
from callcenter.asterisk.secrets import load_secrets
from callcenter.commands.tls import tls_app
from callcenter.core.errors import UsageError
from callcenter.core.ids import SeatId
from callcenter.core.messages.cloud import LineCheckAsked, PhoneChecked
from callcenter.phone_desk import CheckNews, PhoneDesk
from callcenter.phones_section import Phones
from callcenter.settings import Settings
from callcenter.tls import make_pair, server_context
from queues.core.cloud_seat import PhoneLimits
from queues.core.line_checks import LineChecks
from queues.core.seats import SeatRules, Seats

pytestmark = pytest.mark.adapters

PAGE, SIP = SeatId("8017"), SeatId("8001")
NOW = datetime(2026, 11, 22, tzinfo=UTC)


class Answering:
    """A controller that decides at once; ``checked``: what a check then measures."""

    def __init__(self, news: CheckNews, checked: PhoneChecked | UsageError) -> None:
        self.news, self.checked = news, checked
        self.asked: list[LineCheckAsked] = []

    async def ask(self, command: LineCheckAsked) -> None:
        """Take it in."""
        self.asked.append(command)
        if isinstance(self.checked, UsageError):
            raise self.checked
        asyncio.get_running_loop().call_soon(self.news.tell, self.checked)


def desk(home: Path, checked: PhoneChecked | UsageError | None = None, **phones: object) -> PhoneDesk:
    """A desk over these settings."""
    settings = Settings.model_validate({"home": str(home), "phones": phones})
    seats = Seats([PAGE, SIP], SeatRules(1.0, 1))
    news = CheckNews()
    controller = Answering(news, checked or PhoneChecked(PAGE, "unreachable"))
    checks = LineChecks(seats, [PAGE], PhoneLimits())
    return PhoneDesk(settings, Ports(1, 2, 30088), cast(Any, controller), seats, checks, PhoneLimits(), news)


def test_a_page_gets_what_opens_its_own_account_only(tmp_path: Path) -> None:
    """No password: what stands for it in Asterisk's realm. A SIP seat's page only controls."""
    it = desk(tmp_path)
    view = it.view(PAGE, "localhost")
    secret = load_secrets(it.settings).seats[PAGE]
    assert view.ha1 == hashlib.md5(f"8017:asterisk:{secret}".encode()).hexdigest()  # noqa: S324  as SIP has it
    assert secret not in view.model_dump_json()
    assert (view.kind, view.url, view.uri) == ("browser", "ws://127.0.0.1:30088/ws", "sip:8017@127.0.0.1")
    plain = it.view(SIP, "localhost")
    assert (plain.kind, plain.url, plain.ha1, plain.uri) == ("sip", None, None, None)


@pytest.mark.parametrize(
    ("phones", "url"),
    [
        ({}, "ws://127.0.0.1:30088/ws"),
        ({"listen": "0.0.0.0:8089"}, "ws://hotline.local:8089/ws"),
        ({"listen": "192.0.2.5:8089"}, "ws://192.0.2.5:8089/ws"),
        ({"listen": "0.0.0.0:8089", "tls_cert": "c", "tls_key": "k"}, "wss://hotline.local:8089/ws"),
        ({"url": "wss://phones.example/ws"}, "wss://phones.example/ws"),
    ],
)
def test_where_a_page_connects(tmp_path: Path, phones: dict[str, Any], url: str) -> None:
    """As the settings say; else by the address on which Asterisk waits, or the name by which the page came."""
    it = desk(tmp_path, **phones)
    assert it.view(PAGE, "hotline.local").url == url
    assert it.origin("hotline.local") == url.removesuffix("/ws")
    assert desk(tmp_path, browser=[]).origin("hotline.local") == ""


@pytest.mark.parametrize(
    "phones",
    [
        {"browser": ["trunk"]},
        {"browser": ["8099"]},
        {"tls_cert": "c"},
        {"url": "https://phones.example/ws"},
        {"url": "wss://phones.example/ws; script-src *"},
        {"url": "wss://a b/ws"},
        {"listen": "localhost:8089"},
    ],
)
def test_settings_that_cannot_be(phones: dict[str, object]) -> None:
    """Nothing that would break a policy or name a seat that is none."""
    with pytest.raises(ValidationError):
        Settings.model_validate({"phones": phones})


def test_the_default_fits_a_smaller_house() -> None:
    """Its last seats are not there, so none is a page; who names one means it."""
    small = Settings.model_validate({"seats": {"count": 2, "cloud_count": 0}})
    assert small.browser_seats == ()
    assert Settings().browser_seats == ("8017", "8136")
    assert Settings().web_url == "http://127.0.0.1:8080"


async def test_a_check_is_waited_for(tmp_path: Path) -> None:
    """What was measured, judged by the limits of the house; a refusal is for who asked."""
    good = PhoneChecked(PAGE, loss_in=0.01, loss_out=0.002, jitter_ms=4, rtt_ms=30, seconds=6, heard=True)
    view = await desk(tmp_path, good).check(PAGE, "zhang")
    assert (view.is_good, view.loss_share, view.delay_ms, view.reason) == (True, 0.01, 30, "")
    nobody = await desk(tmp_path, PhoneChecked(PAGE, "no_answer")).check(PAGE, "zhang")
    assert (nobody.is_good, nobody.failed) == (False, "no_answer")
    assert "无人接听" in nobody.reason
    with pytest.raises(UsageError):
        await desk(tmp_path, UsageError("busy", code="wrong_seat_state")).check(PAGE, "zhang")


def test_a_pair_of_our_own_is_private_and_fits(tmp_path: Path) -> None:
    """Mode 600, for names and addresses, made once; the web server takes it."""
    pair = make_pair(tmp_path / "tls", ["hotline.local", "192.0.2.5"], NOW)
    assert {stat.S_IMODE(path.stat().st_mode) for path in (pair.cert, pair.key)} == {0o600}
    context = server_context(Phones(tls_cert=str(pair.cert), tls_key=str(pair.key)))
    assert isinstance(context, ssl.SSLContext)
    with pytest.raises(UsageError, match="already"):
        make_pair(tmp_path / "tls", ["hotline.local"], NOW)
    with pytest.raises(UsageError, match="neither"):
        make_pair(tmp_path / "other", ["主机"], NOW)
    assert server_context(Phones()) is None


def test_a_pair_that_cannot_be_served_is_refused_in_one_line(tmp_path: Path) -> None:
    """It is not there, or the key is another's; a key that others may read is closed first."""
    first, second = (make_pair(tmp_path / name, ["a.local"], NOW) for name in ("a", "b"))
    with pytest.raises(UsageError, match="No such file"):
        server_context(Phones(tls_cert=str(tmp_path / "none"), tls_key=str(first.key)))
    with pytest.raises(UsageError, match="not a matching"):
        server_context(Phones(tls_cert=str(first.cert), tls_key=str(second.key)))
    first.key.chmod(0o644)
    server_context(Phones(tls_cert=str(first.cert), tls_key=str(first.key)))
    assert stat.S_IMODE(first.key.stat().st_mode) == 0o600


def test_the_command_makes_a_pair_and_says_where_it_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it prints is what the settings take."""
    monkeypatch.setenv("CALLCENTER_HOME", str(tmp_path / "home"))
    told = CliRunner().invoke(tls_app, ["make", "hotline.local", "192.0.2.5"])
    assert told.exit_code == 0, told.output
    lines = told.output.splitlines()
    printed = tomllib.loads("\n".join(lines[lines.index("[phones]") :]))
    assert server_context(Settings.model_validate(printed).phones) is not None
