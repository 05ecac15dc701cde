"""The citizens of a replay as SIP callers: SCENARIOS.md 4 and 6, by each one's own draws, at ``speed`` times the pace.

Invariant: whatever is noted happened on the wire: a call was placed, refused, heard by a seat, ended. The house only tells
which prompt runs; nobody here looks into its books.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from live_phones import Dialog, Phones, Ringing

from callcenter.sim.log import Entry
from callcenter.sim.params import Params, ms, threshold
from callcenter.sim.person import Outcome
from callcenter.sim.trace import Citizens

PREFIX = "139"
"""Numbers must be possible ones: the product dials no other. SCENARIOS.md 2.1 has ``1`` and ten digits, which no network has."""
NUMBER = "12345"
SETTLED = frozenset({Outcome.LIVE, Outcome.CALLBACK, Outcome.SELF, Outcome.MESSAGE_OPEN})
SMS_WITHIN_S = 6.0
"""How long a short message may take, in real seconds: the outbox looks every five."""
URGENT_EARLY_S = 0.15
"""So much before the greeting's end, in real seconds, the urgent key is pressed: the prompt must still run."""


def number_of(cid: int) -> str:
    """A citizen's number."""
    return f"{PREFIX}{cid:08d}"


def cid_of(number: str) -> int:
    """Whose number it is."""
    return int(number.removeprefix(PREFIX))


class Signal(NamedTuple):
    """What one on the line notices: ``step`` of a flow, ``greeted``, ``queued``, ``met`` a seat, ``gone``: hung up on."""

    what: str
    flow: str = ""
    step: str = ""


class Pace:
    """Time of a replay: milliseconds of SCENARIOS.md since its begin."""

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self._begun = 0.0

    def begin(self) -> None:
        """Now is 0."""
        self._begun = asyncio.get_running_loop().time()

    def now_ms(self) -> int:
        """Milliseconds since the begin."""
        return int((asyncio.get_running_loop().time() - self._begun) * 1000 * self.speed)

    def real_s(self, span_ms: float) -> float:
        """How long milliseconds of the page last here."""
        return span_ms / 1000 / self.speed

    async def wait_until(self, at_ms: int) -> None:
        """Sleep until then."""
        await asyncio.sleep(max(0.0, self.real_s(at_ms - self.now_ms())))

    async def wait(self, span_ms: float) -> None:
        """Sleep so long."""
        await asyncio.sleep(self.real_s(span_ms))


class WireLog:
    """The event log (SCENARIOS.md 10), in order of time whatever the order of writing."""

    def __init__(self, pace: Pace, length_ms: int) -> None:
        self._pace, self._length = pace, length_ms
        self._entries: list[Entry] = []

    def note(
        self, event: str, cid: int | str = "", a: int | str = "", b: int | str = "", at: int = -1
    ) -> int:
        """Note what happened just now, or at ``at``; when. After the end nothing is noted."""
        now = self._pace.now_ms() if at < 0 else at
        if now < self._length:
            self._entries.append(Entry(now, event, cid, a, b))
        return now

    def entries(self) -> list[Entry]:
        """All, in order."""
        return sorted(self._entries, key=lambda entry: entry.t_ms)


@dataclass(slots=True)
class Robot:
    """One citizen."""

    cid: int
    attempts: int = 0
    outcome: Outcome | None = None
    ground: str = ""
    pending: bool = False
    has_sms: bool = False
    dials: int = 0
    failed_at: int = -1
    """When his newest call failed; -1: none has."""
    hearings: dict[str, int] = field(default_factory=dict)
    inbox: asyncio.Queue[Signal] | None = None
    """While he is on the line."""
    talks_back: bool = False
    """While he talks in a call-back."""

    def hears(self, family: str) -> int:
        """Count one use of a draw; its number from 1."""
        self.hearings[family] = count = self.hearings.get(family, 0) + 1
        return count


class Talk(NamedTuple):
    """One talk as one side measured it: packets of the other's voice, and how many there could have been."""

    cid: int
    heard: int
    packets: int


class Guide(Protocol):
    """What tells the robots which prompt runs. ``None`` of a house that only greets and queues."""

    def follow(self, number: str, tell: Callable[[Signal], None]) -> None:
        """Tell of everything in this caller's newest call."""


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
        before, began = dialog.ear.packets.copy(), self._phones.now
        try:
            async with asyncio.timeout(self._pace.real_s(lasts_ms)):
                await dialog.ended.wait()
        except TimeoutError:
            await dialog.hang_up()
        heard = sum(n - before[voice] for voice, n in dialog.ear.packets.items() if voice >= SEAT_VOICES)
        self.talks.append(Talk(robot.cid, heard, int((self._phones.now - began) / 0.02)))

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


SEAT_VOICES = 1_000_000
"""Voices of seats are numbered from here."""


class OnLine:
    """One citizen in one call, from the answer of the line to its end."""

    def __init__(self, people: People, robot: Robot, dialog: Dialog) -> None:
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
