"""One instance as its operator handles it: prepare, bring up, bring down, check its books.

Invariant: whoever asks gets one clear line or a running instance; nothing is left half started.
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callcenter import logs
from callcenter.asterisk.books import cdr_path, cel_path, read_cdr, read_cel
from callcenter.asterisk.install import ensure_asterisk
from callcenter.asterisk.ports import require_free, run_dir
from callcenter.asterisk.secrets import load_or_create
from callcenter.asterisk.server import prepare_server
from callcenter.clocks import SystemClock
from callcenter.core.errors import PeerError, UsageError
from callcenter.housekeeping import keep_house
from callcenter.processes import PidFile, spawn, stop
from callcenter.settings import Settings
from callcenter.store import ledger_check
from callcenter.store.database import Database
from callcenter.store.redis_server import RedisServer
from callcenter.supervisor import ControllerProcess, Part, Progress, run_supervisor
from callcenter.vault.keeper import open_roots
from callcenter.web.clients.control import is_ready
from ivr.prompt_maker import ensure_prompts
from recordings.models import ensure_model
from recordings.vault import set_up_vault

READY_LIMIT_S = 90.0
STOP_LIMIT_S = 40.0


@dataclass(frozen=True, slots=True)
class Ready:
    """A running instance. ``first_password``: the first admin's one-time password while it is unchanged."""

    first_password: str | None


def prepare(settings: Settings, progress: Progress) -> None:
    """Make everything that is made once; what is there already is left alone.

    Raises:
        CallcenterError: something could not be had; the message says what to do.
    """
    ensure_asterisk(settings, progress)
    ensure_prompts(settings, progress)
    ensure_model(settings, progress)
    set_up_vault(settings, SystemClock())
    open_roots(settings).set_up()


async def bring_up(settings: Settings, progress: Progress) -> Ready:
    """Start the instance in the background, or find it running, and wait until it is ready.

    Raises:
        CallcenterError: it does not start; the message says why.
    """
    _make_home(settings)
    await asyncio.to_thread(prepare, settings, progress)
    if not _supervisor(settings).pid():
        await _require_possible(settings)
        progress("启动 / starting")
        log = settings.log_path / "supervisor.log"
        spawn([sys.executable, "-m", "callcenter", "supervisor"], log, _supervisor(settings))
    await _until_ready(settings)
    return Ready(first_password(settings))


async def bring_down(settings: Settings) -> bool:
    """Stop the instance; whether it was running."""
    pid_file = _supervisor(settings)
    was_running = pid_file.pid() is not None
    await stop(pid_file, grace_s=STOP_LIMIT_S)
    parts = await asyncio.to_thread(_parts, settings)
    for part in reversed(parts):
        was_running |= part.is_running()
        await part.stop()
    return was_running


async def stay_up(settings: Settings, progress: Progress) -> None:
    """Run the supervisor in this process until it is signaled."""
    _make_home(settings)
    logs.configure(log_key(settings))
    await Database(settings.effective_database_url).upgrade()
    await run_supervisor(_parts(settings), run_dir(settings), lambda: keep_house(settings))


async def check_ledger(settings: Settings) -> dict[str, Any]:
    """Compare the contact ledger with Asterisk's books."""
    async with Database(settings.effective_database_url) as database:
        cdr_ids = {detail.linkedid for detail in read_cdr(cdr_path(settings))}
        cel = read_cel(cel_path(settings))
        report = await ledger_check.check(database, cel, cdr_ids, SystemClock().at())
    return report.as_json()


async def upgrade_database(settings: Settings) -> str:
    """Bring the schema up to date; says what was done."""
    async with Database(settings.effective_database_url) as database:
        await database.upgrade()
    return f"数据库已是最新版本 / up to date: {database}"


def log_key(settings: Settings) -> bytes:
    """The secret under which personal values are hashed in logs."""
    return load_or_create(settings.secrets_path / "log.json", ["key"])["key"].encode()


def first_password(settings: Settings) -> str | None:
    """The first admin's one-time password, as long as its file is there."""
    try:
        return (settings.secrets_path / "admin.txt").read_text("utf-8").strip()
    except OSError:
        return None


def _parts(settings: Settings) -> Sequence[Part]:
    run = run_dir(settings)
    controller = ControllerProcess(settings, run, lambda: is_ready(settings))
    parts: list[Part] = [prepare_server(settings, lambda text: None), controller]
    return parts if settings.redis_url else [RedisServer(settings, run), *parts]


def _supervisor(settings: Settings) -> PidFile:
    return PidFile(run_dir(settings) / "supervisor.pid")


def _make_home(settings: Settings) -> None:
    folders: Sequence[Path] = (settings.home_path, settings.log_path, settings.home_path / "data")
    try:
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
        (settings.home_path / "data").chmod(0o700)  # what was said lies there plain (ADR 0014)
        probe = settings.home_path / ".probe"
        probe.write_bytes(b"0" * 4096)
        probe.unlink()
    except OSError as error:
        raise UsageError(
            f"cannot write in {settings.home_path}: {error.strerror}; free some space or set CALLCENTER_HOME",
            code="bad_home",
        ) from None


async def _require_possible(settings: Settings) -> None:
    """Everything that would make the start fail in the background is said in the foreground."""
    if PidFile(run_dir(settings) / "controller.pid").pid() is None:  # else the port is in use by ourselves
        require_free(settings.http_address, "http", "CALLCENTER_HTTP")
    async with Database(settings.effective_database_url) as database:
        await database.upgrade()


async def _until_ready(settings: Settings) -> None:
    try:
        async with asyncio.timeout(READY_LIMIT_S):
            while not await is_ready(settings):
                if _supervisor(settings).pid() is None:
                    raise PeerError(_last_complaint(settings), code="not_started")
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise PeerError(
            f"not ready after {READY_LIMIT_S:.0f} s: see {settings.log_path} and 'callcenter doctor'",
            code="not_ready",
        ) from None


def _last_complaint(settings: Settings) -> str:
    """Why the supervisor ended: its own last line."""
    log = settings.log_path / "supervisor.log"
    try:
        lines = log.read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    said = [line.removeprefix("callcenter: ") for line in lines if line.startswith("callcenter: ")]
    return said[-1] if said else f"the supervisor ended at once: see {log}"
