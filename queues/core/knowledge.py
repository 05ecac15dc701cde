"""What the engine believes about citizens and seats right now.

Invariant: every belief starts from the forecast and is moved only by what was seen on the line today.
"""

from dataclasses import dataclass

from queues.core.dialogue import Ground, Offer
from queues.core.learn import Mean, Patience, RecentCount, Share

ARRIVAL_WINDOW_S = 600.0
"""Recent citizens are counted over ten minutes: long enough for a night's noise, short enough for a surge."""
RELIEF_WINDOW_S = 1800.0


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is known of people's and seats' behavior before the day. Seconds > 0."""

    talk_s: float
    wrap_up_s: float
    review_s: float
    patience_s: float

    @property
    def handling_s(self) -> float:
        """Talk and after-call work of one problem."""
        return self.talk_s + self.wrap_up_s


class Knowledge:
    """Beliefs of the day."""

    def __init__(self, forecast: Forecast) -> None:
        self.begin(forecast)
        self.recent_citizens = RecentCount(ARRIVAL_WINDOW_S)
        self.overflow = RecentCount(RELIEF_WINDOW_S)

    def begin(self, forecast: Forecast) -> None:
        """A day begins: what it will teach starts from its forecast."""
        self.forecast = forecast
        self.handling = Mean(forecast.handling_s, 40)
        self.review = Mean(forecast.review_s, 20)
        self.patience = Patience(forecast.patience_s, 20)
        self.reach = {
            Ground.MISSED: Share(0.65, 20),
            Ground.ACCEPTED: Share(0.8, 20),
            Ground.MESSAGE: Share(0.8, 20),
        }
        self.acceptance = {Offer.MESSAGE: Share(0.4, 20), Offer.CALLBACK: Share(0.4, 20)}

    def hear_reply(self, offer: Offer, accepted: bool) -> None:
        """A caller answered an offer that was made on his arrival."""
        if offer in self.acceptance:
            self.acceptance[offer].see(accepted)

    def diverted(self) -> float:
        """The share of callers who accept a message or a call-back when both are offered."""
        refused = 1.0
        for share in self.acceptance.values():
            refused *= 1 - share.value
        return 1 - refused

    def call_cost_s(self, ground: Ground, tries: int, ring_s: float, no_answer_s: float) -> float:
        """Expected seat seconds until a citizen is reached or ``tries`` are used up."""
        reach = self.reach[ground].value
        missed_tries = (1 - reach) * (1 - (1 - reach) ** tries) / reach
        reached = 1 - (1 - reach) ** tries
        return reached * (ring_s + self.handling.value) + missed_tries * no_answer_s
