"""Transcription on other machines: a real scheduler and real workers on loopback, which die in the middle of their work."""

import asyncio
import signal
import ssl
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cluster import Machines, cluster_at
from recognizer import demo_model, two_channels, voice, write_recording
from transcription import house_at

from callcenter.core.errors import PeerError
from callcenter.doctor import Check, State, run_checks
from callcenter.speech import audio
from callcenter.speech.demo_model.evaluate import on_the_phone
from callcenter.store.jobs import JobState
from recordings import wav
from recordings.cluster.engine import host_and_port
from recordings.cluster.keys import ClusterKeys
from recordings.models import ModelChoice

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.timeout(300),
    # The engine leaves sockets of lost machines to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

LONG_S = 200


@pytest.fixture
async def machines(tmp_path: Path) -> AsyncIterator[Machines]:
    """Keys, and no machine yet."""
    async with cluster_at(tmp_path / "house") as made:
        yield made


async def test_machines_killed_in_the_middle_cost_no_recording_and_double_none(
    machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scheduler and both workers die with a long call half heard; those that come back do it, and every call once."""
    monkeypatch.setattr("callcenter.store.jobs.BACK_OFF_S", 0.1)
    short = two_channels(on_the_phone(voice().speak("我要投诉")), audio.silence(0.1))
    async with house_at(tmp_path / "house") as house:
        ids = await house.keep([short, bytes(32_000 * LONG_S), *[short] * 4])
        scheduler = await machines.scheduler()
        workers = await asyncio.gather(machines.worker(), machines.worker())
        async with house.transcribing(elsewhere=machines.house()):
            await house.until_told(3)
            assert ids[1] not in house.ready
            for process in (scheduler, *workers):
                process.kill()
            await machines.scheduler()
            await machines.worker(slots=2)
            await house.until_told(len(ids))
        assert house.ready == Counter(ids)
        assert await house.states() == {JobState.DONE: len(ids)}
        assert await house.said(ids[-1]) == "我要投诉"
    assert not [path for path in machines.scratch.rglob("*") if path.is_file() and path.stat().st_size > 1000]


async def test_only_machines_that_are_fit_are_asked(machines: Machines, tmp_path: Path) -> None:
    """No job is sent to one with another model, and who looks is told; a bad file keeps its own error."""
    other = tmp_path / "other" / demo_model().path.name
    other.mkdir(parents=True)
    for path in demo_model().path.iterdir():
        (other / path.name).symlink_to(path)
    (other / "README").write_text("newer")
    scheduler = await machines.scheduler()
    await asyncio.gather(machines.worker(), machines.worker(model=ModelChoice(other, is_demo=True)))
    seen = await machines.house().look()
    assert (seen.total, seen.others) == (1, 1)
    assert await _doctor(machines) == (State.WARN, "1 machines with another model")
    cluster = machines.house()
    watching = asyncio.create_task(cluster.run())
    place = await cluster.start(0)
    path = tmp_path / "x.wav"
    for content, code in (
        (b"no sound", "not_wav"),
        (wav.header(64_000, rate=16_000) + bytes(64_000), "wrong_rate"),
    ):
        path.write_bytes(content)
        with pytest.raises(PeerError) as caught:
            await place.transcribe(path, "x")
        assert caught.value.code == code
    assert cluster.has(0)
    hearing = asyncio.create_task(place.transcribe(write_recording(path, bytes(32_000 * LONG_S)), "x"))
    scheduler.send_signal(signal.SIGTERM)
    assert await scheduler.wait() == 0
    with pytest.raises(PeerError, match="will be tried again"):
        await hearing
    assert not cluster.has(0)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


async def _doctor(machines: Machines) -> tuple[State, str]:
    checks: list[Check] = await asyncio.to_thread(run_checks, machines.settings)
    found = next(check for check in checks if check.name == "cluster")
    return found.state, found.found.rpartition("; ")[2]


async def test_nobody_is_let_in_without_the_keys(machines: Machines, tmp_path: Path) -> None:
    """Neither with keys of another house, nor with none."""
    await machines.scheduler()
    strange, ours = ClusterKeys(tmp_path / "strange"), ClusterKeys.of(machines.settings)
    strange.make(machines.clock.at())
    assert await _is_spoken_to(machines, ours.node)
    assert not await _is_spoken_to(machines, strange.node)
    assert not await _is_spoken_to(machines, None)


async def _is_spoken_to(machines: Machines, node: Path | None) -> bool:
    """Whether the scheduler, which speaks first, says anything to who shows this certificate."""
    context = ssl.create_default_context(cafile=ClusterKeys.of(machines.settings).authority)
    context.check_hostname = False
    if node is not None:
        context.load_cert_chain(node)
    try:
        async with asyncio.timeout(30):
            reader, writer = await asyncio.open_connection(*host_and_port(machines.address), ssl=context)
            try:
                return bool(await reader.read(1))
            finally:
                writer.close()
    except OSError:  # how TLS says no
        return False
