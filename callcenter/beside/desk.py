"""People beside a talk (:class:`callcenter.web.ports.beside.BesidePort`)."""

from dataclasses import dataclass

from callcenter.controller import Controller
from callcenter.core.ids import ContactId
from callcenter.core.messages.beside import BesideAsked, BesideEndAsked, Mode
from callcenter.web.views.beside import BesideAnswer


@dataclass(frozen=True)
class BesideDesk:
    """The controller decides."""

    controller: Controller

    async def ask(self, contact_id: ContactId, mode: Mode, phone: str, by: str) -> BesideAnswer:
        """See the port."""
        await self.controller.ask(BesideAsked(contact_id, mode, phone, by))
        return BesideAnswer(contact_id=contact_id, mode=mode, phone=phone)

    async def end(self, contact_id: ContactId, by: str) -> None:
        """See the port."""
        await self.controller.ask(BesideEndAsked(contact_id, by))
