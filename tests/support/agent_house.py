"""A house in which seat 8001 does what a test wants: rings, talks, works after the call, surveys; captions are spoken."""
# ruff: noqa: D102  each method is described by the port that it stands in for

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from web_fakes import START, House
from web_fakes.agents import CATALOG
from web_fakes.board import FakeBoard
from web_fakes.citizens import FakeTicketDesk
from web_fakes.quality import FakeReviews, a_review
from web_fakes.readers import FakeContacts, FakeTickets

from callcenter.captions.feed import CaptionFeed, CaptionReader
from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages.seats import SeatState
from callcenter.web.ports.captions import NoCaptions
from callcenter.web.ports.quality import Viewer
from callcenter.web.ports.tickets import TicketFilter
from callcenter.web.roles import Role
from callcenter.web.views import Page
from callcenter.web.views import quality as quality_views
from callcenter.web.views.board import StatusView
from callcenter.web.views.ledger import ContactView
from callcenter.web.views.tickets import TicketSummary, TicketView
from recordings.captions import Caption
from recordings.qa.reviews import Filter

CALL = ContactId("c-1")
TICKET = "20261122-000001"


@dataclass
class SeatBoard(FakeBoard):
    """The board with one seat that is as ``seat`` says, and its call as ``call`` says."""

    seat: dict[str, Any] = field(default_factory=dict)
    call: dict[str, Any] = field(default_factory=dict)

    def status(self) -> StatusView:
        told = super().status()
        seat = told.seats[0].model_copy(update=self.seat)
        call = told.calls[0].model_copy(update={"seat_id": "8001", "state": "talking", **self.call})
        return told.model_copy(
            update={"seats": [seat], "calls": [call] if seat.contact_id or self.call else []}
        )


class Speaking(NoCaptions):
    """Captions that a test speaks."""

    def __init__(self) -> None:
        self.feed = CaptionFeed()

    @contextmanager
    def follow(self) -> Iterator[CaptionReader]:
        with self.feed.follow() as reader:
            yield reader


class OneTicket(FakeTickets):
    """A draft of the call that goes on; ``is_there``: whether it is drafted by now."""

    is_there = True

    def ticket(self) -> TicketView:
        empty: dict[str, Any] = {
            "nature": None,
            "topic": None,
            "topic_name": None,
            "nature_words": [],
            "topic_words": [],
        }
        draft = {"state": "draft", "transcript": None, "transcript_state": "pending", "recording_id": None}
        return super().ticket().model_copy(update={**empty, **draft})

    async def list(self, which: TicketFilter, limit: int, offset: int) -> Page[TicketSummary]:
        if which.contact_id not in (None, CALL) or not self.is_there:
            return Page(items=[], total=1, filtered=0)
        return await super().list(which, limit, offset)


class OneContact(FakeContacts):
    """The call that goes on; ``changes``: what else it is."""

    changes: dict[str, Any] = {}  # noqa: RUF012  replaced whole

    def contact(self) -> ContactView:
        live = {
            "state": "talking",
            "outcome": None,
            "ended_at": None,
            "wait_s": 42.0,
            "last_step": "intake.menu",
        }
        return super().contact().model_copy(update={**live, **self.changes})


class OwnReviews(FakeReviews):
    """A finished review of an own call, and a coaching note; ``text``: what is written there. ``answers``: statements."""

    def __init__(self) -> None:
        self.text = "开头语没有报工号，注意"
        self.answers: list[str] = []

    def scorecards(self) -> list[quality_views.ScorecardView]:
        criterion = quality_views.CriterionView(
            criterion_id="opening",
            zh="开头语",
            en="Opening",
            hint="",
            weight=1.0,
            grades=["没有", "不完整", "完整"],
            hint_en="",
            grades_en=["none", "incomplete", "complete"],
            veto=False,
            optional=False,
        )
        return [
            quality_views.ScorecardView(
                card_id="hotline", version="1", zh="热线评分表", en="Hotline card", criteria=[criterion]
            )
        ]

    async def reviews(
        self, which: Filter, viewer: Viewer, limit: int, offset: int
    ) -> Page[quality_views.ReviewView]:
        told = {"state": "submitted", "score": 50.0, "grades": {"opening": 1}, "submitted_at": START}
        words = {"comments": {"opening": self.text}, "comment": self.text, "seat_id": "8001"}
        answered = {"state": "answered", "statement": self.answers[-1]} if self.answers else {}
        return Page(items=[a_review(**{**told, **words, **answered})], total=1, filtered=1)

    async def answer(self, review_id: int, seat_id: SeatId, statement: str) -> quality_views.ReviewView:
        self.answers.append(statement)
        return a_review(state="answered", statement=statement)

    async def notes(
        self, seat_id: str | None, recording_id: str | None, limit: int, offset: int
    ) -> Page[quality_views.NoteView]:
        note = quality_views.NoteView(
            note_id=1,
            seat_id="8001",
            recording_id="r-1",
            second=3.0,
            by="qa_reviewer",
            at=START,
            note=self.text,
        )
        return Page(items=[note], total=1, filtered=1)


class CityTickets(FakeTicketDesk):
    """The ticket, in the words of the shipped city."""

    def words(self) -> Mapping[str, Mapping[str, str]]:
        return {"natures": CATALOG.natures.names, "topics": CATALOG.topics.names}


class AgentHouse(House):
    """With an agent at seat 8001."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.floor = SeatBoard(self.clock)
        self.speaking = Speaking()
        self.own_reviews, self.ticket_desk = OwnReviews(), CityTickets()
        self.drafts = OneTicket()
        self.callers = OneContact()
        self.ports = replace(
            self.ports,
            board=self.floor,
            captions=self.speaking,
            tickets=self.drafts,
            contacts=self.callers,
            reviews=self.own_reviews,
            ticket_desk=self.ticket_desk,
        )
        self.add_account(Role.AGENT, seat_id="8001")

    def moves(self, state: SeatState, *, call: dict[str, Any] | None = None, **seat: Any) -> None:
        """The seat's state from now on; in a call it has one. ``call``: as that is, here or elsewhere."""
        in_call = state in (SeatState.RINGING, SeatState.TALKING)
        self.floor.seat = {"state": state, "state_s": 0.0, "contact_id": CALL if in_call else None, **seat}
        self.floor.call = call or {}

    def says(self, text: str, begin_s: float = 1.0) -> None:
        """The citizen says this."""
        self.suggestions.said.append(text)
        line = Caption(CALL, "citizen", begin_s, begin_s + 2, text, final=True)
        self.speaking.feed.tell(line, SeatId("8001"), START)
