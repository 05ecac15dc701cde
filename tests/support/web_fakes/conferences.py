"""Conferences behind the web's port: whoever is asked rings; seat 8009 talks with nobody."""
# ruff: noqa: D102  each method is described by the port that it stands in for

from dataclasses import dataclass, field

from callcenter.core.errors import UsageError
from callcenter.core.ids import SeatId
from callcenter.web.views.conference import ConferenceAnswer, DepartmentView


@dataclass
class FakeConferences:
    """``asked``: seat, third, by."""

    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def departments(self) -> list[DepartmentView]:
        return [
            DepartmentView(name="水务局", number="051788001234"),
            DepartmentView(name="急救", number="120"),
        ]

    async def ask(self, seat_id: SeatId, third: str, by: str) -> ConferenceAnswer:
        if seat_id == "8009":
            raise UsageError("该坐席没有在通话 / this seat talks with nobody", code="wrong_seat_state")
        self.asked.append((seat_id, third, by))
        return ConferenceAnswer(seat_id=seat_id, third=third)
