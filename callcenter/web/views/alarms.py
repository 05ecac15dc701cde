"""Alarms (告警) as they are shown, and who has seen them."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from callcenter.web.views import View


class SeenView(View):
    """Somebody looks after it."""

    by: str
    at: datetime


class AlarmView(View):
    """Something to do about the house. The page says what, by ``id`` and ``values``."""

    id: str
    severity: Literal["critical", "major", "minor"]
    values: dict[str, str | int]
    seen: SeenView | None = Field(description="who acknowledged it; null: nobody yet")


class AlarmsView(View):
    """All of them, the worst first."""

    as_of: datetime
    alarms: list[AlarmView]
