"""What the web is given: the ports behind every endpoint, the board, the state of every part."""

import asyncio
import shutil
from typing import TYPE_CHECKING

from callcenter.asterisk.books import cdr_path, cel_path, read_cdr, read_cel
from callcenter.beside.desk import BesideDesk
from callcenter.board import LiveBoard, SeatDesk
from callcenter.bootstrap import cloud_seats, mutual_aid
from callcenter.bootstrap.foresight import foresight
from callcenter.bootstrap.shifts import desks as shift_desks
from callcenter.caller_desk import ArticleShelf, SqlCallerHistory
from callcenter.citizen_desk import PinDesk, RatingDesk, SqlOutbox
from callcenter.conference_desk import ConferenceDesk
from callcenter.core.clock import Clock
from callcenter.core.ids import QueueName, SeatId
from callcenter.engines import line_limits
from callcenter.flow_desk import FlowDesk, prompt_texts
from callcenter.guests.desk import GuestDesk
from callcenter.house.rooms import HouseRooms
from callcenter.phone_desk import PhoneDesk
from callcenter.quality.desk import SqlQuality, SqlReviews
from callcenter.rebalance.desk import RebalanceDesk
from callcenter.recording_desk import RecordingDesk
from callcenter.reports.figures import Lane, SqlFigures
from callcenter.reports.ratings import SqlRatings
from callcenter.seat_days import SqlSeatDays
from callcenter.settings import Settings
from callcenter.staff.desk import duty_view
from callcenter.steering_desk import CareDesk, DayDesk, LineDesk, MessageDesk, OwedDesk, SurgeDesk
from callcenter.store import ledger_check
from callcenter.store.accounts import SqlAccounts, SqlAnswers, SqlAudit, SqlSessions
from callcenter.store.database import Database
from callcenter.suggestion_desk import SuggestionDesk
from callcenter.surveys.desk import SurveyDesk
from callcenter.ticket_desk import TicketDesk
from callcenter.vault.desk import VaultDesk
from callcenter.vault.redo import RedoDesk
from callcenter.web.metrics import WebMetrics
from callcenter.web.ports import Ports as WebPorts
from callcenter.web.readers.callbacks import SqlCallbacks
from callcenter.web.readers.ledger import SqlContacts, SqlGaps
from callcenter.web.readers.peaks import KeptPeaks
from callcenter.web.readers.recordings import SqlRecordings
from callcenter.web.readers.search import SqlSearch
from callcenter.web.readers.surge import SurgeLog
from callcenter.web.readers.tickets import SqlTickets
from callcenter.web.readers.transcripts import SqlTranscripts
from callcenter.web.views.board import ComponentView
from callcenter.web.views.ledger import LedgerReport
from recordings.recorders import Recorders

if TYPE_CHECKING:
    from callcenter.bootstrap.cell import Cell


def web_ports(cell: "Cell") -> WebPorts:
    """The port behind every endpoint."""
    figures = SqlFigures(cell.database, cell.clock, cell.zone)
    database, controller, engines = cell.database, cell.controller, cell.engines
    owed = SqlCallbacks(database)
    staff_desk, shift_desk = shift_desks(cell)
    return WebPorts(
        clock=cell.clock,
        metrics=WebMetrics(cell.registry),
        board=board(cell),
        health=cell,
        seats=SeatDesk(controller, engines.seats),
        care=CareDesk(controller, engines.seats),
        cloud=cloud_seats.desk(cell),
        join=cloud_seats.links(cell),
        surge=SurgeDesk(controller, engines.steering.overview, SurgeLog(database), cell.clock),
        day=DayDesk(controller, cell.planner, cell.settings.day.roster),
        rebalance=rebalancing(cell),
        guests=GuestDesk(
            controller, engines.call_days, database, cell.writer, cell.clock, cell.catalog.topics.names
        ),
        surveys=SurveyDesk(
            controller,
            engines.surveying,
            engines.rebalancing,
            database,
            cell.writer,
            cell.clock,
            lambda: cell.planner.today,
            cell.can_be_called,
        ),
        notices=cell.notices,
        what_if=cell.what_if,
        forecast=foresight(cell),
        flows=FlowDesk(cell.shelf, cell.writer, database, cell.clock, prompt_texts(cell.settings)),
        line=LineDesk(controller, engines.line),
        callbacks=owed,
        messages=MessageDesk(controller, owed),
        owed=OwedDesk(controller, owed, cell.clock),
        contacts=SqlContacts(database),
        tickets=SqlTickets(database, cell.catalog.topics.names),
        history=SqlCallerHistory(database, cell.catalog.topics.names),
        articles=ArticleShelf(cell.self_service.articles, cell.clock, cell.zone),
        ticket_desk=TicketDesk(cell.writer, database, cell.catalog, cell.clock, cell.zone),
        recordings=SqlRecordings(database, cell.capture.vault),
        peaks=KeptPeaks(database, cell.capture.vault),
        recorder=RecordingDesk(
            controller, engines.contacts, engines.pauses, Recorders(cell.actor), cell.writer.flush
        ),
        captions=cell.captions,
        transcripts=SqlTranscripts(database, cell.clock, cell.zone),
        search=SqlSearch(database, cell.catalog.topics.names),
        events=cell.events,
        gaps=SqlGaps(database),
        figures=figures,
        partner=mutual_aid.port(cell, figures),
        conferences=ConferenceDesk(controller, cell.settings.reachable_departments),
        beside=BesideDesk(controller),
        phones=PhoneDesk(
            cell.settings,
            cell.asterisk_ports,
            controller,
            engines.seats,
            engines.line_checks,
            line_limits(cell.settings),
            cell.check_news,
        ),
        ledger=_Ledger(cell.settings, database, cell.clock),
        accounts=SqlAccounts(database),
        sessions=SqlSessions(database),
        answers=SqlAnswers(database),
        audit=SqlAudit(database),
        quality=SqlQuality(database, cell.quality.rules, cell.catalog.topics.names),
        reviews=SqlReviews(database, cell.quality.cards, cell.clock, cell.zone),
        outbox=SqlOutbox(database, cell.outbox),
        ratings=SqlRatings(database, cell.clock, cell.zone),
        rating_desk=RatingDesk(database, controller, cell.writer, cell.clock),
        pins=PinDesk(cell.writer, database, cell.letters.pins, cell.clock),
        vault=VaultDesk(cell.capture.vault, database, cell.clock, cell.zone, cell.benches["vault"].start),
        redo=RedoDesk(cell.clock, cell.benches["redo"].start),
        staff=staff_desk,
        shifts=shift_desk,
        suggestions=SuggestionDesk(
            database,
            cell.catalog,
            cell.captions.memory,
            lambda: cell.captions.is_demo,
            cell.zone,
            cell.self_service.articles,
            cell.clock,
        ),
        article_post=cell.self_service,
        seat_days=SqlSeatDays(database, cell.clock, cell.zone, Lane(cell.clock)),
        house=cell.house,
        prompt_desk=cell.prompts,
        rooms=HouseRooms(lambda: cell.house.settings, cell.shelf, prompt_texts(cell.settings)),
    )


def rebalancing(cell: "Cell") -> RebalanceDesk:
    """Who moves seats between groups and duties."""
    return RebalanceDesk(
        cell.controller,
        cell.engines.rebalancing,
        cell.engines.seats,
        [QueueName(queue) for queue in cell.settings.line.queues],
        frozenset(SeatId(seat) for seat in cell.settings.seats.cloud()),
        cell.database,
        cell.writer,
        cell.clock,
        lambda: cell.planner.today,
        what_if=lambda: cell.what_if,
    )


def board(cell: "Cell") -> LiveBoard:
    """What everybody sees right now."""
    return LiveBoard(
        cell.engines.contacts,
        cell.engines.seats,
        cell.engines.line,
        cell.clock,
        frozenset(SeatId(seat) for seat in cell.settings.seats.cloud()),
        cell.components,
        lambda: cell.watch.has_truth,
        lambda: cell.last_seq,
        cell.engines.cloud.counts,
        lambda: duty_view(cell.engines.presence.overview(cell.clock.instant()), cell.clock.at()),
        cell.engines.pauses.is_paused,
        cell.engines.listening.of,
    )


def components(cell: "Cell") -> list[ComponentView]:
    """The state of every part, for ``/readyz`` and the board."""
    free_mb = shutil.disk_usage(cell.settings.home_path).free // 2**20
    trouble = cell.writer.trouble
    return [
        _component("asterisk", cell.watch.has_truth and cell.actor.is_up),
        _component("database", trouble is None, trouble.code if trouble else ""),
        _component("redis", cell.live.is_up, required=False),
        _component("speech", cell.transcriber is not None, required=False),
        _component("captions", not cell.captions.is_short, cell.captions.why_none, required=False),
        _component("quality", not cell.quality.trouble, cell.quality.trouble, required=False),
        _component("flows", not cell.shelf.trouble, cell.shelf.trouble, required=False),
        _component("prompts", not cell.prompts_trouble, cell.prompts_trouble, required=False),
        _component("vault", not cell.vault_trouble, cell.vault_trouble, required=False),
        _component("settings", not cell.house.trouble, cell.house.trouble, required=False),
        *mutual_aid.components(cell),
        _component("sms", not cell.outbox.trouble, cell.outbox.told, required=False),
        _component("disk", free_mb >= cell.settings.min_free_mb, f"{free_mb} MB free", required=False),
    ]


class _Ledger:
    """The comparison of the two books, for the API."""

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        self._settings, self._database, self._clock = settings, database, clock

    async def check(self) -> LedgerReport:
        """Every difference, named."""
        cel = await asyncio.to_thread(lambda: list(read_cel(cel_path(self._settings))))
        cdr = await asyncio.to_thread(lambda: {row.linkedid for row in read_cdr(cdr_path(self._settings))})
        report = await ledger_check.check(self._database, cel, cdr, self._clock.at())
        return LedgerReport.model_validate(report.as_json())


def _component(name: str, works: bool, detail: str = "", *, required: bool = True) -> ComponentView:
    broken = "down" if required else "degraded"
    return ComponentView(name=name, state="up" if works else broken, required=required, detail=detail)
