"""What the performers of this slice need of the link that acts."""

from typing import Protocol

from callcenter.core.ids import SeatId


class Actor(Protocol):
    """The link that may act (see ``callcenter.asterisk.ami``)."""

    async def ask(self, action: dict[str, str | list[str]]) -> object:
        """Send one action, at most once; raises PeerError."""


def interface(seat_id: SeatId) -> str:
    """The device of a seat: what a queue has for a member, and what is dialed."""
    return f"PJSIP/{seat_id}"
