"""What the controller does again and again beside its work."""

import asyncio
import contextlib
from typing import TYPE_CHECKING

from callcenter.bootstrap.web import board
from callcenter.core.errors import PeerError
from ivr.prompts import missing_prompts
from recordings import search, upkeep

if TYPE_CHECKING:
    from callcenter.bootstrap.cell import Cell

BOARD_EVERY_S = 1.0
SPOOL_EVERY_S = 10.0
VAULT_EVERY_S = 15.0
PROMPTS_EVERY_S = 300.0
VAULT_DAYS = 14
"""Folders in which what waits for the storage is counted: looking at years of files would take a second."""


async def show_board(cell: "Cell") -> None:
    """The board into Redis, every second."""
    while True:
        shown = board(cell).status()
        await cell.live.put(shown.as_of, shown.model_dump(mode="json"))
        await asyncio.sleep(BOARD_EVERY_S)


async def import_messages(cell: "Cell") -> None:
    """Voice messages taken by the survival script become rows, and statements that a controller left behind."""
    while True:
        await asyncio.sleep(SPOOL_EVERY_S)  # first the books say who called meanwhile
        with contextlib.suppress(PeerError):
            await cell.spool.import_all()
            await cell.statements.sweep()


async def make_findable(cell: "Cell") -> None:
    """Transcripts that the search does not know yet."""
    with contextlib.suppress(PeerError):  # the next start tries again
        await search.catch_up(cell.database)


async def watch_vault(cell: "Cell") -> None:
    """What waits for the storage, and for how long."""
    while True:
        state = await asyncio.to_thread(upkeep.state_of, cell.capture.vault, cell.clock.at(), VAULT_DAYS)
        cell.vault_trouble = state.told()
        await asyncio.sleep(VAULT_EVERY_S)


async def watch_prompts(cell: "Cell") -> None:
    """Prompts that are missing or damaged: a caller would hear nothing there."""
    while True:
        missing = await asyncio.to_thread(missing_prompts, cell.settings)
        cell.prompts_trouble = f"{len(missing)} missing" if missing else ""
        await asyncio.sleep(PROMPTS_EVERY_S)
