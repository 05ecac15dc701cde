"""A network of one's own: one private address beside loopback, so that a browser's sound finds a way (ICE has no loopback).

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


@contextmanager
def _apart() -> Iterator[None]:
    """In a fresh network inside the block, and back."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        if _libc.unshare(CLONE_NEWNET):
            pytest.skip(f"no browser's sound: {os.strerror(ctypes.get_errno())}; {ADVICE}")
        try:
            yield
        finally:
            assert not _libc.setns(home, CLONE_NEWNET), os.strerror(ctypes.get_errno())
    finally:
        os.close(home)
