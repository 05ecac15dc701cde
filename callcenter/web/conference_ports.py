"""What the web needs to have a third join a talk."""

from typing import Protocol

from pydantic import Field

from callcenter.core.errors import UsageError
from callcenter.core.ids import SeatId
from callcenter.web.views import View


class ConferenceAnswer(View):
    """The third's telephone rings. Until he picks up nothing changes; what became of it is told by the event stream."""

    seat_id: str
    third: str = Field(
        description="被邀请的坐席号、部门名称或号码 / the seat, or the department's name or number"
    )


class DepartmentView(View):
    """A department of the directory: who may be joined to a talk over the trunk (部门名录)."""

    name: str
    number: str


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
