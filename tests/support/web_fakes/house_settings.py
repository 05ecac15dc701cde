"""A house whose settings are changed in memory; the checks are the real ones."""
# ruff: noqa: D102  each method is described by the port that it stands in for

from collections.abc import Callable, Sequence

from callcenter.core.clock import Clock
from callcenter.core.errors import UsageError
from callcenter.house.values import CHANGEABLE, others, overlaid, shape_of, value_of
from callcenter.setting_names import name_of
from callcenter.settings import Settings
from callcenter.web.views.house import FixedView, SettingChangeView, SettingsView, SettingView, Value


class FakeHouse:
    """Nothing is written down."""

    def __init__(self, settings: Settings, clock: Clock, tell: Callable[[str], object]) -> None:
        self._configured, self._clock, self._tell = settings, clock, tell
        self.changes: list[SettingChangeView] = []
        self.values: dict[str, Value] = {}

    def view(self) -> SettingsView:
        now = overlaid(self._configured, self.values)
        rows = [
            FixedView(key=key, name=name_of(key), value=value, origin="default")
            for key, value in others(now).items()
        ]
        return SettingsView(changeable=[self._view(key, now) for key in CHANGEABLE], fixed=rows)

    async def change(self, key: str, value: Value | None, by: str, why: str) -> SettingChangeView:
        wished = {name: held for name, held in self.values.items() if name != key}
        wished |= {} if value is None else {key: value}
        overlaid(self._configured, wished | ({key: 0} if key not in CHANGEABLE else {}))
        change = SettingChangeView(
            version=len(self.changes) + 1,
            key=key,
            old=self.values.get(key),
            new=value,
            by=by,
            at=self._clock.at(),
            why=why,
            is_newest=True,
        )
        self.changes = [
            it.model_copy(update={"is_newest": it.is_newest and it.key != key}) for it in self.changes
        ]
        self.changes.append(change)
        self.values = wished
        self._tell("house.rules_told")
        return change

    async def undo(self, key: str, version: int, by: str, why: str) -> SettingChangeView:
        newest = self._newest(key)
        if newest is None or newest.version != version:
            raise UsageError("it was changed again", code="wrong_setting_state")
        return await self.change(key, newest.old, by, why)

    async def history(self, key: str | None, limit: int) -> Sequence[SettingChangeView]:
        return [it for it in reversed(self.changes) if key in (None, it.key)][:limit]

    def _newest(self, key: str) -> SettingChangeView | None:
        return next((it for it in reversed(self.changes) if it.key == key), None)

    def _view(self, key: str, now: Settings) -> SettingView:
        shape, newest = shape_of(key), self._newest(key)
        return SettingView(
            key=key,
            kind=shape.kind,
            value=value_of(now, key),
            configured=value_of(self._configured, key),
            origin="page" if key in self.values else "default",
            low=shape.low,
            high=shape.high,
            description=shape.description,
            version=newest.version if newest else None,
            by=newest.by if newest else "",
            at=newest.at if newest else None,
        )
