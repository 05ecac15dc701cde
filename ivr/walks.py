"""Leads callers through flows over FastAGI: what a walk wants is done, what the caller does is told to the walk.

Invariants: a walk keeps the flows that it began with, whatever is published meanwhile; every step is told, and how the
walk ended; whatever breaks beside the caller's own line leads to a person.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path

import structlog

from callcenter.asterisk.agi import AgiSession, PromptSilent
from callcenter.core.clock import Clock
from callcenter.core.errors import CallcenterError, PeerError, UsageError
from callcenter.core.ids import ContactId
from callcenter.core.messages import flows as told
from callcenter.core.messages.base import Message
from callcenter.core.messages.flows import Exit
from ivr.core import acts
from ivr.core.flow import KEYS, Flow
from ivr.core.walk import Limits, Walk
from ivr.ears import DEAF, Ears, listen

log = structlog.get_logger()

FIND_WITHIN_S = 3.0
"""How long a look-up may take: the caller hears nothing meanwhile."""

WALK_SHARE = 0.95
"""Longest walk, of its session: there is time left to lead the caller to a person."""

BY_KEY = "key"
"""How a grade was given."""

Find = Callable[[str, Mapping[str, str]], Awaitable[Mapping[str, str] | None]]
"""Looks something up; ``None``: there is nothing. Raises PeerError."""


class Walker:
    """``flows``: those in force; ``prompts``: where a prompt's file is; ``limit_s``: longest walk.

    ``ears``: who understands what callers say.
    """

    def __init__(
        self,
        post: Callable[[Message], None],
        prompts: Callable[[str], Path],
        clock: Clock,
        flows: Callable[[], Mapping[str, Flow]],
        find: Find,
        limit_s: float,
        ears: Ears = DEAF,
    ) -> None:
        self._post = post
        self._prompts = prompts
        self._clock = clock
        self._flows = flows
        self._find = find
        self._ears = ears
        self._limits = Limits(seconds=limit_s)

    async def walk(
        self, contact_id: ContactId, session: AgiSession, name: str, facts: Mapping[str, str]
    ) -> acts.Leave:
        """Lead a caller through the flow ``name``, to where it ends.

        Raises:
            PeerError: he hung up, or the session is broken; the walk's end is told all the same.
        """
        flows = self._flows()
        if name not in flows:
            log.error("there is no such flow, caller sent to a person", flow=name)
            return acts.Leave(Exit.FAILED)
        walk = Walk(flows[name], flows, facts, self._limits)
        act = walk.begin(self._clock.instant())
        try:
            while not isinstance(act, acts.Leave):
                self._tell_notes(contact_id, walk)
                event = await self._carry_out(session, act)
                act = walk.hear(event, self._clock.instant())
        except PeerError:
            act = walk.hear(acts.Gone(), self._clock.instant())
            raise
        finally:
            self._tell_notes(contact_id, walk)
            self._tell_end(contact_id, walk, act)
        return act

    async def say(self, session: AgiSession, prompts: Iterable[str], keys: str = "") -> str:
        """Play prompts; the key of ``keys`` that cut them short, or ``""``. What cannot be played is left out."""
        for prompt in prompts:
            try:
                if key := await self._play(session, prompt, keys):
                    return key
            except PromptSilent:
                log.error("a prompt cannot be played", prompt=prompt)
        return ""

    async def _carry_out(self, session: AgiSession, act: acts.Act) -> acts.Event:
        try:
            match act:
                case acts.Speak():
                    return acts.Key(await self._speak(session, act.prompts, act.keys))
                case acts.Listen():
                    return acts.Key(await self._key(session, act.wait_s))
                case acts.Collect():
                    return acts.Digits(await self._collect(session, act))
                case acts.Find():
                    return await self._look_up(act)
                case acts.Hear():
                    return await listen(session, act, self._ears, self._speak)
                case acts.Leave():
                    raise CallcenterError("a walk that is over wants nothing", code="walk_over")
        except PromptSilent:
            log.error(
                "a prompt cannot be played, caller sent to a person", prompts=getattr(act, "prompts", ())
            )
            return acts.Failed()
        except UsageError as error:
            log.error("a step failed, caller sent to a person", code=error.code)
            return acts.Failed()

    async def _speak(self, session: AgiSession, prompts: Iterable[str], keys: str) -> str:
        for prompt in prompts:
            if key := await self._play(session, prompt, keys):
                return key
        return ""

    async def _play(self, session: AgiSession, prompt: str, keys: str) -> str:
        try:
            path = self._prompts(prompt)
        except CallcenterError:
            raise PromptSilent("there is no such prompt") from None
        return await session.stream_file(str(path.with_suffix("")), keys)

    async def _key(self, session: AgiSession, wait_s: float) -> str:
        """A key of a telephone, or ``""``: tones that no telephone has are not his, and are waited past."""
        left_s, until = wait_s, self._clock.instant() + wait_s
        while left_s > 0:
            key = await session.wait_for_digit(left_s)
            if not key or key in KEYS:
                return key
            left_s = until - self._clock.instant()
        return ""

    async def _collect(self, session: AgiSession, act: acts.Collect) -> str:
        text, key = "", await self._speak(session, act.prompts, KEYS)
        while True:
            key = key or await self._key(session, act.wait_s)
            if key in ("", act.end):
                return text
            text += key
            if len(text) >= act.most:
                return text
            key = ""

    async def _look_up(self, act: acts.Find) -> acts.Event:
        try:
            async with asyncio.timeout(FIND_WITHIN_S):
                return acts.Found(await self._find(act.kind, act.facts))
        except (TimeoutError, CallcenterError) as error:
            log.error("a look-up failed, caller sent to a person", kind=act.kind, error=type(error).__name__)
            return acts.Failed()

    def _tell_notes(self, contact_id: ContactId, walk: Walk) -> None:
        for note in walk.take_notes():
            match note:
                case acts.Entered():
                    self._post(told.StepEntered(contact_id, note.flow, note.version, note.step))
                case acts.Graded():
                    self._post(told.Rated(contact_id, note.grade, BY_KEY))

    def _tell_end(self, contact_id: ContactId, walk: Walk, last: acts.Act) -> None:
        way = last.exit if isinstance(last, acts.Leave) else Exit.FAILED
        self._post(told.WalkEnded(contact_id, walk.flow.name, walk.flow.version, walk.step, way))
