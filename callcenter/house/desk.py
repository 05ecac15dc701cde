"""Settings changed while the house runs: checked, committed, then told to everybody who goes by them.

Invariants: nothing holds that is not committed; what holds passed every check together with all the rest. A change that no
longer fits the file of a later start is left out and said so.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field

import structlog

from callcenter.core.clock import Clock
from callcenter.core.errors import OurError, UsageError
from callcenter.house import store
from callcenter.house.store import Change
from callcenter.house.values import CHANGEABLE, Value, others, overlaid, shape_of, value_of
from callcenter.setting_names import name_of
from callcenter.settings import Settings
from callcenter.store.database import Database
from callcenter.store.unit import Unit
from callcenter.store.writer import StoreWriter
from callcenter.web.views.house import FixedView, SettingChangeView, SettingsView, SettingView

log = structlog.get_logger()


@dataclass
class HouseDesk:
    """What holds (:class:`callcenter.web.ports.house.HousePort`). ``origins``: where each configured value came from.

    ``followers``: told the settings in force after each change. ``trouble``: the first key whose change does not fit any more.
    """

    configured: Settings
    origins: Mapping[str, str]
    database: Database
    writer: StoreWriter
    clock: Clock
    followers: list[Callable[[Settings], None]] = field(default_factory=list)
    trouble: str = ""
    _changed: dict[str, Change] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.settings = self.configured

    async def take_up(self) -> None:
        """Know what earlier controllers were told, and tell it if there is anything."""
        async with self.database.reading() as connection:
            found = await store.in_force(connection)
        for change in found:
            try:
                self._hold(self._changed | {change.key: change})
            except UsageError as error:
                log.error("a changed setting does not fit any more", key=change.key, code=error.code)
                self.trouble = self.trouble or change.key
        if self._values(self._changed):
            self._tell()

    def view(self) -> SettingsView:
        """What may be changed and what not."""
        fixed = [
            FixedView(key=key, name=name_of(key), value=value, origin=self.origins.get(key, "default"))
            for key, value in others(self.configured).items()
        ]
        return SettingsView(changeable=[self._view(key) for key in CHANGEABLE], fixed=fixed)

    async def change(self, key: str, value: Value | None, by: str, why: str) -> SettingChangeView:
        """Set a key, or (``None``) leave it to the file again; it holds when this returns.

        Raises:
            UsageError: ``unknown_setting``, ``bad_setting``, ``wrong_setting_state``: it holds already.
            PeerError: it could not be committed.
        """
        async with self._turn:
            return await self._change(key, value, by, why)

    async def undo(self, key: str, version: int, by: str, why: str) -> SettingChangeView:
        """Back to what held before the change ``version`` of this key, as a change of its own.

        Raises:
            UsageError: as for :meth:`change`; ``wrong_setting_state``: it is not the newest change of this key.
        """
        async with self._turn:
            newest = self._changed.get(key)
            if newest is None or newest.version != version:
                raise UsageError(
                    "这项设置之后又改过，请再看一眼 / it was changed again: look anew",
                    code="wrong_setting_state",
                )
            return await self._change(key, newest.old, by, why)

    async def history(self, key: str | None, limit: int) -> list[SettingChangeView]:
        """The newest changes, newest first."""
        async with self.database.reading() as connection:
            return [self._told(change) for change in await store.history(connection, key, limit)]

    async def _change(self, key: str, value: Value | None, by: str, why: str) -> SettingChangeView:
        wished = self._values(self._changed)
        wished.pop(key, None)
        wished |= {} if value is None else {key: value}
        settings = overlaid(self.configured, wished)
        if key not in CHANGEABLE:
            raise UsageError(f"'{key}' is not changed while the house runs", code="unknown_setting")
        if settings == self.settings and (value is None) == (key not in self._values(self._changed)):
            raise UsageError("就是这个值 / this is what holds already", code="wrong_setting_state")
        checked = None if value is None else value_of(settings, key)
        kept: list[Change] = []

        async def keep(unit: Unit) -> None:
            kept[:] = [await store.keep(unit, key, checked, by, self.clock.at(), why)]

        await self.writer.do(keep, "change setting")
        if not kept:
            raise OurError("a change was committed but not made", code="no_version")
        self._hold(self._changed | {key: kept[0]})
        self._tell()
        log.info("setting changed", key=key, version=kept[0].version)
        return self._told(kept[0])

    def _hold(self, changed: dict[str, Change]) -> None:
        self.settings = overlaid(self.configured, self._values(changed))
        self._changed = changed

    def _tell(self) -> None:
        for follower in self.followers:
            follower(self.settings)

    def _values(self, changed: Mapping[str, Change]) -> dict[str, Value]:
        return {key: change.new for key, change in changed.items() if change.new is not None}

    def _view(self, key: str) -> SettingView:
        shape, change = shape_of(key), self._changed.get(key)
        is_changed = change is not None and change.new is not None
        return SettingView(
            **asdict(shape),
            key=key,
            value=value_of(self.settings, key),
            configured=value_of(self.configured, key),
            origin="page" if is_changed else self.origins.get(key, "default"),
            version=change.version if change else None,
            by=change.by if change else "",
            at=change.at if change else None,
        )

    def _told(self, change: Change) -> SettingChangeView:
        newest = self._changed.get(change.key)
        return SettingChangeView(
            **asdict(change), is_newest=newest is not None and newest.version == change.version
        )
