"""Builds every part of the controller with plain constructors, then runs it.

Invariant: importing this module creates nothing; which concrete class is plugged in is decided here only.
"""

import asyncio
import gc
import os
from collections.abc import Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from prometheus_client import CollectorRegistry, Histogram

from callcenter.asterisk.agi import AgiServer
from callcenter.asterisk.ami import AmiLink
from callcenter.asterisk.books import cel_path
from callcenter.asterisk.ports import LOOPBACK, choose_ports, run_dir
from callcenter.asterisk.render import layout
from callcenter.asterisk.secrets import load_secrets
from callcenter.asterisk.watch import Watch
from callcenter.bookkeeper import Bookkeeper
from callcenter.bootstrap import chores, citizens, cloud_seats, mutual_aid, web
from callcenter.bootstrap.effects import performers
from callcenter.bootstrap.foresight import what_if_desk
from callcenter.bootstrap.take_up import take_up
from callcenter.captions.desk import CaptionDesk
from callcenter.clocks import SystemClock
from callcenter.controller import Controller
from callcenter.core.messages import work
from callcenter.core.messages.base import Message
from callcenter.drill.days import DrillDays, clock_for
from callcenter.engines import build_engines, callable_numbers, rules_told
from callcenter.house.desk import HouseDesk
from callcenter.notices import Notices
from callcenter.paperwork import Paperwork
from callcenter.phone_desk import CheckNews
from callcenter.planner import Planner, day_begin, plan_day
from callcenter.promises import Promises
from callcenter.prompt_desk import PromptDesk
from callcenter.sections import Address
from callcenter.settings import Settings
from callcenter.soundwork import Soundwork
from callcenter.spoken import caller_ears
from callcenter.staff.timetable import Timetable, seat_kinds
from callcenter.statements import Statements
from callcenter.store.accounts import SqlAccounts
from callcenter.store.database import Database
from callcenter.store.live import LiveView
from callcenter.store.redis_server import redis_url
from callcenter.store.spool import MessageSpool
from callcenter.store.writer import StoreWriter
from callcenter.tickets import catalog
from callcenter.vault.desk import VERIFY_LIMIT_S
from callcenter.vault.redo import REDO_LIMIT_S
from callcenter.web.readers.events import JournalEvents
from callcenter.web.server import serving
from callcenter.web.signin import ensure_admin
from callcenter.web.views.board import ComponentView
from callcenter.workbench import Workbench
from ivr.agi import Sessions
from ivr.flows import Shelf
from ivr.speaker import speak
from ivr.walks import WALK_SHARE, Walker
from queues.phone_check import CHECK_S_MAX
from recordings.capture import Capture
from recordings.cluster.house import open_cluster
from recordings.core.qa.watch import QualityWatch
from recordings.models import resolve_model
from recordings.process import Limits
from recordings.qa.assessor import Assessor
from recordings.qa.files import in_force
from recordings.store import SqlJobQueue
from recordings.transcribe import Job, Transcriber
from recordings.vault import open_vault

SEAT_LANES = 16
"""Seat actions that may be under way at once, each waiting for Asterisk's answer."""

CALLERS_AT_ONCE = 64
"""Callers that may be moved at once."""

CHECKS_AT_ONCE = 40
"""Seats' phones that may be measured at once: all cloud seats and a few more."""

LATENCY_BUCKETS_S = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0)


class Cell:
    """Everything that runs in the controller process of one city."""

    def __init__(self, settings: Settings, origins: Mapping[str, str] | None = None) -> None:
        self.settings = settings
        self._origins = origins or {}
        self.clock = clock_for(settings, SystemClock(ZoneInfo(settings.time_zone)))
        self.asterisk_ports = choose_ports(settings, asterisk_running=True)
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
        self.shelf = Shelf(settings)

    def _build_engines(self) -> None:
        planner = DrillDays if self.settings.drill.speed else Planner
        self.planner = planner(self.settings, self.database, self.clock, self.post)
        seats = seat_kinds(self.settings)
        self.planner.roster_of_shifts = Timetable(self.database, seats, self.zone, self.post).plan
        began, midnight = day_begin(self.clock, self.zone)
        self.engines = build_engines(self.settings, plan_day(self.settings, began, midnight, True, None))
        self.can_be_called = callable_numbers(self.settings)
        followers = [self.planner.change_settings, lambda settings: self.post(rules_told(settings))]
        self.house = HouseDesk(
            self.settings, self._origins, self.database, self.writer, self.clock, followers
        )

    def _build_edges(self) -> None:
        settings, post = self.settings, self.post
        self.letters = citizens.letters(settings)
        self.outbox = citizens.outbox(self)
        self.self_service = citizens.self_service(self)
        self.ears = caller_ears(settings, self.self_service.articles, self.clock, self.zone)
        self.paperwork = Paperwork(self.writer, self.catalog, self.clock, self.zone, self.letters)
        self.promises = Promises(self.writer, self.clock, self.can_be_called, self.letters)
        self.capture = Capture(open_vault(settings, self.clock), self.clock)
        self.vault_trouble = ""
        self.prompts_trouble = ""
        self.cloud_seats = cloud_seats.cloud_seats(self)
        self.check_news = CheckNews()
        self.lanes = [Workbench("seats", limit=1, limit_s=6.0) for _ in range(SEAT_LANES)]
        self.benches = {
            "sound": Workbench("sound", limit=4, limit_s=180.0),
            "books": Workbench("books", limit=2, limit_s=120.0),
            "checks": Workbench("checks", limit=CHECKS_AT_ONCE, limit_s=CHECK_S_MAX + 10.0),
            "callers": Workbench("callers", limit=CALLERS_AT_ONCE, limit_s=10.0),
            "quality": Workbench("quality", limit=1, limit_s=120.0),
            "redo": Workbench("redo", limit=1, limit_s=REDO_LIMIT_S),
            "vault": Workbench("vault", limit=1, limit_s=VERIFY_LIMIT_S),
        }
        self.transcriber = self._transcriber()
        self.captions = CaptionDesk(settings, self.engines, self.capture.vault.raw_path, post, self.clock)
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
            self.letters,
        )
        self.statements = Statements(
            layout(settings).statements,
            self.capture.vault,
            self.writer,
            self.paperwork,
            self.benches["sound"],
            self._wake,
            self.clock,
        )
        self.what_if = what_if_desk(self)
        self.prompts = PromptDesk(settings, self.writer, self.database, self.clock, speak)
        self.notices = Notices(
            settings, self.writer, self.database, self.clock, speak, self._announces_notices
        )
        self.sessions = Sessions(
            self.paperwork.arrive,
            post,
            self._walker(),
            settings.line.queues,
            self.clock,
            settings.line.session_limit_s,
            self.writer.flush,
            self.engines.steering.asks_survey,
            self.statements.path,
        )
        self.mutual_aid = mutual_aid.mutual_aid(self)
        self.agi = AgiServer(
            LOOPBACK,
            self.asterisk_ports.agi,
            mutual_aid.line(self).handle,
            limit=settings.capacity.intake_limit,
            session_limit_s=settings.line.longest_session_s,
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
            performers(self),
            self.paperwork.journal,
            self.clock,
            observe_latency=latency.observe,
            speed=settings.drill.speed or 1.0,
        )

    def post(self, message: Message) -> None:
        """Into the one inbox."""
        self.controller.post(message)

    def components(self) -> list[ComponentView]:
        """The state of every part, for ``/readyz`` and the board."""
        return web.components(self)

    async def run(self) -> None:
        """Run everything; ends only by cancellation or by what cannot be repaired here."""
        await self.database.check()
        await ensure_admin(SqlAccounts(self.database), self.settings.secrets_path)
        await take_up(self)
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
            group.create_task(chores.show_board(self), name="board")
            group.create_task(chores.import_messages(self), name="spool")
            group.create_task(chores.watch_vault(self), name="vault")
            group.create_task(chores.watch_prompts(self), name="prompts")
            group.create_task(self.planner.run(), name="planner")
            group.create_task(self.assessor.run(), name="assessor")
            group.create_task(self.captions.run(), name="captions")
            group.create_task(chores.make_findable(self), name="search")
            group.create_task(self.outbox.run(), name="outbox")
            group.create_task(self.cloud_seats.letters.run(), name="cloud letters")
            group.create_task(self.cloud_seats.people.run(), name="cloud people")
            group.create_task(self.notices.mend(), name="notices")
            group.create_task(self.what_if.run(), name="what-if")
            if self.mutual_aid is not None:
                group.create_task(self.mutual_aid.bench.run(), name="partner")
                group.create_task(self.mutual_aid.edge.run(), name="partner")
            if self.transcriber is not None:
                group.create_task(self.transcriber.run(), name="transcriber")
            try:
                async with serving(web.web_ports(self), self.settings):
                    await asyncio.Event().wait()
            finally:
                await self.agi.stop()
                await self.ears.close()
                await self.writer.flush()
        await self.live.close()
        await self.database.close()

    def _walker(self) -> Walker:
        return Walker(
            self.post,
            self.notices.prompt,
            self.clock,
            lambda: self.shelf.flows,
            self.self_service.find,
            self.settings.line.session_limit_s * WALK_SHARE,
            self.ears,
        )

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
        return AmiLink(user, Address(LOOPBACK, self.asterisk_ports.ami), user, secret, **callbacks)

    def _transcriber(self) -> Transcriber | None:
        speech = self.settings.speech
        if not speech.workers and not self.settings.transcription.cluster:
            return None
        model = resolve_model(self.settings)
        owner = f"{os.uname().nodename}:{os.getpid()}"
        return Transcriber(
            model,
            self.capture.vault,
            SqlJobQueue(self.database, owner, self.clock, self._parked),
            self.post,
            workers=speech.workers,
            limits=Limits(jobs=speech.jobs_per_worker, resident_mb=speech.worker_memory_mb),
            elsewhere=open_cluster(self.settings, model, self.clock),
        )

    def _announces_notices(self) -> bool:
        return self.engines.steering.overview(self.clock.instant()).profile.announces_topic

    def _parked(self, job: Job) -> None:
        self.post(work.TranscriptFailed(job.contact_id, job.recording_id, "worker_died"))

    def _wake(self) -> None:
        if self.transcriber is not None:
            self.transcriber.wake()

    def _committed(self, entries: Sequence[Any]) -> None:
        self.last_seq = entries[-1].seq
        self.events.tell(entries)


COLLECTED: Final = (5_000, 20, 20)
"""Thresholds of the garbage collector's three generations. With Python's own (700, 10, 10) calls and streams that only take a
few seconds look long-lived, and all objects are gone through again twice a minute: 50 ms each of an idle core, more of a
busy one. So rarely it never happened in a minute with a hundred boards and three calls a second; 5,000 new objects take 8 ms."""


def _spare_the_collector() -> None:
    """What was built at start lives to the end: looking at all of it again would stop the loop for 0.1 s."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTED)
