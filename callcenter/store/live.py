"""The live view: what others want to see right now, on a Redis-protocol server. All of it can be rebuilt.

Invariants: losing the server never raises to a caller and never holds one up for longer than ``PATIENCE_S``;
what is kept there is bounded; a signal is only a wake-up, the work itself stands in SQL.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from callcenter.core.clock import Clock, Instant, after
from callcenter.core.errors import UsageError

log = structlog.get_logger()

PATIENCE_S: Final = 2.0
"""Longest wait for one command."""
PAUSE_FIRST_S: Final = 0.5
PAUSE_MAX_S: Final = 10.0
STALE_S: Final = 10.0
"""A board older than this shows the past."""
EVENTS_KEPT: Final = 10_000
SIGNALS_KEPT: Final = 100
BOARD_KEPT_S: Final = 3600

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Board:
    """The live board as it was at ``as_of``; ``is_stale``: nobody has written it lately."""

    as_of: datetime
    data: Mapping[str, Any]
    is_stale: bool


class LiveView:
    """One client of the live view. ``prefix`` keeps instances apart that share a server.

    Raises:
        UsageError: code ``bad_redis_url``.
    """

    def __init__(self, url: str, clock: Clock, prefix: str = "callcenter"):
        self._clock = clock
        self._prefix = prefix
        self._quick = _client(url, PATIENCE_S)
        self._patient = _client(url, None)
        self._pause_s = PAUSE_FIRST_S
        self._retry_at: Instant | None = None

    @property
    def is_up(self) -> bool:
        """Whether the last command was answered."""
        return self._retry_at is None

    async def check(self) -> bool:
        """Whether the server answers; asks it unless it failed a moment ago."""
        return await self._try(self._quick.ping) is not None

    async def put(self, as_of: datetime, data: Mapping[str, Any]) -> bool:
        """Show this board; whether it was written."""
        text = _dumps({"as_of": as_of.isoformat(), "data": data})
        written = await self._try(lambda: self._quick.set(self._key("board"), text, ex=BOARD_KEPT_S))
        return written is not None

    async def get(self) -> Board | None:
        """The last board; ``None`` when there is none or the server is away."""
        text = await self._try(lambda: self._quick.get(self._key("board")))
        try:
            tree = json.loads(text) if text else None
            as_of = datetime.fromisoformat(tree["as_of"]) if tree else None
        except (ValueError, KeyError, TypeError):
            return None
        if tree is None or as_of is None:
            return None
        age_s = (self._clock.at() - as_of).total_seconds()
        return Board(as_of, tree["data"], is_stale=not 0 <= age_s <= STALE_S)

    async def publish(self, event: Mapping[str, Any]) -> bool:
        """Add an event (numbers already masked) to the bounded stream ``PREFIX:events``."""
        fields: dict[Any, Any] = {"event": _dumps(event)}
        stream = self._key("events")
        added = await self._try(
            lambda: self._quick.xadd(stream, fields, maxlen=EVENTS_KEPT, approximate=True)
        )
        return added is not None

    async def wake(self, kind: str) -> bool:
        """Tell one waiting worker that there is work of this kind."""
        key = self._key(f"wake:{kind}")

        async def push() -> bool:
            await self._quick.rpush(key, "1")
            return await self._quick.ltrim(key, -SIGNALS_KEPT, -1)

        return await self._try(push) is not None

    async def wait_for_work(self, kind: str, limit_s: float) -> bool:
        """Wait for a wake-up, ``limit_s`` seconds at most; without a server just that long.

        False means: look into SQL all the same.
        """
        key = self._key(f"wake:{kind}")
        begun = self._clock.instant()
        told = await self._try(
            lambda: self._patient.blpop([key], timeout=limit_s), patience_s=limit_s + PATIENCE_S
        )
        if told is None and not self.is_up:
            await asyncio.sleep(max(0.0, limit_s - (self._clock.instant() - begun)))
        return told is not None

    async def close(self) -> None:
        """Close the connections."""
        await self._quick.aclose()
        await self._patient.aclose()

    def _key(self, name: str) -> str:
        return f"{self._prefix}:{name}"

    async def _try(self, command: Callable[[], Awaitable[T]], patience_s: float = PATIENCE_S) -> T | None:
        """The answer, or ``None`` while the server is away; then it is left alone for a growing while."""
        now = self._clock.instant()
        if self._retry_at is not None and now < self._retry_at:
            return None
        try:
            async with asyncio.timeout(patience_s):
                answer = await command()
        except (RedisError, OSError) as error:
            self._note_failure(type(error).__name__)
            return None
        self._note_success()
        return answer

    def _note_failure(self, error: str) -> None:
        if self._retry_at is None:
            log.warning("live view lost", error=error)
        self._retry_at = after(self._clock.instant(), self._pause_s)
        self._pause_s = min(self._pause_s * 2, PAUSE_MAX_S)

    def _note_success(self) -> None:
        if self._retry_at is not None:
            log.info("live view back")
        self._retry_at, self._pause_s = None, PAUSE_FIRST_S


def _client(url: str, timeout_s: float | None) -> Redis:
    try:
        return Redis.from_url(
            url,
            decode_responses=True,
            socket_timeout=timeout_s,
            socket_connect_timeout=PATIENCE_S,
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError:
        raise UsageError(
            "the Redis URL cannot be read; write redis://:password@host:6379/0 or unix:///path/to/redis.sock",
            code="bad_redis_url",
        ) from None


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
