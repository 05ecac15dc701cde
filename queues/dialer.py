"""Begins call-backs, by AMI: the seat's phone rings first, the dialplan then dials the citizen.

Invariants: the contact's row is committed before any phone rings; no call-back is originated twice, and one that
cannot be originated has ended.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from callcenter.core.clock import Clock
from callcenter.core.errors import CallcenterError, UsageError
from callcenter.core.messages import callbacks, calls
from callcenter.core.messages.base import Message
from queues.actor import Actor, interface
from queues.core.numbers import domestic_number

log = structlog.get_logger()

CONTEXT = "callback"
"""Where the agent's channel goes on when he has picked up (``asterisk_conf/dialplan/callback.jinja``)."""

SHOWN = "市民回呼"
"""What the seat's phone shows while it rings for a call-back."""

SURVEY_SHOWN = "满意度回访"
"""The same for a survey."""

Commit = Callable[[callbacks.CallbackBegun], Awaitable[None]]
"""Returns once the row of the call-back is committed; raises UsageError ``already_dialed`` if there was one, PeerError
if it cannot be."""


class Dialer:
    """Rings seats for call-backs. ``ring_s``: how long a seat rings. ``called_number``: what its phone shows beside ``shown``."""

    def __init__(
        self,
        actor: Actor,
        commit: Commit,
        post: Callable[[Message], None],
        clock: Clock,
        ring_s: int,
        called_number: str,
        shown: str = SHOWN,
    ) -> None:
        self._actor = actor
        self._commit = commit
        self._post = post
        self._clock = clock
        self._ring_s = ring_s
        self._called_number = called_number
        self._shown = shown

    async def dial(self, effect: callbacks.DialBack) -> None:
        """Commit the row, tell ``CallbackBegun``, ring the seat; what then happens is told by Asterisk's events.

        Whatever keeps the seat from being rung is posted as ``CallEnded``: no row, an id that was dialed already, a
        number that is none, a refusal, an answer that did not come in time.
        """
        try:
            await self._begin(effect)
        except CallcenterError as error:
            self._give_up(effect, error.code)
        except asyncio.CancelledError:
            self._give_up(effect, "canceled")
            raise

    async def _begin(self, effect: callbacks.DialBack) -> None:
        number = domestic_number(effect.caller)
        if number is None:
            raise UsageError("this number cannot be called back", code="not_callable")
        at = self._clock.at()
        begun = callbacks.CallbackBegun(effect.contact_id, effect.caller, effect.seat_id, effect.origin, at)
        await self._commit(begun)
        self._post(begun)
        await self._actor.ask(
            {
                "Action": "Originate",
                "Channel": interface(effect.seat_id),
                "ChannelId": effect.contact_id,
                "Context": CONTEXT,
                "Exten": "s",
                "Priority": "1",
                "Variable": [f"CC_CITIZEN={number}"],
                "CallerID": f'"{self._shown}" <{self._called_number}>',
                "Timeout": str(self._ring_s * 1000),
                "Async": "true",  # the other actions of the link do not wait for the agent
            }
        )

    def _give_up(self, effect: callbacks.DialBack, code: str) -> None:
        log.warning("call-back not begun", contact_id=effect.contact_id, code=code)
        self._post(calls.CallEnded(effect.contact_id, 0, self._clock.at()))
