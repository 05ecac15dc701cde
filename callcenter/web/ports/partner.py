"""What the web needs of mutual aid, and no more."""

from collections.abc import Mapping
from typing import Protocol

from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId
from callcenter.partner.wire import Answer, Capacity, Offer
from callcenter.web.views.partner import PartnerView


class PartnerPort(Protocol):
    """The partner city, as its requests and our people see it."""

    @property
    def exists(self) -> bool:
        """Whether there is one."""

    def check(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Believe a request of the partner.

        Raises:
            UsageError: it is not the partner's, too old, or made before.
        """

    def seal(self, headers: Mapping[str, str], body: bytes) -> Mapping[str, str]:
        """The headers of our answer to a believed request."""

    async def decide(self, offer: Offer) -> Answer:
        """Whether we take a caller."""

    def capacity(self) -> Capacity:
        """How many we would take."""

    async def view(self) -> PartnerView:
        """How it stands."""

    async def pause(self, paused: bool, by: str, why: str) -> None:
        """Pause mutual aid in both directions, or resume it.

        Raises:
            UsageError: ``no_partner``.
        """

    async def give_back(self, contact_id: ContactId, by: str) -> None:
        """Give a caller of the partner back.

        Raises:
            UsageError: ``unknown_contact``.
        """


class NoPartner:
    """A house without a partner city."""

    exists = False

    def check(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Nobody is believed."""
        raise _none()

    def seal(self, headers: Mapping[str, str], body: bytes) -> Mapping[str, str]:
        """Nothing is answered."""
        raise _none()

    async def decide(self, offer: Offer) -> Answer:
        """Nobody is taken."""
        raise _none()

    def capacity(self) -> Capacity:
        """None."""
        raise _none()

    async def view(self) -> PartnerView:
        """Nothing to see."""
        raise _none()

    async def pause(self, paused: bool, by: str, why: str) -> None:
        """Nothing to pause."""
        raise _none()

    async def give_back(self, contact_id: ContactId, by: str) -> None:
        """Nobody to give back."""
        raise _none()


def _none() -> UsageError:
    return UsageError(
        "there is no partner city: set [partner] in callcenter.toml and run `callcenter partner key`",
        code="unknown_partner",
    )
