"""Seats' phones behind the web's port: 8017 is a page, all others are SIP phones unless told, 8009 is not there."""
# ruff: noqa: D102  each method is described by the port that it stands in for

from dataclasses import dataclass, field

from callcenter.core.errors import UsageError
from callcenter.core.ids import SeatId
from callcenter.web.views.phones import LineCheckView, PhoneView

BROWSER_SEAT = "8017"


@dataclass
class FakePhones:
    """``checked``: seat, by. ``url``: where pages connect. ``pages``: seats whose phone is one. ``taken``: registered ones."""

    url: str = "ws://127.0.0.1:30088/ws"
    checked: list[tuple[str, str]] = field(default_factory=list)
    pages: set[str] = field(default_factory=lambda: {BROWSER_SEAT})
    taken: set[str] = field(default_factory=set)

    def origin(self, host: str) -> str:
        return self.url.removesuffix("/ws")

    def view(self, seat_id: SeatId, host: str) -> PhoneView:
        is_page = seat_id in self.pages
        return PhoneView(
            seat_id=seat_id,
            kind="browser" if is_page else "sip",
            url=self.url if is_page else None,
            uri=f"sip:{seat_id}@{host}" if is_page else None,
            user=seat_id if is_page else None,
            realm="asterisk" if is_page else None,
            ha1="0" * 32 if is_page else None,
            is_registered=not is_page or seat_id in self.taken,
            must_check=False,
            is_checked=False,
        )

    async def check(self, seat_id: SeatId, by: str) -> LineCheckView:
        if seat_id == "8009":
            raise UsageError("话机不在线 / the phone is not there", code="wrong_seat_state")
        self.checked.append((seat_id, by))
        return LineCheckView(
            seat_id=seat_id,
            loss_share=0.001,
            jitter_ms=2.5,
            delay_ms=18.0,
            is_heard=True,
            is_good=True,
            failed="",
            reason="",
        )
