"""What the web needs of the vault: holds, gaps, proofs. :mod:`callcenter.vault.desk` plugs it in."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from callcenter.core.ids import ContactId
from callcenter.web.views import vault as views


class VaultControl(Protocol):
    """The vault beyond listening."""

    async def state(self) -> views.VaultView:
        """Its keys, and what waits."""

    async def gaps(self, day: date | None) -> views.RecordingGapsView:
        """Answered contacts of a day of the city that lack sound; ``None``: today."""

    async def holds(self) -> Sequence[views.HoldView]:
        """Those in force, oldest first."""

    async def place_hold(self, contact_id: ContactId, why: str, by: str) -> views.HoldView:
        """Keep a contact's recordings; audited with the hold itself.

        Raises:
            UsageError: ``unknown_contact``, ``wrong_hold_state``.
        """

    async def release_hold(self, contact_id: ContactId, why: str, by: str) -> None:
        """End a hold; audited with it.

        Raises:
            UsageError: ``wrong_hold_state``.
        """

    def verification(self) -> views.VerificationView:
        """The newest proof."""

    async def verify(self, day: date | None, by: str) -> views.VerificationView:
        """Begin a proof.

        Raises:
            UsageError: ``wrong_verification_state``: one is running.
        """
