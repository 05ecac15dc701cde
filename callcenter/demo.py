"""``callcenter demo``: one real call, from a citizen's dial to a ticket, told step by step.

Two scriptable SIP phones play the citizen and the agent with synthetic speech; everything between them is the
product. Invariant: a step is reported only when it was seen: in the journal, on the wire, or in the audio.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from callcenter.asterisk.secrets import load_secrets
from callcenter.clocks import SystemClock
from callcenter.core.errors import PeerError
from callcenter.instance import bring_down, bring_up
from callcenter.phones import Call, Phone, PhoneBox, Samples
from callcenter.settings import Settings
from callcenter.speech.dialog import demo_dialog
from callcenter.speech.voice import Voice
from callcenter.supervisor import Progress
from callcenter.web.clients.control import ControlClient, is_ready

T = TypeVar("T")

CITIZEN = "13800012345"
"""A number that the demo's citizen calls from."""

AUDIBLE = 300.0
"""Root mean square (of 32768) from which a phone heard speech, far above a-law noise."""

Turns = Sequence[tuple[str, Samples]]
"""What is said, in order: by ``citizen`` or ``agent``, at 8 kHz."""

STEP_LIMIT_S = 60.0
TRANSCRIPT_LIMIT_S = 120.0


@dataclass
class Timeline:
    """What was seen and when, in seconds since the dial. ``progress``: told of each step as it is seen."""

    clock: SystemClock
    title: str = "一个来电 / one call"
    progress: Progress = lambda text: None
    rows: list[tuple[float, str, str]] = field(default_factory=list)
    begun: float | None = None
    is_complete: bool = False

    def begin(self) -> None:
        """The citizen dials now."""
        self.begun = self.clock.instant()

    def saw(self, what: str, detail: str = "") -> None:
        """Note a step."""
        begun = self.clock.instant() if self.begun is None else self.begun
        self.rows.append((self.clock.instant() - begun, what, detail))
        self.progress(what)


async def run_demo(settings: Settings, progress: Progress, *, keep: bool) -> Timeline:
    """Bring the instance up if need be, place the call, and tell what was seen."""
    was_up = await is_ready(settings)
    await bring_up(settings, progress)
    timeline = Timeline(SystemClock())
    try:
        progress("呼叫开始 / the call begins (about a minute of talk)")
        await _one_call(settings, timeline)
        timeline.is_complete = True
    except PeerError as error:
        timeline.saw("未完成 / not completed", str(error))
    finally:
        if not (was_up or keep):
            await bring_down(settings)
    return timeline


async def _one_call(settings: Settings, timeline: Timeline) -> None:
    seat_id = settings.seats.on_site()[0]
    secret = load_secrets(settings).seats[seat_id]
    turns = await asyncio.to_thread(spoken, settings, [(line.speaker, line.text) for line in demo_dialog()])
    async with ControlClient(settings) as client, PhoneBox(settings.sip_address) as box:
        follow = await Follower.begin(client)
        agent = await box.seat(seat_id, secret)
        await agent.register()
        await agent.dial_code("*11")
        citizen = await box.citizen(CITIZEN)
        try:
            contact_id = await _talk(settings, timeline, follow, agent, citizen, turns)
            await _aftermath(client, timeline, follow, contact_id)
        finally:
            await agent.dial_code("*14")


async def _talk(
    settings: Settings,
    timeline: Timeline,
    follow: "Follower",
    agent: Phone,
    citizen: Phone,
    turns: Turns,
) -> str:
    timeline.begin()
    timeline.saw("拨号 / dial", f"{settings.line.called_numbers[0]} ← {CITIZEN[:3]}****{CITIZEN[-4:]}")
    call = await citizen.dial(f"sip:{settings.line.called_numbers[0]}@{settings.sip}", {"X-Trunk": "demo"})
    await call.established()
    arrived = await follow.until("call.arrived")
    contact_id: str = arrived["subject"]["contact_id"]
    timeline.saw("接入 / arrived", f"contact {contact_id}")
    queued = await follow.until("call.queued", contact_id)
    greeting = level(call.heard())
    require(greeting > AUDIBLE, f"the greeting was not heard (level {greeting:.0f})")
    timeline.saw("问候 / greeting", f"heard by the citizen, level {greeting:.0f}")
    timeline.saw("排队 / in the line", f"{queued['data']['queue']}, place {queued['data']['position']}")
    incoming = await agent.ringing()
    timeline.saw("振铃 / a seat rings", agent.number)
    answered = await incoming.answer()
    connected = await follow.until("call.answered", contact_id)
    timeline.saw("接通 / answered", f"seat {connected['data']['seat_id']}")
    await talk_in_turns(timeline, call, answered, turns)
    await call.hangup()
    await follow.until("call.ended", contact_id)
    timeline.saw("挂机 / hang-up", "by the citizen")
    return contact_id


async def talk_in_turns(timeline: Timeline, citizen: Call, agent: Call, turns: Turns) -> None:
    """Both sides talk in turns; each must hear the other.

    Raises:
        PeerError: a turn was not heard, or the call ended.
    """
    heard: dict[str, list[float]] = {"citizen": [], "agent": []}
    for speaker, samples in turns:
        says, listens = (citizen, agent) if speaker == "citizen" else (agent, citizen)
        await says.play(samples)
        seconds = len(samples) / 8000
        heard["agent" if speaker == "citizen" else "citizen"].append(level(listens.heard(seconds)))
        await asyncio.sleep(0.5)
    for side, levels in heard.items():
        require(min(levels) > AUDIBLE, f"the {side} did not hear every turn (levels {_range(levels)})")
    timeline.saw(
        "通话 / talk", f"citizen heard {_range(heard['citizen'])}, agent heard {_range(heard['agent'])}"
    )


async def _aftermath(client: ControlClient, timeline: Timeline, follow: "Follower", contact_id: str) -> None:
    ready = await follow.until("recording.ready", contact_id)
    data = ready["data"]
    timeline.saw(
        "录音 / recording", f"{data['seconds']:.1f} s, two channels, short by {data['short_by_s']:.1f} s"
    )
    await follow.until("transcript.ready", contact_id, TRANSCRIPT_LIMIT_S)
    ticket = await follow.until("ticket.drafted", contact_id, accept=lambda e: e["data"]["state"] == "ready")
    full = await client.ticket(ticket["data"]["ticket_no"])
    timeline.saw("转写 / transcript", _short(full["transcript"] or ""))
    timeline.saw(
        "工单 / ticket",
        f"{full['ticket_no']}  {full['nature'] or '—'} {full['nature_words']}  "
        f"{full['topic'] or '—'} {full['topic_words']}",
    )


class Follower:
    """Reads the journal from where it began until the wanted event comes."""

    def __init__(self, client: ControlClient, seq: int) -> None:
        self._client = client
        self._seq = seq
        self._seen: list[dict[str, Any]] = []

    @classmethod
    async def begin(cls, client: ControlClient) -> "Follower":
        """From the newest event on."""
        return cls(client, (await client.status())["seq"])

    async def until(
        self,
        kind: str,
        contact_id: str | None = None,
        limit_s: float = STEP_LIMIT_S,
        accept: Callable[[dict[str, Any]], bool] = lambda event: True,
    ) -> dict[str, Any]:
        """The first event of this kind (and contact).

        Raises:
            PeerError: it did not come in time.
        """

        def wanted(event: dict[str, Any]) -> bool:
            of_contact = contact_id in (None, event["subject"].get("contact_id"))
            return event["type"] == kind and of_contact and accept(event)

        async def search() -> dict[str, Any]:
            while True:
                for event in self._seen:
                    if wanted(event):
                        return event
                await self._read_on()

        return await within(search, limit_s, f"no '{kind}' within {limit_s:.0f} s")

    def forget(self) -> None:
        """What comes from now on belongs to the next call."""
        self._seen.clear()

    async def _read_on(self) -> None:
        events = await self._client.events(self._seq)
        if events:
            self._seq = events[-1]["seq"]
            self._seen += events
        else:
            await asyncio.sleep(0.05)


async def within(search: Callable[[], Awaitable[T]], limit_s: float, complaint: str) -> T:
    """What the search finds.

    Raises:
        PeerError: ``complaint``; it took longer than ``limit_s``.
    """
    try:
        async with asyncio.timeout(limit_s):
            return await search()
    except TimeoutError:
        raise PeerError(complaint, code="demo_step") from None


def spoken(settings: Settings, lines: Iterable[tuple[str, str]]) -> Turns:
    """Speaker and Chinese text -> speaker and sound; takes seconds of CPU."""
    voice = Voice(settings.cache_path)
    return [(speaker, voice.speak(text)) for speaker, text in lines]


def require(holds: bool, complaint: str) -> None:
    """Go on only with what was seen.

    Raises:
        PeerError: ``complaint``.
    """
    if not holds:
        raise PeerError(complaint, code="demo_step")


def level(samples: Samples) -> float:
    """Root mean square, of 32768; 0 for no samples."""
    return float(np.sqrt(np.mean(np.square(samples.astype(np.float64))))) if len(samples) else 0.0


def _range(levels: list[float]) -> str:
    return f"{min(levels):.0f}…{max(levels):.0f}" if levels else "—"


def _short(text: str, most: int = 60) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
