"""Background work: bounded, timed, and none takes another down."""

import asyncio
from contextlib import suppress

import pytest

from callcenter.core.errors import PeerError
from callcenter.workbench import Workbench

pytestmark = pytest.mark.adapters


async def test_failing_and_endless_work_is_counted_and_the_rest_is_done() -> None:
    """One raises, one never ends; the third is done all the same."""
    bench = Workbench("test", limit=1, limit_s=0.05)
    done = asyncio.Event()

    async def fails() -> None:
        raise RuntimeError

    async def endless() -> None:
        await asyncio.Event().wait()

    async def works() -> None:
        done.set()

    for work in (fails(), endless(), works()):
        bench.start(work)
    task = asyncio.create_task(bench.run())
    async with asyncio.timeout(20):
        await done.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert bench.failed == 2


async def test_a_full_backlog_is_refused() -> None:
    """Who hands in too much is told."""
    bench = Workbench("test", limit=1, limit_s=1.0, backlog=1)

    async def nothing() -> None:
        """Do nothing."""

    first = nothing()
    bench.start(first)
    with pytest.raises(PeerError):
        bench.start(nothing())
    first.close()
