"""Ports and sockets: remembered per home, never shared, clear words when taken."""

import os
import socket
from dataclasses import astuple
from pathlib import Path

import pytest
from pbx import private_settings
from real_asterisk import program

from callcenter.asterisk.ports import (
    SOCKET_PATH_BYTES_MAX,
    choose_ports,
    require_free,
    require_sip_port,
    run_dir,
)
from callcenter.asterisk.server import prepare_server
from callcenter.core.errors import UsageError
from callcenter.processes import PidFile
from callcenter.settings import Address, Settings

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
