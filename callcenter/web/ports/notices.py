"""Hot-topic notices (热点公告)."""

from typing import Protocol

from callcenter.web.views.notices import NoticeView


class NoticeDesk(Protocol):
    """Hot-topic notices: one is on air, or none."""

    async def put(self, text: str, hours: float, by: str) -> NoticeView:
        """Speak it and put it on air in place of the one before.

        Raises:
            UsageError: ``bad_notice``, or ``unspeakable``: the voice cannot say it.
            PeerError: ``voice_failed``; the one before stays.
        """

    async def withdraw(self, notice_id: int, by: str) -> NoticeView:
        """Take it off the air.

        Raises:
            UsageError: ``unknown_notice``, or ``wrong_notice_state``: it is not on air any more.
        """

    async def list(self, limit: int) -> list[NoticeView]:
        """The newest ``limit``, newest first."""
