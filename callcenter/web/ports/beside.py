"""What the web needs for people beside a talk."""

from typing import Protocol

from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId
from callcenter.core.messages.beside import Mode
from callcenter.web.views.beside import BesideAnswer


class BesidePort(Protocol):
    """Listening, whispering, joining."""

    async def ask(self, contact_id: ContactId, mode: Mode, phone: str, by: str) -> BesideAnswer:
        """Be beside this talk, or, being there, in another mode. ``phone``: a seat's id or ``telephone``.

        Raises:
            UsageError: ``unknown_seat``, ``unknown_telephone``, ``wrong_call_state`` (nobody of the house talks with him),
                ``wrong_seat_state`` (the own seat is not free), ``wrong_listener`` (somebody is there, or one is elsewhere),
                ``wrong_conference_state`` (nobody can join).
        """

    async def end(self, contact_id: ContactId, by: str) -> None:
        """Nobody is beside this talk any more; the talk goes on.

        Raises:
            UsageError: ``wrong_listener``: nobody is.
        """


class NoBeside:
    """A house in which nobody can be."""

    async def ask(self, contact_id: ContactId, mode: Mode, phone: str, by: str) -> BesideAnswer:
        """See :class:`BesidePort`."""
        raise UsageError("旁听未启用 / nobody can listen here", code="wrong_call_state")

    async def end(self, contact_id: ContactId, by: str) -> None:
        """See :class:`BesidePort`."""
        raise UsageError("没有人在旁听此通话 / nobody is beside this talk", code="wrong_listener")
