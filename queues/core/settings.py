"""What a city sets about its hotline's engine. Invariant: every number has a unit in its name or is a share."""

from dataclasses import dataclass

from queues.core.callbacks import CallbackRules
from queues.core.forecast import DayPlan
from queues.core.knowledge import Forecast


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Everything the engine is told before the day.

    ``menu_min_ewt_s``: no offer while the plain estimate is shorter; ``range_slack_s``: an announced range may be so much
    wider than twice its low end. Margins are shares of the capacity that plans may use.
    """

    plan: DayPlan
    forecast: Forecast
    callbacks: CallbackRules
    ring_s: float
    no_answer_s: float
    menu_min_ewt_s: float
    range_slack_s: float
    reviews_by_seats: bool = True
    """Free seats are given messages to review; else people take them from the list of tickets."""
    cloud_seats: int = 0
    has_partner: bool = False
    offer_ewt_s: float = 30.0
    """Call-back and message are offered on arrival above this plain estimate (never below the menu minimum)."""
    reoffer_after_s: float = 90.0
    status_ewt_s: float = 45.0
    """Who has a call-back pending is told so when he would wait longer than this; else he waits for a person."""
    kept_place_s: float = 900.0
    busyness: float = 0.9
    """Share of a rostered hour that is worked; the rest is breaks."""
    callback_margin: float = 1.0
    everybody_margin: float = 0.9
    night_margin: float = 0.6
    overdue_s: float = 7200.0
    """A promise older than this no longer waits for a quiet time."""
    cloud_stay_s: float = 14_400.0
    cloud_ewt_s: float = 60.0
    cloud_queue: int = 5
    cloud_load: float = 1.1
    range_lean: float = 0.8
    menu_ewt_s: float = 110.0
    menu_acceptance: float = 0.5
    """Menus also open above ``menu_ewt_s`` while fewer than this share of callers accept an offer: who refuses all and gives
    up is harder to reach than any other."""
    persistence_s: float = 600.0
    """How much longer a surge is expected to last, at any moment of it."""
    review_share: float = 0.05
    """Messages are reviewed ahead of the line when they would need more than this share of the remaining seat time."""
    overdue_share: float = 0.25
    calm_reserve: int = 3
    """Seats kept free for the next callers while what is owed is a trifle; fewer as it presses more."""
    quiet_reserve: int = 1
    tight_reserve: int = 0
    urgent_reserve_below: int = 14
    """With fewer seats than this one stays free of call-backs, so that an urgent caller meets it."""
