"""What the web needs to have a third join a talk."""

from typing import Protocol

from callcenter.core.errors import UsageError
from callcenter.core.ids import SeatId
from callcenter.web.views.conference import ConferenceAnswer, DepartmentView


class ConferencePort(Protocol):
    """Conferences of three."""

    def departments(self) -> list[DepartmentView]:
        """Whom the trunk can reach, in the order of the settings; empty: nobody outside the house."""

    async def ask(self, seat_id: SeatId, third: str, by: str) -> ConferenceAnswer:
        """Ring a third for the talk of this seat.

        Raises:
            UsageError: ``unknown_seat``, ``unknown_third``, ``wrong_seat_state`` (it does not talk, or the colleague is not
                free), ``wrong_conference_state`` (a third is there already, or it is a call-back).
        """


class NoConferences:
    """A house in which nobody can be asked."""

    def departments(self) -> list[DepartmentView]:
        """See :class:`ConferencePort`."""
        return []

    async def ask(self, seat_id: SeatId, third: str, by: str) -> ConferenceAnswer:
        """See :class:`ConferencePort`."""
        raise UsageError("三方通话未启用 / there are no conferences here", code="wrong_conference_state")
