"""What the web needs to show and change the settings of the house."""

from collections.abc import Sequence
from typing import Protocol

from callcenter.web.views.house import SettingChangeView, SettingsView, Value


class HousePort(Protocol):
    """The settings in force."""

    def view(self) -> SettingsView:
        """What may be changed and what not."""

    async def change(self, key: str, value: Value | None, by: str, why: str) -> SettingChangeView:
        """Set a key, or (``None``) leave it to the file again; it holds when this returns.

        Raises:
            UsageError: ``unknown_setting``, ``bad_setting``, ``wrong_setting_state``: it holds already.
            PeerError: it could not be committed.
        """

    async def undo(self, key: str, version: int, by: str, why: str) -> SettingChangeView:
        """Back to what held before the change ``version`` of this key.

        Raises:
            UsageError: as for :meth:`change`; ``wrong_setting_state``: it is not the newest change of this key.
        """

    async def history(self, key: str | None, limit: int) -> Sequence[SettingChangeView]:
        """The newest changes, newest first."""
