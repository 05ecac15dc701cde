"""Cloud seats in the controller: who carries out what the roll decides, what the web is given."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from callcenter.cloud.books import CloudBooks
from callcenter.cloud.desk import CloudDesk
from callcenter.cloud.links import CloudLinks
from callcenter.cloud.people import CloudPeople
from callcenter.core.messages import cloud
from callcenter.engines import mobile_numbers
from callcenter.workbench import Workbench
from queues.inviter import Inviter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from callcenter.bootstrap.cell import Cell
    from callcenter.controller import Perform
    from callcenter.core.messages.base import Effect

LETTERS_AT_ONCE = 2


@dataclass(frozen=True)
class CloudSeats:
    """Everything beside the engine."""

    people: CloudPeople
    books: CloudBooks
    letters: Workbench

    async def take_up(self, cell: "Cell") -> None:
        """What the last controller knew, and who may be invited."""
        cell.post(await self.books.restored(cell.database))
        await self.people.refresh()


def cloud_seats(cell: "Cell") -> CloudSeats:
    """The parts that live as long as the controller."""
    settings = cell.settings
    people = CloudPeople(
        cell.database,
        cell.writer,
        cell.post,
        cell.can_be_called,
        mobile_numbers(settings),
        settings.seats.cloud(),
    )
    letters = Workbench("cloud letters", limit=LETTERS_AT_ONCE, limit_s=30.0)
    return CloudSeats(people, CloudBooks(cell.writer, cell.clock), letters)


def performers(cell: "Cell") -> "Mapping[type[Effect], Perform]":
    """By the type of the effect. The check of a line is carried out by ``queues/phone_check.py``."""
    parts = cell.cloud_seats
    inviter = Inviter(cell.actor, parts.people.phone_of, cell.post, cell.settings.cloud.ring_s)
    return {
        cloud.InviteByPhone: lambda effect: cell.benches["callers"].start(inviter.invite(effect)),
        cloud.InviteByLink: lambda effect: parts.letters.start(links(cell).send(effect)),
        cloud.KeepCloudSeat: parts.books.keep_seat,
        cloud.KeepInvitation: parts.books.keep_invitation,
    }


def links(cell: "Cell") -> CloudLinks:
    """Links, and the door behind them."""
    return CloudLinks(
        cell.settings,
        cell.controller,
        cell.engines.cloud,
        cell.cloud_seats.people,
        cell.writer,
        cell.database,
        cell.clock,
    )


def desk(cell: "Cell") -> CloudDesk:
    """The shift manager's desk."""
    engines = cell.engines
    return CloudDesk(
        cell.settings,
        cell.controller,
        engines.cloud,
        engines.seats,
        cell.cloud_seats.people,
        links(cell),
        cell.clock,
    )
