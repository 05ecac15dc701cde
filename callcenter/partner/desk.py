"""Behind the web's port for mutual aid: what the partner asks of us, and what our people ask about it.

Invariant: it decides nothing; offers are decided by the engine, in the one inbox.
"""

import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from callcenter.controller import Controller
from callcenter.core.clock import Clock
from callcenter.core.contacts import Contacts
from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId
from callcenter.core.messages import partner
from callcenter.partner.section import Partner
from callcenter.partner.signing import Signer
from callcenter.partner.wire import Answer, Capacity, Offer
from callcenter.web.ports.figures import Figures
from callcenter.web.views.partner import AidView, HelpedView, PartnerFigureView, PartnerView
from queues.core.steering import Steering

FIGURES = ("partner_share", "partner_harm")
DECLINED = "declined:"


@dataclass(frozen=True)
class PartnerDesk:
    """The partner city (:class:`callcenter.web.ports.partner.PartnerPort`)."""

    agreed: Partner
    signer: Signer
    controller: Controller
    steering: Steering
    contacts: Contacts
    figures: Figures
    clock: Clock

    exists = True

    def check(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Believe a request, once.

        Raises:
            UsageError: as :meth:`callcenter.partner.signing.Signer.check`.
        """
        self.signer.check(method, path, body, headers, self.clock.at().timestamp())

    def seal(self, headers: Mapping[str, str], body: bytes) -> Mapping[str, str]:
        """The headers of our answer."""
        return self.signer.seal(headers, body)

    async def decide(self, offer: Offer) -> Answer:
        """Accepted with a token that nobody can guess, or declined with the reason."""
        token = "".join(secrets.choice("0123456789") for _ in range(partner.TOKEN_DIGITS))
        made = partner.OfferMade(token, **offer.model_dump())
        try:
            await self.controller.ask(made)
        except UsageError as refusal:
            return Answer(accepted=False, reason=refusal.code)
        return Answer(accepted=True, token=token)

    def capacity(self) -> Capacity:
        """How many callers we would take now."""
        return Capacity(free=self.steering.aid.capacity(self.clock.instant()))

    async def view(self) -> PartnerView:
        """Both directions, and today's figures."""
        way, agreed = self.steering.partner, self.agreed
        return PartnerView(
            as_of=self.clock.at(),
            name=agreed.name,
            is_paused=way.is_paused,
            trouble=way.trust.trouble,
            reserve_seats=agreed.reserve_seats,
            help_max=agreed.help_max,
            helped=self._helped(),
            aid=self._aid(),
            figures=await self._figures(),
        )

    async def pause(self, paused: bool, by: str, why: str) -> None:
        """Pause or resume."""
        await self.controller.ask(partner.PauseAsked(paused, by, why))

    async def give_back(self, contact_id: ContactId, by: str) -> None:
        """Give a caller back.

        Raises:
            UsageError: ``unknown_contact``.
        """
        await self.controller.ask(partner.GiveBackAsked(contact_id, by))

    def _helped(self) -> HelpedView:
        way = self.steering.partner
        counts, away = way.counts, way.away
        return HelpedView(
            moving=away["moving"],
            ringing=away["ringing"],
            talking=away["talks"],
            asked=counts["asked"],
            accepted=counts["accepted"],
            answered=counts["answered"],
            came_back=counts["came_back"],
            given_back=counts["given_back"],
            declined=_declined(counts),
        )

    def _aid(self) -> AidView:
        counts = self.steering.aid.counts
        return AidView(
            here=sorted(contact.contact_id for contact in self.contacts.live() if contact.is_aid),
            asked=counts["asked"],
            accepted=counts["accepted"],
            arrived=counts["arrived"],
            answered=counts["answered"],
            given_back=counts["given_back"],
            declined=_declined(counts),
            free=self.capacity().free,
        )

    async def _figures(self) -> list[PartnerFigureView]:
        report = await self.figures.report("today")
        return [
            PartnerFigureView(
                formula=figure.formula,
                value=figure.value,
                numerator=figure.numerator,
                denominator=figure.denominator,
            )
            for figure in report.figures
            if figure.formula.partition("@")[0] in FIGURES
        ]


def _declined(counts: Counter[str]) -> dict[str, int]:
    return {
        name.removeprefix(DECLINED): count
        for name, count in sorted(counts.items())
        if name.startswith(DECLINED)
    }
