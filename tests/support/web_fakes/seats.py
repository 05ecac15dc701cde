"""What is asked of seats, of who waits in line, and of the recording of a call: kept, not done."""
# ruff: noqa: D102  each method is described by the port that it stands in for

from collections.abc import Sequence
from dataclasses import dataclass, field

from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId, QueueName, SeatId
from callcenter.core.messages.seats import SeatRequest
from callcenter.web.views.seats import RestAnswer, SeatAnswer, SkillsAnswer


@dataclass
class FakeSeats:
    """Keeps what was asked; ``error``: what the next request raises; seat 8002 is in a call."""

    asked: list[tuple[str, SeatRequest, str, str]] = field(default_factory=list)
    error: Exception | None = None

    async def ask(self, seat_id: SeatId, request: SeatRequest, reason: str, by: str) -> SeatAnswer:
        if self.error is not None:
            raise self.error
        _require_seat(seat_id)
        self.asked.append((seat_id, request, reason, by))
        return SeatAnswer(
            seat_id=seat_id, request=request, takes_effect="after_call" if seat_id == "8002" else "now"
        )


@dataclass
class FakeCare:
    """Keeps who shall rest and what was assigned; seat 8002 is in a call."""

    rested: list[tuple[str, str]] = field(default_factory=list)
    assigned: list[tuple[str, tuple[str, ...], str]] = field(default_factory=list)

    async def rest(self, seat_id: SeatId, by: str) -> RestAnswer:
        _require_seat(seat_id)
        self.rested.append((seat_id, by))
        return RestAnswer(seat_id=seat_id, takes_effect="after_call" if seat_id == "8002" else "now")

    async def assign_skills(self, seat_id: SeatId, skills: Sequence[QueueName], by: str) -> SkillsAnswer:
        _require_seat(seat_id)
        if not set(skills) <= {"general", "enterprise"}:
            raise UsageError("there is no such queue", code="unknown_queue")
        self.assigned.append((seat_id, tuple(skills), by))
        return SkillsAnswer(seat_id=seat_id, skills=list(skills))


def _require_seat(seat_id: SeatId) -> None:
    if seat_id not in ("8001", "8002"):
        raise UsageError("there is no such seat", code="unknown_seat")


@dataclass
class FakeLine:
    """One caller waits; keeps how he was moved: contact, urgent, by, why."""

    moved: list[tuple[str, bool, str, str]] = field(default_factory=list)

    async def prioritize(
        self, queue: QueueName, contact_id: ContactId, urgent: bool, by: str, why: str
    ) -> None:
        if queue != "general":
            raise UsageError("there is no such queue", code="unknown_queue")
        if contact_id != "c-1":
            raise UsageError("he does not wait", code="unknown_contact")
        self.moved.append((contact_id, urgent, by, why))


@dataclass
class FakeRecorder:
    """The call c-1 of seat 8001 is recorded; keeps what was asked: paused, by, reason. ``error``: what is raised next."""

    asked: list[tuple[bool, str, str]] = field(default_factory=list)
    error: Exception | None = None

    def seat_of(self, contact_id: ContactId) -> SeatId | None:
        return SeatId("8001") if contact_id == "c-1" else None

    async def pause(self, contact_id: ContactId, by: str, reason: str) -> None:
        self._take(contact_id, True, by, reason)

    async def resume(self, contact_id: ContactId, by: str, reason: str) -> None:
        self._take(contact_id, False, by, reason)

    def _take(self, contact_id: ContactId, paused: bool, by: str, reason: str) -> None:
        if self.error is not None:
            raise self.error
        if contact_id != "c-1":
            raise UsageError("there is no such call", code="unknown_call")
        self.asked.append((paused, by, reason))
