"""Trouble beside the house: a locked database, a frozen controller, a full disk, a dead worker, nobody at home.

One instance serves all tests that leave it as they found it; afterwards the two books must agree.
"""

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from crowd import TRUNK, busy
from sip_load import Callers
from system import System, frozen, whole_system
from tones import level, tone

from callcenter.asterisk.render import layout
from callcenter.phones import Call, IncomingCall, PhoneBox

pytestmark = [pytest.mark.chaos, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

AUDIBLE = 300.0
LOCKED_S = 3.0
SMALL_DISK = "160k"
"""Five seconds of two channels at 8 kHz."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running() -> AsyncIterator[System]:
    """One running instance for all tests of this module."""
    with tempfile.TemporaryDirectory(prefix="cc-") as home:
        async with whole_system(Path(home)) as system:
            yield system


@pytest_asyncio.fixture(loop_scope="session")
async def system(running: System) -> AsyncIterator[System]:
    """It, quiet and with clean books before and after."""
    await running.mark()
    yield running
    await running.settle()


async def waits(system: System, callers: int) -> None:
    """Wait until so many are in the line, by Asterisk's own word."""

    async def are_there() -> bool:
        return f"has {callers} calls" in await system.pbx.server.command("queue show main")

    await system.until(are_there, f"{callers} in the line")


async def dialed(system: System, box: PhoneBox, number: str) -> Call:
    """A citizen's answered call."""
    call = await (await box.citizen(number)).dial(f"sip:12345@{system.settings.sip}", TRUNK)
    await call.established()
    return call


async def talk(system: System, box: PhoneBox, number: str) -> tuple[Call, Call, str]:
    """A citizen talks with seat 8001: both ends, and the contact."""
    phone = await box.seat("8001", system.pbx.secrets.seats["8001"])
    await phone.register()
    await phone.dial_code("*11")
    await system.event("seat.state_changed", seat_id="8001", new="ready")
    call = await dialed(system, box, number)
    ringing: IncomingCall = await phone.ringing()
    answered = await ringing.answer()
    contact_id = (await system.event("call.answered"))["subject"]["contact_id"]
    return call, answered, contact_id


async def test_two_instances_live_side_by_side(system: System) -> None:
    """Different homes and ports: both take a call at the same time, and neither hears of the other's."""
    with tempfile.TemporaryDirectory(prefix="cc-") as home:
        async with whole_system(Path(home), rtp="22000-22599") as other:
            async with busy(system, talking=1, waiting=0), busy(other, talking=1, waiting=1):
                assert len((await system.status())["calls"]) == 1
                assert len((await other.status())["calls"]) == 2
            assert await other.pbx.is_quiet()
            await other.clean()


async def test_a_locked_database_costs_no_caller(system: System) -> None:
    """Somebody else holds the write lock for three seconds: all come into the line, all are in the ledger."""
    numbers = [f"1381000000{n}" for n in range(4)]
    database = system.settings.home_path / "data" / "callcenter.db"
    async with Callers(system.settings.sip_address, TRUNK) as callers:
        with closing(sqlite3.connect(database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            calls = [asyncio.create_task(callers.call("12345", number, 60.0, 60.0)) for number in numbers]
            await asyncio.sleep(LOCKED_S)
            other.execute("ROLLBACK")
        await waits(system, len(numbers))
        await system.pbx.server.command("channel request hangup all")
        assert await asyncio.gather(*calls) == [True] * len(numbers)
    assert await system.pbx.is_quiet()

    async def all_are_closed() -> bool:
        wanted = ",".join("?" * len(numbers))
        closed = system.rows(
            f"SELECT caller FROM contacts WHERE outcome = 'abandoned' AND caller IN ({wanted})",  # noqa: S608
            *numbers,
        )
        return sorted(caller for (caller,) in closed) == numbers

    await system.until(all_are_closed, "every caller is in the ledger")


async def test_a_frozen_controller_costs_no_caller(system: System) -> None:
    """It accepts and says nothing: the dialplan's own limit greets the caller; afterwards the board knows him."""
    async with PhoneBox(system.settings.sip_address) as box:
        with frozen(system.pid("controller")):
            call = await dialed(system, box, "13820000001")
            await waits(system, 1)
            assert level(call.heard()) > AUDIBLE, "no greeting was heard"
        await system.ready()

        async def is_on_the_board() -> bool:
            return [found["state"] for found in (await system.status())["calls"]] == ["waiting"]

        await system.until(is_on_the_board, "he is on the board as waiting")
        await call.hangup()

    async def is_closed() -> bool:
        rows = system.rows("SELECT outcome FROM contacts WHERE caller = '13820000001'")
        return rows == [("abandoned",)]

    await system.until(is_closed, "his contact is closed")


async def test_a_worker_killed_at_its_work_costs_no_transcript(system: System) -> None:
    """The job is tried again by the next process; there is exactly one transcript."""
    async with PhoneBox(system.settings.sip_address) as box:
        call, _, contact_id = await talk(system, box, "13830000001")
        await call.play(tone(700, 1.5))
        worker = await worker_of(system)
        with frozen(worker):
            await call.hangup()
            await system.until(lambda: job(system, contact_id, "running", 1), "the job is begun")
            os.kill(worker, signal.SIGKILL)
    await system.event("transcript.ready", contact_id, limit_s=60)
    await system.until(lambda: job(system, contact_id, "done", 2), "the job is done at the second try")
    transcripts = system.rows(
        "SELECT count(*) FROM transcripts JOIN recordings USING (recording_id) WHERE contact_id = ?",
        contact_id,
    )
    assert transcripts == [(1,)]


async def worker_of(system: System) -> int:
    """The recognizer process of this instance's controller, as soon as there is one."""
    found: list[int] = []

    async def look() -> bool:
        found[:] = (child for child in children_of(system.pid("controller")) if is_worker(child))
        return len(found) == 1

    await system.until(look, "one recognizer process")
    return found[0]


def children_of(pid: int | None) -> list[int]:
    """The processes that this one has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


def is_worker(pid: int) -> bool:
    """Whether this is a recognizer process."""
    try:
        return b"recordings.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:  # gone meanwhile
        return False


async def job(system: System, contact_id: str, state: str, attempts: int) -> bool:
    """Whether the contact's transcription is in this state, at this try."""
    rows = system.rows("SELECT state, attempts FROM jobs WHERE dedupe_key LIKE ?", f"%{contact_id}%")
    return rows == [(state, attempts)]


async def test_a_closed_house_without_controller_takes_a_message_once(system: System) -> None:
    """Nobody steers and the house is closed: message and number are noted, and imported once on return."""
    number = "13840000001"
    spool = layout(system.settings).messages
    await system.pbx.server.command("database put callcenter closed 1")
    try:
        with frozen(system.pid("supervisor")):
            await system.kill_controller()
            async with PhoneBox(system.settings.sip_address) as box:
                call = await dialed(system, box, number)
                await call.play(tone(700, 2.0))
                await call.hangup()
            assert await system.pbx.is_quiet()
            assert len(list(spool.glob("*.json"))) == 1
        await system.ready()
    finally:
        await system.pbx.server.command("database del callcenter closed")

    def tickets() -> list[tuple[str, str]]:
        return system.rows("SELECT purpose, citizen FROM tickets WHERE citizen = ?", number)

    async def is_imported() -> bool:
        return bool(tickets()) and not list(spool.glob("*.json"))

    await system.until(is_imported, "the message is imported")
    await system.kill_controller()
    await system.ready()
    assert tickets() == [("message", number)]
    assert system.rows("SELECT outcome FROM contacts WHERE caller = ?", number) == [("message",)]
    assert system.rows("SELECT count(*) FROM messages_imported") == [(1,)]


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """``folder`` is a disk of its own that is soon full."""
    if os.geteuid():
        pytest.skip("NOT SHOWN HERE: a full disk needs root, to mount a small one")
    folder.mkdir(parents=True)
    try:
        as_root("mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "small", str(folder))
    except subprocess.CalledProcessError as error:
        pytest.skip(f"NOT SHOWN HERE: this machine mounts nothing: {error.stderr.decode().strip()}")
    try:
        yield
    finally:
        as_root("umount", "--lazy", str(folder))


def as_root(*command: str) -> None:
    """Run one command of the system."""
    subprocess.run(command, capture_output=True, check=True, timeout=10)


@asynccontextmanager
async def house_with_a_small_disk() -> AsyncIterator[System]:
    """An instance whose recordings soon find no room."""
    with tempfile.TemporaryDirectory(prefix="cc-") as home, small_disk(Path(home) / "recordings"):
        async with whole_system(Path(home), rtp="23000-23599") as system:
            yield system


async def test_a_full_disk_costs_the_recording_and_not_the_call() -> None:
    """The talk goes on; once there is room, what was recorded is sealed, and the ticket says it is short."""
    async with house_with_a_small_disk() as system, PhoneBox(system.settings.sip_address) as box:
        before = system.pid("controller"), system.pbx.server.pid
        call, answered, contact_id = await talk(system, box, "13850000001")
        await asyncio.gather(call.play(tone(700, 9.0)), answered.play(tone(1000, 9.0)))
        assert is_full(system.settings.recordings_path)
        assert level(answered.heard(1.0)) > AUDIBLE
        assert level(call.heard(1.0)) > AUDIBLE
        await call.hangup()
        await system.event("call.ended", contact_id)
        as_root("mount", "-o", "remount,size=16m", str(system.settings.recordings_path))
        recording = await system.event("recording.ready", contact_id, limit_s=60)
        assert recording["data"]["short_by_s"] > 1.0

        async def is_told() -> bool:
            rows = system.rows("SELECT problems FROM tickets WHERE contact_id = ?", contact_id)
            return bool(rows) and "recording_short" in json.loads(rows[0][0])

        await system.until(is_told, "the ticket says that the recording is short")
        assert (system.pid("controller"), system.pbx.server.pid) == before
        assert await system.pbx.is_quiet()
        await system.clean()


def is_full(folder: Path) -> bool:
    """Whether nothing more can be written there."""
    return os.statvfs(folder).f_bavail == 0
