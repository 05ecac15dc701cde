"""Small fakes behind the web's ports for citizens' matters.

Invariant: a fake keeps what it is told and tells what it keeps; it decides nothing.
"""
# ruff: noqa: D102  each method is described by the port that it stands in for

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId, TicketNo
from callcenter.outbox.store import Entry
from callcenter.reports.core.ratings import RatedTalk
from callcenter.reports.core.windows import Window
from callcenter.tickets.core.work import Standing, Work, correct, end, reopen
from callcenter.web.views.desk import ArticleView, EarlierView
from web_fakes.scene import NUMBER, START, TICKET

TOKEN = "Zm9vYmFyYmF6cXV4"


@dataclass
class FakeOutbox:
    """Two messages, one of them failed. ``retried``: ids."""

    gateway: str = "none"
    trouble: str = ""
    retried: list[int] = field(default_factory=list)

    async def waiting(self) -> int:
        return 1

    async def list(self, state: str, limit: int) -> Sequence[Entry]:
        failed = Entry(2, "ticket", TICKET, NUMBER, "PIN 123456", START, START, 5, None, "gateway_500")
        waiting = Entry(1, "missed", "c-1", NUMBER, "sorry", START, START, 0, None, "")
        return [entry for entry in (failed, waiting) if state in ("", entry.state)][:limit]

    async def retry(self, entry_id: int) -> None:
        if entry_id != 2:
            raise UsageError("there is no such message", code="unknown_message")
        self.retried.append(entry_id)


@dataclass
class FakeRatings:
    """Ten rated talks of twenty, and one link. ``given``: contact and grade."""

    given: list[tuple[str, int]] = field(default_factory=list)
    windows: list[str] = field(default_factory=list)

    async def talks(self, window: str) -> tuple[Window, datetime, Sequence[RatedTalk]]:
        self.windows.append(window)
        talks = [
            RatedTalk("8002", 5, "key", 6),
            RatedTalk("8001", 4, "link", 3),
            RatedTalk("8001", 1, "key", 1),
            RatedTalk("8001", None, "", 10),
        ]
        return Window(START - timedelta(hours=1), START), START, talks

    async def linked(self, token: str) -> ContactId | None:
        return ContactId("c-1") if token == TOKEN and not self.given else None

    async def rate(self, contact_id: ContactId, grade: int) -> None:
        self.given.append((contact_id, grade))


@dataclass
class FakeTicketDesk:
    """One ticket that a person works on. ``error``: what the next changes raise."""

    work: Work = field(default_factory=Work)
    error: Exception | None = None

    def words(self) -> Mapping[str, Mapping[str, str]]:
        return {"natures": {"consult": "咨询"}, "topics": {"heating": "供暖"}}

    async def read(self, ticket_no: TicketNo) -> Work:
        if ticket_no != TICKET:
            raise UsageError("there is no such ticket", code="unknown_ticket")
        return self.work

    async def correct(
        self, ticket_no: TicketNo, changes: Mapping[str, str | None], version: int, by: str
    ) -> Work:
        if self.error is not None:
            raise self.error
        self.work = correct(await self.read(ticket_no), changes, version, by, START)
        return self.work

    async def end(self, ticket_no: TicketNo, ending: Standing, version: int, by: str) -> Work:
        self.work = end(await self.read(ticket_no), ending, (), version, by, START)
        return self.work

    async def reopen(self, ticket_no: TicketNo, version: int, by: str) -> Work:
        self.work = reopen(await self.read(ticket_no), version, by, START)
        return self.work


@dataclass
class FakeCallerDesk:
    """One earlier contact of c-1, one article; texts may be replaced by hostile ones."""

    text: str = "社保卡丢失补办"

    async def earlier(self, contact_id: ContactId, limit: int) -> Sequence[EarlierView] | None:
        if contact_id != "c-1":
            return None
        view = EarlierView(
            contact_id="c-0",
            arrived_at=START,
            outcome="answered",
            seat_id="8001",
            talk_s=61.0,
            ticket_no=TICKET,
            topic_name=self.text,
            standing="open",
        )
        return [view]

    def articles(self) -> Sequence[ArticleView]:
        view = ArticleView(
            id="social_card",
            question=self.text,
            words=["社保卡"],
            zh=self.text,
            en="card",
            sms=self.text,
            valid_until=START.date(),
        )
        return [view]


@dataclass
class FakePins:
    """One ticket, of seat 8001. ``made``: how many PINs."""

    made: int = 0

    async def seat_of(self, ticket_no: TicketNo) -> str | None:
        if ticket_no != TICKET:
            raise UsageError("there is no such ticket", code="unknown_ticket")
        return "8001"

    async def replace(self, ticket_no: TicketNo) -> str:
        self.made += 1
        return f"12345{self.made}"
