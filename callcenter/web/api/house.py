"""The settings of the house (设置): shown, changed while it runs, each change with who, when and why."""

from typing import Annotated

from pydantic import AfterValidator, Field, StrictFloat, StrictInt, StrictStr

from callcenter.web.api.common import Why, audit, printable
from callcenter.web.roles import Permission
from callcenter.web.routes import PATH_IDS, Call, Nothing, Operation, Params, operation
from callcenter.web.views import Page
from callcenter.web.views.house import SettingChangeView, SettingsView

Line = Annotated[StrictStr, AfterValidator(printable), Field(max_length=80)]


class SettingBody(Params):
    """The value from now on; null: as configured."""

    value: StrictInt | StrictFloat | Line | Annotated[list[Line], Field(max_length=200)] | None
    why: Why = ""


class UndoSettingBody(Params):
    """Which change is undone: the newest of its key."""

    version: int = Field(ge=1)
    why: Why = ""


class HistoryQuery(Params):
    """Of which key; without: of all."""

    key: str | None = Field(None, pattern=f"^{PATH_IDS['setting']}$")
    limit: int = Field(50, ge=1, le=500)


@operation("GET", "/settings", may=Permission.READ_HOUSE, zh="设置", en="Settings in force")
async def get_settings(call: Call[Nothing, Nothing]) -> SettingsView:
    """What may be changed while the house runs, and the rest as it was at start with its origin; secrets never."""
    return call.ports.house.view()


@operation(
    "PUT",
    "/settings/{setting}",
    may=Permission.SET_HOUSE,
    zh="修改设置",
    en="Change a setting",
    statuses=(400,),
)
async def change_setting(call: Call[Nothing, SettingBody]) -> SettingChangeView:
    """It holds when this answers, without a restart."""
    key, body = call.request.match_info["setting"], call.body
    await audit(call, "settings.changed", f"setting/{key}", body.why)
    return await call.ports.house.change(key, body.value, call.identity.name, body.why)


@operation(
    "POST",
    "/settings/{setting}/undo",
    may=Permission.SET_HOUSE,
    zh="撤销设置修改",
    en="Undo a change",
    statuses=(409,),
)
async def undo_setting(call: Call[Nothing, UndoSettingBody]) -> SettingChangeView:
    """Back to what held before, as a change of its own."""
    key, body = call.request.match_info["setting"], call.body
    await audit(call, "settings.undone", f"setting/{key}", body.why)
    return await call.ports.house.undo(key, body.version, call.identity.name, body.why)


@operation(
    "GET", "/settings/history", may=Permission.READ_HOUSE, zh="设置修改记录", en="Changes, newest first"
)
async def list_setting_changes(call: Call[HistoryQuery, Nothing]) -> Page[SettingChangeView]:
    """Who changed what, when and why."""
    found = list(await call.ports.house.history(call.query.key, call.query.limit))
    return Page.whole(found)


OPERATIONS: tuple[Operation, ...] = (get_settings, list_setting_changes, change_setting, undo_setting)
