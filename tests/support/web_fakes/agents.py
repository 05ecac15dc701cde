"""Behind the web's ports for an agent's own call and day: real proposals from lines that a test sets, figures of a day."""
# ruff: noqa: D102  each method is described by the port that it stands in for

from dataclasses import dataclass, field
from datetime import timedelta

from callcenter.core.errors import UsageError
from callcenter.core.ids import SeatId, TicketNo
from callcenter.tickets.catalog import load
from callcenter.tickets.core.proposal import propose
from callcenter.web.views.agent import FieldProposalView, OwnFigureView, SeatDayView, SuggestionsView
from recordings.core.text_numbers import mask_together
from web_fakes.scene import START, TICKET

CATALOG = load()


@dataclass
class FakeSuggestions:
    """One ticket, of seat 8001. ``said``: the citizen's lines by now; ``asked``: how often it was looked."""

    said: list[str] = field(default_factory=list)
    asked: int = 0

    async def of(self, ticket_no: TicketNo, seat_id: SeatId | None) -> SuggestionsView:
        if ticket_no != TICKET:
            raise UsageError("there is no such ticket", code="unknown_ticket")
        self.asked += 1
        lines = mask_together(self.said) if seat_id == "8001" else []
        found = propose(lines, CATALOG.natures, CATALOG.topics, CATALOG.places, CATALOG.units)
        names = {**CATALOG.natures.names, **CATALOG.topics.names}
        return SuggestionsView(
            ticket_no=ticket_no,
            source="captions" if lines else "none",
            is_demo_model=False,
            items=[
                FieldProposalView(
                    field=name,
                    value=one.value,
                    name=names.get(one.value, one.value),
                    words=list(one.words),
                    certainty=one.certainty,
                )
                for name, one in found.items()
            ],
            articles=["social_card"] if any("社保卡" in line for line in lines) else [],
            due_at=START + timedelta(days=3) if "nature" in found else None,
            due_workdays=3 if "nature" in found else None,
        )


@dataclass
class FakeSeatDays:
    """Every seat had the same day."""

    async def of(self, seat_id: SeatId) -> SeatDayView:
        figures = [
            OwnFigureView(
                formula="answered_by_seat@1", zh="接听量", en="talks", unit="count", own=31, middle=28
            ),
            OwnFigureView(
                formula="aht@1", zh="平均处理时长", en="mean handling", unit="s", own=284.5, middle=None
            ),
        ]
        return SeatDayView(seat_id=seat_id, day=START.date(), as_of=START, figures=figures)


@dataclass
class FakeArticlePost:
    """Sends everything once. ``sent``: to whom, which."""

    sent: list[tuple[str, str]] = field(default_factory=list)

    async def send(self, caller: str, article_id: str) -> bool:
        if article_id != "social_card":
            raise UsageError("there is no such article", code="unknown_article")
        is_new = (caller, article_id) not in self.sent
        self.sent.append((caller, article_id))
        return is_new
