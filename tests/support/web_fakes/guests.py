"""A desk of call days behind the web's port: it keeps what it is told; one ticket was made on each."""
# ruff: noqa: D102  each method is described by the port that it stands in for

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from callcenter.core.errors import UsageError
from callcenter.core.ids import SeatId
from callcenter.web.views.guests import FollowUpsView, FollowUpView, GuestDayView
from web_fakes.scene import NUMBER, START, TICKET


@dataclass
class FakeGuests:
    """Call days, newest first."""

    kept: list[GuestDayView] = field(default_factory=list)

    async def open(
        self,
        name: str,
        title: str,
        seat_id: SeatId,
        helper_id: SeatId | None,
        from_at: datetime,
        to_at: datetime,
        by: str,
    ) -> GuestDayView:
        if to_at <= from_at:
            raise UsageError("时间不对 / bad times", code="bad_times")
        if any(day.seat_id == seat_id for day in self.kept):
            raise UsageError(f"坐席{seat_id}那时已有接话日", code="wrong_guest_day")
        day = self._made(len(self.kept) + 1, name, title, seat_id, helper_id, from_at, to_at, by)
        self.kept.insert(0, day)
        return day

    def _made(
        self,
        number: int,
        name: str,
        title: str,
        seat_id: SeatId,
        helper_id: SeatId | None,
        from_at: datetime,
        to_at: datetime,
        by: str,
    ) -> GuestDayView:
        return GuestDayView(
            id=number,
            name=name,
            title=title,
            seat_id=seat_id,
            helper_seat_id=helper_id,
            from_at=from_at,
            to_at=to_at,
            by=by,
            closed_by="",
            state="running",
            calls=4,
            talk_s=900.0,
            tickets=1,
            promises=1,
            grades=2,
            grade=4.5,
        )

    async def newest(self, limit: int) -> Sequence[GuestDayView]:
        return self.kept[:limit]

    async def close(self, day_id: int, by: str) -> GuestDayView:
        day = self._get(day_id).model_copy(update={"closed_by": by, "state": "over"})
        self.kept = [day if each.id == day_id else each for each in self.kept]
        return day

    async def follow_ups(self, day_id: int) -> FollowUpsView:
        ticket = FollowUpView(
            ticket_no=TICKET,
            contact_id="c-1",
            citizen=NUMBER,
            answered_at=START,
            nature="help",
            department="供暖",
            place="=东风路1号",
            state="ready",
            deadline=START + timedelta(days=3),
            promised=["三天内答复您"],
        )
        usual = self._made(1, "李市长", "市长", SeatId("8017"), None, START, START, "lead")
        day = usual if day_id == 1 and not self.kept else self._get(day_id)
        return FollowUpsView(day=day, items=[ticket])

    def _get(self, day_id: int) -> GuestDayView:
        for day in self.kept:
            if day.id == day_id:
                return day
        raise UsageError("there is no such call day", code="unknown_guest_day")
