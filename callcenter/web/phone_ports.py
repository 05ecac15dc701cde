"""What the web needs of seats' own phones: how a page becomes the phone, and how good its line is."""

import re
from typing import Literal, Protocol
from urllib.parse import urlsplit

from aiohttp import web
from pydantic import Field

from callcenter.core.errors import UsageError
from callcenter.core.ids import SeatId
from callcenter.web.views import View

_HOST = re.compile(r"[a-z0-9][a-z0-9.-]{0,252}|[0-9a-f:.]{2,45}", re.ASCII)


class PhoneView(View):
    """The phone of a seat. A page registers with ``uri``, ``realm`` and ``ha1``; a SIP phone needs nothing of the page."""

    seat_id: str
    kind: Literal["browser", "sip"]
    url: str | None = Field(
        description="软电话的 WebSocket 地址 / where the page's phone connects; null: sip"
    )
    uri: str | None = Field(description="sip:8017@…")
    user: str | None
    realm: str | None
    ha1: str | None = Field(description="MD5(user:realm:password), in place of the password")
    is_registered: bool = Field(description="a phone has registered as this seat and answers")
    must_check: bool = Field(description="签入前须通过线路检测 / logs in only after a good line check")
    is_checked: bool = Field(description="its present phone has passed a line check")


class LineCheckView(View):
    """What the echo test of a phone measured. Shares and times are 0 if nothing could be measured."""

    seat_id: str
    loss_share: float = Field(ge=0, description="packets lost, the worse of both ways, 0..1")
    jitter_ms: float = Field(ge=0, description="variation of arrival from the phone")
    delay_ms: float = Field(ge=0, description="there and back")
    is_heard: bool = Field(description="a voice was heard")
    is_good: bool
    failed: Literal["", "no_answer", "unreachable", "hung_up"] = Field(description="why nothing was measured")
    reason: str = Field(description="why it is not good, in Chinese and English; empty: it is")


class PhonePort(Protocol):
    """Seats' own phones. ``host``: by what name the page reached this server."""

    def origin(self, host: str) -> str:
        """Scheme, host and port of the phones' WebSocket, as in ``ws://127.0.0.1:30088``; empty: no page is a phone."""

    def view(self, seat_id: SeatId, host: str) -> PhoneView:
        """How a page becomes this seat's phone.

        Raises:
            UsageError: ``unknown_seat``.
        """

    async def check(self, seat_id: SeatId, by: str) -> LineCheckView:
        """Ring the phone, let it hear itself, and say how good the line is: 10 to 30 s.

        Raises:
            UsageError: ``unknown_seat``, ``wrong_seat_state`` (it is in a call, or its phone is not there).
        """


def host_of(request: web.Request) -> str:
    """By what name the page reached this server; empty: it said none that is one."""
    try:
        host = urlsplit(f"//{request.host}").hostname or ""
    except ValueError:
        return ""
    return host if _HOST.fullmatch(host) else ""


class NoPhones:
    """A house that knows nothing of its phones."""

    def origin(self, host: str) -> str:
        """See :class:`PhonePort`."""
        return ""

    def view(self, seat_id: SeatId, host: str) -> PhoneView:
        """See :class:`PhonePort`."""
        raise UsageError(f"there is no seat {seat_id}", code="unknown_seat")

    async def check(self, seat_id: SeatId, by: str) -> LineCheckView:
        """See :class:`PhonePort`."""
        raise UsageError(f"there is no seat {seat_id}", code="unknown_seat")
