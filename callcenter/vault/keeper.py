"""Looks after the vault: what waits is encrypted and sent, days are signed, what is over is deleted, gaps are listed.

Invariant: nothing that fails here stops a call or the rest of the work; it is tried again at the next look.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from callcenter.core.clock import Clock
from callcenter.core.errors import CallcenterError
from callcenter.settings import Settings
from callcenter.store.database import Database
from recordings import gaps, retention, upkeep
from recordings.roots import Roots
from recordings.vault import Vault, open_vault

log = structlog.get_logger()

NIGHT_HOUR = 3
"""From this hour on, once a day: the line is at its quietest."""


@dataclass
class Work:
    """What one look did. ``troubles``: step -> code."""

    encrypted: int = 0
    uploaded: int = 0
    drafts: int = 0
    signed: list[str] = field(default_factory=list)
    deleted: int = 0
    gaps: int | None = None
    troubles: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return dict(vars(self))


def open_roots(settings: Settings) -> Roots:
    """The daily signed roots of one instance."""
    return Roots(settings.recordings_path / "roots", settings.secrets_path / "vault-sign.pem")


class VaultKeeper:
    """Keeps one instance's vault. Making one opens nothing."""

    def __init__(
        self, settings: Settings, vault: Vault, roots: Roots, database: Database, clock: Clock
    ) -> None:
        self._settings = settings
        self._vault = vault
        self._roots = roots
        self._database = database
        self._clock = clock
        self._zone = ZoneInfo(settings.time_zone)
        self._last_night: date | None = None

    @classmethod
    def of(cls, settings: Settings, clock: Clock) -> "VaultKeeper":
        """For the settings of one instance.

        Raises:
            UsageError: ``bad_config``.
        """
        database = Database(settings.effective_database_url)
        return cls(settings, open_vault(settings, clock), open_roots(settings), database, clock)

    async def look(self) -> Work:
        """Catch up; at night once more than that. What it could not do is in the answer."""
        local = self._clock.at().astimezone(self._zone)
        work = await self.catch_up()
        if local.hour >= NIGHT_HOUR and self._last_night != local.date():
            await self.nightly(work)
            self._last_night = local.date()
        return work

    async def catch_up(self) -> Work:
        """Encrypt what waited for a key, send what waited for the storage, drop what crashes left."""
        work = Work()
        await _step(work, "catch_up", lambda: asyncio.to_thread(self._catch_up, work))
        return work

    async def nightly(self, work: Work) -> None:
        """Sign the days that are over, delete what is due, list yesterday's gaps; no words are left as files."""
        await _step(work, "sign", lambda: self._sign(work))
        await _step(work, "delete", lambda: self._delete(work))
        await _step(work, "gaps", lambda: self._list_gaps(work))
        await _step(work, "words", self._drop_words)
        log.info(
            "vault kept",
            signed=len(work.signed),
            deleted=work.deleted,
            gaps=work.gaps,
            troubles=sorted(work.troubles),
        )

    async def close(self) -> None:
        """Let go of the database."""
        await self._database.close()

    def _catch_up(self, work: Work) -> None:
        now = self._clock.at()
        with upkeep.upkeep(self._vault):
            encrypted = upkeep.encrypt_all(self._vault, upkeep.unencrypted(self._vault), now)
            uploaded = upkeep.upload_all(self._vault)
            work.drafts = upkeep.drop_drafts(self._vault, now)
            upkeep.drop_words(self._vault, upkeep.NEWEST_DAYS)
        work.encrypted, work.uploaded = len(encrypted.done), len(uploaded.done)
        for step, caught in (("encrypt", encrypted), ("upload", uploaded)):
            if caught.failed:
                work.troubles[step] = next(iter(caught.failed.values()))

    async def _sign(self, work: Work) -> None:
        today = self._clock.at().astimezone(self._zone).date()
        work.signed = await asyncio.to_thread(self._roots.sign_days, self._vault.manifest, today, self._zone)

    async def _delete(self, work: Work) -> None:
        policy = retention.policy_of(self._settings.recordings)
        done = await retention.delete_due(self._database, self._vault, policy, self._clock.at())
        work.deleted = len(done.deleted)
        if done.failed:
            work.troubles["delete"] = next(iter(done.failed.values()))

    async def _drop_words(self) -> None:
        await asyncio.to_thread(upkeep.drop_words, self._vault)

    async def _list_gaps(self, work: Work) -> None:
        now = self._clock.at()
        day = now.astimezone(self._zone).date() - timedelta(days=1)
        report = await gaps.gaps_of(self._database, day, self._zone, now)
        await asyncio.to_thread(gaps.write_report, self._vault.root, day, report)
        work.gaps = len(report.gaps)
        if report.gaps:
            log.warning("recordings are missing or short", day=f"{day:%Y%m%d}", gaps=len(report.gaps))


async def _step(work: Work, name: str, act: Callable[[], Awaitable[None]]) -> None:
    try:
        await act()
    except CallcenterError as error:
        work.troubles[name] = error.code
        log.error("vault not kept", step=name, code=error.code)
    except Exception as error:  # noqa: BLE001  one failing step must not end the supervisor
        work.troubles[name] = type(error).__name__
        log.error("vault not kept", step=name, error=type(error).__name__)
