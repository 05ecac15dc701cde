"""Transcribing again as desks ask for it: one at a time, in a process of its own, its end is told."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from rows import NOW, StillClock

from callcenter.core.errors import UsageError
from callcenter.vault.redo import COMMAND, RedoDesk
from callcenter.web.stages import Stage
from callcenter.web.views.redo import RedoView
from callcenter.workbench import Workbench

pytestmark = pytest.mark.adapters

PATIENCE_S = 60


@asynccontextmanager
async def desk(*command: str) -> AsyncIterator[RedoDesk]:
    """A desk with its workbench at work."""
    bench = Workbench("redo", limit=1, limit_s=PATIENCE_S)
    working = asyncio.create_task(bench.run())
    try:
        yield RedoDesk(StillClock(), bench.start, command)
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def over(it: RedoDesk) -> RedoView:
    """The redo, once it is over."""
    async with asyncio.timeout(PATIENCE_S):
        while it.newest().state is Stage.RUNNING:
            await asyncio.sleep(0.05)
    return it.newest()


async def test_a_redo_is_asked_for_and_told() -> None:
    """Day and model reach the command; what it says of itself is the answer, also when some were given up."""
    answer = {"model": "big", "asked": 9, "done": 7, "parked": 2}
    program = f"import sys; print({json.dumps(answer)!r}); sys.exit(sys.argv[1:] != ['--day', '2026-11-22', '--model', 'big'])"
    async with desk(sys.executable, "-c", program) as it:
        assert it.newest().state is Stage.NEVER
        begun = await it.begin(NOW.date(), "big", "li")
        assert (begun.state, begun.by, begun.started_at) == (Stage.RUNNING, "li", NOW)
        with pytest.raises(UsageError) as caught:
            await it.begin(None, "", "wang")
        assert caught.value.code == "wrong_redo_state"
        done = await over(it)
        assert (done.state, done.model, done.asked, done.done, done.parked) == (Stage.DONE, "big", 9, 7, 2)
        assert (await it.begin(None, "", "wang")).state is Stage.RUNNING


async def test_the_command_is_the_operators(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that is not here is named, as on the command line."""
    monkeypatch.setenv("CALLCENTER_HOME", str(tmp_path))
    async with desk(*COMMAND) as it:
        await it.begin(None, "no-such-model", "li")
        failed = await over(it)
    assert failed.state is Stage.FAILED
    assert "no-such-model" in failed.trouble
