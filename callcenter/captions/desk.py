"""Live captions in one house: the captioner among the engines, its feed, and what the outside sees of both.

Invariant: it only reads the engines; a house whose settings or machine allow no captions pays nothing for them.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import structlog

from callcenter.captions.feed import CaptionFeed, CaptionReader
from callcenter.captions.memory import CaptionMemory
from callcenter.core.clock import Clock
from callcenter.core.contact import ContactState
from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages.base import Message
from callcenter.core.messages.seats import SeatState
from callcenter.engines import Engines
from callcenter.sections import Captions
from callcenter.settings import Settings
from callcenter.web.views.captions import CaptionedCallView, CaptionsView
from recordings.captions import Caption, Captioner, Source
from recordings.captions_cpu import CpuMeter, cores
from recordings.core.captions import Machine, Mode, Rules, Switchboard, Talk, never
from recordings.engines import is_whisper
from recordings.models import ModelChoice, resolve_model

log = structlog.get_logger()

NO_MODEL = ModelChoice(Path(), is_demo=False)


class CaptionDesk:
    """Captions of running talks (:class:`callcenter.web.ports.captions.LiveCaptions`)."""

    def __init__(
        self,
        settings: Settings,
        engines: Engines,
        raw_path: Callable[[ContactId], Path],
        post: Callable[[Message], None],
        clock: Clock,
    ) -> None:
        self._engines = engines
        self._clock = clock
        self._feed = CaptionFeed()
        self.memory = CaptionMemory()
        self._model = _live_model(settings)
        rules, machine = rules_of(settings.captions), Machine(cores(), self._model is not NO_MODEL)
        self._never = never(rules, machine)
        source = Source(self._talks, raw_path, self._model, settings.speech.worker_memory_mb)
        self._captioner = Captioner(
            source, Switchboard(rules, machine), CpuMeter(clock), clock, told=self._tell, post=post
        )

    @property
    def is_short(self) -> bool:
        """Whether captions that are wanted here are off right now."""
        return not self._captioner.verdict.places and self._never is None

    @property
    def is_demo(self) -> bool:
        """Whether the model in use recognizes no real people."""
        return self._model.is_demo

    @property
    def why_none(self) -> str:
        """Why nothing is captioned; empty: there are places."""
        verdict = self._captioner.verdict
        return "" if verdict.places else verdict.reason.value

    async def run(self) -> None:
        """Caption for ever, or not at all."""
        if self._never:
            log.info("live captions off", reason=self._never.value)
            await asyncio.Event().wait()
        await self._captioner.run()

    def view(self) -> CaptionsView:
        """How it is."""
        captioner = self._captioner
        return CaptionsView(
            places=captioner.verdict.places,
            reason=captioner.verdict.reason.value,
            busy_ratio=captioner.pressure.busy_ratio,
            behind_s=captioner.pressure.behind_s,
            model=self._model.name,
            is_demo_model=self._model.is_demo,
            calls=[
                CaptionedCallView(contact_id=contact_id, seat_id=self._seat_of(contact_id))
                for contact_id in captioner.captioned
            ],
        )

    def follow(self) -> AbstractContextManager[CaptionReader]:
        """Everything that is said from now on, inside the block."""
        return self._feed.follow()

    def _talks(self) -> list[Talk]:
        talking = (c for c in self._engines.contacts.live() if c.state is ContactState.TALKING)
        oldest_first = sorted(talking, key=lambda contact: contact.answered_at or contact.arrived_at)
        is_paused = self._engines.pauses.is_paused
        return [Talk(contact.contact_id, is_paused(contact.contact_id)) for contact in oldest_first]

    def _tell(self, caption: Caption) -> None:
        seat_id = self._seat_of(caption.contact_id)
        self.memory.hear(caption, seat_id)
        self._feed.tell(caption, seat_id, self._clock.at())

    def _seat_of(self, contact_id: ContactId) -> SeatId | None:
        """The seat that talks in this call; after a transfer it is not the one that answered."""
        for seat in self._engines.seats.all():
            if seat.contact_id == contact_id and seat.state is SeatState.TALKING:
                return seat.seat_id
        return None


def rules_of(captions: Captions) -> Rules:
    """What the operator has set."""
    return Rules(
        mode=Mode(captions.enabled),
        keep_free_cores=captions.keep_free_cores,
        off_above=captions.off_above_ratio,
        on_below=captions.on_below_ratio,
        behind_s=captions.behind_s,
        hold_s=captions.hold_s,
        calls_max=captions.calls_max,
    )


def _live_model(settings: Settings) -> ModelChoice:
    """The model in use, if it hears running speech."""
    try:
        model = resolve_model(settings)
    except UsageError:
        return NO_MODEL
    return NO_MODEL if is_whisper(model.path) else model
