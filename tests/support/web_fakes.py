"""A house of small fakes behind the web's ports, and a running server in front of it.

Invariant: a fake keeps what it is told and tells what it keeps; it decides nothing.
"""
# ruff: noqa: D102  each method is described by the port that it stands in for

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
from agent_fakes import FakeArticlePost, FakeSeatDays, FakeSuggestions
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer
from argon2 import PasswordHasher
from beside_fakes import FakeBeside
from citizen_fakes import FakeCallerDesk, FakeOutbox, FakePins, FakeRatings, FakeTicketDesk
from cloud_fakes import FakeCloud, FakeJoin
from conference_fakes import FakeConferences
from days_ahead import FakeForecast, FakeWhatIf
from flow_fakes import FakeFlows
from guest_fakes import FakeGuests
from house_fakes import FakeHouse
from notice_fakes import FakeNotices
from partner_fakes import FakePartner
from phone_fakes import FakePhones
from prometheus_client import CollectorRegistry
from prompt_fakes import FakePromptDesk
from quality_fakes import FakeQuality, FakeReviews
from rebalance_fakes import FakeRebalance
from room_fakes import FakeRooms
from shift_fakes import FakeShifts, FakeStaff
from survey_fakes import FakeSurveys
from vault_fakes import FakeRedo, FakeVault

from callcenter.core.clock import Instant
from callcenter.core.errors import CallcenterError, UsageError
from callcenter.core.ids import ContactId, QueueName, RecordingId, SeatId, TicketNo
from callcenter.core.messages.seats import SeatRequest, SeatState
from callcenter.reports.core.quarters import QuarterHour, by_quarter, quarters_until
from callcenter.reports.core.report import Counting, DayByHour, Report, by_hour
from callcenter.reports.core.rows import ContactRow, DayRows, Gap
from callcenter.reports.core.windows import Window, day_window, parse
from callcenter.settings import Settings
from callcenter.web.app import build_app
from callcenter.web.metrics import WebMetrics
from callcenter.web.passwords import Passwords
from callcenter.web.ports import Ports
from callcenter.web.ports.accounts import Account, KeptAnswer, Session
from callcenter.web.ports.audit import EVERY_ENTRY, AuditEntry, AuditFilter
from callcenter.web.ports.callbacks import CallbackFilter
from callcenter.web.ports.ledger import ContactFilter
from callcenter.web.ports.tickets import TicketFilter
from callcenter.web.roles import Role
from callcenter.web.views import UNMASK, Page
from callcenter.web.views.board import (
    BesideView,
    CallView,
    ComponentView,
    QueueView,
    SeatView,
    StatusView,
    WaitingView,
)
from callcenter.web.views.callbacks import CallbackView
from callcenter.web.views.day import DayView
from callcenter.web.views.events import EventView
from callcenter.web.views.ledger import AuditProofView, AuditView, ContactView, GapView, LedgerReport
from callcenter.web.views.recordings import RecordingView
from callcenter.web.views.search import SearchView, found_view
from callcenter.web.views.seats import RestAnswer, SeatAnswer, SkillsAnswer
from callcenter.web.views.surge import LEVEL_NAMES, OwedView, ProfileView, SurgeSwitchView, SurgeView
from callcenter.web.views.ticket_work import TicketCountsView
from callcenter.web.views.tickets import TicketSummary, TicketView
from callcenter.web.views.transcripts import TranscriptQueueView
from recordings import wav
from recordings.core.peaks import Peaks
from recordings.core.search import Passage, Question
from recordings.core.transcript import Transcript, Word
from recordings.search import Filter, Hit
from recordings.sound import Sound

SHANGHAI = ZoneInfo("Asia/Shanghai")
NUMBER = "13812345678"
MASKED = "138****5678"
PASSWORD = "a long enough secret"
START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
RECORDING = RecordingId("r-1")
SOUND = wav.header(64_000) + bytes(range(256)) * 250
"""Two seconds of two channels."""


class FakeClock:
    """A clock that a test moves; the wall clock moves along."""

    def __init__(self) -> None:
        self._passed_s = 0.0

    def instant(self) -> Instant:
        return Instant(1000.0 + self._passed_s)

    def at(self) -> datetime:
        return START + timedelta(seconds=self._passed_s)

    def advance(self, seconds: float) -> None:
        self._passed_s += seconds


@dataclass
class FakeBoard:
    """A board with one queue, one waiting caller, two seats; texts may be replaced by hostile ones."""

    clock: FakeClock
    text: str = "general"
    beside: BesideView | None = None
    components_: list[ComponentView] = field(
        default_factory=lambda: [
            ComponentView(name="database", state="up", required=True),
            ComponentView(name="ami", state="up", required=True),
            ComponentView(name="redis", state="up", required=False),
        ]
    )

    def components(self) -> list[ComponentView]:
        return self.components_

    def status(self) -> StatusView:
        return StatusView(
            as_of=self.clock.at(),
            seq=3,
            components=self.components_,
            queues=[QueueView(queue=self.text, waiting=1, longest_wait_s=61.5, ready_seats=1)],
            seats=[
                SeatView(seat_id="8001", kind="on_site", state=SeatState.READY, state_s=12.0, reachable=True),
                SeatView(
                    seat_id="8002",
                    kind="on_site",
                    state=SeatState.ON_BREAK,
                    state_s=300.0,
                    reason=self.text,
                    reachable=True,
                    contact_id="c-1",
                ),
            ],
            calls=[
                CallView(
                    contact_id="c-1",
                    citizen=NUMBER,
                    state="waiting",
                    queue=self.text,
                    seat_id=None,
                    duration_s=70.0,
                    beside=self.beside,
                )
            ],
        )

    def waiting(self, queue: QueueName) -> list[WaitingView]:
        if queue != "general":
            raise UsageError("there is no such queue", code="unknown_queue")
        return [WaitingView(contact_id="c-1", citizen=NUMBER, queue=queue, position=1, waited_s=61.5)]


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
class FakeDay:
    """A usual day whose roster does as told. ``asked``: by, why."""

    roster: list[int] = field(default_factory=lambda: [4] * 8 + [17] * 16)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def view(self) -> DayView:
        return DayView(
            day=START.date(),
            roster=self.roster,
            is_usual_roster=not self.asked,
            citizens=[50.0] * 24,
            callback_from="08:00",
            callback_to="21:00",
            talk_s=200.0,
            wrap_up_s=120.0,
            review_s=75.0,
            patience_s=198.0,
        )

    async def change_roster(self, roster: Sequence[int], by: str, why: str) -> DayView:
        self.roster = list(roster)
        self.asked.append((by, why))
        return self.view()


@dataclass
class FakeSurge:
    """A level that does as told, one step back. ``asked``: level, undo, by, why."""

    clock: FakeClock
    level: int = 0
    held: bool = False
    proposal: int | None = 2
    asked: list[tuple[int | None, bool, str, str]] = field(default_factory=list)
    switched: list[SurgeSwitchView] = field(default_factory=list)

    def view(self) -> SurgeView:
        return SurgeView(
            as_of=self.clock.at(),
            level=self.level,
            level_name=LEVEL_NAMES[self.level],
            mode="declared" if self.held else "automatic",
            proposal=self.proposal,
            profile=ProfileView(
                notice=True,
                surveys=False,
                callbacks=True,
                messages=True,
                cloud_seats=True,
                partner=False,
                wrap_up_cap_s=120.0 if self.level else None,
            ),
            load=1.4,
            ewt_s=312.5,
            waiting=12,
            staffed=17,
            free=0,
            owed=OwedView(missed=3, accepted=2, message=1),
        )

    async def ask(self, level: int | None, undo: bool, by: str, why: str) -> None:
        if undo and not self.switched:
            raise UsageError("there is no switch to undo", code="nothing_to_undo")
        old, new = self.level, self.switched[-1].old if undo else (level or 0)
        self.asked.append((level, undo, by, why))
        self.level, self.held, self.proposal = new, level is not None, None
        self.switched.append(
            SurgeSwitchView(
                seq=len(self.switched) + 1,
                at=self.clock.at(),
                old=old,
                new=new,
                new_name=LEVEL_NAMES[new],
                applied=True,
                by=by,
                why=why,
                load=1.4,
                ewt_s=312.5,
                waiting=12,
            )
        )

    async def switches(self, limit: int) -> list[SurgeSwitchView]:
        return self.switched[::-1][:limit]


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
class FakeCallbacks:
    """The message of c-1 and the missed calls that began with c-2. ``reviews``: contact, needs a call, by."""

    reviews: list[tuple[str, bool, str]] = field(default_factory=list)
    closed: list[tuple[str, str, str]] = field(default_factory=list)
    postponed: list[tuple[str, float, str, str]] = field(default_factory=list)
    asked: list[CallbackFilter] = field(default_factory=list)

    def entries(self) -> list[CallbackView]:
        missed = CallbackView(
            contact_id="c-2",
            last_contact_id="c-5",
            citizen=NUMBER,
            ground="missed",
            state="open",
            why="",
            attempts=4,
            tries=1,
            can_be_called=True,
            reviewed=False,
            made_at=START,
            due_at=START,
            tried_at=START,
            closed_at=None,
            ticket_no=None,
        )
        left = {"contact_id": "c-1", "last_contact_id": "c-1", "ground": "message", "attempts": 1, "tries": 0}
        return [missed, missed.model_copy(update=left)]

    async def get(self, contact_id: ContactId) -> CallbackView | None:
        return next((entry for entry in self.entries() if entry.contact_id == contact_id), None)

    async def list(self, which: CallbackFilter, limit: int, offset: int) -> Page[CallbackView]:
        self.asked.append(which)
        found = [
            entry
            for entry in self.entries()
            if which.ground in (None, entry.ground) and which.state in (None, entry.state)
        ]
        return Page(items=found[offset:][:limit], total=2, filtered=len(found))

    async def reviewed(self, contact_id: ContactId, needs_call: bool, by: str) -> None:
        found = await self.get(contact_id)
        if found is None or found.ground != "message":
            raise UsageError("there is no such message", code="unknown_message")
        self.reviews.append((contact_id, needs_call, by))

    async def close(self, contact_id: ContactId, by: str, why: str) -> None:
        await self._require(contact_id)
        self.closed.append((contact_id, by, why))

    async def postpone(self, contact_id: ContactId, delay_s: float, by: str, why: str) -> datetime:
        await self._require(contact_id)
        self.postponed.append((contact_id, delay_s, by, why))
        return START + timedelta(seconds=delay_s)

    async def _require(self, contact_id: ContactId) -> None:
        if await self.get(contact_id) is None:
            raise UsageError("there is no such call-back", code="unknown_callback")


@dataclass
class FakeReaders:
    """One contact, one ticket, one recording."""

    sound: Path
    text: str = "路灯坏了"

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

    def ticket(self) -> TicketView:
        return TicketView(
            ticket_no="20261122-000001",
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


class FakeContacts(FakeReaders):
    """The ledger."""

    async def get(self, contact_id: ContactId) -> ContactView | None:
        return self.contact() if contact_id == "c-1" else None

    async def list(self, which: ContactFilter, limit: int, offset: int) -> Page[ContactView]:
        return Page(items=[self.contact()], total=1, filtered=1)


class FakeTickets(FakeReaders):
    """The tickets."""

    async def get(self, ticket_no: TicketNo) -> TicketView | None:
        return self.ticket() if ticket_no == "20261122-000001" else None

    async def list(self, which: TicketFilter, limit: int, offset: int) -> Page[TicketSummary]:
        full = self.ticket().model_dump(context=UNMASK)
        short = {name: full[name] for name in TicketSummary.model_fields}
        return Page(items=[TicketSummary(**short)], total=1, filtered=1)

    async def counts(self, now: datetime) -> TicketCountsView:
        return TicketCountsView(open=1, answered=0, handed_on=0, late=0, day_old=0, oldest_at=START)


class FakeRecordings(FakeReaders):
    """The vault."""

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
            "20261122-000001",
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


@dataclass
class FakeEvents:
    """A journal in memory. ``oldest``: what was trimmed."""

    oldest: int = 1
    entries: list[EventView] = field(default_factory=list)
    listeners: list[Callable[[EventView], None]] = field(default_factory=list)
    reads: int = 0

    def append(self, type_: str, data: dict[str, Any] | None = None, **subject: str) -> EventView:
        """Journal and tell."""
        seq = self.entries[-1].seq + 1 if self.entries else self.oldest
        event = EventView(seq=seq, id=f"e{seq}", type=type_, at=START, subject=subject, data=data or {})
        self.entries.append(event)
        for listener in list(self.listeners):
            listener(event)
        return event

    async def since(self, seq: int, limit: int) -> Sequence[EventView]:
        self.reads += 1
        return [event for event in self.entries if event.seq > seq][:limit]

    async def bounds(self) -> tuple[int, int]:
        return self.oldest, self.entries[-1].seq if self.entries else self.oldest - 1

    def subscribe(self, listener: Callable[[EventView], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)


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


class FakeGaps:
    """One closed gap."""

    async def list(self, limit: int) -> list[GapView]:
        return [GapView(opened_at=START, closed_at=START, reason="link lost")]


@dataclass
class FakeFigures:
    """Counts what it was given, in Shanghai's time; nobody watched the first minute after ``START``."""

    clock: FakeClock
    contacts: list[ContactRow] = field(default_factory=list)

    async def report(self, window: str) -> Report:
        counting = Counting(parse(window, self.clock.at(), SHANGHAI), self.clock.at())
        counting.add_day(DayRows(self._today(), self.contacts))
        return counting.report(self._gaps())

    async def by_hour(self, day: date | None) -> DayByHour:
        whole = day_window(day, SHANGHAI) if day else self._today()
        return by_hour(whole, self.contacts, self._gaps(), self.clock.at())

    async def by_quarter(self, hours: int) -> list[QuarterHour]:
        window = quarters_until(self.clock.at(), hours)
        return by_quarter(window, self.contacts, self.clock.at())

    def _today(self) -> Window:
        return day_window(self.clock.at().astimezone(SHANGHAI).date(), SHANGHAI)

    def _gaps(self) -> list[Gap]:
        return [Gap(START, START + timedelta(minutes=1), "link lost")]


class FakeLedger:
    """Two books that agree."""

    async def check(self) -> LedgerReport:
        return LedgerReport(clean=True, until=START, contacts=1, book_entries=1, differences=[])


@dataclass
class FakeAccounts:
    """Accounts in memory."""

    by_name: dict[str, Account] = field(default_factory=dict)

    async def find(self, name: str) -> Account | None:
        return self.by_name.get(name)

    async def all(self) -> list[Account]:
        return sorted(self.by_name.values(), key=lambda account: account.name)

    async def any_admin(self) -> bool:
        return any(account.role is Role.ADMIN for account in self.by_name.values())

    async def save(self, account: Account) -> None:
        self.by_name[account.name] = account


@dataclass
class FakeSessions:
    """Sessions in memory. ``error``: what looking one up raises."""

    open_: dict[str, Session] = field(default_factory=dict)
    error: CallcenterError | None = None

    async def open(self, session: Session) -> None:
        self.open_[session.token_hash] = session

    async def find(self, token_hash: str) -> Session | None:
        if self.error is not None:
            raise self.error
        return self.open_.get(token_hash)

    async def all_open(self, at: datetime) -> list[Session]:
        found = [session for session in self.open_.values() if session.expires_at > at]
        return sorted(found, key=lambda session: session.created_at, reverse=True)

    async def revoke(self, token_hash: str) -> None:
        self.open_.pop(token_hash, None)

    async def revoke_all(self, account: str, *, but: str = "") -> None:
        self.open_ = {k: s for k, s in self.open_.items() if s.account != account or k == but}


@dataclass
class FakeAnswers:
    """Kept answers in memory."""

    kept: dict[tuple[str, str], KeptAnswer] = field(default_factory=dict)

    async def find(self, account: str, key: str) -> KeptAnswer | None:
        return self.kept.get((account, key))

    async def keep(self, account: str, key: str, answer: KeptAnswer, at: datetime) -> None:
        self.kept.setdefault((account, key), answer)


@dataclass
class FakeAudit:
    """The book of accesses in memory."""

    entries: list[AuditEntry] = field(default_factory=list)
    asked: list[AuditFilter] = field(default_factory=list)

    async def record(self, entry: AuditEntry) -> None:
        self.entries.append(entry)

    async def list(self, limit: int, offset: int, which: AuditFilter = EVERY_ENTRY) -> Page[AuditView]:
        self.asked.append(which)
        items = [
            AuditView(at=e.at, by=e.by, action=e.action, resource=e.resource, why=e.why)
            for e in self.entries
            if which.by in (None, e.by) and (which.action is None or e.action.startswith(which.action))
        ]
        return Page(items=items[::-1][offset:][:limit], total=len(self.entries), filtered=len(items))

    async def prove(self) -> AuditProofView:
        return AuditProofView(entries=len(self.entries), head="0" * 64, broken_at=None)


@dataclass
class House:
    """All fakes, the ports over them, and the settings."""

    folder: Path

    def __post_init__(self) -> None:
        sound = self.folder / "r-1.wav"
        sound.write_bytes(SOUND)
        self.clock = FakeClock()
        self.board = FakeBoard(self.clock)
        self.partner = FakePartner(self.clock)
        self.seats, self.care = FakeSeats(), FakeCare()
        self.surge, self.line, self.callbacks = FakeSurge(self.clock), FakeLine(), FakeCallbacks()
        self.day = FakeDay()
        self.what_if = FakeWhatIf()
        self.rebalance = FakeRebalance(START)
        self.guests = FakeGuests(NUMBER, START)
        self.surveys = FakeSurveys(NUMBER, START)
        self.cloud, self.join = FakeCloud(NUMBER, START), FakeJoin()
        self.notices = FakeNotices()
        self.flows = FakeFlows(self.clock)
        self.staff, self.shifts = FakeStaff(), FakeShifts()
        self.contacts, self.tickets, self.recordings = (
            FakeContacts(sound),
            FakeTickets(sound),
            FakeRecordings(sound),
        )
        self.search = FakeSearch()
        self.quality = FakeQuality(NUMBER)
        self.recorder = FakeRecorder()
        self.conferences, self.phones, self.beside = FakeConferences(), FakePhones(), FakeBeside()
        self.ticket_desk, self.caller_desk = FakeTicketDesk(), FakeCallerDesk()
        self.article_post = FakeArticlePost()
        self.suggestions = FakeSuggestions("20261122-000001", START)
        self.outbox, self.ratings, self.pins = FakeOutbox(NUMBER, START), FakeRatings(START), FakePins()
        self.events, self.figures = FakeEvents(), FakeFigures(self.clock)
        self.accounts, self.sessions = FakeAccounts(), FakeSessions()
        self.answers, self.audit = FakeAnswers(), FakeAudit()
        self.registry = CollectorRegistry()
        self.settings = Settings(home=str(self.folder / "home"))
        self.house = FakeHouse(self.settings, self.clock, self.events.append)
        self.prompt_desk = FakePromptDesk(START)
        self.ports = Ports(
            clock=self.clock,
            metrics=WebMetrics(self.registry),
            board=self.board,
            health=self.board,
            seats=self.seats,
            contacts=self.contacts,
            tickets=self.tickets,
            ticket_desk=self.ticket_desk,
            history=self.caller_desk,
            articles=self.caller_desk,
            recordings=self.recordings,
            peaks=FakePeaks(),
            recorder=self.recorder,
            conferences=self.conferences,
            phones=self.phones,
            beside=self.beside,
            transcripts=FakeTranscripts(),
            search=self.search,
            events=self.events,
            gaps=FakeGaps(),
            figures=self.figures,
            ledger=FakeLedger(),
            accounts=self.accounts,
            sessions=self.sessions,
            answers=self.answers,
            audit=self.audit,
            surge=self.surge,
            partner=self.partner,
            day=self.day,
            rebalance=self.rebalance,
            what_if=self.what_if,
            forecast=FakeForecast(),
            guests=self.guests,
            surveys=self.surveys,
            cloud=self.cloud,
            join=self.join,
            notices=self.notices,
            flows=self.flows,
            line=self.line,
            callbacks=self.callbacks,
            messages=self.callbacks,
            owed=self.callbacks,
            care=self.care,
            quality=self.quality,
            reviews=FakeReviews(),
            outbox=self.outbox,
            ratings=self.ratings,
            rating_desk=self.ratings,
            pins=self.pins,
            vault=FakeVault(),
            redo=FakeRedo(),
            staff=self.staff,
            shifts=self.shifts,
            suggestions=self.suggestions,
            seat_days=FakeSeatDays(START),
            article_post=self.article_post,
            house=self.house,
            rooms=FakeRooms(self.prompt_desk),
            prompt_desk=self.prompt_desk,
        )

    def add_account(self, role: Role, *, seat_id: str | None = None) -> str:
        """An account named like its role."""
        self.accounts.by_name[role.value] = Account(
            role.value, role, CHEAP.hash(PASSWORD), seat_id=SeatId(seat_id) if seat_id else None
        )
        return role.value

    def build(self, *, is_control: bool = False) -> web.Application:
        """The application over the fakes."""
        return build_app(self.ports, self.settings, is_control=is_control, passwords=Passwords(CHEAP))


@dataclass
class Browser:
    """Somebody at a web server: by bearer token, by cookie, or a stranger."""

    server: BaseTestServer
    http: aiohttp.ClientSession
    headers: dict[str, str] = field(default_factory=dict)

    async def ask(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        headers: dict[str, str] | None = None,
        data: Any = None,
    ) -> tuple[int, Any]:
        """Status and parsed answer (or text, or ``None``)."""
        answer = await self.raw(method, path, json=json, headers=headers, data=data)
        body = await answer.read()
        if answer.content_type == "application/json" and body:
            return answer.status, await answer.json()
        return answer.status, body.decode(errors="replace") or None

    async def raw(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        headers: dict[str, str] | None = None,
        data: Any = None,
    ) -> aiohttp.ClientResponse:
        """The answer itself, read to its end: the connection is free again."""
        url = path if path.startswith("/api/") or path in PROBES else f"/api/v1{path}"
        answer = await self.http.request(
            method,
            self.server.make_url(url),
            json=json,
            data=data,
            headers={**self.headers, **(headers or {})},
        )
        await answer.read()
        return answer

    async def get(self, path: str) -> tuple[int, Any]:
        """``GET``."""
        return await self.ask("GET", path)

    async def post(self, path: str, json: Any = None, **headers: str) -> tuple[int, Any]:
        """``POST``; header names with ``_`` for ``-``."""
        return await self.ask(
            "POST",
            path,
            json=json,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )


PROBES = ("/", "/healthz", "/readyz", "/metrics")


@asynccontextmanager
async def browsing(house: House, role: Role | None = None, *, by: str = "token") -> AsyncIterator[Browser]:
    """A server on a free port and somebody signed in there. ``by``: ``token`` or ``cookie``."""
    async with TestServer(house.build()) as server, _client() as http:
        browser = Browser(server, http)
        if role is not None:
            await sign_in(house, browser, role, by=by)
        yield browser


def _client() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))


async def sign_in(house: House, browser: Browser, role: Role, *, by: str = "token") -> None:
    """Sign in with an account of this role, making it if need be."""
    if role.value not in house.accounts.by_name:
        house.add_account(role)
    credentials = {"name": role.value, "password": PASSWORD, "kind": by}
    status, answer = await browser.post("/session", credentials)
    assert status == 201, answer
    if by == "token":
        browser.headers["Authorization"] = f"Bearer {answer['token']}"
    else:
        browser.headers["X-CSRF-Token"] = answer["csrf"]
