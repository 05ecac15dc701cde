"""What the two houses of a replay have in common: seats, lines, prompts as long as the model says, and how a house is asked.

Invariant: what a house tells the robots is which prompt runs; nothing else of it reaches the log.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from live_crew import Desk
from live_log import Guide
from pbx import Pbx, private_settings

from callcenter.sim.params import Params
from callcenter.speech import audio
from ivr.prompts import prompts_of

HOURS = 24
SOON_S = 0.06
"""Length of what the model does not have: pieces of an announced wait, words of an agent's phone."""


class House(Protocol):
    """One of the two. ``guide``: ``None`` for the house that only greets and queues."""

    name: str
    pbx: Pbx
    desk: Desk
    guide: Guide | None

    async def start(self, roster: tuple[int, ...]) -> None:
        """The window begins now."""

    async def settled(self) -> list[str]:
        """Wait until nothing of the replay is left; what does not come true is told."""


def lengths(params: Params) -> dict[str, float]:
    """How long the prompts of the model last, by the product's names for them."""
    prompts = params.prompts
    return {
        "greeting": prompts.greeting_s,
        "greeting_surge": prompts.greeting_s,
        "surge_notice": prompts.announcement_s,
        "self_service_menu": prompts.selfservice_s,
        "callback_promised": prompts.callback_confirm_s,
    }


def put_prompts(home: Path, params: Params, speed: float) -> None:
    """Recordings of the house's own: a tone as long as the model says, divided by the speed; all others are short."""
    folder = home / "prompts" / "zh"
    folder.mkdir(parents=True, exist_ok=True)
    lasts = lengths(params)
    for name in prompts_of(private_settings(home)):
        seconds = lasts[name] / speed if name in lasts else SOON_S
        audio.write_wav(folder / f"{name}.wav", audio.tone(440, seconds, -20.0))


def whole_day(hours: Sequence[float]) -> list[float]:
    """The hours of a window, then nothing."""
    return [*hours, *[0] * (HOURS - len(hours))]


def common(params: Params) -> dict[str, Any]:
    """Settings of both houses."""
    return {
        "seats": {"count": max(params.seats.by_hour), "cloud_count": 0},
        "capacity": {"max_calls": params.lines.inbound_channels + max(params.seats.by_hour)},
        "speech": {"workers": 0},
        "captions": {"enabled": "off"},
    }
