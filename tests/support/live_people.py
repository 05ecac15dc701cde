"""The citizens of a replay as SIP callers: SCENARIOS.md 4 and 6, by each one's own draws, at ``speed`` times the pace.

Invariant: whatever is noted happened on the wire: a call was placed, refused, heard by a seat, ended. The house only tells
which prompt runs; nobody here looks into its books.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

from live_line import OnLine
from live_log import SEAT_VOICES, SETTLED, Guide, Pace, Robot, Signal, Talk, WireLog, cid_of, number_of
from live_phones import Dialog, Phones, Ringing

from callcenter.sim.params import Params, ms, threshold
from callcenter.sim.person import Outcome
from callcenter.sim.trace import Citizens

NUMBER = "12345"
SMS_WITHIN_S = 6.0
"""How long a short message may take, in real seconds: the outbox looks every five."""


class People:
    """All citizens of one replay."""

    def __init__(
        self, params: Params, citizens: Citizens, pace: Pace, log: WireLog, guide: Guide | None
    ) -> None:
        self.robots = [Robot(cid) for cid in range(len(citizens))]
        self.talks: list[Talk] = []
        self.faults: list[str] = []
        """Robots that broke: their exceptions."""
        self.met: set[int] = set()
        """Whom a seat has answered on the line, after the end of the window too."""
        self.dropped = 0
        self._params, self._citizens, self._pace, self._log, self._guide = params, citizens, pace, log, guide
        self._phones: Phones
        self._tasks: set[asyncio.Task[None]] = set()
        self._on_line = 0
        traits, callback = params.citizen, params.callback
        self._yes = {
            "u_announce": threshold(traits.p_announcement),
            "u_selfsvc_try": threshold(traits.p_selfservice_try),
            "u_selfsvc_ok": threshold(traits.p_selfservice_ok),
            "u_callback": threshold(traits.p_callback),
            "u_callback2": threshold(traits.p_callback_waiting),
            "u_message": threshold(traits.p_message),
            "u_status": threshold(traits.p_status),
            "u_chase": threshold(traits.p_chase),
        }
        self._reach = {
            "accepted": threshold(callback.reach_accepted),
            "missed": threshold(callback.reach_missed),
            "message": threshold(callback.reach_message),
        }

    async def live(self, phones: Phones) -> None:
        """Let the window happen; at its end everybody who is on the line hangs up, unnoted."""
        self._phones = phones
        for cid, t0 in enumerate(self._citizens.t0):
            self._begin(self._call_at(self.robots[cid], t0))
        await self._pace.wait_until(ms(self._params.day.length_s))

    async def go_home(self) -> None:
        """Everybody stops calling, and hangs up."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._phones.hang_up_all()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._end_task)

    def _end_task(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()):
            self.faults.append(repr(fault))

    # --- what a seat tells: whom it heard ---------------------------------------------------------------------------

    def meet(self, cid: int) -> None:
        """A seat hears this citizen's voice."""
        robot = self.robots[cid]
        if robot.inbox is not None and not robot.talks_back:
            robot.inbox.put_nowait(Signal("met"))

    def read_sms(self, number: str) -> None:
        """A missed-call message arrived: he is on the list, since his call failed."""
        robot = self.robots[cid_of(number)]
        if robot.has_sms:
            return
        robot.has_sms = True
        if robot.outcome in SETTLED or robot.failed_at < 0:
            return
        self._log.note("sms", robot.cid, at=robot.failed_at)
        if not robot.pending:
            robot.ground, robot.pending = robot.ground or "missed", True
            self._log.note("missed", robot.cid, at=robot.failed_at)

    async def read_last_sms(self, limit_s: float) -> None:
        """Wait for messages that are on their way, at most ``limit_s`` real seconds."""
        until = asyncio.get_running_loop().time() + limit_s
        while any(map(_awaits_sms, self.robots)) and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(0.05)

    # --- calling ----------------------------------------------------------------------------------------------------

    async def _call_at(self, robot: Robot, at_ms: int, *, is_chase: bool = False) -> None:
        await self._pace.wait_until(at_ms)
        if robot.outcome in SETTLED or robot.inbox is not None or robot.talks_back:
            return
        if self._pace.now_ms() >= ms(self._params.day.length_s):
            return
        if is_chase and not robot.pending:
            return
        robot.attempts += 1
        self._log.note("attempt", robot.cid, robot.attempts)
        robot.inbox = asyncio.Queue()
        try:
            way = await self._place(robot)
        finally:
            robot.inbox = None
        if way in ("busy", "abandon"):
            await self._think_again(robot, is_busy=way == "busy")

    async def _place(self, robot: Robot) -> str:
        """One call; how it ended: ``busy``, ``abandon``, or anything else."""
        if self._on_line >= self._params.lines.inbound_channels:
            return self._refused(robot)
        self._on_line += 1
        try:
            if self._guide:
                self._guide.follow(number_of(robot.cid), robot.inbox.put_nowait)  # type: ignore[union-attr]
            dialog = await self._phones.call(NUMBER, number_of(robot.cid), robot.cid)
            if isinstance(dialog, int):
                return self._refused(robot)
            return await OnLine(self, robot, dialog).live()
        finally:
            self._on_line -= 1

    def _refused(self, robot: Robot) -> str:
        robot.failed_at = self._log.note("busy", robot.cid)
        return "busy"

    async def _think_again(self, robot: Robot, *, is_busy: bool) -> None:
        """He redials or gives up (4.12); a message on its way may still change his mind."""
        attempt, citizen = robot.attempts, self._params.citizen
        if robot.ground in ("accepted", "message") or attempt >= citizen.max_attempts:
            return
        family = "gap_busy_s" if is_busy else "gap_abandon_s"
        due = robot.failed_at + self._citizens.draw(family, robot.cid, attempt)
        if self._guide:
            await self._pace.wait_until(min(due, robot.failed_at + ms(SMS_WITHIN_S * self._pace.speed)))
        willing = citizen.p_redial_busy if is_busy else citizen.p_redial
        factor = citizen.sms_factor if robot.has_sms else 1.0
        if self._citizens.draw("u_redial", robot.cid, attempt) < threshold(willing * factor):
            await self._call_at(robot, due)

    def draws_yes(self, robot: Robot, family: str) -> bool:
        """His answer when he hears this for the next time."""
        return self._citizens.draw(family, robot.cid, robot.hears(family)) < self._yes[family]

    def patience(self, robot: Robot) -> int:
        """Milliseconds in this attempt."""
        return self._citizens.draw("patience_s", robot.cid, robot.attempts)

    def promise(self, robot: Robot) -> None:
        """A call-back was confirmed (4.7)."""
        robot.ground, robot.pending = "accepted", True
        at = self._log.note("cb_accepted", robot.cid)
        if self.draws_yes(robot, "u_chase"):
            gap = self._citizens.draw("chase_gap_s", robot.cid, robot.hearings["u_chase"])
            self._begin(self._call_at(robot, at + gap, is_chase=True))

    # --- being called -----------------------------------------------------------------------------------------------

    async def ring(self, ringing: Ringing) -> None:
        """The house calls him back."""
        robot = self.robots[cid_of(ringing.user)]
        if robot.inbox is not None or robot.talks_back:
            ringing.refuse("486 Busy Here")
            return
        robot.talks_back = True
        try:
            await self._answer_or_not(robot, ringing)
        finally:
            robot.talks_back = False

    async def _answer_or_not(self, robot: Robot, ringing: Ringing) -> None:
        callback, ground = self._params.callback, robot.ground or "missed"
        robot.dials += 1
        at = self._log.note("dial", robot.cid, "home", ground)
        if self._citizens.draw("u_reach", robot.cid, robot.dials) >= self._reach[ground]:
            self._log.note("noanswer", robot.cid, at=at)
            if await ringing.still_rings(self._pace.real_s(ms(callback.noanswer_s))):
                ringing.refuse()
            self._log.note("seat_free", robot.cid, "home")
            if robot.dials >= callback.max_tries:
                self._log.note("unreached", robot.cid)
                robot.pending, robot.outcome = False, robot.outcome or Outcome.UNREACHED
            return
        self._log.note("reached", robot.cid, at=at)
        if await ringing.still_rings(self._pace.real_s(ms(callback.ring_s))):
            dialog = await ringing.answer(robot.cid)
            if dialog is not None:
                robot.pending, robot.outcome = False, Outcome.CALLBACK
                talk = self._citizens.draw("talk_s", robot.cid) * callback.talk_factor
                await self.talk(robot, dialog, talk)
                self._log.note("cb_hangup", robot.cid)

    async def talk(self, robot: Robot, dialog: Dialog, lasts_ms: float) -> None:
        """Talk so long, then hang up, and tell what was heard."""
        before, began = dialog.ear.packets.copy(), self._phones.sound.rounds
        try:
            async with asyncio.timeout(self._pace.real_s(lasts_ms)):
                await dialog.ended.wait()
        except TimeoutError:
            await dialog.hang_up()
        heard = sum(n - before[voice] for voice, n in dialog.ear.packets.items() if voice >= SEAT_VOICES)
        self.talks.append(Talk(robot.cid, heard, self._phones.sound.rounds - began))

    @property
    def prompts_ms(self) -> dict[str, int]:
        """How long each prompt lasts."""
        prompts = self._params.prompts
        return {
            "greeting": ms(prompts.greeting_s),
            "announcement": ms(prompts.announcement_s),
            "selfservice": ms(prompts.selfservice_s),
            "message": ms(prompts.message_s),
        }

    @property
    def world(self) -> tuple[Citizens, Pace, WireLog, bool]:
        """What one on the line needs; the last: whether the house tells which prompt runs."""
        return self._citizens, self._pace, self._log, self._guide is not None


def _awaits_sms(robot: Robot) -> bool:
    return robot.failed_at >= 0 and not robot.has_sms and robot.outcome not in SETTLED
