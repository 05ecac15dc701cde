"""One citizen in one call: what he hears, which keys he presses, how long he waits (SCENARIOS.md 4.3-4.11).

Invariant: he never hangs up in a prompt of the model; otherwise exactly when his patience ends.
"""

import asyncio
from typing import TYPE_CHECKING

from live_log import Robot, Signal
from live_phones import Dialog

from callcenter.sim.params import ms
from callcenter.sim.person import Outcome

if TYPE_CHECKING:
    from live_people import People

URGENT_EARLY_S = 0.15
"""So much before the greeting's end, in real seconds, the urgent key is pressed: the prompt must still run."""


class OnLine:
    """One citizen in one call, from the answer of the line to its end."""

    def __init__(self, people: "People", robot: Robot, dialog: Dialog) -> None:
        assert robot.inbox is not None
        self._people, self._robot, self._dialog, self._inbox = people, robot, dialog, robot.inbox
        self._citizens, self._pace, self._log, self._is_guided = people.world
        self._lasts = people.prompts_ms
        self._greeted_at = self._pace.now_ms() + self._lasts["greeting"]
        self._patience_from = self._leaves_at = -1
        self._is_queued = False
        self._accepted = ""
        """What he said yes to and is being confirmed."""

    async def live(self) -> str:
        """To the end; how it ended."""
        watch = asyncio.create_task(self._watch_end())
        try:
            if not self._is_guided:
                self._inbox.put_nowait(Signal("greeting"))
            while True:
                way = await self._hear(await self._next())
                if way:
                    return way
        finally:
            watch.cancel()
            if not self._dialog.ended.is_set():
                await self._dialog.hang_up()

    async def _watch_end(self) -> None:
        await self._dialog.ended.wait()
        self._inbox.put_nowait(Signal("gone"))

    async def _next(self) -> Signal:
        if self._leaves_at < 0:
            return await self._inbox.get()
        try:
            async with asyncio.timeout(max(0.0, self._pace.real_s(self._leaves_at - self._pace.now_ms()))):
                return await self._inbox.get()
        except TimeoutError:
            return Signal("patience")

    async def _hear(self, signal: Signal) -> str:
        """What he does about it; how his call ended, or nothing yet."""
        match signal:
            case Signal("greeting"):
                await self._listen_to(self._greeted_at)
                self._wait_from(self._greeted_at)
                self._queue()
            case Signal("step", flow, step):
                return await self._hear_step(flow, step)
            case Signal("greeted"):
                self._wait_from(max(self._greeted_at, self._pace.now_ms()))
            case Signal("queued"):
                self._queue()
            case Signal("met"):
                return await self._talk()
            case Signal("patience"):
                return await self._give_up()
            case Signal("gone"):
                return self._be_gone()
            case _:
                pass
        return ""

    async def _listen_to(self, until_ms: int) -> None:
        """A prompt of the model: he never hangs up in it."""
        self._leaves_at = -1
        await self._pace.wait_until(until_ms)

    def _wait_from(self, at_ms: int) -> None:
        """His patience begins."""
        self._patience_from = at_ms
        self._leaves_at = at_ms + self._people.patience(self._robot)

    def _queue(self) -> None:
        if not self._is_queued:
            self._is_queued = True
            self._log.note("queue", self._robot.cid, 0, 0, at=max(self._patience_from, 0))

    async def _talk(self) -> str:
        robot = self._robot
        if self._patience_from < 0:
            self._wait_from(self._greeted_at)
        self._queue()
        robot.outcome, robot.pending = Outcome.LIVE, False
        self._people.met.add(robot.cid)
        self._log.note("answer", robot.cid, "home")
        await self._people.talk(robot, self._dialog, self._citizens.draw("talk_s", robot.cid))
        self._log.note("hangup", robot.cid)
        return "talked"

    async def _give_up(self) -> str:
        self._leaves_at = -1
        self._queue()
        self._robot.failed_at = self._log.note("abandon", self._robot.cid)
        await self._dialog.hang_up()
        return "abandon"

    def _be_gone(self) -> str:
        """The house hung up: after what he accepted, or it dropped him."""
        robot, accepted = self._robot, self._accepted
        if accepted == "content":
            robot.outcome, robot.pending = Outcome.SELF, False
            self._log.note("self_done", robot.cid)
        elif accepted == "callback":
            self._people.promise(robot)
        elif accepted not in ("status", "message"):
            self._people.dropped += 1
            robot.failed_at = self._log.note("busy", robot.cid)
            return "busy"
        return "left"

    async def _hear_step(self, flow: str, step: str) -> str:
        """A prompt begins to run: he answers by key."""
        robot = self._robot
        match flow, step:
            case _, "greeting" if self._citizens.urgent[robot.cid]:
                early = self._greeted_at - ms(URGENT_EARLY_S * self._pace.speed)
                await self._listen_to(early)
                await self._dialog.key("9")
            case "notice", "notice":
                await self._hear_notice()
            case "notice", "service":
                await self._serve_himself()
            case "missed_call", "plain" | "with_place":
                await self._reply("status", "u_status", "status")
            case "offer_callback", "offer":
                await self._reply("callback", "u_callback", "callback")
            case "offer_callback_waiting", "offer":
                await self._reply("callback_waiting", "u_callback2", "callback")
            case "offer_message", "offer":
                if await self._reply("message", "u_message", "message"):
                    return await self._leave_message()
            case _:
                pass
        return ""

    async def _reply(self, kind: str, family: str, accepts: str) -> bool:
        is_yes = self._people.draws_yes(self._robot, family)
        if kind == "callback_waiting":
            self._queue()
        self._log.note("heard", self._robot.cid, kind, int(is_yes))
        if is_yes:
            self._accepted, self._leaves_at = accepts, -1
        await self._dialog.key("1" if is_yes else "0")
        return is_yes

    async def _leave_message(self) -> str:
        await self._pace.wait(self._lasts["message"])
        robot = self._robot
        robot.ground, robot.outcome = "message", Outcome.MESSAGE_OPEN
        self._log.note("message", robot.cid)
        await self._dialog.hang_up()
        return "left"

    async def _hear_notice(self) -> None:
        """Announcement, then self-service, decided as SCENARIOS.md 4.5 and 4.6 say."""
        robot, citizens = self._robot, self._citizens
        begun = self._pace.now_ms()
        is_content = bool(citizens.hot[robot.cid]) and self._people.draws_yes(robot, "u_announce")
        self._log.note("heard", robot.cid, "announcement", int(is_content))
        tries = False
        if not is_content:
            tries = bool(citizens.consult[robot.cid]) and self._people.draws_yes(robot, "u_selfsvc_try")
            self._log.note("heard", robot.cid, "selfservice", int(tries))
        await self._listen_to(begun + self._lasts["announcement"])
        if is_content:
            self._accepted = "content"
        await self._dialog.key("1" if is_content else "2" if tries else "0")
        if not is_content and not tries:
            self._wait_from(self._pace.now_ms())

    async def _serve_himself(self) -> None:
        is_content = self._people.draws_yes(self._robot, "u_selfsvc_ok")
        await self._listen_to(self._pace.now_ms() + self._lasts["selfservice"])
        if is_content:
            self._accepted = "content"
        await self._dialog.key("1" if is_content else "0")
        if not is_content:
            self._wait_from(self._pace.now_ms())
