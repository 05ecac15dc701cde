"""Carries out IVR sessions over FastAGI: callers are led through flows, what they do is told to the engines.

Invariants: the contact row is committed before the first prompt; a promise is committed before it is spoken; the
completion variable is set last, so the dialplan believes a session only when it really ended; whatever breaks, the
caller goes on in the dialplan.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import structlog

from callcenter.asterisk.agi import AgiSession
from callcenter.core.clock import Clock
from callcenter.core.errors import CallcenterError, PeerError
from callcenter.core.ids import ChannelName, ContactId, QueueName
from callcenter.core.messages import calls, offers, partner
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.flows import Exit
from callcenter.core.messages.offers import Farewell, Question
from ivr import statement
from ivr.core import acts, say
from ivr.core.figures import HIGH_S, LOW_S, TODAY
from ivr.core.flow import KEYS
from ivr.walks import Walker

log = structlog.get_logger()

RESUME, RATING = "resume", "rating"
"""The script paths by which the dialplan brings a withdrawn caller, and one whose talk is over; others are arrivals."""

QUESTIONS = {
    Question.STATUS: "missed_call",
    Question.NOTICE: "notice",
    Question.CALLBACK: "offer_callback",
    Question.CALLBACK_WAITING: "offer_callback_waiting",
    Question.MESSAGE: "offer_message",
    Question.PRECOLLECT: "precollect",
}
"""The flow that asks each question."""

FAREWELLS = {
    Farewell.CALLBACK_PROMISED: "callback_promised",
    Farewell.CALLBACK_STAYS: "callback_stays",
}
"""The prompt of each good-bye."""

STATED = "precollect_thanks"
"""What is heard after a statement."""

EFFECTS_LIMIT = 32
"""Effects that may wait for one session."""

DURABLE_WITHIN_S = 5.0
"""How long a caller waits in silence for his promise to be committed, before he goes to the line instead."""

UNPROMISED_PRIORITY = 90
"""Where in the line one stands whose promise could not be committed: he had given up waiting on our word."""

DAY_S = 86400

LIMIT = "TIMEOUT(absolute)"
"""Setting it proves to the dialplan that the session lives; until then it waits two seconds only."""

GREETED = "CC_GREETED"
QUEUE = "CC_QUEUE"
PRIORITY = "CC_PRIORITY"
POSITION = "CC_POSITION"
TARGET = "CC_TARGET"
"""The service that a caller is transferred to."""
TOKEN = "CC_TOKEN"  # noqa: S105  a variable's name
"""With which a caller is expected by the partner city."""
DONE = "CC_DONE"
"""The completion variable: set last, the only thing the dialplan believes."""

TO_LINE, TO_MESSAGE, TO_SERVICE, TO_PARTNER = "1", "message", "transfer", "partner"
"""Its values: where the dialplan takes the caller. After a rating ``1`` only says that all was heard."""

URGENT_KEY, PERSON_KEY = "9", "0"
"""What an arrival that is urgent, or asks for a person, is told as."""

ASKED, CALLBACK, RESOLVED = "ASKED", "CALLBACK", "RESOLVED"
"""Marks in Asterisk's second book: he was asked or told something; he leaves with a call-back that is committed; he said
by key that nothing more is needed."""

SessionEffect = (
    calls.Play
    | calls.Enqueue
    | offers.Ask
    | offers.TellWait
    | offers.TakeMessage
    | offers.SendOff
    | partner.HandOver
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
    queue: QueueName | None = None
    """The line that his arrival's flow leads to."""


class Sessions:
    """The live IVR sessions, by contact. ``queues``: of the house, the first takes everybody; ``limit_s``: longest session.

    ``asks_rating``: whether talks are rated now. ``statement_file``: into which a caller's
    statement is recorded.
    """

    def __init__(
        self,
        commit: Commit,
        post: Callable[[Message], None],
        walker: Walker,
        queues: Sequence[str],
        clock: Clock,
        limit_s: float,
        durable: Durable,
        asks_rating: Callable[[], bool],
        statement_file: Callable[[ContactId], Path],
    ) -> None:
        self._commit = commit
        self._post = post
        self._walker = walker
        self._queues = queues
        self._clock = clock
        self._limit_s = limit_s
        self._durable = durable
        self._asks_rating = asks_rating
        self._statement_file = statement_file
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
        if session.script == RATING:
            await self._rate(session)
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
                return await self._welcome(dialogue, effect)
            case offers.Ask():
                return await self._ask(dialogue, effect)
            case offers.TellWait():
                await _mark_asked(dialogue)
                place = say.place(effect.place) if effect.place else ()
                wait = say.wait(effect.low_s, effect.high_s)
                await self._walker.say(dialogue.session, (*place, *wait), KEYS)
            case calls.Enqueue():
                await _finish(dialogue, f"{QUEUE}={effect.queue},{_place(effect.priority, effect.position)}")
                return True
            case partner.HandOver():
                await _finish(dialogue, f"{TOKEN}={effect.token},{DONE}={TO_PARTNER}")
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

    async def _welcome(self, dialogue: _Dialogue, effect: calls.Play) -> bool:
        """Through the arrival's flow; whether that ended the session."""
        await dialogue.session.set_variable(GREETED, "1")
        leave = await self._walk(dialogue, effect.flow, dict(effect.facts))
        if leave.exit not in (Exit.LINE, Exit.FAILED):
            return await self._leave(dialogue, leave)
        key = URGENT_KEY if leave.urgent else PERSON_KEY if leave.insists else ""
        self._post(calls.PromptEnded(dialogue.contact_id, key, self._queue_of(leave)))
        return False

    async def _ask(self, dialogue: _Dialogue, effect: offers.Ask) -> bool:
        """Through the question's flow; whether that ended the session."""
        await _mark_asked(dialogue)
        question = effect.question
        leave = await self._walk(dialogue, QUESTIONS[question], self._facts(effect))
        if leave.exit not in (Exit.REPLY, Exit.FAILED):
            return await self._leave(dialogue, leave)
        accepted = leave.accepted
        if accepted and question is Question.PRECOLLECT:
            accepted = await self._take_statement(dialogue)
        self._post(offers.Replied(dialogue.contact_id, question, accepted))
        return False

    async def _take_statement(self, dialogue: _Dialogue) -> bool:
        """Whether he said anything; what was recorded when he hung up in it counts as well."""
        await dialogue.session.set_variable(LIMIT, str(round(offers.STATEMENT_LIMIT_S)))
        sound, seconds = self._statement_file(dialogue.contact_id), 0.0
        try:
            await statement.record(dialogue.session, sound)
        finally:
            if seconds := statement.recorded_s(sound):
                self._post(offers.MatterStated(dialogue.contact_id, seconds))
        if seconds:
            await self._walker.say(dialogue.session, (STATED,), KEYS)
        return bool(seconds)

    def _facts(self, effect: offers.Ask) -> dict[str, str]:
        """What a question's flow is told."""
        today = self._today()
        facts = {LOW_S: str(effect.low_s), HIGH_S: str(effect.high_s), TODAY: today}
        if effect.place and 0 < effect.due_s < DAY_S:
            hours, minutes = divmod(effect.due_s // 60, 60)
            facts |= {"place": str(effect.place), "due_date": today, "due_time": f"{hours:02}:{minutes:02}"}
        return facts

    async def _walk(self, dialogue: _Dialogue, flow: str, facts: Mapping[str, str]) -> acts.Leave:
        known = {**facts, "caller": believable_number(dialogue.session.env.get("agi_arg_1", ""))}
        return await self._walker.walk(dialogue.contact_id, dialogue.session, flow, known)

    async def _leave(self, dialogue: _Dialogue, leave: acts.Leave) -> bool:
        """Where the caller chose to go instead of to a person: the session is over."""
        match leave.exit:
            case Exit.MESSAGE:
                await _finish(dialogue, f"{DONE}={TO_MESSAGE}")
            case Exit.TRANSFER:
                await _finish(dialogue, f"{TARGET}={leave.to},{DONE}={TO_SERVICE}")
            case _:
                if leave.exit is Exit.RESOLVED:
                    await _mark(dialogue, RESOLVED)
                await dialogue.session.command("HANGUP")
        return True

    def _queue_of(self, leave: acts.Leave) -> QueueName | None:
        """The first of the flow's queues that the house has; ``None``: its first one."""
        return next((QueueName(queue) for queue in leave.queues if queue in self._queues[1:]), None)

    async def _rate(self, session: AgiSession) -> None:
        """A talk is over: the caller is asked how it was. Whatever happens, the dialplan ends the call."""
        if not self._asks_rating():
            return
        contact_id = ContactId(session.env["agi_uniqueid"])
        await session.set_variable(LIMIT, str(round(self._limit_s)))
        await self._walker.walk(contact_id, session, RATING, {TODAY: self._today()})
        await session.set_variable(DONE, TO_LINE)

    def _today(self) -> str:
        return self._clock.at().date().isoformat()

    async def _send_off(self, dialogue: _Dialogue, effect: offers.SendOff) -> None:
        """Good-bye on a promise that is safe; otherwise no word of it, and the line."""
        if not await self._is_durable():
            log.warning("promise not committed, caller sent to the line", contact_id=dialogue.contact_id)
            await _finish(dialogue, _place(UNPROMISED_PRIORITY, 0))
            return
        await _mark(dialogue, CALLBACK)
        await self._walker.say(dialogue.session, (FAREWELLS[effect.farewell],))
        await dialogue.session.command("HANGUP")

    async def _is_durable(self) -> bool:
        try:
            async with asyncio.timeout(DURABLE_WITHIN_S):
                await self._durable()
        except (PeerError, TimeoutError):
            return False
        return True


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
