"""The one composition root of the controller process: builds everything with plain constructors, then runs it.

Invariant: importing this module creates nothing; which concrete class is plugged in is decided here only.
"""

import asyncio
import contextlib
import gc
import os
import shutil
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar
from zlib import crc32
from zoneinfo import ZoneInfo

from prometheus_client import CollectorRegistry, Histogram

from callcenter import logs
from callcenter.asterisk.agi import AgiServer
from callcenter.asterisk.ami import AmiLink
from callcenter.asterisk.books import cdr_path, cel_path, read_cdr, read_cel
from callcenter.asterisk.ports import LOOPBACK, choose_ports, run_dir
from callcenter.asterisk.render import layout
from callcenter.asterisk.secrets import load_secrets
from callcenter.asterisk.watch import Watch
from callcenter.board import LiveBoard, SeatDesk
from callcenter.bookkeeper import Bookkeeper
from callcenter.clocks import SystemClock
from callcenter.controller import Controller, Perform
from callcenter.core import codec
from callcenter.core.contacts import SaveContact
from callcenter.core.errors import PeerError
from callcenter.core.ids import QueueName, SeatId
from callcenter.core.messages import callbacks, calls, link, offers, quality, recording, seats, surge, work
from callcenter.core.messages.base import Effect, Message
from callcenter.engines import build_engines, callable_numbers
from callcenter.instance import log_key
from callcenter.paperwork import Paperwork
from callcenter.planner import Planner, day_begin, plan_day
from callcenter.promises import Promises
from callcenter.quality_desk import SqlQuality, SqlReviews
from callcenter.recording_desk import RecordingDesk, recorders_left
from callcenter.reports.figures import SqlFigures
from callcenter.sections import Address
from callcenter.settings import Settings
from callcenter.soundwork import Soundwork
from callcenter.steering_desk import CareDesk, LineDesk, MessageDesk, SurgeDesk
from callcenter.store import contacts as contact_rows
from callcenter.store import journal, ledger_check
from callcenter.store.accounts import SqlAccounts, SqlAnswers, SqlAudit, SqlSessions
from callcenter.store.database import Database
from callcenter.store.live import LiveView
from callcenter.store.redis_server import redis_url
from callcenter.store.spool import MessageSpool
from callcenter.store.unit import JournalEntry
from callcenter.store.writer import StoreWriter
from callcenter.supervisor import until_signaled
from callcenter.tickets import catalog
from callcenter.web import views
from callcenter.web.metrics import WebMetrics
from callcenter.web.peaks_reader import KeptPeaks
from callcenter.web.ports import Ports as WebPorts
from callcenter.web.readers import (
    JournalEvents,
    SqlCallbacks,
    SqlContacts,
    SqlGaps,
    SqlRecordings,
    SqlTickets,
    SqlTranscripts,
    SurgeLog,
)
from callcenter.web.search_reader import SqlSearch
from callcenter.web.server import serving
from callcenter.web.signin import ensure_admin
from callcenter.workbench import Workbench
from ivr.agi import Sessions
from ivr.prompts import prompt_path
from queues import store as queue_rows
from queues.caller import Callers
from queues.dialer import Dialer
from queues.members import Members
from recordings import search, upkeep
from recordings.capture import Capture
from recordings.core.qa.watch import QualityWatch
from recordings.models import resolve_model
from recordings.process import Limits
from recordings.qa.assessor import Assessor
from recordings.qa.files import in_force
from recordings.recorders import Recorders
from recordings.store import SqlJobQueue
from recordings.transcribe import Job, Transcriber
from recordings.vault import open_vault

E = TypeVar("E", bound=Effect)

BOARD_EVERY_S = 1.0
SPOOL_EVERY_S = 10.0
VAULT_EVERY_S = 15.0
VAULT_DAYS = 14
"""Folders in which what waits for the storage is counted: looking at years of files would take a second."""
SEAT_LANES = 16
"""Seat actions that may be under way at once, each waiting for Asterisk's answer."""

CALLERS_AT_ONCE = 64
"""Callers that may be moved at once."""
SESSION_EFFECTS: Sequence[type[Effect]] = (
    calls.Play,
    calls.Enqueue,
    offers.Ask,
    offers.TellWait,
    offers.SendOff,
    offers.TakeMessage,
)

LATENCY_BUCKETS_S = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0)


async def run_controller(settings: Settings) -> None:
    """Run the controller of one instance until it is signaled."""
    logs.configure(log_key(settings))
    async with until_signaled() as signaled:
        cell = Cell(settings)
        running = asyncio.create_task(cell.run())
        stopping = asyncio.create_task(signaled.wait())
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in (running, stopping):
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


class Cell:
    """Everything that runs in the controller process of one city."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = SystemClock(ZoneInfo(settings.time_zone))
        self._ami_ports = choose_ports(settings, asterisk_running=True)
        self._build_store()
        self._build_engines()
        self._build_edges()

    def _build_store(self) -> None:
        settings = self.settings
        self.database = Database(settings.effective_database_url)
        self.events = JournalEvents(self.database)
        self.last_seq = 0
        self.writer = StoreWriter(self.database, on_committed=self._committed)
        self.live = LiveView(redis_url(settings, run_dir(settings)), self.clock)
        self.catalog = catalog.load()
        self.zone = ZoneInfo(settings.time_zone)

    def _build_engines(self) -> None:
        self.planner = Planner(self.settings, self.database, self.clock, self.post)
        began, midnight = day_begin(self.clock, self.zone)
        self.engines = build_engines(self.settings, plan_day(self.settings, began, midnight, True, None))
        self.can_be_called = callable_numbers(self.settings)

    def _build_edges(self) -> None:
        settings, post = self.settings, self.post
        self.paperwork = Paperwork(self.writer, self.catalog, self.clock, self.zone)
        self.promises = Promises(self.writer, self.clock, self.can_be_called)
        self.capture = Capture(open_vault(settings, self.clock), self.clock)
        self.vault_trouble = ""
        self.lanes = [Workbench("seats", limit=1, limit_s=6.0) for _ in range(SEAT_LANES)]
        self.benches = {
            "sound": Workbench("sound", limit=4, limit_s=180.0),
            "books": Workbench("books", limit=2, limit_s=120.0),
            "callers": Workbench("callers", limit=CALLERS_AT_ONCE, limit_s=10.0),
            "quality": Workbench("quality", limit=1, limit_s=120.0),
        }
        self.transcriber = self._transcriber()
        self.soundwork = Soundwork(
            self.capture, self.writer, self.database, self.benches["sound"], post, self._wake, self.clock
        )
        self.quality = in_force(settings.home_path)
        self.assessor = Assessor(
            self.quality.rules, self.writer, self.database, self.benches["quality"], self.clock, self.zone
        )
        self.bookkeeper = Bookkeeper(
            cel_path(settings), self.database, self.benches["books"], post, self.clock
        )
        self.spool = MessageSpool(
            layout(settings).messages,
            self.database,
            self.capture.vault,
            self.catalog,
            self.zone,
            self.clock,
        )
        self.sessions = Sessions(
            self.paperwork.arrive,
            post,
            lambda name: prompt_path(settings, name),
            self.clock,
            settings.line.session_limit_s,
            self.writer.flush,
        )
        self.agi = AgiServer(
            LOOPBACK,
            self._ami_ports.agi,
            self.sessions.handle,
            limit=settings.capacity.intake_limit,
            session_limit_s=settings.line.session_limit_s,
        )
        self.watch = Watch(self._observer, post, self.clock)
        self.actor = self._link("actor")
        self.registry = CollectorRegistry()
        latency = Histogram(
            "callcenter_decision_seconds",
            "from an event's arrival to its effects",
            buckets=LATENCY_BUCKETS_S,
            registry=self.registry,
        )
        self.controller = Controller(
            [*self.engines.in_order, QualityWatch()],
            self._performers(),
            self.paperwork.journal,
            self.clock,
            observe_latency=latency.observe,
        )

    def post(self, message: Message) -> None:
        """Into the one inbox."""
        self.controller.post(message)

    async def run(self) -> None:
        """Run everything; ends only by cancellation or by what cannot be repaired here."""
        await self.database.check()
        await ensure_admin(SqlAccounts(self.database), self.settings.secrets_path)
        await self._take_up()
        _spare_the_collector()
        async with asyncio.TaskGroup() as group:
            group.create_task(self.writer.run(), name="writer")
            group.create_task(self.controller.run(), name="controller")
            for lane in self.lanes:
                group.create_task(lane.run(), name="seats")
            for name, bench in self.benches.items():
                group.create_task(bench.run(), name=name)
            await self.agi.start()
            group.create_task(self.watch.run(), name="watch")
            group.create_task(self.actor.run(), name="ami-actor")
            group.create_task(self._show_board(), name="board")
            group.create_task(self._import_messages(), name="spool")
            group.create_task(self._watch_vault(), name="vault")
            group.create_task(self.planner.run(), name="planner")
            group.create_task(self.assessor.run(), name="assessor")
            group.create_task(self._make_findable(), name="search")
            if self.transcriber is not None:
                group.create_task(self.transcriber.run(), name="transcriber")
            try:
                async with serving(self._web_ports(), self.settings):
                    await asyncio.Event().wait()
            finally:
                await self.agi.stop()
                await self.writer.flush()
        await self.live.close()
        await self.database.close()

    async def _take_up(self) -> None:
        """What the last controller left: open contacts, what is owed, skill groups; and the plan of the day."""
        async with self.database.reading() as connection:
            opened = await contact_rows.without_outcome(connection)
            skills = await queue_rows.skills(connection)
            switched = await journal.newest_of(connection, surge.LevelSwitched.type)
        at, now = self.clock.at(), self.clock.instant()
        for contact in opened:
            self.engines.contacts.reopen(contact, max(0.0, (at - contact.arrived_at).total_seconds()), now)
        await self.planner.look()
        self.post(await self.promises.restored(self.database))
        for seat_id, queues in skills.items():
            self.post(seats.SkillsAssigned(seat_id, queues, by=""))
        if switched and (held := _held_level(switched)):
            self.post(held)
        recorders = await recorders_left(self.database, self.engines.contacts)
        if recorders.recorders:
            self.post(recorders)

    def _performers(self) -> Mapping[type[Effect], Perform]:
        line = self.settings.line
        members = Members(self.actor, [QueueName(queue) for queue in line.queues])
        callers = Callers(self.actor, self.post)
        dialer = Dialer(
            self.actor,
            self.promises.begin,
            self.post,
            self.clock,
            line.ring_timeout_s,
            line.called_numbers[0],
        )
        return {
            **dict.fromkeys(SESSION_EFFECTS, self.sessions.perform),
            offers.Withdraw: self._at_once(callers.withdraw),
            offers.Reprioritize: self._at_once(callers.reprioritize),
            offers.KeepEstimate: self.promises.keep_estimate,
            callbacks.KeepOwed: self.promises.keep,
            callbacks.CloseOwed: self.promises.close,
            callbacks.NoteMissed: self.promises.note_missed,
            callbacks.DialBack: self._in_turn(dialer.dial),
            seats.PreferSeat: self._in_turn(members.prefer),
            calls.SettleFromBooks: self.bookkeeper.settle,
            calls.CatchUp: self._catch_up,
            SaveContact: self.paperwork.save_contact,
            work.DraftTicket: self.paperwork.draft_ticket,
            work.CompleteTicket: self.paperwork.complete_ticket,
            work.SealRecording: self.soundwork.seal,
            work.Transcribe: self.soundwork.transcribe,
            quality.AssessCall: self.assessor.assess,
            seats.AddSeat: self._in_turn(members.add),
            seats.RemoveSeat: self._in_turn(members.remove),
            seats.PauseSeat: self._in_turn(members.pause),
            seats.ResumeSeat: self._in_turn(members.resume),
            recording.UnmuteRecorder: self._at_once(Recorders(self.actor).unmute),
            link.Resync: lambda effect: self.watch.want_truth(effect.reason),
        }

    def _in_turn(self, act: Callable[[E], Coroutine[Any, Any, None]]) -> Perform:
        """One after the other for each seat; seats in different lanes do not wait for each other."""
        return lambda effect: self.lanes[crc32(effect.seat_id.encode()) % SEAT_LANES].start(act(effect))

    def _at_once(self, act: Callable[[E], Coroutine[Any, Any, None]]) -> Perform:
        return lambda effect: self.benches["callers"].start(act(effect))

    def _catch_up(self, effect: calls.CatchUp) -> None:
        self.bookkeeper.catch_up(lambda: {contact.contact_id for contact in self.engines.contacts.live()})
        self.soundwork.recover(effect.live)
        self.paperwork.finish_drafts()

    def _observer(self, watch: Watch) -> AmiLink:
        return self._link(
            "observer",
            on_frame=watch.on_frame,
            on_up=watch.on_up,
            on_down=watch.on_down,
            on_alarm=watch.on_alarm,
            await_boot=True,
        )

    def _link(self, user: str, **callbacks: Any) -> AmiLink:
        secret = load_secrets(self.settings).ami[user]
        return AmiLink(user, Address(LOOPBACK, self._ami_ports.ami), user, secret, **callbacks)

    def _transcriber(self) -> Transcriber | None:
        speech = self.settings.speech
        if not speech.workers:
            return None
        owner = f"{os.uname().nodename}:{os.getpid()}"
        return Transcriber(
            resolve_model(self.settings),
            self.capture.vault,
            SqlJobQueue(self.database, owner, self.clock, self._parked),
            self.post,
            workers=speech.workers,
            limits=Limits(jobs=speech.jobs_per_worker, resident_mb=speech.worker_memory_mb),
        )

    def _parked(self, job: Job) -> None:
        self.post(work.TranscriptFailed(job.contact_id, job.recording_id, "worker_died"))

    def _wake(self) -> None:
        if self.transcriber is not None:
            self.transcriber.wake()

    def _committed(self, entries: Sequence[Any]) -> None:
        self.last_seq = entries[-1].seq
        self.events.tell(entries)

    async def _show_board(self) -> None:
        while True:
            board = self._board().status()
            await self.live.put(board.as_of, board.model_dump(mode="json"))
            await asyncio.sleep(BOARD_EVERY_S)

    async def _import_messages(self) -> None:
        while True:
            await asyncio.sleep(SPOOL_EVERY_S)  # first the books say who called meanwhile
            with contextlib.suppress(PeerError):
                await self.spool.import_all()

    async def _make_findable(self) -> None:
        with contextlib.suppress(PeerError):  # the next start tries again
            await search.catch_up(self.database)

    async def _watch_vault(self) -> None:
        while True:
            state = await asyncio.to_thread(upkeep.state_of, self.capture.vault, self.clock.at(), VAULT_DAYS)
            self.vault_trouble = state.told()
            await asyncio.sleep(VAULT_EVERY_S)

    def _board(self) -> LiveBoard:
        return LiveBoard(
            self.engines.contacts,
            self.engines.seats,
            self.engines.line,
            self.clock,
            frozenset(SeatId(seat) for seat in self.settings.seats.cloud()),
            self.components,
            lambda: self.watch.has_truth,
            lambda: self.last_seq,
        )

    def components(self) -> list[views.ComponentView]:
        """The state of every part, for ``/readyz`` and the board."""
        free_mb = shutil.disk_usage(self.settings.home_path).free // 2**20
        trouble = self.writer.trouble
        return [
            _component("asterisk", self.watch.has_truth and self.actor.is_up),
            _component("database", trouble is None, trouble.code if trouble else ""),
            _component("redis", self.live.is_up, required=False),
            _component("speech", self.transcriber is not None, required=False),
            _component("quality", not self.quality.trouble, self.quality.trouble, required=False),
            _component("vault", not self.vault_trouble, self.vault_trouble, required=False),
            _component("disk", free_mb >= self.settings.min_free_mb, f"{free_mb} MB free", required=False),
        ]

    def _web_ports(self) -> WebPorts:
        database, controller, engines = self.database, self.controller, self.engines
        owed = SqlCallbacks(database)
        return WebPorts(
            clock=self.clock,
            metrics=WebMetrics(self.registry),
            board=self._board(),
            health=self,
            seats=SeatDesk(controller, engines.seats),
            care=CareDesk(controller, engines.seats),
            surge=SurgeDesk(controller, engines.steering.overview, SurgeLog(database), self.clock),
            line=LineDesk(controller, engines.line),
            callbacks=owed,
            messages=MessageDesk(controller, owed),
            contacts=SqlContacts(database),
            tickets=SqlTickets(database, self.catalog.topics.names),
            recordings=SqlRecordings(database, self.capture.vault),
            peaks=KeptPeaks(database, self.capture.vault),
            recorder=RecordingDesk(
                controller, engines.contacts, engines.pauses, Recorders(self.actor), self.writer.flush
            ),
            transcripts=SqlTranscripts(database, self.clock, self.zone),
            search=SqlSearch(database, self.catalog.topics.names),
            events=self.events,
            gaps=SqlGaps(database),
            figures=SqlFigures(database, self.clock, self.zone),
            ledger=_Ledger(self.settings, database, self.clock),
            accounts=SqlAccounts(database),
            sessions=SqlSessions(database),
            answers=SqlAnswers(database),
            audit=SqlAudit(database),
            quality=SqlQuality(database, self.quality.rules, self.catalog.topics.names),
            reviews=SqlReviews(database, self.quality.cards, self.clock, self.zone),
        )


class _Ledger:
    """The comparison of the two books, for the API."""

    def __init__(self, settings: Settings, database: Database, clock: SystemClock) -> None:
        self._settings, self._database, self._clock = settings, database, clock

    async def check(self) -> views.LedgerReport:
        """Every difference, named."""
        cel = await asyncio.to_thread(lambda: list(read_cel(cel_path(self._settings))))
        cdr = await asyncio.to_thread(lambda: {row.linkedid for row in read_cdr(cdr_path(self._settings))})
        report = await ledger_check.check(self._database, cel, cdr, self._clock.at())
        return views.LedgerReport.model_validate(report.as_json())


def _held_level(entry: JournalEntry) -> surge.LevelAsked | None:
    """The level that a shift manager held when the last controller stopped, to be held on."""
    last = codec.decode(entry.type, entry.data)
    if not isinstance(last, surge.LevelSwitched) or not (last.applied and last.declared):
        return None
    return surge.LevelAsked(last.new, undo=False, by=last.by, why=last.why)


def _spare_the_collector() -> None:
    """What was built at start lives to the end: looking at all of it again would stop the loop for 0.1 s."""
    gc.collect()
    gc.freeze()


def _component(name: str, works: bool, detail: str = "", *, required: bool = True) -> views.ComponentView:
    broken = "down" if required else "degraded"
    return views.ComponentView(name=name, state="up" if works else broken, required=required, detail=detail)
