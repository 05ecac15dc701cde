"""Callers of the partner city at our door: with a good token, a contact of their own and into the line; else refused.

Invariant: the contact's row is committed before the dialplan lets him in, and without the controller nobody gets in.
"""

import re
from collections.abc import Awaitable, Callable

import structlog

from callcenter.asterisk.agi import AgiSession
from callcenter.core.clock import Clock
from callcenter.core.errors import PeerError, UsageError
from callcenter.core.ids import ChannelName, ContactId
from callcenter.core.messages import partner
from callcenter.core.messages.base import Message
from ivr.agi import DONE, TO_LINE, arrival_time

log = structlog.get_logger()

PARTNER = "partner"
"""The script path by which the dialplan brings a call of the partner."""
CITIZEN = "CITIZEN"
_TOKEN = re.compile(rf"[0-9]{{{partner.TOKEN_DIGITS}}}")

Handle = Callable[[AgiSession], Awaitable[None]]


class PartnerLine:
    """Serves the partner's calls, and hands all others on to ``others``.

    ``ask``, ``post``: the controller takes a command or an event. ``offer_of``: with which offer a call that showed a good token was announced. ``commit``: makes its contact's row.
    """

    def __init__(
        self,
        others: Handle,
        ask: Callable[[Message], Awaitable[None]],
        post: Callable[[Message], None],
        offer_of: Callable[[ContactId], partner.OfferMade | None],
        commit: Callable[[partner.AidArrived], Awaitable[None]],
        clock: Clock,
    ) -> None:
        self._others = others
        self._ask = ask
        self._post = post
        self._offer_of = offer_of
        self._commit = commit
        self._clock = clock

    async def handle(self, session: AgiSession) -> None:
        """Serve one FastAGI session; a call with a bad token ends without a word, and the dialplan refuses it."""
        if session.script != PARTNER:
            await self._others(session)
            return
        contact_id, token = ContactId(session.env["agi_uniqueid"]), session.env.get("agi_arg_1", "")
        offer = await self._redeem(contact_id, token) if _TOKEN.fullmatch(token) else None
        if offer is None:
            log.warning("a call of the partner without a good token was refused")
            return
        begun = self._clock.instant()
        arrived = partner.AidArrived(
            contact_id,
            ChannelName(session.env["agi_channel"]),
            caller=offer.caller,
            origin=offer.origin,
            record=offer.record,
            at=arrival_time(contact_id, self._clock.at()),
        )
        await self._commit(arrived)
        self._post(arrived)
        log.info("the partner's caller is here", contact_id=contact_id, ms=_ms(self._clock.instant() - begun))
        await session.command("EXEC", "MSet", f"{CITIZEN}={offer.caller},{DONE}={TO_LINE}")

    async def _redeem(self, contact_id: ContactId, token: str) -> partner.OfferMade | None:
        try:
            await self._ask(partner.TokenShown(contact_id, token))
        except (UsageError, PeerError):
            return None
        return self._offer_of(contact_id)


def _ms(seconds: float) -> int:
    return round(1000 * seconds)
