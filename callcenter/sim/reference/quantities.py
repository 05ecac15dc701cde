"""The estimates that reference policies act on (SCENARIOS.md 8.1). Invariant: they use the forecast only, never the day."""

import math

from callcenter.sim.floor import HOUR
from callcenter.sim.params import ms
from callcenter.sim.port import Hotline

OCCUPANCY = 0.9
"""The share of a rostered hour that counts as capacity."""


class Quantities:
    """E, W and S of one hotline. ``waiting`` is n, the number of people in both queues."""

    def __init__(self, hotline: Hotline) -> None:
        self._hotline = hotline
        forecast = hotline.forecast
        self.handling_s = forecast.talk_s + forecast.acw_s
        self._patience_s = forecast.patience_mean_s
        self._until = ms(hotline.day.callback_to_s)

    def seats(self) -> int:
        """N: seats that can work now, at least one."""
        return max(1, self._hotline.home_staffed() + self._hotline.cloud_staffed())

    def free(self) -> int:
        """Seats that wait for work."""
        return self._hotline.home_free() + self._hotline.cloud_free()

    def plain_wait_s(self, waiting: int) -> float:
        """E, the plain estimate for one who joins now."""
        return 0.0 if self.free() else (waiting + 1) * self.handling_s / self.seats()

    def announced_wait_s(self, waiting: int) -> float:
        """W, the estimate that knows abandonment."""
        service, leaving = self.seats() / self.handling_s, 1 / self._patience_s
        return math.log((service + (waiting + 1) * leaving) / service) / leaving

    def spare_callbacks(self, waiting: int, open_messages: int) -> float:
        """S, how many call-backs the rest of the day can still absorb."""
        hours, spare, now = self._hotline.roster, 0.0, self._hotline.now
        for hour in range(now // HOUR, min(len(hours), -(-self._until // HOUR))):
            begin, end = max(now, hour * HOUR), min(self._until, (hour + 1) * HOUR)
            if end > begin:
                spare += max(0.0, (end - begin) / HOUR * self._spare_per_hour(hour))
        return spare - waiting - open_messages * self._hotline.forecast.review_s / self.handling_s

    def _spare_per_hour(self, hour: int) -> float:
        hotline = self._hotline
        home = hotline.roster[hour] * 3600 * OCCUPANCY / self.handling_s
        cloud = hotline.cloud_staffed() * 3600 / (self.handling_s * hotline.cloud_factor)
        return home + cloud - hotline.forecast.citizens * hotline.forecast.profile[hour]
