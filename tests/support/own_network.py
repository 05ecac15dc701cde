"""A network of one's own: one private address beside loopback, so that a browser's sound finds a way (ICE has no loopback).

The other end of its cable may be another computer, a laptop with a network of its own, which can move.

Invariant: only the thread that entered it is inside, with all that it starts there: sockets, processes, threads. What was
opened outside stays outside, and nothing of the network is left when the last of them is gone.
"""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest

ADDRESS: Final = "10.123.45.1"
"""Of this machine, as seen from inside; the other end of its cable has none."""
LAPTOP_ADDRESS: Final = "10.123.45.2"
OWN: Final = "/proc/thread-self/ns/net"
CLONE_NEWNET: Final = 0x40000000
LINKS: Final = (
    "link set lo up",
    "link add sound0 type veth peer name sound1",
    f"address add {ADDRESS}/24 dev sound0",
    "link set sound1 up",
    "link set sound0 up",
)
ADVICE: Final = (
    "as root, or for one file: unshare --user --net --map-current-user --keep-caps .venv/bin/pytest FILE"
)

_libc = ctypes.CDLL(None, use_errno=True)


@contextmanager
def own_network() -> Iterator[str]:
    """Inside the block everything that is opened has its own loopback and the address that is yielded.

    Where that is not permitted, as in a container without CAP_SYS_ADMIN, the tests are skipped with one line.
    """
    program = shutil.which("ip")
    if program is None:
        pytest.skip("no browser's sound: apt install iproute2")
    with _apart():
        try:
            for link in LINKS:
                subprocess.run([program, *link.split()], check=True, capture_output=True, text=True)
        except subprocess.CalledProcessError as error:
            pytest.skip(f"no browser's sound: ip {' '.join(error.cmd[1:])}: {error.stderr.strip()}")
        yield ADDRESS


class Laptop:
    """Another computer at the cable: what is started ``inside`` runs there."""

    def __init__(self, network: int) -> None:
        self._network = network
        self.address = ""

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Processes that are started in the block are the laptop's."""
        home = os.open(OWN, os.O_RDONLY | os.O_CLOEXEC)
        try:
            _enter(self._network)
            yield
        finally:
            _enter(home)
            os.close(home)

    def move(self, address: str) -> None:
        """It has this address from now on, and no other."""
        with self.inside():
            _ip("address flush dev sound1")
            _ip(f"address add {address}/24 dev sound1")
        self.address = address


@contextmanager
def laptop() -> Iterator[Laptop]:
    """In a network of one's own: who sits at the other end of the cable. Both ends are gone afterwards."""
    with _apart():
        network = os.open(OWN, os.O_RDONLY | os.O_CLOEXEC)
        keeper = subprocess.Popen(["/bin/sleep", "infinity"])
        _ip("link set lo up")
    try:
        _ip(f"link set sound1 netns {keeper.pid}")
        it = Laptop(network)
        with it.inside():
            _ip("link set sound1 up")
        it.move(LAPTOP_ADDRESS)
        yield it
    finally:
        keeper.kill()
        keeper.wait()
        os.close(network)


def _ip(command: str) -> None:
    subprocess.run([shutil.which("ip") or "", *command.split()], check=True, capture_output=True, text=True)


def _enter(network: int) -> None:
    assert not _libc.setns(network, CLONE_NEWNET), os.strerror(ctypes.get_errno())


@contextmanager
def _apart() -> Iterator[None]:
    """In a fresh network inside the block, and back."""
    home = os.open(OWN, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if _libc.unshare(CLONE_NEWNET):
            pytest.skip(f"no browser's sound: {os.strerror(ctypes.get_errno())}; {ADVICE}")
        try:
            yield
        finally:
            _enter(home)
    finally:
        os.close(home)
