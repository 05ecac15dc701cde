"""The shift manager's desk for cloud seats: what API and command line see and ask (:class:`callcenter.web.ports.cloud.CloudPort`).

Invariant: it decides nothing; it hands the wish to the controller and waits until it was decided.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta

from callcenter.asterisk.accounts import reload_accounts
from callcenter.asterisk.secrets import renew_seat
from callcenter.cloud.links import CloudLinks
from callcenter.cloud.people import CloudPeople
from callcenter.controller import Controller
from callcenter.core.clock import Clock
from callcenter.core.errors import UsageError
from callcenter.core.ids import SeatId
from callcenter.core.messages import cloud
from callcenter.core.messages.cloud import CloudRequest, CloudState
from callcenter.settings import Settings
from callcenter.staff.store import Person, StaffKind
from callcenter.web.views import cloud as views
from queues.core.cloud import CloudRoll, CloudSeat
from queues.core.seats import Seats

SEND_LINK = "新口令已生效，请发新链接 / the new password is in force: send a new link"


@dataclass(frozen=True)
class CloudDesk:
    """Reads the roll; asks the controller."""

    settings: Settings
    controller: Controller
    roll: CloudRoll
    seats: Seats
    people_: CloudPeople
    links: CloudLinks
    clock: Clock

    def view(self) -> views.CloudView:
        """Every cloud seat as it is."""
        all_seats, rounds = self.roll.all(), self.roll.rounds
        return views.CloudView(
            as_of=self.clock.at(),
            mode=self.settings.cloud.mode,
            people=len(self.people_.all()),
            proven=sum(seat.state is CloudState.PROVEN for seat in all_seats),
            ringing=rounds.ringing,
            willing_ratio=round(self.roll.willing_ratio, 3),
            proposal=rounds.proposal,
            call=self._call(),
            seats=[self._seat(seat) for seat in all_seats],
        )

    async def invite(self, seats: int, by: str, why: str) -> None:
        """Call for so many; who was written down a moment ago is known."""
        await self.people_.refresh()
        await self.controller.ask(cloud.CloudAsked(seats, by, why))

    async def answer(self, applied: bool, by: str, why: str) -> None:
        """Apply or decline what the figures propose."""
        await self.controller.ask(cloud.ProposalAnswered(applied, by, why))

    async def call_off(self, by: str, why: str) -> None:
        """Take the running call for help back."""
        await self.controller.ask(cloud.CallOffAsked(by, why))

    async def ask(self, seat_id: SeatId, request: CloudRequest, by: str, why: str) -> views.CloudSeatAnswer:
        """Withdraw, lock, unlock or check a seat. None is unlocked before its new password is in force."""
        unlocks = request is CloudRequest.UNLOCK
        if self.roll.get(seat_id).state is CloudState.LOCKED and unlocks:
            renew_seat(self.settings, seat_id)
            await reload_accounts(self.settings)
        await self.controller.ask(cloud.CloudSeatAsked(seat_id, request, by, why))
        seat = self.roll.get(seat_id)
        return views.CloudSeatAnswer(
            seat_id=seat_id,
            state=seat.state,
            takes_effect="after_call" if seat.leaving else "now",
            note=SEND_LINK if unlocks else "",
        )

    async def link(self, seat_id: SeatId) -> views.JoinLinkView:
        """A new link for the seat's owner."""
        seat = self.roll.get(seat_id)
        if seat.state in (CloudState.LOCKED, CloudState.CHECKING, CloudState.PROVEN, CloudState.ACCEPTED):
            raise UsageError(
                f"cloud seat {seat_id} is {seat.state.value}: nobody can join it now",
                code="wrong_cloud_state",
            )
        await self.people_.refresh()
        owner = self.people_.owner_of(seat_id)
        if owner is None:
            raise UsageError(
                f"seat {seat_id} belongs to nobody: callcenter cloud add STAFF_NO NAME PHONE --seat {seat_id}",
                code="nobodys_seat",
            )
        url, expires_at = await self.links.make(owner.staff_no, seat_id)
        return views.JoinLinkView(seat_id=seat_id, staff_no=owner.staff_no, url=url, expires_at=expires_at)

    def people(self) -> Sequence[views.CloudPersonView]:
        """Who may be invited."""
        return [self._person(person) for person in self.people_.all()]

    async def add(self, staff_no: str, name: str, phone: str, seat_id: str | None) -> views.CloudPersonView:
        """Write somebody down, or what changed about him."""
        seat = SeatId(seat_id) if seat_id else None
        return self._person(await self.people_.add(Person(staff_no, name, StaffKind.CLOUD, phone, seat)))

    def _call(self) -> views.HelpCallView | None:
        call = self.roll.rounds.call
        if call is None:
            return None
        return views.HelpCallView(
            wanted=call.wanted,
            target=call.target,
            coming=self.roll.rounds.coming,
            round=call.round,
            next_round_s=max(0.0, round(call.next_at - self.clock.instant(), 1)),
            by=call.by,
        )

    def _seat(self, seat: CloudSeat) -> views.CloudSeatView:
        known, now = self.seats.get(seat.seat_id), self.clock.instant()
        ends = seat.helps_until if seat.state is CloudState.PROVEN else None
        return views.CloudSeatView(
            seat_id=seat.seat_id,
            state=seat.state,
            state_name=views.STATE_NAMES[seat.state],
            state_s=max(0.0, round(now - seat.since, 1)) if seat.since else 0.0,
            staff_no=seat.staff_no,
            name=self.people_.name_of(seat.staff_no),
            reason=seat.reason,
            reachable=known.reachable,
            seat_state=known.state,
            measured=_line(seat.measured),
            help_ends_at=None if ends is None else self.clock.at() + timedelta(seconds=ends - now),
            leaves_after_call=bool(seat.leaving),
        )

    def _person(self, person: Person) -> views.CloudPersonView:
        return views.CloudPersonView(
            staff_no=person.staff_no,
            name=person.name,
            phone=person.phone,
            seat_id=person.seat_id,
            can_be_rung=self.people_.can_be_rung(person),
        )


def _line(measured: cloud.PhoneChecked | None) -> views.LineView | None:
    if measured is None:
        return None
    return views.LineView(**{name: value for name, value in asdict(measured).items() if name != "seat_id"})
