"""Transcription with the real recognizer: good files, bad files, processes that die."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from recognizer import demo_model, two_channels, voice, write_recording
from vaults import master_key, new_vault

from callcenter.core.errors import PeerError
from callcenter.core.ids import ContactId, JobId, RecordingId
from callcenter.core.messages.base import Message
from callcenter.core.messages.work import TranscriptFailed, TranscriptReady
from callcenter.speech import audio
from callcenter.speech.demo_model.evaluate import character_errors, on_the_phone
from callcenter.speech.dialog import demo_dialog
from recordings import wav
from recordings.core.transcript import Transcript
from recordings.models import ModelChoice
from recordings.process import Limits, WorkerProcess, resident_mb
from recordings.transcribe import Job, Transcriber, sound_files, transcribe_files
from recordings.vault import Vault

pytestmark = [pytest.mark.adapters, pytest.mark.timeout(600)]

ROOMY = Limits()
HOUR_BYTES = 3600 * 32_000


class ListQueue:
    """A durable queue in memory: three tries, no back-off."""

    def __init__(self, *recordings: str):
        self.waiting = [Job(JobId(n), ContactId(r), RecordingId(r)) for n, r in enumerate(recordings)]
        self.tries: dict[JobId, int] = {}
        self.done: dict[str, Transcript] = {}
        self.parked: dict[str, str] = {}
        self.broken_takes = 0
        self.put_back_for: list[str] = []
        self.on_put_back: Callable[[], object] = lambda: None

    async def take(self, _lease_s: float) -> Job | None:
        """The next one."""
        if self.broken_takes:
            self.broken_takes -= 1
            raise PeerError("no database", code="database")
        return self.waiting.pop(0) if self.waiting else None

    async def renew(self, job: Job, lease_s: float) -> None:
        """Always ours."""

    async def finish(self, job: Job, transcript: Transcript) -> None:
        """Keep it."""
        self.done[job.recording_id] = transcript

    async def put_back(self, job: Job, reason: str, wait_s: float) -> None:
        """At once again."""
        self.waiting.append(job)
        self.put_back_for.append(reason)
        self.on_put_back()

    async def fail(self, job: Job, reason: str) -> bool:
        """Again, or parked after the third try."""
        self.tries[job.id] = self.tries.get(job.id, 0) + 1
        if self.tries[job.id] < 3:
            self.waiting.append(job)
            return False
        self.parked[job.recording_id] = reason
        return True


@pytest.fixture
async def worker() -> AsyncIterator[WorkerProcess]:
    """A running recognizer process."""
    started = await WorkerProcess.start(demo_model(), ROOMY)
    yield started
    await started.stop()


@asynccontextmanager
async def _serving(
    vault: Vault | Path, queue: ListQueue, until: Callable[[list[Message]], bool], limits: Limits = ROOMY
) -> AsyncIterator[list[Message]]:
    """Run a transcriber until it posted what is waited for."""
    posted: list[Message] = []
    news = asyncio.Event()

    def post(message: Message) -> None:
        posted.append(message)
        news.set()

    vault = vault if isinstance(vault, Vault) else Vault(vault)
    transcriber = Transcriber(demo_model(), vault, queue, post, limits=limits)
    task = asyncio.create_task(transcriber.run())
    try:
        async with asyncio.timeout(120):
            while not until(posted):
                await news.wait()
                news.clear()
        yield posted
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _call(citizen: str, agent: str) -> bytes:
    said = voice().speak(citizen)
    answer = np.concatenate([audio.silence(len(said) / audio.RATE), voice().speak(agent)])
    return two_channels(on_the_phone(said), on_the_phone(answer))


def _recording(folder: Path, contact_id: str, raw: bytes) -> RecordingId:
    recording_id = RecordingId(contact_id)
    write_recording(Vault(folder).wav_path(recording_id), raw)
    return recording_id


async def test_the_demo_call_is_understood(worker: WorkerProcess, tmp_path: Path) -> None:
    """Each side's words come on its own channel, with times and confidence."""
    lines = demo_dialog()
    citizen = "，".join(line.text for line in lines if line.speaker == "citizen")
    agent = "，".join(line.text for line in lines if line.speaker == "agent")
    path = write_recording(tmp_path / "x.wav", _call(citizen, agent))
    shares: list[float] = []
    transcript = await worker.transcribe(path, "x", shares.append)
    for text, heard in ((citizen, transcript.citizen_text), (agent, transcript.agent_text)):
        assert character_errors(text.replace("，", ""), heard) <= len(text) * 0.1
    assert transcript.is_demo
    assert shares
    assert all(0 <= word.conf <= 1 and word.start < word.end for word in transcript.citizen)
    assert transcript.citizen[-1].end < transcript.agent[-1].end <= transcript.seconds


@pytest.mark.parametrize(
    "raw", [b"", b"\0\0\0\0" * 8000 * 30, b"\7\0\0\0\1"], ids=["empty", "silent", "torn"]
)
async def test_nothing_said_is_an_empty_transcript(worker: WorkerProcess, tmp_path: Path, raw: bytes) -> None:
    """No word is made up."""
    transcript = await worker.transcribe(write_recording(tmp_path / "x.wav", raw), "x")
    assert (transcript.citizen, transcript.agent) == ((), ())


async def test_sizes_lost_in_a_crash_do_not_matter(worker: WorkerProcess, tmp_path: Path) -> None:
    """The sound up to the end of the file is taken."""
    path = tmp_path / "x.wav"
    path.write_bytes(wav.header(0) + _call("我要投诉", "您好"))
    assert (await worker.transcribe(path, "x")).citizen_text == "我要投诉"


async def test_one_channel_is_the_citizens(worker: WorkerProcess, tmp_path: Path) -> None:
    """As in a voice message."""
    said = on_the_phone(voice().speak("我要投诉")).astype("<i2").tobytes()
    path = tmp_path / "x.wav"
    path.write_bytes(wav.header(len(said), channels=1) + said)
    transcript = await worker.transcribe(path, "x")
    assert (transcript.citizen_text, transcript.agent) == ("我要投诉", ())


async def test_noise_is_no_error(worker: WorkerProcess, tmp_path: Path) -> None:
    """Whatever is taken for words lies inside the file."""
    noise = np.random.default_rng(1).integers(-20_000, 20_000, 2 * audio.RATE * 5).astype("<i2").tobytes()
    transcript = await worker.transcribe(write_recording(tmp_path / "x.wav", noise), "x")
    assert transcript.seconds == 5.0
    assert all(0 <= word.start < word.end <= 5.1 for word in transcript.citizen + transcript.agent)


async def test_four_hours_are_heard_as_they_come(worker: WorkerProcess, tmp_path: Path) -> None:
    """The first minute is told of at once, in little memory; to hear it all is left to ``make bench``."""
    path = tmp_path / "x.wav"
    with path.open("wb") as file:
        file.write(wav.header(4 * HOUR_BYTES))
        file.truncate(44 + 4 * HOUR_BYTES)
    shares: list[float] = []
    minute = asyncio.Event()

    def heard(share: float) -> None:
        shares.append(share)
        if share >= 60 / (4 * 3600):
            minute.set()

    hearing = asyncio.create_task(worker.transcribe(path, "x", heard))
    async with asyncio.timeout(60):
        await minute.wait()
    assert resident_mb(worker.pid) < 500
    hearing.cancel()
    await asyncio.gather(hearing, return_exceptions=True)
    assert worker.is_worn


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (wav.header(64_000, rate=16_000) + b"\0" * 64_000, "wrong_rate"),
        (wav.header(60_000, channels=3) + b"\0" * 60_000, "too_many_channels"),
        (b"no sound", "not_wav"),
        (None, "recording_io"),
    ],
    ids=["rate", "channels", "foreign", "absent"],
)
async def test_a_bad_file_costs_nothing_but_itself(
    worker: WorkerProcess, tmp_path: Path, content: bytes | None, code: str
) -> None:
    """The error names the cause, and the same process takes the next file."""
    path = tmp_path / "x.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PeerError) as caught:
        await worker.transcribe(path, "x")
    assert caught.value.code == code
    assert not worker.is_worn
    good = write_recording(tmp_path / "good.wav", _call("谢谢", "再见"))
    assert (await worker.transcribe(good, "good")).citizen_text == "谢谢"


async def test_a_killed_process_is_noticed_at_once(worker: WorkerProcess, tmp_path: Path) -> None:
    """Its job fails with a code of its own."""
    path = write_recording(tmp_path / "x.wav", b"\0" * 32_000 * 3600)
    transcribing = asyncio.create_task(
        worker.transcribe(path, "x", lambda share: os.kill(worker.pid, signal.SIGKILL))
    )
    with pytest.raises(PeerError) as caught:
        await transcribing
    assert caught.value.code == "worker_died"
    assert worker.is_worn


async def test_a_hanging_process_is_killed(tmp_path: Path) -> None:
    """Silence has a limit."""
    worker = await WorkerProcess.start(demo_model(), Limits(quiet_s=0.3))
    os.kill(worker.pid, signal.SIGSTOP)
    with pytest.raises(PeerError) as caught:
        await worker.transcribe(write_recording(tmp_path / "x.wav", b""), "x")
    assert caught.value.code == "worker_hung"
    assert worker.is_worn


async def test_a_folder_that_is_no_model_is_said(tmp_path: Path) -> None:
    """And no process is left."""
    with pytest.raises(PeerError) as caught:
        await WorkerProcess.start(ModelChoice(tmp_path, is_demo=False), ROOMY)
    assert caught.value.code == "bad_model"


async def test_too_little_memory_is_no_endless_wait(tmp_path: Path) -> None:
    """A process that cannot live within its limit ends with a code."""
    with pytest.raises(PeerError) as caught:
        await WorkerProcess.start(demo_model(), Limits(memory_mb=60))
    assert caught.value.code in ("worker_died", "bad_model")


async def test_jobs_are_finished_and_told(tmp_path: Path) -> None:
    """The words are in the store before anybody hears of them, and nowhere on the disk."""
    recording_id = _recording(tmp_path, "x-1795305600.1", _call("我要投诉", "您好"))
    queue = ListQueue(recording_id)
    async with _serving(tmp_path, queue, until=lambda posted: len(posted) == 1) as posted:
        assert posted == [TranscriptReady(ContactId(recording_id), recording_id)]
    assert queue.done[recording_id].citizen_text == "我要投诉"
    assert not list(tmp_path.rglob("*.json"))


async def test_a_poison_file_is_parked_after_three_tries(tmp_path: Path) -> None:
    """With the reason; the job behind it is done all the same."""
    poison, good = "x-1795305600.1", "x-1795305600.2"
    path = Vault(tmp_path).wav_path(RecordingId(poison))
    path.parent.mkdir(parents=True)
    path.write_bytes(b"poison")
    _recording(tmp_path, good, _call("谢谢", "再见"))
    queue = ListQueue(poison, good)
    async with _serving(tmp_path, queue, until=lambda posted: len(posted) == 2) as posted:
        failed = TranscriptFailed(ContactId(poison), RecordingId(poison), "not_wav")
        assert sorted(map(str, posted)) == sorted(
            map(str, [failed, TranscriptReady(ContactId(good), RecordingId(good))])
        )
    assert queue.parked[poison].startswith("not_wav: ")
    assert set(queue.done) == {good}


async def test_processes_are_replaced_after_their_share(tmp_path: Path) -> None:
    """Memory that leaks is given back; no job is lost on the way."""
    names = [f"x-1795305600.{n}" for n in range(3)]
    for name in names:
        _recording(tmp_path, name, b"\0" * 3200)
    queue = ListQueue(*names)
    async with _serving(tmp_path, queue, until=lambda posted: len(posted) == 3, limits=Limits(jobs=1)):
        assert set(queue.done) == set(names)


async def test_a_process_that_grew_is_replaced_after_its_job(tmp_path: Path) -> None:
    """Not before it did any: a large model makes work slow, never impossible."""
    worker = await WorkerProcess.start(demo_model(), Limits(resident_mb=1))
    try:
        assert not worker.is_worn
        await worker.transcribe(write_recording(tmp_path / "x.wav", b""), "x")
        assert worker.is_worn
    finally:
        await worker.stop()


async def test_a_queue_that_fails_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Transcription survives a database that restarts."""
    monkeypatch.setattr("recordings.transcribe.PAUSE_S", 0.01)
    queue = ListQueue(_recording(tmp_path, "x-1795305600.1", b"\0" * 3200))
    queue.broken_takes = 2
    async with _serving(tmp_path, queue, until=lambda posted: len(posted) == 1):
        assert len(queue.done) == 1


async def test_a_missing_key_costs_no_job_a_try(tmp_path: Path) -> None:
    """It waits with the reason, and is done when the key is back."""
    vault, recording_id = new_vault(tmp_path / "vault"), RecordingId("x-1795305600.1")
    source = tmp_path / "x.wav"
    write_recording(source, _call("谢谢", "再见"))
    vault.keep(ContactId(recording_id), wav.of_file(source), datetime(2026, 11, 22, 9, 0, tzinfo=UTC))
    key, aside = master_key(vault.root), tmp_path / "aside"
    key.rename(aside)
    queue = ListQueue(recording_id)
    queue.on_put_back = lambda: aside.rename(key)
    async with _serving(vault, queue, until=lambda posted: len(posted) == 1) as posted:
        assert posted == [TranscriptReady(ContactId(recording_id), recording_id)]
    assert [reason.partition(":")[0] for reason in queue.put_back_for] == ["vault_key_missing"]
    assert not queue.tries


async def test_a_folder_is_transcribed_file_by_file(tmp_path: Path) -> None:
    """Bad files are named and cost nothing but themselves; processes wear out on the way."""
    write_recording(tmp_path / "a" / "1.wav", _call("谢谢", "再见"))
    write_recording(tmp_path / "a" / "b" / "2.WAV", b"\0" * 3200)
    (tmp_path / "a" / "3.wav").write_bytes(b"no sound")
    (tmp_path / "a" / "notes.txt").write_text("no sound either")
    files = sound_files([tmp_path / "a", tmp_path / "none.wav"])
    shares: dict[str, float] = {}

    def told(path: Path, share: float) -> None:
        shares[path.name] = share

    found = [pair async for pair in transcribe_files(files, demo_model(), told, Limits(jobs=2))]
    said = {path.name: getattr(result, "citizen_text", None) for path, result in found}
    codes = {path.name: getattr(result, "code", "") for path, result in found}
    assert said == {"1.wav": "谢谢", "2.WAV": "", "3.wav": None, "none.wav": None}
    assert (codes["3.wav"], codes["none.wav"]) == ("not_wav", "recording_io")
    assert set(shares) == {"1.wav", "2.WAV"}
