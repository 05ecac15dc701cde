"""A vault desk and a redo desk in memory, for tests that are about who may ask them.

Invariant: they decide nothing; ``tests/adapters`` asks the real ones.
"""
# ruff: noqa: D102  each method is described by the port that it stands in for

from datetime import date

from callcenter.core.ids import ContactId
from callcenter.web.stages import Stage
from callcenter.web.views import vault as views
from callcenter.web.views.redo import RedoView
from web_fakes.scene import START


class FakeVault:
    """One hold, no gap, no proof yet."""

    def __init__(self) -> None:
        self.newest = views.VerificationView(state=Stage.NEVER)

    async def state(self) -> views.VaultView:
        return views.VaultView(
            trouble="", waiting_for_key=0, waiting_for_storage=0, storage_late_s=0.0, keys=[]
        )

    async def gaps(self, day: date | None) -> views.RecordingGapsView:
        wanted = day or START.date()
        return views.RecordingGapsView(
            day=wanted, answered=0, complete=0, recording_complete_rate=None, gaps=[]
        )

    async def holds(self) -> list[views.HoldView]:
        return [await self.place_hold(ContactId("c-1"), "行政复议", "admin")]

    async def place_hold(self, contact_id: ContactId, why: str, by: str) -> views.HoldView:
        return views.HoldView(contact_id=contact_id, why=why, placed_by=by, placed_at=START)

    async def release_hold(self, contact_id: ContactId, why: str, by: str) -> None:
        return None

    def verification(self) -> views.VerificationView:
        return self.newest

    async def verify(self, day: date | None, by: str) -> views.VerificationView:
        self.newest = views.VerificationView(state=Stage.RUNNING, day=day, by=by, started_at=START)
        return self.newest


class FakeRedo:
    """Nothing was done again yet."""

    def __init__(self) -> None:
        self.view = RedoView(state=Stage.NEVER)

    def newest(self) -> RedoView:
        return self.view

    async def begin(self, day: date | None, model: str, by: str) -> RedoView:
        self.view = RedoView(state=Stage.RUNNING, day=day, model=model, by=by, started_at=START)
        return self.view
