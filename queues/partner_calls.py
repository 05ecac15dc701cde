"""What mutual aid asks of the telephone: our caller out of the line, a partner's caller back to his own city.

Invariant: it keeps no state; what came of it is believed when Asterisk tells of it.
"""

import structlog

from callcenter.core.errors import PeerError
from callcenter.core.messages import offers, partner
from queues.actor import Actor
from queues.caller import Callers

log = structlog.get_logger()


class PartnerCalls:
    """Fetches callers from the line, and gives callers of the partner back."""

    def __init__(self, callers: Callers, actor: Actor) -> None:
        self._callers = callers
        self._actor = actor

    async def fetch(self, effect: partner.Fetch) -> None:
        """Ask for the caller, then wake his queue: it looks at that wish at once, not within a second.

        Refusals are posted and logged as in :meth:`queues.caller.Callers.withdraw`.
        """
        await self._callers.withdraw(offers.Withdraw(effect.contact_id, effect.channel, effect.queue))
        await self._callers.wake(offers.Wake(effect.contact_id, effect.channel))

    async def give_back(self, effect: partner.GiveBack) -> None:
        """End the call with the cause that his city's dialplan understands.

        One who has left meanwhile is refused by Asterisk, which is logged and no error.
        """
        try:
            await self._actor.ask(
                {"Action": "Hangup", "Channel": effect.channel, "Cause": str(partner.GIVEN_BACK)}
            )
        except PeerError as error:
            log.info("caller not given back", contact_id=effect.contact_id, code=error.code)
