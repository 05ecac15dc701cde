"""The one composition root of the controller process.

``cell.py`` builds the parts and runs them; ``effects.py`` is the table from effects to edges, ``web.py`` what the web is given,
``take_up.py`` what the last controller left, ``chores.py`` what is done again and again.
Invariant: importing this package creates nothing; which concrete class is plugged in is decided here only.
"""

import asyncio
import contextlib

from callcenter import logs
from callcenter.bootstrap.cell import Cell
from callcenter.instance import log_key
from callcenter.settings import Loaded
from callcenter.supervisor import until_signaled


async def run_controller(loaded: Loaded) -> None:
    """Run the controller of one instance until it is signaled."""
    settings = loaded.settings
    logs.configure(log_key(settings))
    async with until_signaled() as signaled:
        cell = Cell(settings, loaded.origins)
        running = asyncio.create_task(cell.run())
        stopping = asyncio.create_task(signaled.wait())
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in (running, stopping):
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


__all__ = ["Cell", "run_controller"]
