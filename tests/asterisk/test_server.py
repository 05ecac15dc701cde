"""The real Asterisk starts, is found again, stops, and keeps to itself."""

import asyncio
import os
import re
import signal
import socket
from pathlib import Path

import pytest
from pbx import LIMIT_S
from real_asterisk import house, program, settings_for, until

from callcenter.asterisk.modules import MODULES
from callcenter.asterisk.ports import choose_ports, run_dir
from callcenter.asterisk.probe import probe_ami
from callcenter.asterisk.render import loaded_modules
from callcenter.asterisk.secrets import load_secrets
from callcenter.asterisk.server import AsteriskServer, prepare_server, running_pid
from callcenter.core.errors import UsageError
from callcenter.doctor import State, run_checks

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(180)]


async def boot_id(server: AsteriskServer) -> str:
    """The name that this start put in front of every Uniqueid."""
    shown = await server.command("core show settings")
    found = re.search(r"System name:\s+(cc[0-9a-f]{8})", shown)
    assert found, shown
    return found[1]


async def test_starts_and_stops_twice_under_another_boot_id(tmp_path: Path) -> None:
    """A home is started again with the same ports and secrets, but its Uniqueids cannot repeat."""
    server = prepare_server(settings_for(tmp_path), print)
    seen = []
    for _ in range(2):
        await server.start(print)
        seen.append(await boot_id(server))
        await server.stop()
        assert not server.is_running()
    assert seen[0] != seen[1]


async def test_two_instances_run_side_by_side(tmp_path: Path) -> None:
    """Two homes share nothing: neither port nor process nor queue members."""
    async with house(tmp_path / "a") as first, house(tmp_path / "b") as second:
        assert first.server.pid != second.server.pid
        assert await boot_id(first.server) != await boot_id(second.server)
        await first.server.command("queue add member PJSIP/8001 to main")
        assert "PJSIP/8001" in await first.server.command("queue show main")
        assert "PJSIP/8001" not in await second.server.command("queue show main")


async def test_a_second_controller_adopts_the_running_asterisk(tmp_path: Path) -> None:
    """Who starts a home that runs finds the same process on the same ports."""
    async with house(tmp_path) as first:
        again = prepare_server(first.settings, print)
        await again.start(print)
        assert (again.pid, again.ports) == (first.server.pid, first.server.ports)


async def test_starts_again_after_a_kill(tmp_path: Path) -> None:
    """A killed Asterisk leaves nothing behind that stops the next one."""
    async with house(tmp_path) as it:
        pid = it.server.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await until(lambda: not it.server.is_running(), "the process is gone")
        await it.server.start(print)
        assert it.server.pid not in (None, pid)


async def test_a_strange_process_behind_the_pid_file_is_not_ours(tmp_path: Path) -> None:
    """A recycled pid is neither adopted nor stopped."""
    settings = settings_for(tmp_path)
    (run_dir(settings) / "asterisk-server.pid").write_text(f"{os.getpid()} 1\n")
    assert running_pid(settings) is None
    await prepare_server(settings, print).stop()


async def test_a_taken_sip_port_is_named(tmp_path: Path) -> None:
    """The operator is told which address, and which setting changes it."""
    settings = settings_for(tmp_path)
    with socket.socket(type=socket.SOCK_DGRAM) as taken:
        taken.bind((settings.sip_address.host, settings.sip_address.port))
        with pytest.raises(UsageError, match=rf"{settings.sip}.*'sip'"):
            await prepare_server(settings, print).start(print)


async def test_every_module_runs_and_nothing_is_complained_of(tmp_path: Path) -> None:
    """All modules of the list, and only those, and no error in the log."""
    async with house(tmp_path) as it:
        shown = await it.server.command("module show")
        running = set(re.findall(r"^(\w+)\.so\b.*\bRunning\b", shown, re.MULTILINE))
        assert running == set(loaded_modules(program())) <= set(MODULES)
        log = (it.settings.log_path / "asterisk" / "full").read_text()
        assert not re.findall(r".*(?:ERROR|WARNING)\[.*", log)


async def test_no_library_of_the_host_is_mapped(tmp_path: Path) -> None:
    """The private copy runs on its own libraries; only name service plug-ins follow the host's nsswitch.conf."""
    if program().prefix is None:
        pytest.skip("an installed Asterisk uses the host's libraries")
    async with house(tmp_path) as it:
        maps = Path(f"/proc/{it.server.pid}/maps").read_text()
        files = {line.split(maxsplit=5)[5] for line in maps.splitlines() if line.count("/")}
        libraries = {name for name in files if ".so" in name and "/libnss_" not in name}
        assert libraries
        assert not [name for name in libraries if not name.startswith(str(program().prefix))]


async def test_the_dialplan_holds_every_context_and_feature_code(tmp_path: Path) -> None:
    """What was rendered was loaded, whole."""
    async with house(tmp_path) as it:
        shown = await it.server.command("dialplan show")
        for context in ("intake", "session", "fallback", "line", "transfer", "message", "seats"):
            assert f"[ Context '{context}' created by 'pbx_config' ]" in shown
        seats = await it.server.command("dialplan show seats")
        for extension in ("*11", "*12", "*13", "*14", "8001", "8017", "8101"):
            assert f"'{extension}' =>" in seats
        assert "'8018' =>" not in seats


AMI_REFUSED = (
    {"Action": "Originate", "Channel": "Local/main@line", "Application": "System", "Data": "true"},
    {"Action": "Originate", "Channel": "Local/main@line", "Application": "MixMonitor", "Data": "x.raw,,true"},
    {"Action": "Command", "Command": "core show uptime"},
    {"Action": "GetConfig", "Filename": "manager.conf"},
    {"Action": "ModuleLoad", "LoadType": "reload"},
    {"Action": "DBPut", "Family": "callcenter", "Key": "closed", "Val": "1"},
)


@pytest.mark.parametrize("user", ["observer", "actor"])
async def test_ami_users_cannot_run_or_configure_anything(tmp_path: Path, user: str) -> None:
    """Neither of the two users may start programs, read configuration or change the database."""
    async with house(tmp_path) as it:
        secret = load_secrets(it.settings).ami[user]
        reader, writer = await asyncio.open_connection("127.0.0.1", it.server.ports.ami)
        try:
            answers = [
                await ami_ask(reader, writer, action)
                for action in ({"Action": "Login", "Username": user, "Secret": secret}, *AMI_REFUSED)
            ]
        finally:
            writer.close()
            await writer.wait_closed()
        assert answers == ["Success"] + ["Error"] * len(AMI_REFUSED)
        assert "0 active channels" in await it.server.command("core show channels")


async def ami_ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, action: dict[str, str]) -> str:
    """The word after ``Response:`` for one action; events in between are passed over."""
    writer.write("".join(f"{key}: {value}\r\n" for key, value in action.items()).encode() + b"\r\n")
    async with asyncio.timeout(LIMIT_S):
        while True:
            block = (await reader.readuntil(b"\r\n\r\n")).decode()
            found = re.search(r"^Response: (\w+)", block, re.MULTILINE)
            if found:
                return found[1]


async def test_asterisk_http_serves_the_browser_phones_socket_only(tmp_path: Path) -> None:
    """No status page, no files, no manager over HTTP."""
    async with house(tmp_path) as it:
        for path, status in (("/ws", 426), ("/httpstatus", 404), ("/static/x", 404), ("/rawman", 404)):
            reader, writer = await asyncio.open_connection("127.0.0.1", it.server.ports.http)
            writer.write(f"GET {path} HTTP/1.0\r\n\r\n".encode())
            answer = await asyncio.wait_for(reader.readline(), LIMIT_S)
            writer.close()
            await writer.wait_closed()
            assert int(answer.split()[1]) == status, path


async def test_the_doctor_reaches_a_running_asterisk(tmp_path: Path) -> None:
    """The independent client logs in and pings; the ports in use are ours and no trouble."""
    async with house(tmp_path) as it:
        checks = {check.name: check for check in await asyncio.to_thread(run_checks, it.settings)}
        assert "login and ping" in checks["AMI"].found
        assert (checks["AMI"].state, checks["SIP port"].state) == (State.OK, State.OK)
        wrong = await asyncio.to_thread(probe_ami, it.server.ports.ami, "actor", "wrong")
        assert wrong == "login refused"


async def test_remembered_ports_move_only_while_asterisk_is_down(tmp_path: Path) -> None:
    """A running Asterisk keeps its ports although they are, of course, in use."""
    async with house(tmp_path) as it:
        assert choose_ports(it.settings, asterisk_running=True) == it.server.ports
