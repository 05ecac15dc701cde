"""What is owed to callers: one message, and the missed calls of one citizen."""
# ruff: noqa: D102  each method is described by the port that it stands in for

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId
from callcenter.web.ports.callbacks import CallbackFilter
from callcenter.web.views import Page
from callcenter.web.views.callbacks import CallbackView
from web_fakes.scene import NUMBER, START


@dataclass
class FakeCallbacks:
    """The message of c-1 and the missed calls that began with c-2. ``reviews``: contact, needs a call, by."""

    reviews: list[tuple[str, bool, str]] = field(default_factory=list)
    closed: list[tuple[str, str, str]] = field(default_factory=list)
    postponed: list[tuple[str, float, str, str]] = field(default_factory=list)
    asked: list[CallbackFilter] = field(default_factory=list)

    def entries(self) -> list[CallbackView]:
        missed = CallbackView(
            contact_id="c-2",
            last_contact_id="c-5",
            citizen=NUMBER,
            ground="missed",
            state="open",
            why="",
            attempts=4,
            tries=1,
            can_be_called=True,
            reviewed=False,
            made_at=START,
            due_at=START,
            tried_at=START,
            closed_at=None,
            ticket_no=None,
        )
        left = {"contact_id": "c-1", "last_contact_id": "c-1", "ground": "message", "attempts": 1, "tries": 0}
        return [missed, missed.model_copy(update=left)]

    async def get(self, contact_id: ContactId) -> CallbackView | None:
        return next((entry for entry in self.entries() if entry.contact_id == contact_id), None)

    async def list(self, which: CallbackFilter, limit: int, offset: int) -> Page[CallbackView]:
        self.asked.append(which)
        found = [
            entry
            for entry in self.entries()
            if which.ground in (None, entry.ground) and which.state in (None, entry.state)
        ]
        return Page(items=found[offset:][:limit], total=2, filtered=len(found))

    async def reviewed(self, contact_id: ContactId, needs_call: bool, by: str) -> None:
        found = await self.get(contact_id)
        if found is None or found.ground != "message":
            raise UsageError("there is no such message", code="unknown_message")
        self.reviews.append((contact_id, needs_call, by))

    async def close(self, contact_id: ContactId, by: str, why: str) -> None:
        await self._require(contact_id)
        self.closed.append((contact_id, by, why))

    async def postpone(self, contact_id: ContactId, delay_s: float, by: str, why: str) -> datetime:
        await self._require(contact_id)
        self.postponed.append((contact_id, delay_s, by, why))
        return START + timedelta(seconds=delay_s)

    async def _require(self, contact_id: ContactId) -> None:
        if await self.get(contact_id) is None:
            raise UsageError("there is no such call-back", code="unknown_callback")
