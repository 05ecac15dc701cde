"""What the outside sees of the settings of the house (设置)."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from callcenter.web.views import View

Value = int | float | str | list[str]


class SettingView(View):
    """A setting that may be changed while the house runs; a change holds at once."""

    key: str
    kind: Literal["whole", "number", "text", "lines"]
    value: Value
    configured: Value = Field(description="what the file says, or the default")
    origin: str = Field(description="page: it was changed here; else the file, the variable, or default")
    low: float | None
    high: float | None
    description: str
    version: int | None = Field(description="its newest change; null: it was never changed here")
    by: str
    at: datetime | None


class FixedView(View):
    """A setting that is read at start only."""

    key: str
    name: str = Field(description="what it is called in Chinese")
    value: str
    origin: str


class SettingsView(View):
    """All of them."""

    changeable: list[SettingView]
    fixed: list[FixedView]


class SettingChangeView(View):
    """One change. ``old``, ``new``: null is as configured."""

    version: int = Field(ge=1)
    key: str
    old: Value | None
    new: Value | None
    by: str
    at: datetime
    why: str
    is_newest: bool = Field(description="the newest of its key: it may be undone")
