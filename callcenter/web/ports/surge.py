"""The surge level."""

from typing import Protocol

from callcenter.web.views.surge import SurgeSwitchView, SurgeView


class SurgePort(Protocol):
    """The surge level: what holds, who switches it, what was switched."""

    def view(self) -> SurgeView:
        """What holds now, and the figures behind it."""

    async def ask(self, level: int | None, undo: bool, by: str, why: str) -> None:
        """Declare ``level`` (0 to 3), hand it back to the figures (``None``), or ``undo`` the last switch.

        Raises:
            UsageError: nothing to undo.
        """

    async def switches(self, limit: int) -> list[SurgeSwitchView]:
        """The newest ``limit`` switches and proposals, newest first."""
