"""Transcribing again, beside the running house (:class:`callcenter.web.ports.redo.RedoControl`).

Invariant: one at a time, by ``callcenter transcripts redo`` itself: its jobs are durable, so what a restart ends is gone on
with by asking again.
"""

from collections.abc import Callable, Coroutine, Sequence
from datetime import date
from typing import Any, Final

import structlog

from callcenter.core.clock import Clock
from callcenter.core.errors import PeerError, UsageError
from callcenter.own_command import PROGRAM, told
from callcenter.web.stages import Stage
from callcenter.web.views.redo import RedoView

log = structlog.get_logger()

REDO_LIMIT_S: Final = 24 * 3600.0
COMMAND: Final = (*PROGRAM, "transcripts", "redo", "--json")


class RedoDesk:
    """``start``: does work in the background; ``command``: what transcribes, as ``transcripts redo --json``."""

    def __init__(
        self,
        clock: Clock,
        start: Callable[[Coroutine[Any, Any, None]], None],
        command: Sequence[str] = COMMAND,
    ) -> None:
        self._clock, self._start, self._command = clock, start, command
        self._newest = RedoView(state=Stage.NEVER)

    def newest(self) -> RedoView:
        """How far the newest redo is."""
        return self._newest

    async def begin(self, day: date | None, model: str, by: str) -> RedoView:
        """Begin one."""
        if self._newest.state is Stage.RUNNING:
            raise UsageError("a redo is running: ask how far it is", code="wrong_redo_state")
        begun = RedoView(state=Stage.RUNNING, day=day, model=model, by=by, started_at=self._clock.at())
        self._start(self._redo(begun))
        self._newest = begun
        return begun

    async def _redo(self, begun: RedoView) -> None:
        came: dict[str, Any] = {"state": Stage.FAILED, "trouble": "it was stopped"}
        wanted = {"--day": begun.day and begun.day.isoformat(), "--model": begun.model}
        arguments = [part for name, value in wanted.items() if value for part in (name, value)]
        try:
            redone = await told([*self._command, *arguments])
            came = {name: redone[name] for name in ("model", "asked", "done", "parked")}
            came["state"] = Stage.DONE
        except PeerError as error:
            came["trouble"] = str(error)
        finally:
            self._newest = begun.model_copy(update={**came, "ended_at": self._clock.at()})
            log.info("transcribed again", state=self._newest.state.value, done=self._newest.done)
