"""What is assumed of people whom nobody has measured yet: offers, redials, spreads (SCENARIOS.md 3, marks A).

Invariant: what the hotline's engine has learned by itself (handling, patience, who accepts, who is reached) wins over
what is assumed here.
"""

import math
from pathlib import Path

from callcenter.sim.params import (
    FORMAT,
    Callback,
    CitizenTraits,
    Cloud,
    Day,
    Forecast,
    HouseRules,
    Lines,
    MessageTraits,
    Params,
    PartnerCity,
    Prompts,
    Resources,
    Seats,
)
from queues.core.dialogue import Ground, Offer
from queues.core.scene import Scene

REDIAL_MEDIAN_S, REDIAL_SIGMA = 180.0, 0.8
SMS_FACTOR, P_REDIAL, P_REDIAL_BUSY = 0.5, 0.7, 0.9
P_CHASE, CHASE_MEAN_S = 0.15, 3600.0
PATIENCE_SIGMA = 1.0
URGENT_PATIENCE = 2.0
TALK_CV, WRAP_UP_CV = 0.9, 0.7
CLOUD_FACTOR = 1.1
DAY_S = 86_400.0

GENERATOR = {
    "p_consult": 0.45,
    "p_consult_surge": 0.7,
    "p_hot": 0.15,
    "p_hot_surge": 0.6,
    "p_urgent": 0.03,
    "talk_cv": TALK_CV,
    "acw_cv": WRAP_UP_CV,
    "review_cv": 0.6,
    "chase_mean_s": CHASE_MEAN_S,
    "break_p": 0.0,  # the seats on duty stay so many: who rests is replaced by who comes back
    "break_mean_s": 600.0,
    "patience_sigma": PATIENCE_SIGMA,
    "urgent_patience_factor": URGENT_PATIENCE,
    "redial_median_s": REDIAL_MEDIAN_S,
    "redial_busy_median_s": 60.0,
    "redial_sigma": REDIAL_SIGMA,
}
"""How people are drawn; the median of patience is what the engine has learned."""


def world_params(
    scene: Scene, roster: tuple[int, ...], channels: int, has_self_service: bool = False
) -> Params:
    """The world around a scene. ``roster``: on-site seats in each hour of the day; ``channels``: calls at once."""
    rules, knowledge, plan = scene.settings, scene.knowledge, scene.plan
    talk_s, wrap_up_s = handling_parts(scene)
    return Params(
        source=Path(),
        format=FORMAT,
        id="scene",
        title="from a scene on",
        seed=0,
        trace="",
        resources=Resources(0, False),
        day=Day(len(roster) * 3600.0, plan.callback_from_s, plan.callback_to_s),
        seats=Seats(roster),
        lines=Lines(channels, channels),
        prompts=Prompts(8.0, 20.0, 60.0, 20.0, 75.0),
        citizen=CitizenTraits(
            p_announcement=0.3,
            p_selfservice_try=0.5 if has_self_service else 0.0,
            p_selfservice_ok=0.4,
            p_callback=knowledge.acceptance[Offer.CALLBACK].value,
            p_message=knowledge.acceptance[Offer.MESSAGE].value,
            p_callback_waiting=0.3,
            reoffer_after_s=rules.reoffer_after_s,
            p_status=0.7,
            p_chase=P_CHASE,
            p_redial=P_REDIAL,
            p_redial_busy=P_REDIAL_BUSY,
            sms_factor=SMS_FACTOR,
            max_attempts=40,
        ),
        callback=Callback(
            reach_accepted=knowledge.reach[Ground.ACCEPTED].value,
            reach_missed=knowledge.reach[Ground.MISSED].value,
            reach_message=knowledge.reach[Ground.MESSAGE].value,
            ring_s=rules.ring_s,
            noanswer_s=rules.no_answer_s,
            talk_factor=0.95,
            max_tries=rules.callbacks.max_tries,
            retry_gap_s=0.0,  # the engine keeps the gap; when a citizen was dialed before, the world does not know
            min_talk_s=20.0,
        ),
        message=MessageTraits(0.3),
        cloud=Cloud(0.0, DAY_S, CLOUD_FACTOR, (), ()),
        partner=PartnerCity(0, 0, 1.0, ""),
        rules=HouseRules(rules.menu_min_ewt_s, rules.range_slack_s),
        forecast=Forecast(
            int(plan.citizens),
            plan.profile,
            talk_s,
            wrap_up_s,
            knowledge.review.value,
            knowledge.patience.value,
        ),
        generator=GENERATOR | {"patience_median_s": patience_median_s(scene)},
    )


def handling_parts(scene: Scene) -> tuple[float, float]:
    """Mean talk and mean after-call work: what was learned of both together, parted as was forecast."""
    forecast, handling_s = scene.knowledge.forecast, scene.knowledge.handling.value
    talk_s = handling_s * forecast.talk_s / forecast.handling_s
    return talk_s, handling_s - talk_s


def patience_median_s(scene: Scene) -> float:
    """The median of a log-normal patience with the mean that was learned."""
    return scene.knowledge.patience.value * math.exp(-PATIENCE_SIGMA * PATIENCE_SIGMA / 2)
