"""Rings people at their own numbers and asks them to help (云坐席邀请), by AMI.

Invariant: it keeps no state, and whatever keeps somebody from being rung is told as no answer.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from callcenter.core.errors import CallcenterError, UsageError
from callcenter.core.messages import cloud
from callcenter.core.messages.base import Message
from callcenter.core.messages.cloud import Reply
from queues.actor import Actor
from queues.core.numbers import domestic_number

log = structlog.get_logger()

RING = "Local/s@cloud-ring/n"
"""Dials him from inside the dialplan, which checks the number; never optimized away: the other half asks him."""
ASK = "cloud-invitation"
"""Where he is asked (``asterisk_conf/dialplan/invitation.jinja``)."""
SLACK_S = 10
"""The dialplan ends the ringing; this is for when it does not."""


class Inviter:
    """``phone_of``: the number of somebody of the staff, ``""`` if he has none; ``ring_s``: how long he is rung."""

    def __init__(
        self,
        actor: Actor,
        phone_of: Callable[[str], Awaitable[str]],
        post: Callable[[Message], None],
        ring_s: int,
    ) -> None:
        self._actor = actor
        self._phone_of = phone_of
        self._post = post
        self._ring_s = ring_s

    async def invite(self, effect: cloud.InviteByPhone) -> None:
        """Ring him; his reply, or that there was none, is told by Asterisk's events, a failure here at once."""
        try:
            await self._ring(effect)
        except CallcenterError as error:
            self._give_up(effect, error.code)
        except asyncio.CancelledError:
            self._give_up(effect, "canceled")
            raise

    async def _ring(self, effect: cloud.InviteByPhone) -> None:
        number = domestic_number(await self._phone_of(effect.staff_no))
        if number is None:
            raise UsageError("this person has no number that can be dialed", code="not_callable")
        await self._actor.ask(
            {
                "Action": "Originate",
                "Channel": RING,
                "ChannelId": effect.invitation,
                "Context": ASK,
                "Exten": "s",
                "Priority": "1",
                "Variable": [f"CC_PERSON={number}", f"CC_INVITATION={effect.invitation}"],
                "Timeout": str((self._ring_s + SLACK_S) * 1000),
                "Async": "true",  # the other actions of the link do not wait for him
            }
        )

    def _give_up(self, effect: cloud.InviteByPhone, code: str) -> None:
        log.warning("invitation not begun", seat_id=effect.seat_id, code=code)
        self._post(cloud.InvitationReplied(effect.invitation, Reply.UNANSWERED))
