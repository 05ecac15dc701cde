"""The phone of an agent's own seat: what its page needs to register, and what a check of its line measured.

Invariant: no password leaves the house, only what stands for it in one realm; who asks waits until the check is over.
"""

import asyncio
import hashlib
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from callcenter.asterisk.ports import Ports, socket_address
from callcenter.asterisk.secrets import load_secrets
from callcenter.controller import Controller
from callcenter.core.errors import PeerError, UsageError
from callcenter.core.ids import SeatId
from callcenter.core.messages.cloud import LineCheckAsked, PhoneChecked
from callcenter.settings import Settings
from callcenter.web.views.phones import LineCheckView, PhoneView
from queues.core.cloud_seat import PhoneLimits, judged
from queues.core.line_checks import LineChecks
from queues.core.seats import Seats
from queues.phone_check import CHECK_S_MAX

REALM = "asterisk"
"""Asterisk's own, unless its configuration names another."""
PATH = "/ws"
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  compared, not bound


class CheckNews:
    """Who waits for the result of which check."""

    def __init__(self) -> None:
        self._awaited: dict[SeatId, list[asyncio.Future[PhoneChecked]]] = {}

    def tell(self, checked: PhoneChecked) -> None:
        """A check is over."""
        for waiting in self._awaited.pop(checked.seat_id, []):
            if not waiting.done():
                waiting.set_result(checked)

    def of(self, seat_id: SeatId) -> asyncio.Future[PhoneChecked]:
        """The result of the next check of this seat that ends."""
        waiting: asyncio.Future[PhoneChecked] = asyncio.get_running_loop().create_future()
        self._awaited.setdefault(seat_id, []).append(waiting)
        return waiting


@dataclass(frozen=True)
class PhoneDesk:
    """Reads settings and engines; asks the controller."""

    settings: Settings
    ports: Ports
    controller: Controller
    seats: Seats
    checks: LineChecks
    limits: PhoneLimits
    news: CheckNews = field(default_factory=CheckNews)

    def origin(self, host: str) -> str:
        """See the port."""
        if not self.settings.browser_seats:
            return ""
        parts = urlsplit(self._url(host))
        return f"{parts.scheme}://{parts.netloc}"

    def view(self, seat_id: SeatId, host: str) -> PhoneView:
        """See the port."""
        seat = self.seats.get(seat_id)
        is_page = seat_id in self.settings.browser_seats
        url = self._url(host) if is_page else None
        return PhoneView(
            seat_id=seat_id,
            kind="browser" if is_page else "sip",
            url=url,
            uri=f"sip:{seat_id}@{urlsplit(url).hostname}" if url else None,
            user=seat_id if is_page else None,
            realm=REALM if is_page else None,
            ha1=self._ha1(seat_id) if is_page else None,
            is_registered=seat.reachable,
            must_check=self.checks.needs(seat_id),
            is_checked=self.checks.has_passed(seat_id),
        )

    async def check(self, seat_id: SeatId, by: str) -> LineCheckView:
        """See the port."""
        waiting = self.news.of(seat_id)
        try:
            await self.controller.ask(LineCheckAsked(seat_id, by))
            checked = await asyncio.wait_for(waiting, CHECK_S_MAX)
        except UsageError:
            waiting.cancel()
            raise
        except TimeoutError:
            raise PeerError("the line check gave no result", code="check_silent") from None
        return line_check_view(checked, self.limits)

    def _url(self, host: str) -> str:
        """As the browser reaches Asterisk; without a setting by the name by which it has reached us."""
        phones = self.settings.phones
        if phones.url:
            return phones.url
        listens = socket_address(self.settings, self.ports)
        named = (host or "localhost") if listens.host in EVERYWHERE else listens.host
        bracketed = f"[{named}]" if ":" in named else named
        return f"{'wss' if phones.has_tls else 'ws'}://{bracketed}:{listens.port}{PATH}"

    def _ha1(self, seat_id: SeatId) -> str:
        """RFC 2617 3.2.2.2; read anew each time, for a seat may have been given another password."""
        secret = load_secrets(self.settings).seats[seat_id]
        return hashlib.md5(f"{seat_id}:{REALM}:{secret}".encode(), usedforsecurity=False).hexdigest()


def line_check_view(checked: PhoneChecked, limits: PhoneLimits) -> LineCheckView:
    """What was measured, and whether it is good enough."""
    reason = judged(checked, limits)
    return LineCheckView(
        seat_id=checked.seat_id,
        loss_share=max(checked.loss_in, checked.loss_out),
        jitter_ms=checked.jitter_ms,
        delay_ms=checked.rtt_ms,
        is_heard=checked.heard,
        is_good=not reason,
        failed=checked.failed,
        reason=reason,
    )
