"""What is kept about alarms (告警) between two looks: what the stores told, and who looks after which."""

from dataclasses import dataclass, field
from datetime import datetime

from callcenter.core.alarms import Told
from callcenter.core.clock import Instant
from callcenter.web.views.alarms import SeenView


@dataclass(eq=False)
class AlarmBook:
    """What is kept between two looks; a restart asks and acknowledges anew. ``asked_at`` ``None``: never."""

    told: Told = field(default_factory=Told)
    asked_at: Instant | None = None
    _seen: dict[str, SeenView] = field(default_factory=dict)

    def acknowledge(self, alarm_id: str, by: str, at: datetime) -> None:
        """Somebody looks after it, as long as it lasts; the first one stays."""
        self._seen.setdefault(alarm_id, SeenView(by=by, at=at))

    def of(self, alarm_id: str) -> SeenView | None:
        """Who acknowledged it."""
        return self._seen.get(alarm_id)

    def keep_only(self, lasting: set[str]) -> None:
        """Forget those that are over: when one comes back somebody is to look again."""
        self._seen = {name: seen for name, seen in self._seen.items() if name in lasting}
