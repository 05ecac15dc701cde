"""The vault as the web asks for it (:class:`callcenter.web.ports.vault.VaultControl`).

Invariant: proving the vault takes nothing from calls: it reads every recording, so it runs in a process of its own, one at a
time (:mod:`callcenter.own_command`).
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import structlog

from callcenter.core.clock import Clock
from callcenter.core.errors import PeerError, UsageError
from callcenter.core.ids import ContactId
from callcenter.own_command import PROGRAM, told
from callcenter.store.database import Database
from callcenter.web.stages import Stage
from callcenter.web.views import vault as views
from recordings import retention
from recordings.gaps import gaps_of
from recordings.keys import WrappedKey
from recordings.upkeep import VaultState, state_of
from recordings.vault import Vault

log = structlog.get_logger()

VERIFY_LIMIT_S: Final = 6 * 3600.0
FINDINGS_SHOWN: Final = 500
COMMAND: Final = (*PROGRAM, "vault", "verify", "--json")


class VaultDesk:
    """Holds, gaps and proofs. ``start``: does work in the background; ``command``: what proves, as ``vault verify --json``."""

    def __init__(
        self,
        vault: Vault,
        database: Database,
        clock: Clock,
        zone: ZoneInfo,
        start: Callable[[Coroutine[Any, Any, None]], None],
        command: Sequence[str] = COMMAND,
    ) -> None:
        self._vault, self._database, self._clock, self._zone = vault, database, clock, zone
        self._start, self._command = start, command
        self._newest = views.VerificationView(state=Stage.NEVER)

    async def state(self) -> views.VaultView:
        """Its keys, and what waits."""
        found, keys = await asyncio.to_thread(self._look)
        return views.VaultView(**asdict(found), keys=[_key(key) for key in keys])

    async def gaps(self, day: date | None) -> views.RecordingGapsView:
        """Answered contacts of a day that lack sound."""
        now = self._clock.at()
        wanted = day or now.astimezone(self._zone).date()
        report = await gaps_of(self._database, wanted, self._zone, now)
        return views.RecordingGapsView.model_validate({"day": wanted, **report.as_json()})

    async def holds(self) -> list[views.HoldView]:
        """Those in force, oldest first."""
        async with self._database.reading() as connection:
            return [views.HoldView(**asdict(hold)) for hold in await retention.holds(connection)]

    async def place_hold(self, contact_id: ContactId, why: str, by: str) -> views.HoldView:
        """Keep a contact's recordings."""
        now = self._clock.at()
        async with self._database.unit() as unit:
            await retention.place_hold(unit, contact_id, why, by, now)
        return views.HoldView(contact_id=contact_id, why=why, placed_by=by, placed_at=now)

    async def release_hold(self, contact_id: ContactId, why: str, by: str) -> None:
        """End a hold."""
        async with self._database.unit() as unit:
            await retention.release_hold(unit, contact_id, why, by, self._clock.at())

    def verification(self) -> views.VerificationView:
        """The newest proof."""
        return self._newest

    async def verify(self, day: date | None, by: str) -> views.VerificationView:
        """Begin a proof."""
        if self._newest.state is Stage.RUNNING:
            raise UsageError("a verification is running: ask for its result", code="wrong_verification_state")
        begun = views.VerificationView(state=Stage.RUNNING, day=day, by=by, started_at=self._clock.at())
        self._start(self._prove(begun))
        self._newest = begun
        return begun

    async def _prove(self, begun: views.VerificationView) -> None:
        came: dict[str, Any] = {"state": Stage.FAILED, "trouble": "it was stopped"}
        try:
            came = await self._report(begun.day)
        except PeerError as error:
            came["trouble"] = str(error)
        finally:
            self._newest = begun.model_copy(update={**came, "ended_at": self._clock.at()})
            log.info("vault verified", state=self._newest.state.value, found=self._newest.found)

    async def _report(self, day: date | None) -> dict[str, Any]:
        """What the proof says, as fields of the view."""
        report = await told([*self._command, *(["--day", day.isoformat()] if day else [])])
        findings = [views.ContradictionView(**finding) for finding in report["findings"][:FINDINGS_SHOWN]]
        counted = {name: report[name] for name in ("clean", "lines", "roots", "files", "database")}
        return counted | {"state": Stage.DONE, "found": len(report["findings"]), "findings": findings}

    def _look(self) -> tuple[VaultState, list[WrappedKey]]:
        found = state_of(self._vault, self._clock.at())
        try:
            keys = self._vault.keys.months() if self._vault.keys is not None else []
        except PeerError:  # said in the state
            keys = []
        return found, keys


def _key(key: WrappedKey) -> views.KeyView:
    erased_at = datetime.fromisoformat(key.erased_at) if key.erased_at else None
    return views.KeyView(
        key_id=key.key_id,
        month=key.month,
        made_at=datetime.fromisoformat(key.made_at),
        erased_at=erased_at,
    )
