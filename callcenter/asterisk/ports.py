"""The loopback ports of Asterisk's own servers, and the folder of its control socket.

Invariant: ports are picked once and remembered per home; they change only while Asterisk is down and one of them is
taken by somebody else or could be by the next outgoing connection, so that two homes never meet and a running Asterisk
is always found again.
"""

import hashlib
import itertools
import json
import os
import secrets
import socket
import stat
import tempfile
from collections.abc import Container, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from callcenter.core.errors import UsageError
from callcenter.private_files import write_private
from callcenter.sections import Address, parse_address
from callcenter.settings import Settings

LOOPBACK = "127.0.0.1"
PICKED = range(30_000, 32_768)
"""Above the RTP ports of Asterisk and of the phones, below those that Linux gives to outgoing connections."""
EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
SOCKET_PATH_BYTES_MAX = 100
"""Linux stops at 107 for a Unix socket's path; leave room for a suffix."""
LONGEST_SOCKET_NAME = "asterisk-xx.ctl"


@dataclass(frozen=True, slots=True)
class Ports:
    """TCP ports on 127.0.0.1: manager interface, our FastAGI server, Asterisk's HTTP server (WebSocket)."""

    ami: int
    agi: int
    http: int


def choose_ports(settings: Settings, *, asterisk_running: bool) -> Ports:
    """The remembered ports of this home, or new ones.

    ``asterisk_running``: Asterisk or the controller lives, so that ports in use are ours. Else one that is taken
    was taken by another program, and all three are picked anew.

    Raises:
        UsageError: no port is free.
    """
    path = settings.home_path / "run" / "ports.json"
    known = _read(path)
    if known and (asterisk_running or _is_good(known)):
        return known
    picked = Ports(*free_ports(3, avoid=(settings.sip_address.port, settings.http_address.port)))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_private(path, json.dumps(asdict(picked)) + "\n")
    return picked


def socket_address(settings: Settings, ports: Ports) -> Address:
    """Where Asterisk waits for browser phones (WebSocket)."""
    listen = settings.phones.listen
    return parse_address(listen) if listen else Address(LOOPBACK, ports.http)


def free_ports(count: int, avoid: Container[int] = ()) -> list[int]:
    """``count`` different ports of loopback that nobody holds, over TCP or UDP, and none of ``avoid``.

    They are bound only later, so they are none that Linux gives to an outgoing connection in the meantime.

    Raises:
        UsageError: there are not so many.
    """
    order = secrets.SystemRandom().sample(_candidates(), len(_candidates()))
    free = (port for port in order if port not in avoid and _is_unused(port))
    found = list(itertools.islice(free, count))
    if len(found) < count:
        raise UsageError(
            f"no free port from {PICKED[0]} to {PICKED[-1]} on {LOOPBACK}: stop what listens there",
            code="port_in_use",
        )
    return found


def require_sip_port(settings: Settings) -> None:
    """Check that Asterisk will be able to listen for SIP.

    Raises:
        UsageError: the port is in use, or the address is not one of this machine.
    """
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        require_free(settings.sip_address, "sip", "CALLCENTER_SIP", kind)


def require_free(
    address: Address, setting: str, variable: str, kind: socket.SocketKind = socket.SOCK_STREAM
) -> None:
    """Check that a server of ours can listen at ``address``.

    Raises:
        UsageError: the port is in use, or the address is not one of this machine; names the setting.
    """
    try:
        _try_bind(address.host, address.port, kind)
    except OSError as error:
        transport = "UDP" if kind is socket.SOCK_DGRAM else "TCP"
        raise UsageError(
            f"cannot listen on {address} ({transport}), {error.strerror}: "
            f"stop the other program, or set '{setting}' ({variable}) to another port",
            code="port_in_use",
        ) from None


def run_dir(settings: Settings) -> Path:
    """Folder of sockets and pid files: ``home/run``, or a short one of this user's where that path is too long.

    Raises:
        UsageError: the short folder belongs to somebody else.
    """
    home_run = settings.home_path / "run"
    if len(os.fsencode(home_run / LONGEST_SOCKET_NAME)) <= SOCKET_PATH_BYTES_MAX:
        home_run.mkdir(parents=True, exist_ok=True)
        return home_run
    digest = hashlib.sha256(os.fsencode(settings.home_path)).hexdigest()[:10]
    per_user = Path(tempfile.gettempdir()) / f"callcenter-{os.getuid()}"
    _own_folder(per_user)
    _own_folder(per_user / digest)
    return per_user / digest


def _own_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) != 0o700:
        raise UsageError(
            f"{folder} is not a private folder of this user: remove it, or choose a shorter CALLCENTER_HOME",
            code="run_folder",
        )


def _read(path: Path) -> Ports | None:
    try:
        ports = Ports(**json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    valid = all(isinstance(port, int) and 1024 <= port <= 65535 for port in asdict(ports).values())
    return ports if valid else None


def _candidates() -> Sequence[int]:
    """The ports to pick from; all of ``PICKED`` where this machine's outgoing connections may have every port."""
    try:
        low, high = map(int, EPHEMERAL.read_text("ascii").split())
    except (OSError, ValueError):
        return PICKED
    return [port for port in PICKED if not low <= port <= high] or PICKED


def _is_good(known: Ports) -> bool:
    """Whether the ports of a home that is down can be kept."""
    candidates = _candidates()
    return all(port in candidates and _is_free(port) for port in asdict(known).values())


def _is_unused(port: int) -> bool:
    """Whether no socket at all has the port, not even one that does not listen."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
    ):
        try:
            tcp.bind((LOOPBACK, port))
            udp.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _is_free(port: int) -> bool:
    try:
        _try_bind(LOOPBACK, port, socket.SOCK_STREAM)
    except OSError:
        return False
    return True


def _try_bind(host: str, port: int, kind: socket.SocketKind) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, kind) as sock:
        if kind is socket.SOCK_STREAM:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        if kind is socket.SOCK_STREAM:
            sock.listen(1)
