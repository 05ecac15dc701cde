"""Who and when in the house of fakes: one citizen, one recording, one ticket, one morning; and its clock."""
# ruff: noqa: D102  the clock's methods are described by ``Clock``

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher

from callcenter.core.clock import Instant
from callcenter.core.ids import RecordingId, TicketNo
from recordings import wav

SHANGHAI = ZoneInfo("Asia/Shanghai")
NUMBER = "13812345678"
MASKED = "138****5678"
PASSWORD = "a long enough secret"
START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
RECORDING = RecordingId("r-1")
TICKET = TicketNo("20261122-000001")
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
