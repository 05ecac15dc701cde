"""A notice desk behind the web's port: it keeps what it is told and tells what it keeps."""
# ruff: noqa: D102  each method is described by the port that it stands in for

from dataclasses import dataclass, field
from datetime import timedelta

from callcenter.core.errors import UsageError
from callcenter.web.views.notices import NoticeView
from web_fakes.scene import START


@dataclass
class FakeNotices:
    """Notices without a voice; ``error``: what the next one put raises."""

    kept: list[NoticeView] = field(default_factory=list)
    error: Exception | None = None

    async def put(self, text: str, hours: float, by: str) -> NoticeView:
        if self.error is not None:
            raise self.error
        notice = NoticeView(
            id=len(self.kept) + 1,
            text=text,
            spoken=text,
            seconds=7.5,
            by=by,
            at=START,
            until_at=START + timedelta(hours=hours),
            withdrawn_at=None,
            withdrawn_by="",
            state="on_air",
            is_played=True,
            heard=12,
            satisfied=5,
            again=1,
            unknown=2,
        )
        self.kept.insert(0, notice)
        return notice

    async def withdraw(self, notice_id: int, by: str) -> NoticeView:
        found = next((notice for notice in self.kept if notice.id == notice_id), None)
        if found is None:
            raise UsageError("there is no such notice", code="unknown_notice")
        if found.withdrawn_at is not None:
            raise UsageError("it is not on air", code="wrong_notice_state")
        ended = found.model_copy(
            update={"withdrawn_at": START, "withdrawn_by": by, "state": "withdrawn", "is_played": False}
        )
        self.kept[self.kept.index(found)] = ended
        return ended

    async def list(self, limit: int) -> list[NoticeView]:
        return self.kept[:limit]
