"""A wire between a browser and a server, that a test can cut and mend.

Invariant: while it is cut nothing comes through in either direction, whoever connects is dropped, and both ends are told.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from callcenter.asterisk.ports import LOOPBACK


class Wire:
    """Carries TCP to ``port`` of loopback."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.is_cut = False
        self._ends: set[asyncio.Transport] = set()

    def cut(self) -> None:
        """Drop all connections, and those to come."""
        self.is_cut = True
        for end in list(self._ends):
            end.abort()

    def mend(self) -> None:
        """Connections come through again."""
        self.is_cut = False


class _End(asyncio.Protocol):
    """One end of a connection; ``far`` is the other one, connected when this one is."""

    def __init__(self, wire: Wire, far: "_End | None" = None) -> None:
        self._wire = wire
        self._far = far
        self._early = bytearray()
        self._dialing: asyncio.Task[object] | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._wire._ends.add(self.transport)
        if self._wire.is_cut:
            self.transport.abort()
        elif self._far is None:
            self._far = _End(self._wire, self)
            self._dialing = asyncio.create_task(self._dial(self._far))
        else:
            self.write(bytes(self._early))

    async def _dial(self, far: "_End") -> None:
        try:
            await asyncio.get_running_loop().create_connection(lambda: far, LOOPBACK, self._wire.port)
        except OSError:  # nobody is there
            if self.transport:
                self.transport.abort()

    def write(self, data: bytes) -> None:
        """Send it, or keep it until there is a connection."""
        if self.transport is None:
            self._early += data
        else:
            self.transport.write(data)

    def data_received(self, data: bytes) -> None:
        if self._far:
            self._far.write(data)

    def connection_lost(self, error: Exception | None) -> None:
        if self.transport:
            self._wire._ends.discard(self.transport)
        if self._far and self._far.transport:
            self._far.transport.close()


@asynccontextmanager
async def wire_to(port: int, at: int) -> AsyncIterator[Wire]:
    """A wire to ``port`` of loopback that begins at its port ``at``, whole."""
    wire = Wire(port)
    server = await asyncio.get_running_loop().create_server(lambda: _End(wire), LOOPBACK, at)
    try:
        yield wire
    finally:
        wire.cut()
        server.close()
        await server.wait_closed()
