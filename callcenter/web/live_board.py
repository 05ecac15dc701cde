"""The live board on the event stream: whole at first, then what has changed, computed once for all readers.

Invariants: a stream gets it only if it names it; a frame without ``seq`` in the journal's sense is never replayed, for the
first frame of every stream is whole; a reader who is slow gets one frame with all that changed meanwhile.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Final, Literal, TypeVar

import structlog
from pydantic import Field

from callcenter.web.alarms import Alarms
from callcenter.web.discretion import alone
from callcenter.web.feed import Feed
from callcenter.web.ports.board import Board
from callcenter.web.ports.surge import SurgePort
from callcenter.web.views import View
from callcenter.web.views.alarms import AlarmView
from callcenter.web.views.board import CallView, ComponentView, QueueView, SeatView, StatusView
from callcenter.web.views.surge import SurgeView

log = structlog.get_logger()

CHANGED: Final = "board.changed"
"""Type of the frames."""

LOOK_S = 1.0
"""How often the board is looked at though nothing happened: waits grow, links break."""
PAUSE_S = 0.05
"""Between two looks, however much happens."""

CLOCKS: Final = frozenset({"state_s", "duration_s", "longest_wait_s"})
"""Fields that grow by themselves: the reader counts on from ``at``."""
CLOCK_SLACK_S: Final = 1.0
SHARE_SLACK: Final = 0.01

Row = ComponentView | QueueView | SeatView | CallView
Key = tuple[type[View], str]
R = TypeVar("R", bound=View)

SURGE: Final[Key] = (SurgeView, "")
ALARMS: Final[Key] = (AlarmView, "")
"""These two are told whole when anything in them changes."""


class BoardFrame(View):
    """What changed on the board. ``whole``: what is not named is not there; else it is as it was.

    ``gone``: calls that are over. Seconds count from ``as_of``. ``surge``, ``alarms`` ``None``: as they were.
    """

    type: Literal["board.changed"] = CHANGED
    at: datetime = Field(description="as_of of the board")
    seq: int = Field(ge=0, description="the last event that it reflects")
    whole: bool
    components: list[ComponentView]
    queues: list[QueueView]
    seats: list[SeatView]
    calls: list[CallView]
    gone: list[str]
    surge: SurgeView | None
    alarms: list[AlarmView] | None = Field(description="what is wrong, the worst first")


@dataclass(eq=False)
class BoardReader:
    """What one reader has not read yet. ``shows_beside``: he sees who is beside a talk."""

    shows_beside: bool = True
    _is_new: bool = True
    _changed: set[Key] = field(default_factory=set)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _is_over: bool = False

    def end(self) -> None:
        """The board cannot be read: a reader who is told nothing would believe that nothing changes."""
        self._is_over = True
        self._news.set()

    def note(self, changed: Iterable[Key]) -> None:
        """Keep what changed until it is read."""
        self._changed.update(changed)
        if self._changed:
            self._news.set()

    async def next(self, boards: "LiveBoards") -> str:
        """The next frame; waits until there is one.

        Raises:
            ConnectionAbortedError: there will be none.
        """
        if not self._is_new:
            await self._news.wait()
        if self._is_over:
            raise ConnectionAbortedError
        self._news.clear()
        changed = None if self._is_new else frozenset(self._changed)
        frame = boards.told(changed, shows_beside=self.shows_beside)
        self._is_new, self._changed = False, set()
        return frame


@dataclass(frozen=True, slots=True)
class Look:
    """The board at one moment, with what is told whole."""

    status: StatusView
    surge: SurgeView
    alarms: list[AlarmView]


class LiveBoards:
    """Looks at the board and tells its readers; looks only while there are any."""

    def __init__(self, board: Board, surge: SurgePort, alarms: Alarms, feed: Feed) -> None:
        self._board, self._surge, self._alarms, self._feed = board, surge, alarms, feed
        self._readers: set[BoardReader] = set()
        self._wanted = asyncio.Event()
        self._seen: Look | None = None
        self._asking: asyncio.Task[None] | None = None
        self._told: dict[tuple[frozenset[Key] | None, bool], str] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look while the block runs."""
        task = asyncio.create_task(self._run(), name="live-board")
        try:
            yield
        finally:
            for ending in filter(None, (task, self._asking)):
                ending.cancel()
                with suppress(asyncio.CancelledError):
                    await ending

    @contextmanager
    def follow(self, *, shows_beside: bool = True) -> Iterator[BoardReader]:
        """A reader of the board from now on, inside the block."""
        reader = BoardReader(shows_beside)
        self._readers.add(reader)
        self._wanted.set()
        try:
            yield reader
        finally:
            self._readers.discard(reader)

    def told(self, changed: frozenset[Key] | None, *, shows_beside: bool) -> str:
        """The frame as it is sent, written once for all readers who have read as much and see as much."""
        known = (changed, shows_beside)
        if known not in self._told:
            frame = self.frame(changed)
            if not shows_beside:
                frame = frame.model_copy(update={"calls": [alone(call) for call in frame.calls]})
            self._told[known] = frame.model_dump_json()
        return self._told[known]

    def frame(self, changed: frozenset[Key] | None) -> BoardFrame:
        """The board as it was last looked at: those rows, or (``None``) all of it."""
        seen = self._seen or self._look()
        rows = _rows(seen.status)
        wanted = [key for key in rows if changed is None or key in changed]
        return BoardFrame(
            at=seen.status.as_of,
            seq=seen.status.seq,
            whole=changed is None,
            components=_of(ComponentView, rows, wanted),
            queues=_of(QueueView, rows, wanted),
            seats=_of(SeatView, rows, wanted),
            calls=_of(CallView, rows, wanted),
            gone=sorted(key for kind, key in (changed or frozenset()) - rows.keys() if kind is CallView),
            surge=seen.surge if changed is None or SURGE in changed else None,
            alarms=seen.alarms if changed is None or ALARMS in changed else None,
        )

    async def _run(self) -> None:
        while True:
            if not self._readers:
                self._wanted.clear()
                self._seen = None
                self._told.clear()
                await self._wanted.wait()
            news = self._feed.news()
            self._tell()
            await asyncio.sleep(PAUSE_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S - PAUSE_S):
                    await news.wait()

    def _tell(self) -> None:
        """Look, and note for each reader what changed; a board that cannot be read ends them, and they come back."""
        before = self._seen
        try:
            now = self._look()
        except Exception as error:  # noqa: BLE001  whatever it is, the next look may go well
            log.error("the board cannot be read", error=type(error).__name__)
            for reader in self._readers:
                reader.end()
            return
        changes = _changes(before, now) if before else set[Key]()
        for reader in self._readers:
            reader.note(changes)
        self._ask_stores()

    def _look(self) -> Look:
        status = self._board.status()
        self._seen = Look(status, self._surge.view(), self._alarms.seen_in(status))
        self._told.clear()
        return self._seen

    def _ask_stores(self) -> None:
        """What the stores tell of alarms is seen at the next look; the board waits for none of them."""
        if self._alarms.are_due and (self._asking is None or self._asking.done()):
            self._asking = asyncio.create_task(self._alarms.ask(), name="alarms")


def are_wanted(types: Sequence[str]) -> bool:
    """Whether a stream of these types gets the board: it must name it."""
    return any(fnmatchcase(CHANGED, pattern) for pattern in types)


def _rows(status: StatusView) -> dict[Key, Row]:
    rows: dict[Key, Row] = {}
    rows.update({(ComponentView, row.name): row for row in status.components})
    rows.update({(QueueView, row.queue): row for row in status.queues})
    rows.update({(SeatView, row.seat_id): row for row in status.seats})
    rows.update({(CallView, row.contact_id): row for row in status.calls})
    return rows


def _changes(before: Look, now: Look) -> set[Key]:
    old, new = _rows(before.status), _rows(now.status)
    passed_s = (now.status.as_of - before.status.as_of).total_seconds()
    same = {key for key in old.keys() & new.keys() if _is_same(old[key], new[key], passed_s)}
    changed = (old.keys() | new.keys()) - same
    if now.surge != before.surge.model_copy(update={"as_of": now.surge.as_of}):
        changed.add(SURGE)
    if now.alarms != before.alarms:
        changed.add(ALARMS)
    return changed


def _is_same(old: Row, new: Row, passed_s: float) -> bool:
    """Whether a reader who counts on from ``old`` shows ``new``."""
    was, now = old.model_dump(), new.model_dump()
    return all(_fits(name, was[name], now[name], passed_s) for name in now)


def _fits(name: str, was: object, now: object, passed_s: float) -> bool:
    if isinstance(was, float) and isinstance(now, float):
        expected, slack = (was + passed_s, CLOCK_SLACK_S) if name in CLOCKS else (was, SHARE_SLACK)
        return abs(now - expected) <= slack
    return was == now


def _of(kind: type[R], rows: Mapping[Key, Row], wanted: Iterable[Key]) -> list[R]:
    return [row for key in wanted if isinstance(row := rows[key], kind)]
