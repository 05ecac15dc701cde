"""Ports of loopback for servers that a test starts later, or never.

Invariant: no outgoing connection and no other home, of this process or of another, gets a port that is held here:
a bound socket that does not listen keeps everybody away but a server that may reuse the address, as all of ours may.
"""

import socket
from collections import deque
from collections.abc import Iterator
from contextlib import closing, contextmanager

from callcenter.asterisk.ports import LOOPBACK, free_ports

SAMPLE = 200
"""Free ports to look at: enough that some are neighbors."""
HELD_MAX = 100
"""More ports than one test needs; the oldest are let go."""

_held: deque[socket.socket] = deque()


def free_port() -> int:
    """A port that nobody has, over UDP and TCP, and that is held; so is the next one, where SIP phones have TLS."""
    free = free_ports(SAMPLE)
    port = next(port for port in free if port + 1 in free)
    _held.extend((_holding(port), _holding(port + 1)))
    while len(_held) > HELD_MAX:
        _held.popleft().close()
    return port


@contextmanager
def kept(port: int) -> Iterator[None]:
    """The port is held inside the block."""
    with closing(_holding(port)):
        yield


def _holding(port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((LOOPBACK, port))
    return bound
