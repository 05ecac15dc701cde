"""The engines of one city, built from its settings and shown each other.

Invariant: each hears a message before those that read it: contacts and seats before the steering.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from callcenter.core.clock import Instant
from callcenter.core.contacts import Contacts
from callcenter.core.engine import Engine
from callcenter.core.follow_up import FollowUp
from callcenter.core.ids import QueueName, SeatId
from callcenter.core.messages.house import RulesTold
from callcenter.core.messages.surge import DayPlanned
from callcenter.sections import Menus, Surge, parse_night
from callcenter.settings import Settings
from ivr.core.intake import ArrivalFlows, Intake
from queues.core.beside import Listening
from queues.core.call_days import CallDays
from queues.core.callbacks import CallbackRules
from queues.core.cloud import CloudRoll
from queues.core.cloud_call import CloudRules
from queues.core.cloud_seat import PhoneLimits
from queues.core.conferences import Conferences
from queues.core.dead_phones import DeadPhones
from queues.core.engine import HotlineEngine, day_plan
from queues.core.house import SteeringRules
from queues.core.knowledge import Forecast
from queues.core.line_checks import LineChecks
from queues.core.mutual_aid import AidRules
from queues.core.numbers import can_be_called, mobile_number
from queues.core.presence import Presence
from queues.core.rebalance import Rebalancing
from queues.core.seat import SeatRules
from queues.core.seats import Seats
from queues.core.settings import EngineSettings
from queues.core.steering import Steering
from queues.core.surge import LevelThresholds, SurgeLevel, SurgeProfile, SurgeWatch
from queues.core.surveying import Surveying
from queues.core.waiting import WaitingLine
from recordings.core.pauses import Pauses

RANGE_SLACK_S = 60.0
"""An announced wait may be so much wider than twice its low end (SCENARIOS.md 8.1)."""

INVITATION_S = 60.0
"""After the ringing an invitation has so long for its question (45 s at most in the dialplan), and then it has ended."""

RING_OUTS_MAX = 1
"""As in ``queues.conf``: ``autopause`` takes a seat that let a caller ring out from the line at once."""


@dataclass(frozen=True)
class Engines:
    """All of them; ``in_order`` as they hear."""

    contacts: Contacts
    line: WaitingLine
    seats: Seats
    steering: Steering
    pauses: Pauses
    rebalancing: Rebalancing
    call_days: CallDays
    surveying: Surveying
    presence: Presence
    conferences: Conferences
    listening: Listening
    line_checks: LineChecks
    in_order: Sequence[Engine]
    cloud: CloudRoll


def build_engines(settings: Settings, today: DayPlanned) -> Engines:
    """New engines that know nothing yet but the settings and the plan of the day."""
    queues = [QueueName(queue) for queue in settings.line.queues]
    contacts, line = Contacts(settings.drill.speed or 1.0), WaitingLine(queues)
    steering: Steering

    def claim(seat_id: SeatId, now: Instant) -> bool:
        return steering.claim(seat_id, now)

    seats = Seats([SeatId(seat) for seat in settings.seats.all()], _seat_rules(settings), queues, claim)
    hotline = HotlineEngine(engine_settings(settings, today), surge_watch(settings.surge))
    cloud = frozenset(SeatId(seat) for seat in settings.seats.cloud())
    roll = CloudRoll(sorted(cloud), seats, cloud_rules(settings))
    rules = SteeringRules(
        queues[0],
        cloud,
        callable_numbers(settings),
        settings.line.statement_from_s,
        aid_rules(settings),
        counts=roll.counts,
    )
    steering = Steering(hotline, seats, contacts, rules)
    intake = Intake(queues[0], settings.line.longest_session_s, arrival_flows(settings.menus))
    pauses = Pauses(contacts.get)
    rebalancing = Rebalancing(seats, queues, steering.asks_survey)
    call_days = CallDays(seats)
    surveying = Surveying(seats, contacts, steering.asks_survey)
    groups = {"on_site": frozenset(seat.seat_id for seat in seats.all()) - cloud, "cloud": cloud}
    presence = Presence(groups, settings.shifts.no_show_after_s)
    departments = settings.reachable_departments
    conferences = Conferences(contacts.get, seats.get, departments, settings.line.ring_timeout_s)
    telephones = settings.beside.telephones if settings.trunk.outbound else {}
    listening = Listening(seats, conferences.is_full, telephones, settings.line.ring_timeout_s)
    pages = frozenset(SeatId(seat) for seat in settings.browser_seats)
    line_checks = LineChecks(
        seats, pages - cloud if settings.phones.must_check else (), line_limits(settings)
    )
    in_order: list[Engine] = [
        contacts,
        line,
        DeadPhones(seats, pages),
        line_checks,
        seats,
        roll,
        intake,
        FollowUp(),
        steering,
        pauses,
        rebalancing,
        call_days,
        surveying,
        presence,
        conferences,
        listening,
    ]
    return Engines(
        contacts,
        line,
        seats,
        steering,
        pauses,
        rebalancing,
        call_days,
        surveying,
        presence,
        conferences,
        listening,
        line_checks,
        in_order,
        roll,
    )


def engine_settings(settings: Settings, today: DayPlanned) -> EngineSettings:
    """What the surge engine is told by the operator."""
    day, callback, surge = settings.day, settings.callback, settings.surge
    return EngineSettings(
        plan=day_plan(today),
        forecast=Forecast(today.talk_s, today.wrap_up_s, today.review_s, today.patience_s),
        callbacks=CallbackRules(callback.max_tries, callback.retry_gap_s),
        ring_s=day.ring_s,
        no_answer_s=callback.ring_s,
        menu_min_ewt_s=surge.offer_ewt_s,
        range_slack_s=RANGE_SLACK_S,
        reviews_by_seats=False,
        offer_ewt_s=surge.offer_ewt_s,
        reoffer_after_s=surge.reoffer_after_s,
        kept_place_s=surge.kept_place_s,
        cloud_seats=min(settings.cloud.seats, settings.seats.cloud_count),
        cloud_stay_s=settings.cloud.stay_s,
        has_partner=bool(settings.partner.name),
    )


def rules_told(settings: Settings) -> RulesTold:
    """What engines built from other settings are told to go on with these."""
    line, rest, surge, callback = settings.line, settings.rest, settings.surge, settings.callback
    _, *raised = surge.levels()
    begins, ends = (at.hour * 3600.0 + at.minute * 60.0 for at in parse_night(settings.menus.night))
    return RulesTold(
        wrap_up_s=float(line.wrap_up_s),
        occupancy_limit=rest.occupancy_limit,
        rest_s=float(rest.rest_s),
        abuse_rest_s=float(rest.abuse_rest_s),
        offer_ewt_s=float(surge.offer_ewt_s),
        reoffer_after_s=float(surge.reoffer_after_s),
        enter=tuple(profile.enter for profile in raised),
        leave=tuple(profile.leave for profile in raised),
        wrap_up_caps_s=tuple(float(profile.wrap_up_cap_s) for profile in surge.levels()),
        max_tries=callback.max_tries,
        retry_gap_s=float(callback.retry_gap_s),
        night_from_s=begins,
        night_to_s=ends,
        holidays=tuple(day.isoformat() for day in sorted(settings.menus.holidays)),
    )


def aid_rules(settings: Settings) -> AidRules | None:
    """What was agreed with the partner city; ``None``: there is none."""
    agreed = settings.partner
    if not agreed.name:
        return None
    return AidRules(agreed.reserve_seats, agreed.help_max, agreed.give_back_s, agreed.rest_s)


def cloud_rules(settings: Settings) -> CloudRules:
    """Who may be rung when, and how good a line must be."""
    cloud = settings.cloud
    return CloudRules(
        automatic=cloud.mode == "automatic",
        by_phone=cloud.by_phone,
        by_link=cloud.by_link and bool(settings.sms.link_base),
        at_once=cloud.at_once,
        round_s=cloud.round_s,
        rounds_max=cloud.rounds,
        again_after_s=cloud.again_after_s,
        from_s=cloud.from_hour * 3600.0,
        to_s=cloud.to_hour * 3600.0,
        invitation_s=cloud.ring_s + INVITATION_S,
        link_s=cloud.link_s,
        accepted_s=cloud.accepted_s,
        stay_s=cloud.stay_s,
        warn_s=cloud.warn_s,
        limits=line_limits(settings),
        lock_after=cloud.lock_after,
        lock_window_s=cloud.lock_window_s,
    )


def line_limits(settings: Settings) -> PhoneLimits:
    """What the line of a seat's phone may be at worst, wherever the seat is."""
    cloud = settings.cloud
    return PhoneLimits(cloud.loss_limit_ratio, cloud.jitter_limit_ms, cloud.rtt_limit_ms)


def surge_watch(surge: Surge) -> SurgeWatch:
    """The levels with the profiles and thresholds that the city has reviewed."""
    profiles = {
        level: SurgeProfile(
            greeting=profile.greeting,
            announces_topic=profile.notice,
            asks_survey=profile.surveys,
            offers_callback=profile.callback,
            offers_message=profile.message,
            invites_cloud=profile.cloud,
            asks_partner=profile.partner,
            wrap_up_cap_s=profile.wrap_up_cap_s,
        )
        for level, profile in zip(SurgeLevel, surge.levels(), strict=True)
    }
    _, *raised = surge.levels()
    thresholds = LevelThresholds(
        enter=tuple(profile.enter for profile in raised), leave=tuple(profile.leave for profile in raised)
    )
    return SurgeWatch(thresholds, profiles, automatic=surge.automatic)


def arrival_flows(menus: Menus) -> ArrivalFlows:
    """Which flow on which occasion."""
    begins, ends = parse_night(menus.night)
    return ArrivalFlows(
        origins=menus.origins, night_from=begins, night_to=ends, holidays=frozenset(menus.holidays)
    )


def callable_numbers(settings: Settings) -> Callable[[str], bool]:
    """Whether a number may be dialed; none without a line out."""
    own = settings.line.called_numbers
    return lambda number: bool(settings.trunk.outbound) and can_be_called(number, own)


def mobile_numbers(settings: Settings) -> Callable[[str], str | None]:
    """The number as a short message is sent to it; ``None``: it gets none."""
    own = settings.line.called_numbers
    return lambda number: mobile_number(number, own)


def _seat_rules(settings: Settings) -> SeatRules:
    line, rest = settings.line, settings.rest
    return SeatRules(
        wrap_up_s=line.wrap_up_s,
        ring_outs_before_break=RING_OUTS_MAX,
        rest_window_s=rest.window_s,
        occupancy_limit=rest.occupancy_limit,
        rest_s=rest.rest_s,
        abuse_rest_s=rest.abuse_rest_s,
    )
