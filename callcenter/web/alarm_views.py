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


class AlarmBook:
    """Who has seen which alarm, as long as it lasts; a restart asks anew."""

    def __init__(self) -> None:
        self._seen: dict[str, SeenView] = {}

    def acknowledge(self, alarm_id: str, by: str, at: datetime) -> None:
        """Somebody looks after it; the first one stays."""
        self._seen.setdefault(alarm_id, SeenView(by=by, at=at))

    def keep_only(self, lasting: set[str]) -> None:
        """Forget those that are over: when one comes back somebody is to look again."""
        self._seen = {name: seen for name, seen in self._seen.items() if name in lasting}

    def of(self, alarm_id: str) -> SeenView | None:
        """Who acknowledged it."""
        return self._seen.get(alarm_id)
