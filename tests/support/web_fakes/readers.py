"""What was written down: one contact, one ticket, one recording with its words."""
# ruff: noqa: D102  each method is described by the port that it stands in for

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from callcenter.core.ids import ContactId, RecordingId, SeatId, TicketNo
from callcenter.web.ports.ledger import ContactFilter
from callcenter.web.ports.tickets import TicketFilter
from callcenter.web.views import UNMASK, Page
from callcenter.web.views.ledger import ContactView, GapView, LedgerReport
from callcenter.web.views.recordings import RecordingView
from callcenter.web.views.search import SearchView, found_view
from callcenter.web.views.ticket_work import TicketCountsView
from callcenter.web.views.tickets import TicketSummary, TicketView
from callcenter.web.views.transcripts import TranscriptQueueView
from recordings.core.peaks import Peaks
from recordings.core.search import Passage, Question
from recordings.core.transcript import Transcript, Word
from recordings.search import Filter, Hit
from recordings.sound import Sound
from web_fakes.scene import NUMBER, RECORDING, START, TICKET


class FakeContacts:
    """One contact."""

    def contact(self) -> ContactView:
        return ContactView(
            contact_id="c-1",
            citizen=NUMBER,
            called="12345",
            source="controller",
            state="ended",
            outcome="answered",
            arrived_at=START,
            queued_at=START,
            answered_at=START,
            ended_at=START,
            queue="general",
            seat_id="8001",
            wait_s=0.0,
            talk_s=0.0,
            statement=f"市民：暖气不热，我的电话是{NUMBER}。",
        )

    async def get(self, contact_id: ContactId) -> ContactView | None:
        return self.contact() if contact_id == "c-1" else None

    async def list(self, which: ContactFilter, limit: int, offset: int) -> Page[ContactView]:
        return Page(items=[self.contact()], total=1, filtered=1)


@dataclass
class FakeTickets:
    """One ticket; its text may be replaced by a hostile one."""

    text: str = "路灯坏了"

    def ticket(self) -> TicketView:
        return TicketView(
            ticket_no=TICKET,
            contact_id="c-1",
            state="ready",
            citizen=NUMBER,
            created_at=START,
            queue="general",
            seat_id="8001",
            nature="help",
            topic="street_light",
            topic_name=self.text,
            nature_words=[self.text],
            topic_words=[self.text],
            transcript_state="done",
            transcript=self.text,
            recognizer="demo",
            is_demo_model=True,
            problems=[],
            recording_id=RECORDING,
            completed_at=START,
        )

    async def get(self, ticket_no: TicketNo) -> TicketView | None:
        return self.ticket() if ticket_no == TICKET else None

    async def list(self, which: TicketFilter, limit: int, offset: int) -> Page[TicketSummary]:
        full = self.ticket().model_dump(context=UNMASK)
        short = {name: full[name] for name in TicketSummary.model_fields}
        return Page(items=[TicketSummary(**short)], total=1, filtered=1)

    async def counts(self, now: datetime) -> TicketCountsView:
        return TicketCountsView(open=1, answered=0, handed_on=0, late=0, day_old=0, oldest_at=START)


@dataclass
class FakeRecordings:
    """One recording in a file."""

    sound: Path

    async def get(self, recording_id: RecordingId) -> RecordingView | None:
        if recording_id != RECORDING:
            return None
        return RecordingView(
            recording_id=RECORDING,
            contact_id="c-1",
            state="sealed",
            seconds=1.0,
            expected_s=1.0,
            short_by_s=0.0,
            reason="",
            sha256="00",
            sealed_at=START,
        )

    async def media(self, recording_id: RecordingId) -> Sound | None:
        if recording_id != RECORDING or not self.sound.exists():
            return None
        content = self.sound.read_bytes()
        return Sound(lambda at, length: content[at : at + length], len(content), lambda: None)


class FakePeaks:
    """One waveform."""

    async def of(self, recording_id: RecordingId) -> Peaks | None:
        return Peaks(bytes([0, 255]), bytes([7, 8])) if recording_id == RECORDING else None


class FakeTranscripts:
    """Half an hour of sound waits; one recording was transcribed, with a number in it."""

    async def of(self, recording_id: RecordingId) -> list[Transcript]:
        words = (Word("一三八零零零零", 1.0, 2.0, 0.9), Word("一二三四", 4.0, 5.0, 0.9))
        return [Transcript(recording_id, "demo", True, 5.0, words, ())] if recording_id == RECORDING else []

    async def queue(self) -> TranscriptQueueView:
        return TranscriptQueueView(
            waiting=7,
            running=1,
            parked=0,
            done_today=12,
            sound_done_today_s=2880.0,
            sound_left_s=1800.0,
            rate=9.0,
            eta_s=200.0,
        )


@dataclass
class FakeSearch:
    """One call in which everything was said; keeps what was looked for."""

    text: str = "暖气"
    asked: list[tuple[Question, Filter, int, int]] = field(default_factory=list)

    async def find(self, question: Question, which: Filter, limit: int, offset: int) -> SearchView:
        self.asked.append((question, which, limit, offset))
        passage = Passage("citizen", 12.5, 13.0, "我家", self.text, "停了")
        hit = Hit(
            RECORDING,
            ContactId("c-1"),
            START,
            NUMBER,
            SeatId("8001"),
            "answered",
            TICKET,
            "heating",
            "help",
            81.0,
            "demo",
            True,
            [passage],
        )
        return SearchView(
            items=[found_view(hit, "供暖")],
            found=1,
            is_more=False,
            words=[phrase.strip() for phrase in question.wanted],
            without=[phrase.strip() for phrase in question.unwanted],
        )


class FakeGaps:
    """One closed gap."""

    async def list(self, limit: int) -> list[GapView]:
        return [GapView(opened_at=START, closed_at=START, reason="link lost")]


class FakeLedger:
    """Two books that agree."""

    async def check(self) -> LedgerReport:
        return LedgerReport(clean=True, until=START, contacts=1, book_entries=1, differences=[])
