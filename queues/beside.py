"""Joins a helper's phone to a guest's call, by AMI: he hears both, and only the guest hears him.

Invariant: who is going to listen to what is written down before his phone rings.
"""

from collections.abc import Awaitable, Callable

from callcenter.core.messages.guests import SitBeside
from queues.actor import Actor, interface

CONTEXT = "guests"
"""Where the helper's channel goes on when he has picked up (``asterisk_conf/dialplan/guests.jinja``)."""

SHOWN = "陪同接话"
"""What the helper's phone shows while it rings."""


class Beside:
    """Rings helpers. ``note``: returns once the audit is committed; ``ring_s``: how long a phone rings."""

    def __init__(
        self, actor: Actor, note: Callable[[SitBeside], Awaitable[None]], ring_s: int, called_number: str
    ) -> None:
        self._actor, self._note = actor, note
        self._ring_s, self._called_number = ring_s, called_number

    async def sit(self, effect: SitBeside) -> None:
        """Ring the helper; which channel the guest speaks on is looked up when he picks up."""
        await self._note(effect)
        await self._actor.ask(
            {
                "Action": "Originate",
                "Channel": interface(effect.seat_id),
                "Context": CONTEXT,
                "Exten": "s",
                "Priority": "1",
                "Variable": [f"CC_GUEST={effect.guest_seat_id}"],
                "CallerID": f'"{SHOWN}" <{self._called_number}>',
                "Timeout": str(self._ring_s * 1000),
                "Async": "true",
            }
        )
