"""Ports and sockets: remembered per home, never shared, clear words when taken."""

import os
import socket
from dataclasses import astuple
from pathlib import Path

import pytest
from loopback import free_port
from pbx import private_settings
from real_asterisk import program

from callcenter.asterisk import ports
from callcenter.asterisk.ports import (
    PICKED,
    SOCKET_PATH_BYTES_MAX,
    choose_ports,
    free_ports,
    require_free,
    require_sip_port,
    run_dir,
)
from callcenter.asterisk.server import prepare_server
from callcenter.core.errors import UsageError
from callcenter.processes import PidFile
from callcenter.sections import Address
from callcenter.settings import Settings

pytestmark = pytest.mark.adapters


def taken(port: int = 0) -> socket.socket:
    """A listening socket on loopback."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", port))
    sock.listen(1)
    return sock


def test_ports_are_picked_once_and_remembered(tmp_path: Path) -> None:
    """The second start finds the same three different ports; another home has others."""
    first = choose_ports(Settings(home=str(tmp_path / "a")), asterisk_running=False)
    again = choose_ports(Settings(home=str(tmp_path / "a")), asterisk_running=False)
    assert first == again
    assert len(set(astuple(first))) == 3


def test_a_taken_port_moves_only_while_asterisk_is_down(tmp_path: Path) -> None:
    """A port that another program took is given up; one that our own Asterisk uses is not."""
    settings = Settings(home=str(tmp_path))
    first = choose_ports(settings, asterisk_running=False)
    with taken(first.ami):
        assert choose_ports(settings, asterisk_running=True) == first
        second = choose_ports(settings, asterisk_running=False)
    assert second.ami != first.ami
    assert choose_ports(settings, asterisk_running=False) == second


def ephemeral(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str) -> None:
    """This machine's outgoing connections have these ports: ``text`` is what Linux says of them."""
    (tmp_path / "range").write_text(text)
    monkeypatch.setattr(ports, "EPHEMERAL", tmp_path / "range")


def test_no_outgoing_connection_can_take_a_picked_port(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ports that Linux gives to connections are not picked, and not kept from an earlier start."""
    settings = Settings(home=str(tmp_path / "home"))
    earlier = choose_ports(settings, asterisk_running=False)
    ephemeral(monkeypatch, tmp_path, f"{PICKED[0]}\t{max(astuple(earlier))}\n")
    monkeypatch.setattr(ports, "PICKED", range(PICKED[0], max(astuple(earlier)) + 400))
    assert choose_ports(settings, asterisk_running=True) == earlier
    later = choose_ports(settings, asterisk_running=False)
    assert min(astuple(later)) > max(astuple(earlier))


@pytest.mark.parametrize("text", ["1024\t65535\n", "nonsense"])
def test_any_port_is_better_than_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Where connections may have every port, or nobody knows, ports are picked and remembered all the same."""
    ephemeral(monkeypatch, tmp_path, text)
    first = choose_ports(Settings(home=str(tmp_path)), asterisk_running=False)
    assert set(astuple(first)) <= set(PICKED)
    assert choose_ports(Settings(home=str(tmp_path)), asterisk_running=False) == first


def test_the_ports_that_the_operator_chose_are_not_picked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of five free ports, the two of SIP and of the web are left alone though nobody has them yet."""
    sip, http, *rest = free_ports(5)
    monkeypatch.setattr(ports, "PICKED", [sip, http, *rest])
    settings = Settings(home=str(tmp_path), sip=f"127.0.0.1:{sip}", http=f"127.0.0.1:{http}")
    assert sorted(astuple(choose_ports(settings, asterisk_running=False))) == sorted(rest)


def test_too_few_free_ports_are_a_clear_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator reads which ports he has to free."""
    monkeypatch.setattr(ports, "PICKED", PICKED[:2])
    with pytest.raises(UsageError, match=rf"{PICKED[0]} to {PICKED[1]}"):
        choose_ports(Settings(home=str(tmp_path)), asterisk_running=False)


def test_a_held_port_is_picked_by_nobody_and_can_be_served(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test holds the port of a server that starts later; the server itself finds it free."""
    port = free_port()
    monkeypatch.setattr(ports, "PICKED", [port])
    with pytest.raises(UsageError):
        free_ports(1)
    with socket.create_server(("127.0.0.1", port)), socket.create_connection(("127.0.0.1", port)):
        pass


@pytest.mark.parametrize(
    "content", ["", "{}", '{"ami": 1, "agi": 2, "http": 3}', '{"ami": "x", "agi": 1, "http": 2}']
)
def test_a_broken_note_is_made_anew(tmp_path: Path, content: str) -> None:
    """Nobody has to repair ``ports.json``."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "ports.json").write_text(content)
    assert min(astuple(choose_ports(Settings(home=str(tmp_path)), asterisk_running=True))) > 1023


def test_a_taken_port_is_named_with_its_setting() -> None:
    """The operator reads the address, the setting and the variable."""
    with taken() as other:
        port = other.getsockname()[1]
        with pytest.raises(UsageError, match=rf"127\.0\.0\.1:{port}.*'http' \(CALLCENTER_HTTP\)"):
            require_free(Address("127.0.0.1", port), "http", "CALLCENTER_HTTP")


def test_the_sip_port_is_tried_over_udp_too() -> None:
    """A UDP-only program on the port is found."""
    with socket.socket(type=socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        with pytest.raises(UsageError, match="UDP"):
            require_sip_port(Settings(sip=f"127.0.0.1:{other.getsockname()[1]}"))


def test_an_address_of_another_machine_is_refused() -> None:
    """Listening where this machine is not cannot work."""
    with pytest.raises(UsageError, match=r"192\.0\.2\.1"):
        require_free(Address("192.0.2.1", 5060), "sip", "CALLCENTER_SIP")


def test_a_long_home_gets_a_short_private_run_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Socket paths stay below the limit of Unix; two long homes stay apart; nobody else may look in."""
    monkeypatch.setattr("tempfile.gettempdir", lambda: "/tmp")
    short, long = Settings(home="/tmp/x"), [Settings(home=str(tmp_path / ("h" * 90 + end))) for end in "ab"]
    folders = [run_dir(settings) for settings in long]
    assert folders[0] != folders[1]
    for folder in folders:
        assert len(str(folder / "asterisk-xx.ctl")) <= SOCKET_PATH_BYTES_MAX
        assert folder.stat().st_mode & 0o777 == 0o700
        folder.rmdir()
    assert str(short.home_path) == "/tmp/x"


def test_a_run_folder_of_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that others can write is no place for a control socket."""
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr("os.getuid", lambda: 4711)
    with pytest.raises(UsageError, match="private folder"):
        run_dir(Settings(home="/tmp/" + "h" * 120))


def test_the_live_controllers_port_is_kept_while_asterisk_is_down(tmp_path: Path) -> None:
    """A controller that outlived Asterisk listens on its FastAGI port: the next Asterisk must find it there."""
    settings = private_settings(tmp_path, asterisk=str(program().program))
    first = prepare_server(settings, print).ports
    with taken(first.agi):
        PidFile(run_dir(settings) / "controller.pid").write(os.getpid())
        assert prepare_server(settings, print).ports == first
        PidFile(run_dir(settings) / "controller.pid").forget()
        assert prepare_server(settings, print).ports != first
