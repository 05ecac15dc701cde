"""A partner city behind the web's port: it takes everybody, and keeps what it was told.

Invariant: what it believes is decided by the real signature.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from callcenter.core.clock import Clock
from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId
from callcenter.partner.signing import Signer
from callcenter.partner.wire import Answer, Capacity, Offer
from callcenter.web.views.partner import AidView, HelpedView, PartnerView

KEY = bytes(range(32))
TOKEN = "1234567890123456"
NONE: dict[str, Any] = {"asked": 0, "accepted": 0, "answered": 0, "given_back": 0, "declined": {}}


@dataclass
class FakePartner:
    """A partner city that takes everybody."""

    clock: Clock
    signer: Signer = field(default_factory=lambda: Signer(KEY))
    offers: list[Offer] = field(default_factory=list)
    done: list[tuple[object, ...]] = field(default_factory=list)
    exists: bool = True

    def check(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> None:
        """As the real one."""
        self.signer.check(method, path, body, headers, self.clock.at().timestamp())

    def seal(self, headers: Mapping[str, str], body: bytes) -> Mapping[str, str]:
        """As the real one."""
        return self.signer.seal(headers, body)

    async def decide(self, offer: Offer) -> Answer:
        """Always yes."""
        self.offers.append(offer)
        return Answer(accepted=True, token=TOKEN)

    def capacity(self) -> Capacity:
        """Three."""
        return Capacity(free=3)

    async def view(self) -> PartnerView:
        """Nothing happened yet."""
        paused = bool(self.done) and self.done[-1][0] is True
        return PartnerView(
            as_of=self.clock.at(),
            name="铜川",
            is_paused=paused,
            trouble="",
            reserve_seats=2,
            help_max=5,
            helped=HelpedView(moving=0, ringing=0, talking=0, came_back=0, **NONE),
            aid=AidView(here=[], arrived=0, free=3, **NONE),
            figures=[],
        )

    async def pause(self, paused: bool, by: str, why: str) -> None:
        """Keep it."""
        self.done.append((paused, by, why))

    async def give_back(self, contact_id: ContactId, by: str) -> None:
        """Keep it; one contact is none of the partner's."""
        if contact_id == "c-9":
            raise UsageError("this is no caller of the partner city", code="unknown_contact")
        self.done.append((contact_id, by))
