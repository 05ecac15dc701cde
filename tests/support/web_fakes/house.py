"""All fakes, the ports over them, and the settings."""

from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from prometheus_client import CollectorRegistry

from callcenter.core.ids import SeatId
from callcenter.settings import Settings
from callcenter.web.app import build_app
from callcenter.web.metrics import WebMetrics
from callcenter.web.passwords import Passwords
from callcenter.web.ports import Ports
from callcenter.web.ports.accounts import Account
from callcenter.web.roles import Role
from web_fakes.access import FakeAccounts, FakeAnswers, FakeAudit, FakeSessions
from web_fakes.agents import FakeArticlePost, FakeSeatDays, FakeSuggestions
from web_fakes.beside import FakeBeside
from web_fakes.board import FakeBoard
from web_fakes.callbacks import FakeCallbacks
from web_fakes.citizens import FakeCallerDesk, FakeOutbox, FakePins, FakeRatings, FakeTicketDesk
from web_fakes.cloud import FakeCloud, FakeJoin
from web_fakes.conferences import FakeConferences
from web_fakes.events import FakeEvents
from web_fakes.figures import FakeFigures
from web_fakes.flows import FakeFlows
from web_fakes.foresight import FakeForecast, FakeWhatIf
from web_fakes.guests import FakeGuests
from web_fakes.house_settings import FakeHouse
from web_fakes.notices import FakeNotices
from web_fakes.partner import FakePartner
from web_fakes.phones import FakePhones
from web_fakes.prompts import FakePromptDesk
from web_fakes.quality import FakeQuality, FakeReviews
from web_fakes.readers import (
    FakeContacts,
    FakeGaps,
    FakeLedger,
    FakePeaks,
    FakeRecordings,
    FakeSearch,
    FakeTickets,
    FakeTranscripts,
)
from web_fakes.rebalance import FakeRebalance
from web_fakes.rooms import FakeRooms
from web_fakes.scene import CHEAP, PASSWORD, SOUND, FakeClock
from web_fakes.seats import FakeCare, FakeLine, FakeRecorder, FakeSeats
from web_fakes.shifts import FakeShifts, FakeStaff
from web_fakes.surge import FakeDay, FakeSurge
from web_fakes.surveys import FakeSurveys
from web_fakes.vault import FakeRedo, FakeVault


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
        self.rebalance = FakeRebalance()
        self.guests = FakeGuests()
        self.surveys = FakeSurveys()
        self.cloud, self.join = FakeCloud(), FakeJoin()
        self.notices = FakeNotices()
        self.flows = FakeFlows(self.clock)
        self.staff, self.shifts = FakeStaff(), FakeShifts()
        self.contacts, self.tickets, self.recordings = FakeContacts(), FakeTickets(), FakeRecordings(sound)
        self.search = FakeSearch()
        self.quality = FakeQuality()
        self.recorder = FakeRecorder()
        self.conferences, self.phones, self.beside = FakeConferences(), FakePhones(), FakeBeside()
        self.ticket_desk, self.caller_desk = FakeTicketDesk(), FakeCallerDesk()
        self.article_post = FakeArticlePost()
        self.suggestions = FakeSuggestions()
        self.outbox, self.ratings, self.pins = FakeOutbox(), FakeRatings(), FakePins()
        self.events, self.figures = FakeEvents(), FakeFigures(self.clock)
        self.accounts, self.sessions = FakeAccounts(), FakeSessions()
        self.answers, self.audit = FakeAnswers(), FakeAudit()
        self.registry = CollectorRegistry()
        self.settings = Settings(home=str(self.folder / "home"))
        self.house = FakeHouse(self.settings, self.clock, self.events.append)
        self.prompt_desk = FakePromptDesk()
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
            seat_days=FakeSeatDays(),
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
