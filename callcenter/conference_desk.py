"""Seats ask a third into their talk (:class:`callcenter.web.ports.conference.ConferencePort`)."""

from collections.abc import Mapping
from dataclasses import dataclass

from callcenter.controller import Controller
from callcenter.core.ids import SeatId
from callcenter.core.messages.conference import ConferenceAsked
from callcenter.web.views.conference import ConferenceAnswer, DepartmentView


@dataclass(frozen=True)
class ConferenceDesk:
    """The controller decides. ``directory``: numbers by name that the trunk can reach."""

    controller: Controller
    directory: Mapping[str, str]

    def departments(self) -> list[DepartmentView]:
        """See the port."""
        return [DepartmentView(name=name, number=number) for name, number in self.directory.items()]

    async def ask(self, seat_id: SeatId, third: str, by: str) -> ConferenceAnswer:
        """See the port."""
        await self.controller.ask(ConferenceAsked(seat_id, third, by))
        return ConferenceAnswer(seat_id=seat_id, third=third)
