"""A store writer that runs for the time of a test."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from callcenter.store.database import Database
from callcenter.store.writer import StoreWriter


@asynccontextmanager
async def writing(database: Database) -> AsyncIterator[StoreWriter]:
    """The one writer of this database; what was handed in is committed at the end."""
    writer = StoreWriter(database)
    running = asyncio.create_task(writer.run())
    try:
        yield writer
        await writer.flush()
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
