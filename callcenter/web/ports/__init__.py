"""What the web needs of the house, and no more. Bootstrap plugs the real things in; tests bring small fakes.

``Ports`` is the whole of it; each topic's protocols stand in the module that is called like its operations in
``callcenter.web.api`` and its answers in ``callcenter.web.views``.

Invariant: readers return numbers as they are; masking happens where an answer is serialized.
"""

from dataclasses import dataclass, field

from callcenter.core.clock import Clock
from callcenter.web.alarm_book import AlarmBook
from callcenter.web.metrics import WebMetrics
from callcenter.web.ports.accounts import Accounts, Answers, Sessions
from callcenter.web.ports.agent import ArticlePost, SeatDays, SuggestionDesk
from callcenter.web.ports.audit import Audit
from callcenter.web.ports.beside import BesidePort, NoBeside
from callcenter.web.ports.board import Board, Health
from callcenter.web.ports.callbacks import CallbackReader, MessageRequests, OwedRequests
from callcenter.web.ports.captions import LiveCaptions, NoCaptions
from callcenter.web.ports.citizens import OutboxDesk, PinDesk, RatingDesk, RatingReader
from callcenter.web.ports.cloud import CloudPort, JoinDoor
from callcenter.web.ports.conference import ConferencePort, NoConferences
from callcenter.web.ports.day import DayPort
from callcenter.web.ports.desk import ArticleReader, CallerHistory
from callcenter.web.ports.events import Events
from callcenter.web.ports.figures import Figures
from callcenter.web.ports.flows import FlowPort
from callcenter.web.ports.forecast import ForecastPort, NoForecast
from callcenter.web.ports.guests import GuestPort
from callcenter.web.ports.house import HousePort
from callcenter.web.ports.ledger import ContactReader, GapReader, LedgerChecker
from callcenter.web.ports.line import LineRequests
from callcenter.web.ports.notices import NoticeDesk
from callcenter.web.ports.partner import NoPartner, PartnerPort
from callcenter.web.ports.phones import NoPhones, PhonePort
from callcenter.web.ports.prompts import NoPrompts, PromptDesk
from callcenter.web.ports.quality import QualityReader, ReviewDesk
from callcenter.web.ports.rebalance import RebalancePort
from callcenter.web.ports.recordings import PeaksReader, RecordingControl, RecordingReader
from callcenter.web.ports.redo import RedoControl
from callcenter.web.ports.rooms import RoomPort
from callcenter.web.ports.search import SearchReader
from callcenter.web.ports.seats import SeatCare, SeatRequests
from callcenter.web.ports.shifts import ShiftPort
from callcenter.web.ports.staff import StaffPort
from callcenter.web.ports.surge import SurgePort
from callcenter.web.ports.surveys import SurveyPort
from callcenter.web.ports.ticket_work import TicketDesk
from callcenter.web.ports.tickets import TicketReader
from callcenter.web.ports.transcripts import TranscriptReader
from callcenter.web.ports.vault import VaultControl
from callcenter.web.ports.what_if import NoWhatIf, WhatIfPort


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
    prompt_desk: PromptDesk = field(default_factory=NoPrompts, kw_only=True)
