"""The vault as desks ask for it: holds, gaps, and proofs in a process of their own."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from rows import StillClock, answered

from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId
from callcenter.processes import start_ticks
from callcenter.settings import Settings
from callcenter.store import contacts
from callcenter.store.database import Database
from callcenter.vault.desk import COMMAND, VaultDesk
from callcenter.vault.keeper import open_roots
from callcenter.web.stages import Stage
from callcenter.web.views.vault import VerificationView
from callcenter.workbench import Workbench
from recordings import store as recordings
from recordings import wav
from recordings.capture import Capture, Sealed
from recordings.core.names import recording_of
from recordings.store import Recording, RecordingState
from recordings.vault import Vault, open_vault, set_up_vault

pytestmark = pytest.mark.adapters

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CITY = ZoneInfo("Asia/Shanghai")
CALL = ContactId("cc-1795338000.1")
PATIENCE_S = 60


@asynccontextmanager
async def house(
    home: Path, command: Sequence[str] = COMMAND, now: datetime = NOW
) -> AsyncIterator[tuple[VaultDesk, Vault]]:
    """A desk over a vault with one recorded call that is too short, and its workbench at work."""
    settings, clock = Settings(home=str(home)), StillClock(now)
    set_up_vault(settings, clock)
    open_roots(settings).set_up()
    database = Database(settings.effective_database_url)
    await database.upgrade()
    vault = open_vault(settings, clock)
    await _record(vault, database, clock, now)
    bench = Workbench("vault", limit=1, limit_s=PATIENCE_S)
    working = asyncio.create_task(bench.run())
    try:
        yield VaultDesk(vault, database, clock, CITY, bench.start, command), vault
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        await database.close()


async def _record(vault: Vault, database: Database, clock: StillClock, now: datetime) -> None:
    vault.incoming.mkdir(parents=True)
    vault.raw_path(CALL).write_bytes(b"\1\0\2\0" * wav.RATE * 5)
    sealed = await Capture(vault, clock).seal(CALL, 5.0)
    assert isinstance(sealed, Sealed)
    row = Recording(
        sealed.recording_id, CALL, RecordingState.SEALED, sealed.path, sealed.sha256, sealed.seconds,
        sealed_at=now,
    )  # fmt: skip
    async with database.unit() as unit:
        await contacts.save(unit, answered(CALL, now))
        await recordings.save(unit, row)


async def proved(desk: VaultDesk) -> VerificationView:
    """The proof, once it is over."""
    async with asyncio.timeout(PATIENCE_S):
        while desk.verification().state is Stage.RUNNING:
            await asyncio.sleep(0.05)
    return desk.verification()


async def test_a_proof_finds_what_was_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run by the very command of the operator, on its own clock: clean first; then one bit of the recording is another one."""
    monkeypatch.setenv("CALLCENTER_HOME", str(tmp_path))
    async with house(tmp_path, now=datetime.now(UTC)) as (desk, vault):
        assert desk.verification().state is Stage.NEVER
        assert (await desk.verify(None, "li")).state is Stage.RUNNING
        with pytest.raises(UsageError) as caught:
            await desk.verify(None, "li")
        assert caught.value.code == "wrong_verification_state"
        clean = await proved(desk)
        assert (clean.state, clean.clean, clean.files, clean.database) == (Stage.DONE, True, 1, "compared"), (
            clean.findings
        )
        path = vault.sealed_path(recording_of(CALL))
        sound = bytearray(path.read_bytes())
        sound[-1] ^= 1
        path.write_bytes(sound)
        await desk.verify(None, "wang")
        found = await proved(desk)
    assert (found.clean, found.found, found.by) == (False, 1, "wang")
    assert (found.findings[0].kind, found.findings[0].name) == ("changed", vault.relative(path))


async def test_a_proof_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    """Its last line of complaint is told, and another one may be begun."""
    complaint = "import sys; sys.exit('the disk is away')"
    async with house(tmp_path, (sys.executable, "-c", complaint)) as (desk, _):
        await desk.verify(NOW.date(), "li")
        failed = await proved(desk)
        assert (failed.state, failed.clean) == (Stage.FAILED, None)
        assert failed.trouble == "the disk is away"
        assert (await desk.verify(None, "li")).state is Stage.RUNNING


async def test_a_program_that_ends_ends_its_proof(tmp_path: Path) -> None:
    """Nothing of a proof outlives the house; it is not called done."""
    marker = tmp_path / "pid"
    run = f"import os, time; open({str(marker)!r}, 'w').write(f'{{os.getpid()}}.'); time.sleep(600)"
    async with house(tmp_path, (sys.executable, "-c", run)) as (desk, _):
        await desk.verify(None, "li")
        async with asyncio.timeout(PATIENCE_S):
            while not (marker.exists() and marker.read_text().endswith(".")):
                await asyncio.sleep(0.05)
    stopped = desk.verification()
    assert (stopped.state, stopped.clean, stopped.trouble) == (Stage.FAILED, None, "it was stopped")
    async with asyncio.timeout(PATIENCE_S):
        while start_ticks(int(marker.read_text()[:-1])):
            await asyncio.sleep(0.05)


async def test_gaps_and_holds(tmp_path: Path) -> None:
    """The day of the city that is asked for, worst first; a hold is listed with who and why, and ends."""
    async with house(tmp_path) as (desk, _):
        today = await desk.gaps(None)
        assert (today.day, today.answered, today.complete, today.recording_complete_rate) == (
            NOW.date(),
            1,
            0,
            0.0,
        )
        assert [(gap.contact_id, gap.verdict, gap.talk_s, gap.recorded_s) for gap in today.gaps] == [
            (CALL, "short", 60.0, 5.0)
        ]
        assert (await desk.gaps((NOW - timedelta(days=1)).date())).recording_complete_rate is None
        placed = await desk.place_hold(CALL, "行政复议", "li")
        assert await desk.holds() == [placed]
        await desk.release_hold(CALL, "已结案", "wang")
        assert await desk.holds() == []
        with pytest.raises(UsageError):
            await desk.release_hold(CALL, "已结案", "wang")


async def test_the_state_names_the_keys(tmp_path: Path) -> None:
    """One data key of the call's month; without the master key the trouble is told."""
    async with house(tmp_path) as (desk, _):
        found = await desk.state()
        assert (found.trouble, [key.month for key in found.keys]) == ("", ["2026-11"])
        assert found.keys[0].erased_at is None
        (tmp_path / "secrets" / "vault.key").unlink()
        assert "vault.key" in (await desk.state()).trouble
