"""What the web needs of the house, and no more. Bootstrap plugs the real things in; tests bring small fakes.

Invariant: readers return numbers as they are; masking happens where an answer is serialized.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from callcenter.core.clock import Clock
from callcenter.core.ids import ContactId, QueueName, RecordingId, SeatId, TicketNo
from callcenter.core.messages.seats import SeatRequest
from callcenter.reports.core.quarters import QuarterHour
from callcenter.reports.core.report import DayByHour, Report
from callcenter.web.agent_ports import ArticlePost, SeatDays, SuggestionDesk
from callcenter.web.alarm_book import AlarmBook
from callcenter.web.beside_ports import BesidePort, NoBeside
from callcenter.web.caption_ports import LiveCaptions, NoCaptions
from callcenter.web.citizen_ports import OutboxDesk, PinDesk, RatingDesk, RatingReader
from callcenter.web.cloud_ports import CloudPort, JoinDoor
from callcenter.web.conference_ports import ConferencePort, NoConferences
from callcenter.web.desk_ports import ArticleReader, CallerHistory
from callcenter.web.flow_ports import FlowPort
from callcenter.web.forecast_ports import ForecastPort, NoForecast
from callcenter.web.guest_ports import GuestPort
from callcenter.web.house_ports import HousePort
from callcenter.web.metrics import WebMetrics
from callcenter.web.partner_ports import NoPartner, PartnerPort
from callcenter.web.phone_ports import NoPhones, PhonePort
from callcenter.web.quality_ports import QualityReader, ReviewDesk
from callcenter.web.rebalance_ports import RebalancePort
from callcenter.web.redo_ports import RedoControl
from callcenter.web.roles import Role
from callcenter.web.room_ports import RoomPort
from callcenter.web.shift_ports import ShiftPort, StaffPort
from callcenter.web.survey_ports import SurveyPort
from callcenter.web.ticket_ports import TicketDesk
from callcenter.web.vault_ports import VaultControl
from callcenter.web.views import Page
from callcenter.web.views.board import ComponentView, StatusView, WaitingView
from callcenter.web.views.callbacks import CallbackView
from callcenter.web.views.day import DayView
from callcenter.web.views.events import EventView
from callcenter.web.views.ledger import AuditProofView, AuditView, ContactView, GapView, LedgerReport
from callcenter.web.views.notices import NoticeView
from callcenter.web.views.recordings import RecordingView
from callcenter.web.views.search import SearchView
from callcenter.web.views.seats import RestAnswer, SeatAnswer, SkillsAnswer
from callcenter.web.views.surge import SurgeSwitchView, SurgeView
from callcenter.web.views.ticket_work import TicketCountsView
from callcenter.web.views.tickets import TicketSummary, TicketView
from callcenter.web.views.transcripts import TranscriptQueueView
from callcenter.web.what_if_ports import NoWhatIf, WhatIfPort
from recordings.core.peaks import Peaks
from recordings.core.search import Question
from recordings.core.transcript import Transcript
from recordings.search import Filter
from recordings.vault import Sound


@dataclass(frozen=True, slots=True)
class Account:
    """Who may sign in. ``seat_id``: the seat that an agent may speak for.

    ``totp_secret``: of one-time codes, ``""``: none are asked for; ``totp_pending``: not confirmed yet; ``totp_step``: of the
    last code used. ``subject``: issuer and person at the identity provider; ``""``: signs in by password.
    """

    name: str
    role: Role
    password_hash: str
    must_change_password: bool = False
    seat_id: SeatId | None = None
    totp_secret: str = field(default="", repr=False)
    totp_pending: str = field(default="", repr=False)
    totp_step: int = 0
    is_disabled: bool = False
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in that lasts. Only the SHA-256 of its token is kept. ``address``, ``program``: whence, and with what."""

    token_hash: str
    account: str
    created_at: datetime
    expires_at: datetime
    address: str = ""
    program: str = ""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The answer to a mutating call, kept under its ``Idempotency-Key``. ``request_sha256``: what was asked."""

    request_sha256: str
    status: int
    body: str


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An access to personal data, or a change of who may access it."""

    at: datetime
    by: str
    action: str
    resource: str
    why: str


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries. ``action``: exact, or ``session.`` for all that begin so; ``of``: part of the resource; ``None``: any."""

    by: str | None = None
    action: str | None = None
    of: str | None = None
    at_from: datetime | None = None
    at_until: datetime | None = None


EVERY_ENTRY = AuditFilter()


@dataclass(frozen=True, slots=True)
class ContactFilter:
    """Which contacts. ``arrived_from`` inclusive, ``arrived_until`` exclusive; ``None``: any."""

    arrived_from: datetime | None = None
    arrived_until: datetime | None = None
    outcome: str | None = None
    queue: str | None = None
    seat_id: str | None = None


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """Which tickets; ``None``: any. ``standing``: ``open``, ``answered`` or ``handed_on``.

    ``nature``, ``topic``: as corrected. ``before``, ``due_before``: made, due before that. ``oldest_first``: their order.
    """

    state: str | None = None
    contact_id: str | None = None
    standing: str | None = None
    nature: str | None = None
    topic: str | None = None
    before: datetime | None = None
    due_before: datetime | None = None
    oldest_first: bool = False


@dataclass(frozen=True, slots=True)
class CallbackFilter:
    """Which of the calls that we owe or owed; ``None``: any. ``state``: ``open`` or ``closed``."""

    state: str | None = None
    ground: str | None = None


class Board(Protocol):
    """The live state, from memory."""

    def status(self) -> StatusView:
        """Everything at once."""

    def waiting(self, queue: QueueName) -> list[WaitingView]:
        """Who waits, first come first.

        Raises:
            UsageError: ``unknown_queue``.
        """


class SeatRequests(Protocol):
    """Asks something of a seat."""

    async def ask(self, seat_id: SeatId, request: SeatRequest, reason: str, by: str) -> SeatAnswer:
        """Ask, and say when it takes effect.

        Raises:
            UsageError: ``unknown_seat``, or the seat's state forbids it.
        """


class SeatCare(Protocol):
    """What a shift manager settles for a seat, beside its state."""

    async def rest(self, seat_id: SeatId, by: str) -> RestAnswer:
        """The citizen was abusive: let the seat rest after the call.

        Raises:
            UsageError: ``unknown_seat``.
        """

    async def assign_skills(self, seat_id: SeatId, skills: Sequence[QueueName], by: str) -> SkillsAnswer:
        """Let these queues ring the seat first; none: every queue alike.

        Raises:
            UsageError: ``unknown_seat``, or ``unknown_queue``: a skill that is no queue.
        """


class SurgePort(Protocol):
    """The surge level: what holds, who switches it, what was switched."""

    def view(self) -> SurgeView:
        """What holds now, and the figures behind it."""

    async def ask(self, level: int | None, undo: bool, by: str, why: str) -> None:
        """Declare ``level`` (0 to 3), hand it back to the figures (``None``), or ``undo`` the last switch.

        Raises:
            UsageError: nothing to undo.
        """

    async def switches(self, limit: int) -> list[SurgeSwitchView]:
        """The newest ``limit`` switches and proposals, newest first."""


class DayPort(Protocol):
    """Today's plan: roster and forecast."""

    def view(self) -> DayView:
        """What holds now.

        Raises:
            PeerError: ``no_plan``, in the first moment after the start.
        """

    async def change_roster(self, roster: Sequence[int], by: str, why: str) -> DayView:
        """Plan today anew with these seats in each of its 24 hours; it holds until midnight, also over a restart."""


class NoticeDesk(Protocol):
    """Hot-topic notices: one is on air, or none."""

    async def put(self, text: str, hours: float, by: str) -> NoticeView:
        """Speak it and put it on air in place of the one before.

        Raises:
            UsageError: ``bad_notice``, or ``unspeakable``: the voice cannot say it.
            PeerError: ``voice_failed``; the one before stays.
        """

    async def withdraw(self, notice_id: int, by: str) -> NoticeView:
        """Take it off the air.

        Raises:
            UsageError: ``unknown_notice``, or ``wrong_notice_state``: it is not on air any more.
        """

    async def list(self, limit: int) -> list[NoticeView]:
        """The newest ``limit``, newest first."""


class LineRequests(Protocol):
    """Moves those who wait."""

    async def prioritize(
        self, queue: QueueName, contact_id: ContactId, urgent: bool, by: str, why: str
    ) -> None:
        """Move a waiting caller to the head of the line (``urgent``), or back among the others.

        Raises:
            UsageError: ``unknown_queue``, or ``unknown_contact``: he does not wait there.
        """


class CallbackReader(Protocol):
    """The missed-call list and what else was promised, one entry a number."""

    async def get(self, contact_id: ContactId) -> CallbackView | None:
        """What the contact led to."""

    async def list(self, which: CallbackFilter, limit: int, offset: int) -> Page[CallbackView]:
        """Newest first."""


class MessageRequests(Protocol):
    """Voice messages that people make tickets of."""

    async def reviewed(self, contact_id: ContactId, needs_call: bool, by: str) -> None:
        """The message of ``contact_id`` is a ticket. ``needs_call``: a question was left open.

        Raises:
            UsageError: ``unknown_message``, or it was reviewed already (``wrong_message_state``).
        """


class OwedRequests(Protocol):
    """What is owed, changed by hand."""

    async def close(self, contact_id: ContactId, by: str, why: str) -> None:
        """Close what ``contact_id`` led to.

        Raises:
            UsageError: ``unknown_callback``; ``wrong_callback_state``: closed already, or somebody works on it right now.
        """

    async def postpone(self, contact_id: ContactId, delay_s: float, by: str, why: str) -> datetime:
        """Have the citizen called not before ``delay_s`` seconds (> 0) from now; that time.

        Raises:
            UsageError: as for :meth:`close`; ``wrong_callback_state`` also where nobody is called by us.
        """


class ContactReader(Protocol):
    """The ledger."""

    async def get(self, contact_id: ContactId) -> ContactView | None:
        """One contact."""

    async def list(self, which: ContactFilter, limit: int, offset: int) -> Page[ContactView]:
        """Contacts, newest first."""


class TicketReader(Protocol):
    """Tickets."""

    async def get(self, ticket_no: TicketNo) -> TicketView | None:
        """One ticket."""

    async def list(self, which: TicketFilter, limit: int, offset: int) -> Page[TicketSummary]:
        """Tickets, newest first."""

    async def counts(self, now: datetime) -> TicketCountsView:
        """How many there are by how far a person is, and how old the open ones are."""


class RecordingReader(Protocol):
    """Recordings, by row id and never by path."""

    async def get(self, recording_id: RecordingId) -> RecordingView | None:
        """One recording."""

    async def media(self, recording_id: RecordingId) -> Sound | None:
        """Its sound, opened (its methods block: call them in a thread, and close it); ``None`` when there is none."""


class PeaksReader(Protocol):
    """Waveforms of recordings."""

    async def of(self, recording_id: RecordingId) -> Peaks | None:
        """Of one; ``None`` when it has no sound."""


class RecordingControl(Protocol):
    """Recordings of running calls."""

    def seat_of(self, contact_id: ContactId) -> SeatId | None:
        """Who talks in this call."""

    async def pause(self, contact_id: ContactId, by: str, reason: str) -> None:
        """Keep nothing of what is said from now on; returns when it is so.

        Raises:
            UsageError: ``unknown_call``, ``wrong_recording_state``.
            PeerError: Asterisk did not answer: count on it being recorded.
        """

    async def resume(self, contact_id: ContactId, by: str, reason: str) -> None:
        """Record again.

        Raises:
            UsageError: ``unknown_call``, ``wrong_recording_state``.
            PeerError: Asterisk did not answer: ask again.
        """


class TranscriptReader(Protocol):
    """What was made of recordings."""

    async def of(self, recording_id: RecordingId) -> Sequence[Transcript]:
        """Every model's transcript of a recording, the one in use first."""

    async def queue(self) -> TranscriptQueueView:
        """How far transcription is."""


class SearchReader(Protocol):
    """Full text over what was said."""

    async def find(self, question: Question, which: Filter, limit: int, offset: int) -> SearchView:
        """The calls in which it was said, newest first."""


class Events(Protocol):
    """The journal and its live end."""

    async def since(self, seq: int, limit: int) -> Sequence[EventView]:
        """At most ``limit`` entries after ``seq``, in order and without holes."""

    async def bounds(self) -> tuple[int, int]:
        """Oldest and newest seq kept; ``(1, 0)`` when there is none."""

    def subscribe(self, listener: Callable[[EventView], None]) -> Callable[[], None]:
        """Call ``listener`` with each new entry, in order; the answer ends that."""


class GapReader(Protocol):
    """Times without events."""

    async def list(self, limit: int) -> list[GapView]:
        """Newest first."""


class LedgerChecker(Protocol):
    """Compares the two books."""

    async def check(self) -> LedgerReport:
        """Every difference, named."""


class Health(Protocol):
    """The state of every component."""

    def components(self) -> list[ComponentView]:
        """All of them, each time in the same order."""


class Accounts(Protocol):
    """Who may sign in."""

    async def find(self, name: str) -> Account | None:
        """One account."""

    async def all(self) -> list[Account]:
        """Everybody, by name."""

    async def any_admin(self) -> bool:
        """Whether anybody could administer the house."""

    async def save(self, account: Account) -> None:
        """Add or replace."""


class Sessions(Protocol):
    """Open sessions."""

    async def open(self, session: Session) -> None:
        """Keep a new one."""

    async def find(self, token_hash: str) -> Session | None:
        """One that was opened and not revoked; the caller looks at its expiry."""

    async def all_open(self, at: datetime) -> list[Session]:
        """Those that may be used at ``at``, newest first."""

    async def revoke(self, token_hash: str) -> None:
        """End one."""

    async def revoke_all(self, account: str, *, but: str = "") -> None:
        """End all of an account except the one with token hash ``but``."""


class Answers(Protocol):
    """Kept answers, by account and key."""

    async def find(self, account: str, key: str) -> KeptAnswer | None:
        """The answer under this key."""

    async def keep(self, account: str, key: str, answer: KeptAnswer, at: datetime) -> None:
        """Keep an answer; the first one under a key stays."""


class Audit(Protocol):
    """The book of accesses."""

    async def record(self, entry: AuditEntry) -> None:
        """Write; when this fails, the access must not happen."""

    async def list(self, limit: int, offset: int, which: AuditFilter = EVERY_ENTRY) -> Page[AuditView]:
        """Newest first."""

    async def prove(self) -> AuditProofView:
        """Whether its chain is whole."""


class Figures(Protocol):
    """The indicators."""

    async def report(self, window: str) -> Report:
        """All figures of a window, written as :func:`callcenter.reports.core.windows.parse` takes it.

        Raises:
            UsageError: ``bad_window``.
        """

    async def by_hour(self, day: date | None) -> DayByHour:
        """A calendar day hour by hour; ``None``: today.

        Raises:
            UsageError: ``bad_window``: the day has not begun.
        """

    async def by_quarter(self, hours: int) -> Sequence[QuarterHour]:
        """The last ``hours`` (1 to 24), quarter by quarter."""


@dataclass(frozen=True)
class Ports:
    """Everything that the web is plugged into."""

    clock: Clock
    metrics: WebMetrics
    board: Board
    health: Health
    seats: SeatRequests
    contacts: ContactReader
    tickets: TicketReader
    ticket_desk: TicketDesk
    history: CallerHistory
    articles: ArticleReader
    recordings: RecordingReader
    peaks: PeaksReader
    recorder: RecordingControl
    transcripts: TranscriptReader
    search: SearchReader
    events: Events
    gaps: GapReader
    figures: Figures
    ledger: LedgerChecker
    accounts: Accounts
    sessions: Sessions
    answers: Answers
    audit: Audit
    surge: SurgePort
    day: DayPort
    rebalance: RebalancePort
    guests: GuestPort
    surveys: SurveyPort
    notices: NoticeDesk
    line: LineRequests
    callbacks: CallbackReader
    messages: MessageRequests
    owed: OwedRequests
    care: SeatCare
    quality: QualityReader
    reviews: ReviewDesk
    outbox: OutboxDesk
    ratings: RatingReader
    rating_desk: RatingDesk
    pins: PinDesk
    vault: VaultControl
    redo: RedoControl
    flows: FlowPort
    cloud: CloudPort
    join: JoinDoor
    staff: StaffPort
    shifts: ShiftPort
    suggestions: SuggestionDesk
    seat_days: SeatDays
    article_post: ArticlePost
    alarms: AlarmBook = field(default_factory=AlarmBook, kw_only=True)
    house: HousePort
    rooms: RoomPort
    captions: LiveCaptions = field(default_factory=NoCaptions, kw_only=True)
    what_if: WhatIfPort = field(default_factory=NoWhatIf, kw_only=True)
    forecast: ForecastPort = field(default_factory=NoForecast, kw_only=True)
    partner: PartnerPort = field(default_factory=NoPartner, kw_only=True)
    beside: BesidePort = field(default_factory=NoBeside, kw_only=True)
    conferences: ConferencePort = field(default_factory=NoConferences, kw_only=True)
    phones: PhonePort = field(default_factory=NoPhones, kw_only=True)
