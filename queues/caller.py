"""Moves waiting callers, by AMI: out of the line for a question, to another place in it, or to a seat that is free.

Invariant: it keeps no state; that a caller has left the line is believed when Asterisk tells of it.
"""

from collections.abc import Callable

import structlog

from callcenter.core.errors import PeerError
from callcenter.core.messages import offers
from callcenter.core.messages.base import Message
from queues.actor import Actor

log = structlog.get_logger()

WAKE_KEY = "D"
"""A key that no citizen's telephone has: no question takes it, no queue has an exit under it."""


class Callers:
    """Withdraws, re-places and wakes those who wait."""

    def __init__(self, actor: Actor, post: Callable[[Message], None]) -> None:
        self._actor = actor
        self._post = post

    async def withdraw(self, effect: offers.Withdraw) -> None:
        """Ask Asterisk to let the caller out of the line, into a session.

        He comes within a second; while a phone rings for him, only when it stops. When it is answered he talks, and
        nothing is posted. A refusal is posted as ``WithdrawalFailed``; so is an answer that did not come in time,
        after which he may still come.
        """
        try:
            await self._actor.ask(
                {"Action": "QueueWithdrawCaller", "Queue": effect.queue, "Caller": effect.channel}
            )
        except PeerError as error:
            log.info("caller not withdrawn", contact_id=effect.contact_id, code=error.code)
            self._post(offers.WithdrawalFailed(effect.contact_id))

    async def reprioritize(self, effect: offers.Reprioritize) -> None:
        """Give a waiting caller another priority and the place that belongs to it.

        No event tells of it. One who has left meanwhile is refused by Asterisk, which is logged and no error.
        """
        try:
            await self._actor.ask(
                {
                    "Action": "QueueChangePriorityCaller",
                    "Queue": effect.queue,
                    "Caller": effect.channel,
                    "Priority": str(effect.priority),
                    "Immediate": "yes",  # without it the number changes, the place never does
                }
            )
        except PeerError as error:
            log.info("priority not changed", contact_id=effect.contact_id, code=error.code)

    async def wake(self, effect: offers.Wake) -> None:
        """Let the caller's queue look for a free seat now, not at its next look, which may be a second away.

        A key event ends its sleep as if the caller had pressed one. It is put before his channel, not sent to him:
        neither he nor a recording hears it, and the queue drops it; an announcement that plays is cut short. One
        who has left meanwhile is refused by Asterisk, which is logged and no error.
        """
        try:
            await self._actor.ask(
                {"Action": "PlayDTMF", "Channel": effect.channel, "Digit": WAKE_KEY, "Receive": "true"}
            )
        except PeerError as error:
            log.info("caller not woken", contact_id=effect.contact_id, code=error.code)
