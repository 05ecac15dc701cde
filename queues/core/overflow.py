"""When to ask for help: cloud seats (云坐席) and the partner city (协作城市). Invariant: cloud seats are invited once a day."""

from dataclasses import dataclass

from queues.core.settings import EngineSettings
from queues.core.surge import Pressure, SurgeProfile


@dataclass(slots=True)
class Help:
    """What we may ask for, and whether we did."""

    settings: EngineSettings
    has_invited: bool = False

    def invites_cloud(self, profile: SurgeProfile, pressure: Pressure) -> bool:
        """Whether cloud seats are invited now: a lasting overload, not a chance crowd.

        They come for hours, once; so the recent citizens must exceed what the seats can do, and a line must stand.
        """
        rules = self.settings
        return (
            rules.cloud_seats > 0
            and not self.has_invited
            and profile.invites_cloud
            and pressure.load >= rules.cloud_load
            and pressure.ewt_s > rules.cloud_ewt_s
            and pressure.waiting >= rules.cloud_queue
        )

    def asks_partner(self, profile: SurgeProfile, pressure: Pressure, owes: bool) -> bool:
        """Whether callers in line are offered to the partner: a long wait, or our seats are needed to call back."""
        is_there = self.settings.has_partner and profile.asks_partner
        return is_there and (pressure.ewt_s > self.settings.menu_min_ewt_s or owes)
