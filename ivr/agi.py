"""Carries out an IVR session over FastAGI: what the engine wants heard is played, what the caller does is told.

Invariants: the contact row is committed before the first prompt; the completion variable is set last, so the
dialplan believes a session only when it really ended; whatever breaks, the caller goes on in the dialplan.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import structlog

from callcenter.asterisk.agi import AgiSession
from callcenter.core.clock import Clock
from callcenter.core.errors import CallcenterError, PeerError
from callcenter.core.ids import ChannelName, ContactId
from callcenter.core.messages import calls
from callcenter.core.messages.base import Effect, Message

log = structlog.get_logger()

EFFECTS_LIMIT = 32
"""Effects that may wait for one session."""

LIMIT = "TIMEOUT(absolute)"
"""Setting it proves to the dialplan that the session lives; until then it waits two seconds only."""

GREETED = "CC_GREETED"
QUEUE = "CC_QUEUE"
PRIORITY = "CC_PRIORITY"
DONE = "CC_DONE"
"""The completion variable: set last, the only thing the dialplan believes."""

Commit = Callable[[calls.CallArrived], Awaitable[None]]
"""Returns once the contact row is committed; raises PeerError if it cannot be."""


class Sessions:
    """The live IVR sessions, by contact. ``limit_s``: longest session."""

    def __init__(
        self,
        commit: Commit,
        post: Callable[[Message], None],
        prompts: Callable[[str], Path],
        clock: Clock,
        limit_s: float,
    ) -> None:
        self._commit = commit
        self._post = post
        self._prompts = prompts
        self._clock = clock
        self._limit_s = limit_s
        self._effects: dict[ContactId, asyncio.Queue[Effect]] = {}

    def perform(self, effect: calls.Play | calls.Enqueue) -> None:
        """Hand an effect to its session; one whose session is gone is dropped, the caller is elsewhere."""
        queue = self._effects.get(effect.contact_id)
        if queue is not None:
            queue.put_nowait(effect)

    async def handle(self, session: AgiSession) -> None:
        """Serve one FastAGI session from arrival to the line."""
        begun, arrived = self._clock.instant(), self._arrival(session)
        already_s = (self._clock.at() - arrived.at).total_seconds()
        await self._commit(arrived)
        queue: asyncio.Queue[Effect] = asyncio.Queue(EFFECTS_LIMIT)
        self._effects[arrived.contact_id] = queue
        try:
            self._post(replace(arrived, late_s=already_s + self._clock.instant() - begun))
            await session.set_variable(LIMIT, str(round(self._limit_s)))
            await self._carry_out(session, arrived.contact_id, queue)
        except PeerError as error:
            self._post(calls.SessionLost(arrived.contact_id, error.code))
        finally:
            del self._effects[arrived.contact_id]

    def _arrival(self, session: AgiSession) -> calls.CallArrived:
        env = session.env
        return calls.CallArrived(
            ContactId(env["agi_uniqueid"]),
            ChannelName(env["agi_channel"]),
            caller=believable_number(env.get("agi_arg_1", "")),
            called=believable_number(env.get("agi_arg_2", "")),
            at=arrival_time(env["agi_uniqueid"], self._clock.at()),
        )

    async def _carry_out(
        self, session: AgiSession, contact_id: ContactId, queue: asyncio.Queue[Effect]
    ) -> None:
        while True:
            effect = await queue.get()
            match effect:
                case calls.Play():
                    key = await self._play(session, effect)
                    self._post(calls.PromptEnded(contact_id, key))
                case calls.Enqueue():
                    await session.command("EXEC", "MSet", _completion(effect))
                    return
                case _:
                    raise CallcenterError("a session cannot carry this out", code="unknown_effect")

    async def _play(self, session: AgiSession, effect: calls.Play) -> str:
        await session.set_variable(GREETED, "1")
        for prompt in effect.prompts:
            key = await session.stream_file(str(self._prompts(prompt).with_suffix("")), effect.stop_keys)
            if key:
                return key
        return ""


def _completion(effect: calls.Enqueue) -> str:
    """Where to wait, then the word that it is settled: MSet sets its variables in this order."""
    return f"{QUEUE}={effect.queue},{PRIORITY}={effect.priority},{DONE}=1"


def believable_number(text: str) -> str:
    """Digits with an optional plus, 3 to 20 of them, or ``""``: the dialplan's anchored check, once more."""
    digits = text.removeprefix("+")
    believable = digits.isascii() and digits.isdigit() and 3 <= len(digits) <= 20
    return text if believable else ""


def arrival_time(uniqueid: str, now: datetime) -> datetime:
    """When the call began: now, but at most a second after the whole second that its ``Uniqueid`` names.

    A controller that was away for a moment finds sessions that have waited for it.
    """
    second = uniqueid.rpartition("-")[2].partition(".")[0]
    if not (second.isascii() and second.isdigit() and len(second) <= 10):
        return now
    return min(now, datetime.fromtimestamp(int(second) + 1, now.tzinfo))
