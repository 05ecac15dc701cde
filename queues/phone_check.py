"""The line check of a seat's phone, by AMI: it rings, hears itself for some seconds, and its figures are read.

Invariants: exactly one ``PhoneChecked`` follows each check, within :data:`CHECK_S_MAX`; who asks for one that is under way
shares it, for a phone cannot ring twice; it asks and needs no events, so
that a gap of the observer takes nothing away. What the phone says is heard by nobody and kept nowhere.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

import structlog

from callcenter.core.clock import Clock, Instant
from callcenter.core.errors import CallcenterError, PeerError
from callcenter.core.ids import SeatId
from callcenter.core.messages import cloud
from callcenter.core.messages.base import Message
from queues.actor import interface
from queues.core.line_gauge import LineFigures, LineGauge

log = structlog.get_logger()

CONTEXT = "check"
"""Where the phone hears itself (``asterisk_conf/dialplan/check.jinja``)."""
PREFIX = "check-"
"""Ids of these channels begin with it: they are no contacts."""
SHOWN = "线路检测"
"""What the seat's phone shows while it rings."""

ANSWERS_ITSELF = "PJSIP_HEADER(add,X-Auto-Answer)=line-check"
"""Tells a page that its agent has asked for this call."""

POLL_S = 0.25
BORN_WITHIN_S = 3.0
"""A phone that is not registered has no channel, not even after so long."""
CHECK_S_MAX = 110.0
"""The longest ringing that can be set, prompt, waiting for a voice, and the longest echo."""

UNREACHABLE, NO_ANSWER, HUNG_UP = "unreachable", "no_answer", "hung_up"
RTT_WRAPS_S = 65536.0
"""Delays are counted in 32 bits of 1/65536 s (RFC 3550 6.4.1)."""
HEARD = "NOISE"
"""What WaitForNoise says of a phone that has a voice."""


class Answer(Protocol):
    """A response of Asterisk."""

    def get(self, key: str, default: str = ...) -> str:
        """The first value of ``key``."""


class AskingActor(Protocol):
    """The link that may act, and what it is answered."""

    async def ask(self, action: dict[str, str | list[str]]) -> Answer:
        """Send one action, at most once; raises PeerError, ``ami_refused`` if Asterisk said no."""


class PhoneCheck:
    """Measures seats' phones. ``ring_s``: how long one rings. ``called_number``: what it shows besides."""

    def __init__(
        self,
        actor: AskingActor,
        post: Callable[[Message], None],
        clock: Clock,
        ring_s: int,
        called_number: str,
    ) -> None:
        self._actor = actor
        self._post = post
        self._clock = clock
        self._ring_s = ring_s
        self._called_number = called_number
        self._count = 0
        self._under_way: set[SeatId] = set()

    async def check(self, effect: cloud.CheckPhone) -> None:
        """Ring the phone, measure it, post ``PhoneChecked``."""
        if effect.seat_id in self._under_way:
            return
        self._under_way.add(effect.seat_id)
        try:
            await self._check(effect)
        finally:
            self._under_way.discard(effect.seat_id)

    async def _check(self, effect: cloud.CheckPhone) -> None:
        self._count += 1
        now = self._clock.instant()
        trial = _Trial(effect.seat_id, f"{PREFIX}{effect.seat_id}-{now * 1000:.0f}.{self._count}", now)
        try:
            async with asyncio.timeout(CHECK_S_MAX):
                await self._follow(trial)
        except (CallcenterError, TimeoutError) as error:
            log.warning("phone not checked", seat_id=effect.seat_id, error=type(error).__name__)
        finally:
            self._post(trial.result())

    async def _follow(self, trial: "_Trial") -> None:
        await self._ring(trial)
        while not trial.is_over:
            await asyncio.sleep(POLL_S)
            try:
                await self._look(trial)
            except PeerError as error:
                if error.code == "ami_refused":
                    trial.miss(self._clock.instant())
        if not trial.failed:
            await self._actor.ask({"Action": "Hangup", "Channel": trial.channel_id})

    async def _ring(self, trial: "_Trial") -> None:
        await self._actor.ask(
            {
                "Action": "Originate",
                "Channel": interface(trial.seat_id),
                "ChannelId": trial.channel_id,
                "Context": CONTEXT,
                "Exten": "s",
                "Priority": "1",
                "CallerID": f'"{SHOWN}" <{self._called_number}>',
                "Variable": ANSWERS_ITSELF,
                "Timeout": str(self._ring_s * 1000),
                "Async": "true",  # the other actions of the link do not wait for the phone
            }
        )

    async def _look(self, trial: "_Trial") -> None:
        """One reading. A channel that is no more refuses."""
        trial.see(await self._variable(trial, "CHANNEL(state)"), self._clock.instant())
        if trial.failed != HUNG_UP:
            return
        trial.gauge.note(_figures(await self._variable(trial, "CHANNEL(rtcp,all)")))
        if await self._variable(trial, "CC_MEASURED"):
            is_heard = await self._variable(trial, "CC_HEARD") == HEARD
            trial.succeed(is_heard, self._clock.instant())

    async def _variable(self, trial: "_Trial", name: str) -> str:
        answer = await self._actor.ask(
            {"Action": "Getvar", "Channel": trial.channel_id, "Variable": name},
        )
        return answer.get("Value")


class _Trial:
    """One check under way. ``failed``: what it has come to if nothing more comes of it."""

    def __init__(self, seat_id: SeatId, channel_id: str, began: Instant) -> None:
        self.seat_id = seat_id
        self.channel_id = channel_id
        self.gauge = LineGauge()
        self.failed = UNREACHABLE
        self.is_over = False
        self._began = began
        self._is_born = False
        self._heard = False
        self._up: Instant | None = None
        self._seconds = 0.0

    def see(self, state: str, now: Instant) -> None:
        """The channel is in this state, in Asterisk's words."""
        self._is_born = True
        if state == "Up":
            self.failed, self._up = HUNG_UP, self._up if self._up is not None else now
        elif state == "Ringing":
            self.failed = NO_ANSWER

    def miss(self, now: Instant) -> None:
        """There is no such channel: not yet, or no more."""
        self.is_over = self._is_born or now - self._began > BORN_WITHIN_S

    def succeed(self, is_heard: bool, now: Instant) -> None:
        """All was measured."""
        self.failed, self._heard, self.is_over = "", is_heard, True
        self._seconds = now - self._up if self._up is not None else 0.0

    def result(self) -> cloud.PhoneChecked:
        """What is told."""
        if self.failed:
            return cloud.PhoneChecked(self.seat_id, self.failed)
        return cloud.PhoneChecked(
            self.seat_id,
            loss_in=round(self.gauge.share_in, 4),
            loss_out=round(self.gauge.loss_out.share, 4),
            jitter_ms=round(self.gauge.jitter_s * 1000, 1),
            rtt_ms=round(self.gauge.rtt_s * 1000, 1),
            seconds=round(self._seconds, 1),
            heard=self._heard,
        )


def _figures(text: str) -> LineFigures:
    """``CHANNEL(rtcp,all)``: its names are as seen from the far end, so our measure of the phone's jitter is ``txjitter``.

    Tried on Asterisk 22: counts are live, ``lp`` is written with each report of ours, ``rlp`` and ``rtt`` with each of the
    phone's; a line faster than the phone's clock is exact has a delay below zero, which wraps around.

    Raises:
        PeerError: ``bad_frame``; figures are missing.
    """
    pairs = dict(pair.split("=", 1) for pair in text.split(";") if "=" in pair)
    try:
        rtt_s = float(pairs["rtt"])
        return LineFigures(
            received=int(pairs["rxcount"]),
            lost_in=int(pairs["lp"]),
            sent=int(pairs["txcount"]),
            lost_out=int(pairs["rlp"]),
            jitter_s=float(pairs["txjitter"]),
            rtt_s=rtt_s if rtt_s < RTT_WRAPS_S / 2 else 0.0,
        )
    except (KeyError, ValueError):
        raise PeerError("no figures of the line", code="bad_frame") from None
