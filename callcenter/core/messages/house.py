"""What the house is set to while it runs."""

from dataclasses import dataclass
from typing import ClassVar

from callcenter.core.messages.base import Message


@dataclass(frozen=True, slots=True)
class RulesTold(Message):
    """The rules in force from now on: everything engines are told that people may change while the house runs.

    Seconds, and of two hours of the day seconds since midnight (equal: no night). ``enter``, ``leave``: loads of the levels
    above normal; ``wrap_up_caps_s``: of every level from normal on, 0: no cap. ``holidays``: days in ISO 8601.
    """

    type: ClassVar[str] = "house.rules_told"
    wrap_up_s: float
    occupancy_limit: float
    rest_s: float
    abuse_rest_s: float
    offer_ewt_s: float
    reoffer_after_s: float
    enter: tuple[float, ...]
    leave: tuple[float, ...]
    wrap_up_caps_s: tuple[float, ...]
    max_tries: int
    retry_gap_s: float
    night_from_s: float
    night_to_s: float
    holidays: tuple[str, ...]
