"""What was asked of a seat, or settled for it."""

from typing import Literal

from callcenter.core.messages.seats import SeatRequest
from callcenter.web.views import View


class SeatAnswer(View):
    """A seat request was accepted. What is asked during a call applies after it."""

    seat_id: str
    request: SeatRequest
    takes_effect: Literal["now", "after_call"]


class RestAnswer(View):
    """When the seat rests. ``not_needed``: it is off or on a break already."""

    seat_id: str
    takes_effect: Literal["now", "after_call", "not_needed"]


class SkillsAnswer(View):
    """The queues that ring the seat first from the next call on; empty: all alike."""

    seat_id: str
    skills: list[str]
