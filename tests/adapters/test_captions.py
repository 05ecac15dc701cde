"""Live captions with the real recognizer process: recordings that grow, machines that are short, processes that die."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recognizer import demo_model, two_channels, voice

from callcenter.captions.feed import LINES_MAX, CaptionFeed
from callcenter.clocks import SystemClock
from callcenter.core.clock import Instant
from callcenter.core.errors import PeerError
from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages.base import Message
from callcenter.core.messages.captions import CaptionsSwitched
from callcenter.speech.demo_model.evaluate import on_the_phone
from recordings import wav
from recordings.captions import Caption, Captioner, Source
from recordings.captions_cpu import CpuMeter, cores
from recordings.captions_process import CaptionProcess
from recordings.captions_worker import FRESH_S, LATE_S, Captions
from recordings.core.captions import Machine, Mode, Reason, Rules, Switchboard, Talk
from recordings.models import ModelChoice

pytestmark = [pytest.mark.adapters, pytest.mark.timeout(120)]

C1, C2 = ContactId("cc-1700000000.1"), ContactId("cc-1700000000.2")
RULES = Rules(
    Mode.ON, keep_free_cores=0, off_above=1.0, on_below=1.0, behind_s=30.0, hold_s=60.0, calls_max=4
)
LIMIT_S = 60.0
HEATING = "暖气停了三天"
SECOND = wav.RATE * wav.FRAME_BYTES


def spoken(text: str) -> bytes:
    """The citizen says it over the telephone, then both are silent until the line is over; all of it is still fresh."""
    sound = np.pad(on_the_phone(voice().speak(text)), (0, round(1.2 * wav.RATE)))
    assert len(sound) < FRESH_S * wav.RATE
    return two_channels(sound, np.zeros(len(sound), np.int16))


@dataclass
class House:
    """Talks and their growing recordings, and what is told of them. ``busy``: what the machine is busy with, in percent."""

    folder: Path
    busy: int = 10
    talks: list[Talk] = field(default_factory=list)
    heard: list[Caption] = field(default_factory=list)
    posted: list[Message] = field(default_factory=list)
    looks: int = 0

    def raw_path(self, contact_id: ContactId) -> Path:
        """Where Asterisk would write."""
        return self.folder / f"{contact_id}.raw"

    def record(self, contact_id: ContactId, sound: bytes) -> None:
        """Asterisk writes on."""
        with self.raw_path(contact_id).open("ab") as file:
            file.write(sound)

    def stat(self) -> str:
        """``/proc/stat`` of a machine that is as busy as ``busy`` since it started."""
        self.looks += 1
        ticks = self.looks * 100
        return f"cpu {self.busy * ticks} 0 0 {(100 - self.busy) * ticks} 0 0 0 0 0 0\n"

    def texts(self, contact_id: ContactId = C1) -> str:
        """The lines that are over, of one call."""
        return "".join(c.text for c in self.heard if c.final and c.contact_id == contact_id)

    def captioner(self, rules: Rules = RULES, meter: CpuMeter | None = None) -> Captioner:
        """Not running yet."""
        clock = SystemClock()
        return Captioner(
            Source(lambda: self.talks, self.raw_path, demo_model(), 4096),
            Switchboard(rules, Machine(2, hears_live=True)),
            meter or CpuMeter(clock, self.stat),
            clock,
            told=self.heard.append,
            post=self.posted.append,
        )


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house with one talk that is recorded."""
    house = House(tmp_path, talks=[Talk(C1, is_paused=False)])
    house.record(C1, b"")
    return house


@asynccontextmanager
async def running(captioner: Captioner) -> AsyncIterator[None]:
    """Inside the block."""
    task = asyncio.create_task(captioner.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(holds: Callable[[], Any], what: str) -> None:
    """Wait for a condition.

    Raises:
        AssertionError: it does not come true.
    """
    try:
        async with asyncio.timeout(LIMIT_S):
            while not holds():
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"not within {LIMIT_S:g} s: {what}") from None


async def test_a_growing_recording_is_captioned_while_it_grows(house: House) -> None:
    """Partial texts first, each the whole line so far, then the final one; of the citizen's channel only."""
    sound, captioner = spoken(HEATING), house.captioner()
    async with running(captioner):
        await until(lambda: captioner.captioned, "captions are on")
        house.record(C1, sound[: 3 * SECOND // 2])
        await until(lambda: house.heard, "a partial text")
        house.record(C1, sound[3 * SECOND // 2 :])
        await until(lambda: "暖气" in house.texts(), "the final line")
    assert {caption.channel for caption in house.heard} == {"citizen"}
    assert not house.heard[0].final
    assert all(caption.begin_s <= caption.end_s for caption in house.heard)
    assert [(m.type, getattr(m, "places", None)) for m in house.posted] == [("captions.switched", 4)]


async def test_a_killed_process_is_replaced_and_captions_go_on(house: House) -> None:
    """What is said after the death of the recognizer is captioned by the next one."""
    sound, captioner = spoken(HEATING), house.captioner()
    async with running(captioner):
        await until(lambda: captioner.captioned, "captions are on")
        assert captioner.pid is not None
        first = captioner.pid
        os.kill(first, signal.SIGKILL)
        await until(lambda: captioner.pid not in (None, first) and captioner.captioned, "the next process")
        house.record(C1, sound)
        await until(lambda: "暖气" in house.texts(), "the final line")


async def test_a_paused_recording_is_not_captioned(house: House) -> None:
    """While paused nothing is told, even if there were sound; after it captions begin with the present."""
    sound = spoken(HEATING)
    captioner = house.captioner()
    async with running(captioner):
        await until(lambda: captioner.captioned == [C1], "captions are on")
        house.talks = [Talk(C1, is_paused=True), Talk(C2, is_paused=False)]
        house.record(C1, sound * 2)
        await until(lambda: captioner.captioned == [C2], "the other call alone")
        house.record(C2, sound)
        await until(lambda: "暖气" in house.texts(C2), "the other call's line")
        assert [c for c in house.heard if c.contact_id == C1] == []
        house.talks = [Talk(C1, is_paused=False)]
        await until(lambda: captioner.captioned == [C1], "captions go on")
        await asyncio.sleep(0)
    assert house.texts(C1) == ""


async def test_a_busy_machine_has_no_captions_and_no_process(house: House) -> None:
    """Short cores end the recognizer process; the journal is told why."""
    captioner = house.captioner(replace(RULES, off_above=0.5, on_below=0.4))
    async with running(captioner):
        await until(lambda: captioner.captioned, "captions are on")
        house.busy = 90
        await until(lambda: captioner.pid is None, "the process has ended")
    switched = [m for m in house.posted if isinstance(m, CaptionsSwitched)]
    assert [(m.places, m.reason) for m in switched] == [(4, "room"), (0, "cpu_short")]
    assert switched[-1].busy_ratio > 0.5
    assert captioner.captioned == []


async def test_on_this_machine_a_threshold_of_nothing_switches_off(house: House) -> None:
    """The real count of the cores' time: whoever allows no other work at all gets no captions."""
    clock = SystemClock()
    captioner = house.captioner(replace(RULES, off_above=0.0, on_below=0.0), CpuMeter(clock))
    async with running(captioner):
        await until(lambda: captioner.verdict.reason is Reason.CPU_SHORT, "switched off")
    assert captioner.verdict.places == 0


async def test_a_process_that_answers_no_more_counts_as_late(house: House) -> None:
    """A recognizer that gets no time at all loses its calls; nobody waits for it."""
    captioner = house.captioner(replace(RULES, behind_s=3.0))
    async with running(captioner):
        await until(lambda: captioner.captioned, "captions are on")
        assert captioner.pid is not None
        os.kill(captioner.pid, signal.SIGSTOP)
        await until(lambda: captioner.verdict.reason is Reason.BEHIND, "it is late")
        await until(lambda: captioner.pid is None, "the process has ended")


async def test_a_folder_that_is_no_model_is_an_error(tmp_path: Path) -> None:
    """The process says so and ends."""
    with pytest.raises(PeerError) as caught:
        await CaptionProcess.start(ModelChoice(tmp_path, is_demo=False), 0)
    assert caught.value.code == "bad_model"


async def test_the_process_ends_with_its_owner() -> None:
    """When nobody can ask any more, however the owner ended, it goes by itself."""
    worker = await CaptionProcess.start(demo_model(), 0)
    process = worker._process
    assert process.stdin is not None
    process.stdin.close()
    async with asyncio.timeout(LIMIT_S):
        assert await process.wait() == 0
    await worker.kill()


class Recognizer:
    """Hears one word in each piece of sound that is no silence, and ends the line in silence."""

    made = 0

    def __init__(self) -> None:
        type(self).made += 1
        self.words = 0

    def AcceptWaveform(self, sound: bytes) -> bool:  # noqa: N802  Vosk's name
        """Take a piece."""
        is_silent = not any(sound)
        self.words += not is_silent
        return is_silent

    def Result(self) -> str:  # noqa: N802  Vosk's name
        """A line that is over."""
        self.words = 0
        return "{}"

    def PartialResult(self) -> str:  # noqa: N802  Vosk's name
        """A line that grows."""
        return f'{{"partial": "{" ".join(["好"] * self.words)}"}}'


def loud(seconds: float) -> bytes:
    """Sound on both channels."""
    return b"\x01\x10" * (round(seconds * wav.RATE) * wav.CHANNELS)


def test_what_came_too_long_ago_is_skipped(tmp_path: Path) -> None:
    """Behind by more than some seconds, the worker goes on from the present, with new recognizers."""
    told: list[dict[str, Any]] = []
    worker = Captions(Recognizer, told.append, SystemClock())
    path = tmp_path / "c.raw"
    path.write_bytes(loud(1))
    worker.obey({"open": "c", "path": str(path)})
    worker.turn()
    assert {answer["begin_s"] for answer in told} == {0.0}
    path.write_bytes(loud(LATE_S + 2))
    worker.turn()
    path.write_bytes(loud(LATE_S + 3))
    worker.turn()
    assert {answer["begin_s"] for answer in told} == {0.0, LATE_S + 2}
    assert {answer["channel"] for answer in told} == {0, 1}


def test_a_call_that_goes_on_for_long_is_captioned_from_now(tmp_path: Path) -> None:
    """Opened late, what was said before is not read; a line without words is taken back; closed, it is silent."""
    told: list[dict[str, Any]] = []
    worker = Captions(Recognizer, told.append, SystemClock())
    path = tmp_path / "c.raw"
    path.write_bytes(loud(FRESH_S + 1))
    worker.obey({"open": "c", "path": str(path)})
    worker.obey({"open": "never", "path": str(tmp_path / "never.raw")})
    worker.turn()
    assert told == []
    path.write_bytes(loud(FRESH_S + 2) + bytes(SECOND))
    worker.turn()
    said = [answer for answer in told if answer["channel"] == 0]
    assert [(answer["begin_s"], answer["text"], answer["final"]) for answer in said] == []
    worker.obey({"close": "c"})
    path.write_bytes(loud(FRESH_S + 4))
    worker.turn()
    assert said == [answer for answer in told if answer["channel"] == 0]


class Clock(SystemClock):
    """A clock that goes one second with each look."""

    looks = 0

    def instant(self) -> Instant:
        """The next second."""
        self.looks += 1
        return Instant(float(self.looks))


def test_the_share_of_the_cores_leaves_out_what_is_niced() -> None:
    """Niced work gives way by itself; waiting for the disk is no work."""
    texts = iter(
        [
            "cpu  100 50 100 1000 0 0 0 0 0 0\ncpu0 ...",
            "cpu  140 350 110 1050 100 0 0 0 0 0\n",
            "no such thing",
            "cpu  140 350 110 1050 100 0 0 0 0 0\n",
        ]
    )
    meter = CpuMeter(Clock(), lambda: next(texts))
    assert [meter.busy_ratio() for _ in range(4)] == [None, 0.1, None, None]
    assert cores() >= 1


async def test_a_slow_reader_gets_the_newest_state_of_a_line() -> None:
    """Of a line that grew while nobody read only its last text waits; numbers over several lines are hidden."""
    feed, at = CaptionFeed(), SystemClock().at()
    with feed.follow() as reader:
        feed.tell(Caption(C1, "citizen", 1.0, 2.0, "一三", final=False), SeatId("8001"), at)
        feed.tell(Caption(C1, "citizen", 1.0, 3.0, "一三", final=True), SeatId("8001"), at)
        feed.tell(Caption(C1, "citizen", 3.0, 4.0, "八零", final=False), SeatId("8001"), at)
        said = await reader.next()
        assert [(one.caption.text, one.masked_text, one.caption.final) for one in said] == [
            ("一三", "一三", True),
            ("八零", "**", False),
        ]
        for number in range(LINES_MAX + 100):
            feed.tell(Caption(C2, "agent", float(number), 0.0, "好", final=True), None, at)
        assert len(await reader.next()) == LINES_MAX
    feed.tell(Caption(C1, "citizen", 9.0, 9.5, "好", final=True), None, at)
