"""What grows without end is closed day by day: Asterisk's books and logs, our own logs; and the vault is looked after.

Invariant: nothing is deleted that is evidence; of log files the last few are kept.
"""

import asyncio
import shutil
from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from callcenter.asterisk.books import asterisk_log_path, cdr_path, cel_path, close_day
from callcenter.clocks import SystemClock
from callcenter.core.clock import Clock
from callcenter.settings import Settings
from callcenter.vault.keeper import VaultKeeper

log = structlog.get_logger()

EVERY_S = 600.0
LOG_BYTES_MAX = 50 * 2**20
LOGS_KEPT = 5


async def keep_house(settings: Settings) -> None:
    """Look after the files every ten minutes, until canceled."""
    zone = ZoneInfo(settings.time_zone)
    clock = SystemClock(zone)
    keeper = VaultKeeper.of(settings, clock)
    try:
        while True:
            try:
                await asyncio.to_thread(tidy, settings, clock, zone)
            except OSError as error:
                log.error("housekeeping failed", error=type(error).__name__)
            await keeper.look()
            await asyncio.sleep(EVERY_S)
    finally:
        await keeper.close()


def tidy(settings: Settings, clock: Clock, zone: tzinfo) -> None:
    """Close the books of earlier days and shorten logs that have grown too long.

    Raises:
        OSError: the disk is in trouble; tried again later.
    """
    for book in (cel_path(settings), cdr_path(settings)):
        close_day(book, clock.at().date(), zone)
    logs = [*settings.log_path.glob("*.log"), *asterisk_log_path(settings).glob("*")]
    for path in logs:
        if path.is_file() and not path.suffix[1:].isdigit() and path.stat().st_size > LOG_BYTES_MAX:
            rotate(path)


def rotate(path: Path) -> None:
    """``x.log`` → ``x.log.1`` → … → ``x.log.5``. The file itself is emptied, as its writer appends to it."""
    for number in range(LOGS_KEPT - 1, 0, -1):
        older = path.with_name(f"{path.name}.{number}")
        if older.exists():
            older.replace(path.with_name(f"{path.name}.{number + 1}"))
    shutil.copyfile(path, path.with_name(f"{path.name}.1"))
    with path.open("r+b") as stream:
        stream.truncate()
