"""The shift manager's desk: what API and command line ask of the surge engine, the line, messages and seats.

Invariant: it decides nothing; it checks that what is named exists, hands the wish to the controller and waits until it
was decided.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from callcenter.controller import Controller
from callcenter.core.clock import Clock, Instant
from callcenter.core.errors import PeerError, UsageError
from callcenter.core.ids import ContactId, QueueName, SeatId
from callcenter.core.messages.callbacks import CloseAsked, MessageReviewed, PostponeAsked
from callcenter.core.messages.offers import PriorityAsked
from callcenter.core.messages.seats import AbuseReported, SeatState, SkillsAssigned
from callcenter.core.messages.surge import LevelAsked, RosterAsked
from callcenter.planner import Planner
from callcenter.web.ports.callbacks import CallbackReader
from callcenter.web.readers.surge import SurgeLog
from callcenter.web.views.callbacks import CallbackView
from callcenter.web.views.day import DayView
from callcenter.web.views.seats import RestAnswer, SkillsAnswer
from callcenter.web.views.surge import LEVEL_NAMES, OwedView, ProfileView, SurgeSwitchView, SurgeView
from queues.core.levels import Overview
from queues.core.seats import REST, Seat, Seats
from queues.core.surge import SurgeProfile
from queues.core.waiting import WaitingLine


@dataclass(frozen=True)
class SurgeDesk:
    """The surge level (:class:`callcenter.web.ports.surge.SurgePort`). ``overview``: the engine at a glance."""

    controller: Controller
    overview: Callable[[Instant], Overview]
    log: SurgeLog
    clock: Clock

    def view(self) -> SurgeView:
        """What holds now, and the figures behind it."""
        seen = self.overview(self.clock.instant())
        return SurgeView(
            as_of=self.clock.at(),
            level=seen.level,
            level_name=LEVEL_NAMES[seen.level],
            mode="declared" if seen.declared else "automatic",
            proposal=seen.proposal,
            profile=_profile(seen.profile),
            load=round(seen.load, 3),
            ewt_s=round(seen.ewt_s, 1),
            waiting=seen.waiting,
            staffed=seen.staffed,
            free=seen.free,
            owed=OwedView(**seen.owed),
        )

    async def ask(self, level: int | None, undo: bool, by: str, why: str) -> None:
        """Declare a level, hand it back, or undo the last switch.

        Raises:
            UsageError: nothing to undo.
        """
        await self.controller.ask(LevelAsked(level, undo, by, why))

    async def switches(self, limit: int) -> list[SurgeSwitchView]:
        """The newest switches and proposals, newest first."""
        return await self.log.newest(limit)


@dataclass(frozen=True)
class DayDesk:
    """Today as it is planned (:class:`callcenter.web.ports.day.DayPort`). ``usual``: the roster of the settings."""

    controller: Controller
    planner: Planner
    usual: tuple[int, ...]

    def view(self) -> DayView:
        """The plan in force.

        Raises:
            PeerError: no day is planned yet.
        """
        plan = self.planner.today
        if plan is None:
            raise PeerError("the day is not planned yet: ask again in a moment", code="no_plan")
        return DayView(
            day=plan.began_at.date(),
            roster=list(plan.roster),
            is_usual_roster=plan.roster == self.usual,
            citizens=[round(plan.citizens * share, 1) for share in plan.profile],
            callback_from=_clock_time(plan.callback_from_s),
            callback_to=_clock_time(plan.callback_to_s),
            talk_s=round(plan.talk_s, 1),
            wrap_up_s=plan.wrap_up_s,
            review_s=plan.review_s,
            patience_s=round(plan.patience_s, 1),
        )

    async def change_roster(self, roster: Sequence[int], by: str, why: str) -> DayView:
        """Other seats in each hour of today; journaled first, so that a restart knows it."""
        seats = tuple(roster)
        await self.controller.ask(RosterAsked(seats, by, why))
        self.planner.change_roster(seats)
        return self.view()


@dataclass(frozen=True)
class LineDesk:
    """Who waits (:class:`callcenter.web.ports.line.LineRequests`)."""

    controller: Controller
    line: WaitingLine

    async def prioritize(
        self, queue: QueueName, contact_id: ContactId, urgent: bool, by: str, why: str
    ) -> None:
        """Move a waiting caller.

        Raises:
            UsageError: no such queue, or nobody of that id waits there.
        """
        if queue not in self.line.queues:
            raise UsageError(f"there is no queue '{queue}'", code="unknown_queue")
        if all(waiting.contact_id != contact_id for waiting in self.line.waiting(queue)):
            raise UsageError(f"contact {contact_id} does not wait in '{queue}'", code="unknown_contact")
        await self.controller.ask(PriorityAsked(contact_id, urgent, by, why))


@dataclass(frozen=True)
class MessageDesk:
    """Voice messages (:class:`callcenter.web.ports.callbacks.MessageRequests`)."""

    controller: Controller
    callbacks: CallbackReader

    async def reviewed(self, contact_id: ContactId, needs_call: bool, by: str) -> None:
        """A message has become a ticket.

        Raises:
            UsageError: no such message, or it needs no review any more.
        """
        found = await self.callbacks.get(contact_id)
        if found is None or found.ground != "message":
            raise UsageError(f"contact {contact_id} left no message", code="unknown_message")
        if found.reviewed or found.state == "closed":
            raise UsageError(
                f"the message of {contact_id} was reviewed or closed already", code="wrong_message_state"
            )
        await self.controller.ask(MessageReviewed(ContactId(found.contact_id), needs_call, by))


@dataclass(frozen=True)
class OwedDesk:
    """What is owed, changed by hand (:class:`callcenter.web.ports.callbacks.OwedRequests`)."""

    controller: Controller
    callbacks: CallbackReader
    clock: Clock

    async def close(self, contact_id: ContactId, by: str, why: str) -> None:
        """Nothing is owed any more: it was settled in another way.

        Raises:
            UsageError: nothing is owed for this contact, or somebody works on it.
        """
        found = await self._open(contact_id)
        await self.controller.ask(CloseAsked(ContactId(found.contact_id), found.citizen, by, why))

    async def postpone(self, contact_id: ContactId, delay_s: float, by: str, why: str) -> datetime:
        """The citizen is called later.

        Raises:
            UsageError: nothing is owed for this contact, only people may call him, or somebody works on it.
        """
        found = await self._open(contact_id)
        not_before = self.clock.at() + timedelta(seconds=delay_s)
        await self.controller.ask(PostponeAsked(ContactId(found.contact_id), found.citizen, delay_s, by, why))
        return not_before

    async def _open(self, contact_id: ContactId) -> CallbackView:
        found = await self.callbacks.get(contact_id)
        if found is None:
            raise UsageError(f"contact {contact_id} led to no call-back", code="unknown_callback")
        if found.state == "closed":
            raise UsageError(
                f"what was owed for {contact_id} is closed: {found.why}", code="wrong_callback_state"
            )
        return found


@dataclass(frozen=True)
class CareDesk:
    """Seats beside their state (:class:`callcenter.web.ports.seats.SeatCare`)."""

    controller: Controller
    seats: Seats

    async def rest(self, seat_id: SeatId, by: str) -> RestAnswer:
        """Let the seat rest after abuse.

        Raises:
            UsageError: no such seat.
        """
        await self.controller.ask(AbuseReported(seat_id, by))
        return RestAnswer(seat_id=seat_id, takes_effect=_rest_begins(self.seats.get(seat_id)))

    async def assign_skills(self, seat_id: SeatId, skills: Sequence[QueueName], by: str) -> SkillsAnswer:
        """Let these queues ring the seat first.

        Raises:
            UsageError: no such seat, or a skill that is no queue.
        """
        await self.controller.ask(SkillsAssigned(seat_id, tuple(skills), by))
        return SkillsAnswer(seat_id=seat_id, skills=list(skills))


def _rest_begins(seat: Seat) -> Literal["now", "after_call", "not_needed"]:
    if seat.state in (SeatState.RINGING, SeatState.DIALING, SeatState.TALKING):
        return "after_call"
    return "now" if seat.rest_s or seat.reason == REST else "not_needed"


def _clock_time(seconds: float) -> str:
    return f"{int(seconds) // 3600:02d}:{int(seconds) % 3600 // 60:02d}"


def _profile(profile: SurgeProfile) -> ProfileView:
    return ProfileView(
        notice=profile.announces_topic,
        surveys=profile.asks_survey,
        callbacks=profile.offers_callback,
        messages=profile.offers_message,
        cloud_seats=profile.invites_cloud,
        partner=profile.asks_partner,
        wrap_up_cap_s=profile.wrap_up_cap_s or None,
    )
