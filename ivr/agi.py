"""Carries out IVR sessions over FastAGI: what the engines want heard is played, what the caller does is told.

Invariants: the contact row is committed before the first prompt; a promise is committed before it is spoken; the
completion variable is set last, so the dialplan believes a session only when it really ended; whatever breaks, the
caller goes on in the dialplan.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import structlog

from callcenter.asterisk.agi import AgiSession
from callcenter.core.clock import Clock
from callcenter.core.errors import CallcenterError, PeerError
from callcenter.core.ids import ChannelName, ContactId
from callcenter.core.messages import calls, offers
from callcenter.core.messages.base import Effect, Message
from ivr.core.script import Line, farewell, is_yes, script, wait_line, wants_reply

log = structlog.get_logger()

RESUME = "resume"
"""The script path by which the dialplan brings a withdrawn caller; every other one is an arrival."""

EFFECTS_LIMIT = 32
"""Effects that may wait for one session."""

REPLY_WITHIN_S = 5.0
"""How long a caller may think after a question's last word."""

DURABLE_WITHIN_S = 5.0
"""How long a caller waits in silence for his promise to be committed, before he goes to the line instead."""

UNPROMISED_PRIORITY = 90
"""Where in the line one stands whose promise could not be committed: he had given up waiting on our word."""

LIMIT = "TIMEOUT(absolute)"
"""Setting it proves to the dialplan that the session lives; until then it waits two seconds only."""

GREETED = "CC_GREETED"
QUEUE = "CC_QUEUE"
PRIORITY = "CC_PRIORITY"
POSITION = "CC_POSITION"
DONE = "CC_DONE"
"""The completion variable: set last, the only thing the dialplan believes."""

TO_LINE, TO_MESSAGE = "1", "message"
"""Its values: where the dialplan takes the caller."""

ASKED, CALLBACK = "ASKED", "CALLBACK"
"""Marks in Asterisk's second book: he was asked or told something; he leaves with a call-back that is committed."""

SessionEffect = (
    calls.Play | calls.Enqueue | offers.Ask | offers.TellWait | offers.TakeMessage | offers.SendOff
)

Commit = Callable[[calls.CallArrived], Awaitable[None]]
"""Returns once the contact row is committed; raises PeerError if it cannot be."""

Durable = Callable[[], Awaitable[None]]
"""Returns once everything decided so far is committed; raises PeerError if it cannot be."""


@dataclass(slots=True)
class _Dialogue:
    """One session and what is still to be done in it."""

    contact_id: ContactId
    session: AgiSession
    effects: asyncio.Queue[Effect]
    was_asked: bool = False


class Sessions:
    """The live IVR sessions, by contact. ``limit_s``: longest session."""

    def __init__(
        self,
        commit: Commit,
        post: Callable[[Message], None],
        prompts: Callable[[str], Path],
        clock: Clock,
        limit_s: float,
        durable: Durable,
    ) -> None:
        self._commit = commit
        self._post = post
        self._prompts = prompts
        self._clock = clock
        self._limit_s = limit_s
        self._durable = durable
        self._dialogues: dict[ContactId, _Dialogue] = {}

    def perform(self, effect: SessionEffect) -> None:
        """Hand an effect to its session; one whose session is gone is dropped, the caller is elsewhere.

        Raises:
            PeerError: ``session_busy``, too many wait there already.
        """
        dialogue = self._dialogues.get(effect.contact_id)
        if dialogue is None:
            return
        try:
            dialogue.effects.put_nowait(effect)
        except asyncio.QueueFull:
            raise PeerError("an IVR session is behind with its effects", code="session_busy") from None

    async def handle(self, session: AgiSession) -> None:
        """Serve one FastAGI session from arrival, or return from the line, to where it leads."""
        if session.script == RESUME:
            await self._serve(session, offers.SessionResumed(ContactId(session.env["agi_uniqueid"])))
            return
        begun, arrived = self._clock.instant(), self._arrival(session)
        already_s = (self._clock.at() - arrived.at).total_seconds()
        await self._commit(arrived)
        late_s = already_s + self._clock.instant() - begun
        await self._serve(session, replace(arrived, late_s=late_s))

    def _arrival(self, session: AgiSession) -> calls.CallArrived:
        env = session.env
        return calls.CallArrived(
            ContactId(env["agi_uniqueid"]),
            ChannelName(env["agi_channel"]),
            caller=believable_number(env.get("agi_arg_1", "")),
            called=believable_number(env.get("agi_arg_2", "")),
            at=arrival_time(env["agi_uniqueid"], self._clock.at()),
        )

    async def _serve(self, session: AgiSession, first: calls.CallArrived | offers.SessionResumed) -> None:
        contact_id = first.contact_id
        dialogue = _Dialogue(contact_id, session, asyncio.Queue(EFFECTS_LIMIT))
        self._dialogues[contact_id] = dialogue
        try:
            self._post(first)
            await session.set_variable(LIMIT, str(round(self._limit_s)))
            while not await self._carry_out(dialogue, await dialogue.effects.get()):
                pass
        except PeerError as error:
            self._post(calls.SessionLost(contact_id, error.code))
        finally:
            if self._dialogues.get(contact_id) is dialogue:
                del self._dialogues[contact_id]

    async def _carry_out(self, dialogue: _Dialogue, effect: Effect) -> bool:
        """Do it; whether that ended the session."""
        match effect:
            case calls.Play():
                await self._play(dialogue, effect)
            case offers.Ask():
                await self._ask(dialogue, effect)
            case offers.TellWait():
                await _mark_asked(dialogue)
                await self._hear(dialogue, wait_line(effect.low_s, effect.high_s))
            case calls.Enqueue():
                await _finish(dialogue, f"{QUEUE}={effect.queue},{_place(effect.priority, effect.position)}")
                return True
            case offers.TakeMessage():
                await _finish(dialogue, f"{DONE}={TO_MESSAGE}")
                return True
            case offers.SendOff():
                await self._send_off(dialogue, effect)
                return True
            case _:
                raise CallcenterError("a session cannot carry this out", code="unknown_effect")
        return False

    async def _play(self, dialogue: _Dialogue, effect: calls.Play) -> None:
        await dialogue.session.set_variable(GREETED, "1")
        key = await self._hear(dialogue, Line(effect.prompts, effect.stop_keys))
        self._post(calls.PromptEnded(dialogue.contact_id, key))

    async def _ask(self, dialogue: _Dialogue, effect: offers.Ask) -> None:
        await _mark_asked(dialogue)
        question = effect.question
        key = await self._hear(dialogue, script(question, effect.low_s, effect.high_s))
        if not key and wants_reply(question):
            key = await dialogue.session.wait_for_digit(REPLY_WITHIN_S)
        self._post(offers.Replied(dialogue.contact_id, question, is_yes(question, key)))

    async def _send_off(self, dialogue: _Dialogue, effect: offers.SendOff) -> None:
        """Good-bye on a promise that is safe; otherwise no word of it, and the line."""
        if not await self._is_durable():
            log.warning("promise not committed, caller sent to the line", contact_id=dialogue.contact_id)
            await _finish(dialogue, _place(UNPROMISED_PRIORITY, 0))
            return
        await _mark(dialogue, CALLBACK)
        await self._hear(dialogue, farewell(effect.farewell))
        await dialogue.session.command("HANGUP")

    async def _is_durable(self) -> bool:
        try:
            async with asyncio.timeout(DURABLE_WITHIN_S):
                await self._durable()
        except (PeerError, TimeoutError):
            return False
        return True

    async def _hear(self, dialogue: _Dialogue, line: Line) -> str:
        """Play the line; the key that cut it short, or ``""``."""
        for prompt in line.prompts:
            path = self._prompts(prompt).with_suffix("")
            key = await dialogue.session.stream_file(str(path), line.keys)
            if key:
                return key
        return ""


def _place(priority: int, position: int) -> str:
    return f"{PRIORITY}={priority},{POSITION}={position},{DONE}={TO_LINE}"


async def _finish(dialogue: _Dialogue, variables: str) -> None:
    """The last command of a session: MSet sets its variables in this order, the completion last."""
    await dialogue.session.command("EXEC", "MSet", variables)


async def _mark_asked(dialogue: _Dialogue) -> None:
    if not dialogue.was_asked:
        dialogue.was_asked = True
        await _mark(dialogue, ASKED)


async def _mark(dialogue: _Dialogue, mark: str) -> None:
    await dialogue.session.command("EXEC", "CELGenUserEvent", mark)


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
