"""What the web needs for cloud seats: the manager's desk, and the door for who joins by link."""

from collections.abc import Sequence
from typing import Protocol

from callcenter.core.ids import SeatId
from callcenter.core.messages.cloud import CloudRequest
from callcenter.web.views import cloud as views


class CloudPort(Protocol):
    """The roll, and what a manager asks."""

    def view(self) -> views.CloudView:
        """Every cloud seat as it is."""

    async def invite(self, seats: int, by: str, why: str) -> None:
        """Call for so many.

        Raises:
            UsageError: ``no_cloud_seat``, ``nobody_to_invite``.
        """

    async def answer(self, applied: bool, by: str, why: str) -> None:
        """Apply or decline what the figures propose.

        Raises:
            UsageError: ``no_proposal``.
        """

    async def call_off(self, by: str, why: str) -> None:
        """Take the running call for help back; who is proven stays.

        Raises:
            UsageError: ``wrong_cloud_state``: there is none.
        """

    async def ask(self, seat_id: SeatId, request: CloudRequest, by: str, why: str) -> views.CloudSeatAnswer:
        """Withdraw, lock, unlock or check a seat.

        Raises:
            UsageError: ``unknown_seat``, ``wrong_cloud_state``.
            PeerError: ``asterisk_console``, ``not_reloaded``: the new password is not in force, the seat stays locked.
        """

    async def link(self, seat_id: SeatId) -> views.JoinLinkView:
        """A new link for the seat's owner.

        Raises:
            UsageError: ``unknown_seat``, ``wrong_cloud_state``, ``nobodys_seat``.
        """

    def people(self) -> Sequence[views.CloudPersonView]:
        """Who may be invited."""

    async def add(self, staff_no: str, name: str, phone: str, seat_id: str | None) -> views.CloudPersonView:
        """Write somebody down, or what changed about him.

        Raises:
            UsageError: ``unknown_seat``, ``seat_taken``, ``bad_number``.
        """


class JoinDoor(Protocol):
    """For who holds a link."""

    async def state(self, token: str) -> views.JoinView | None:
        """How far he is; ``None``: no such link, or its time is over."""

    async def join(self, token: str) -> views.SipAccount | None:
        """Accept, once; ``None``: the link is good no more, or the seat cannot be joined."""

    async def retry(self, token: str) -> None:
        """Have the line checked again; nothing where that makes no sense."""
