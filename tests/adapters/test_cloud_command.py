"""``callcenter cloud`` against a served house: what is asked arrives, what is printed; a new password reaches Asterisk's files."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from desk import Desk
from loopback import free_port
from rich.console import Console
from web_fakes import CHEAP, NUMBER, House
from web_fakes.cloud import SEAT

from callcenter.asterisk.install import AsteriskProgram
from callcenter.asterisk.ports import Ports
from callcenter.asterisk.render import layout, render, render_accounts
from callcenter.asterisk.secrets import load_secrets, renew_seat
from callcenter.commands.cloud import cloud_app, print_cloud
from callcenter.core.messages.cloud import CloudRequest, CloudState
from callcenter.settings import Settings
from callcenter.web.passwords import Passwords
from callcenter.web.server import serving
from callcenter.web.views.cloud import STATE_NAMES

pytestmark = [pytest.mark.adapters, pytest.mark.timeout(180)]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk in front of a running house."""
    house = House(tmp_path)
    house.settings = Settings(home=str(tmp_path / "home"), http=f"127.0.0.1:{free_port()}")
    async with serving(house.ports, house.settings, passwords=Passwords(CHEAP)):
        yield Desk(house)


def test_every_command_explains_itself() -> None:
    """In Chinese first, and by an example."""
    for command in cloud_app.registered_commands:
        assert command.callback
        assert not (command.callback.__doc__ or "").split(" / ")[0].isascii(), command.name
        assert (command.epilog or "").startswith("Example: callcenter cloud"), command.name


def test_every_state_has_a_name() -> None:
    """Chinese for people."""
    assert set(STATE_NAMES) == set(CloudState)


def test_what_the_screen_shows(tmp_path: Path) -> None:
    """The proposal and how to apply it, the running call, each seat with why it was refused."""
    console = Console(record=True, width=200)
    print_cloud(console, House(tmp_path).cloud.view().model_dump(mode="json"))
    text = console.export_text()
    assert "建议邀请 / proposed: 4" in text
    assert "1 / 6" in text
    assert "丢包 31 %，上限 3 %" in text
    assert "31.0%" in text


async def test_what_is_asked_arrives(desk: Desk) -> None:
    """Inviting, withdrawing, writing somebody down; a seat that is none is one line."""
    assert "邀请中 / calling for help" in await desk.ok("cloud", "invite", "6", "--why", "暴雨")
    assert "通话后 / after the call" in await desk.ok("cloud", "withdraw", SEAT, "--why", "高峰已过")
    await desk.ok("cloud", "add", "1023", "王芳", NUMBER, "--seat", SEAT)
    assert "no cloud seat" in await desk.complaint(2, "cloud", "lock", "8199", "--why", "口令泄露")
    assert desk.house.cloud.asked == [
        ("invite", 6, "operator", "暴雨"),
        (CloudRequest.WITHDRAW, SEAT, "operator", "高峰已过"),
        ("add", "1023", "王芳", NUMBER, SEAT),
    ]


def test_a_new_password_reaches_the_accounts(tmp_path: Path) -> None:
    """Only this seat's; the other files stay as they are."""
    settings = Settings(home=str(tmp_path))
    program = AsteriskProgram(Path("/x/asterisk"), "22.10.1", None, Path("/x/modules"), Path("/x/data"))
    ports = Ports(5038, 4573, 8088)
    render(settings, program, ports, load_secrets(settings), "cc01234567")
    before, dialplan = load_secrets(settings).seats, layout(settings).etc / "extensions.conf"
    changed_at = dialplan.stat().st_mtime_ns
    renew_seat(settings, SEAT)
    after = load_secrets(settings).seats
    assert [seat for seat in after if after[seat] != before[seat]] == [SEAT]
    render_accounts(settings, program, ports, load_secrets(settings))
    accounts = (layout(settings).etc / "pjsip.conf").read_text("utf-8")
    assert f"password = {after[SEAT]}\n" in accounts
    assert before[SEAT] not in accounts
    assert dialplan.stat().st_mtime_ns == changed_at
