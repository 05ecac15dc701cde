"""What the web needs to have recordings transcribed again."""

from datetime import date
from typing import Protocol

from callcenter.web.views.redo import RedoView


class RedoControl(Protocol):
    """Transcribes again. :mod:`callcenter.vault.redo` plugs it in."""

    def newest(self) -> RedoView:
        """How far the newest redo is."""

    async def begin(self, day: date | None, model: str, by: str) -> RedoView:
        """Begin one; stopped in the middle, the same one goes on.

        Raises:
            UsageError: ``wrong_redo_state``: one is running.
        """
