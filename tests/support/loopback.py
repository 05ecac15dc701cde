"""Ports of loopback for servers that a test starts later, or never.

Invariant: no port comes from the range of outgoing connections, none twice in one process, and none that another
process of tests keeps.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from callcenter.asterisk.ports import LOOPBACK, free_ports

_given: set[int] = set()


def free_port() -> int:
    """A port that nobody has, over UDP and TCP, and that nobody in this process was given before."""
    (port,) = free_ports(1, avoid=_given)
    _given.add(port)
    return port


@contextmanager
def kept(port: int) -> Iterator[None]:
    """Nobody picks the port inside the block, though nobody listens there yet; our own servers can."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((LOOPBACK, port))
        yield
