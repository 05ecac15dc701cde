"""The whole product as its operator runs it, and how a test asks it.

Invariant: everything is asked from outside: control socket, database file, Asterisk's own events.
"""

import asyncio
import os
import signal
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from pbx import Pbx, command, running_system

from callcenter.asterisk.ports import run_dir
from callcenter.instance import check_ledger
from callcenter.phones import Phone, PhoneBox
from callcenter.processes import PidFile
from callcenter.web.clients.control import ControlClient, is_ready

Event = dict[str, Any]
STEP_S = 30.0
"""How long a test waits for one step of the house: long for a loaded machine."""
START_S = 60.0
"""The same for a part that is started anew."""


class System:
    """A running instance. ``pbx``: its Asterisk."""

    def __init__(self, pbx: Pbx) -> None:
        self.pbx = pbx
        self.settings = pbx.settings
        self._seq = 0
        self._events: list[Event] = []

    async def status(self) -> Event:
        """The live board."""
        async with ControlClient(self.settings) as client:
            return await client.status()

    async def ask_seat(self, seat_id: str, request: str, reason: str = "") -> Event:
        """Ask something of a seat."""
        async with ControlClient(self.settings) as client:
            return await client.ask_seat(seat_id, request, reason)

    async def seat_state(self, seat_id: str) -> str:
        """The state of one seat."""
        seats = (await self.status())["seats"]
        return str(next(seat["state"] for seat in seats if seat["seat_id"] == seat_id))

    async def event(
        self, kind: str, contact_id: str | None = None, limit_s: float = STEP_S, **data: object
    ) -> Event:
        """Wait for an event of the journal; data given by name must agree.

        Raises:
            AssertionError: it does not come; the last types are shown.
        """

        def wanted(event: Event) -> bool:
            mine = contact_id in (None, event["subject"].get("contact_id"))
            return event["type"] == kind and mine and all(event["data"].get(k) == v for k, v in data.items())

        found: list[Event] = []

        async def look() -> bool:
            await self._read_on()
            found[:] = filter(wanted, self._events)
            return bool(found)

        await self.until(look, f"{kind} {contact_id or ''} {data or ''}", limit_s)
        return found[0]

    async def mark(self) -> None:
        """Forget the events so far: what a test waits for is its own."""
        await self._read_on()
        self._events.clear()

    async def until(self, holds: Callable[[], Any], what: str, limit_s: float = STEP_S) -> None:
        """Wait until the (async) condition holds.

        Raises:
            AssertionError: it does not within ``limit_s``.
        """
        try:
            async with asyncio.timeout(limit_s):
                while not await holds():
                    await asyncio.sleep(0.05)
        except TimeoutError:
            last = [event["type"] for event in self._events[-20:]]
            raise AssertionError(f"not within {limit_s:g} s: {what}; last events: {last}") from None

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Look into the database from outside."""
        path = self.settings.home_path / "data" / "callcenter.db"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return connection.execute(sql, values).fetchall()

    async def ledger(self) -> dict[str, Any]:
        """The comparison of the two books."""
        return await check_ledger(self.settings)

    async def is_ledger_clean(self) -> bool:
        """Whether the two books agree now."""
        return bool((await self.ledger())["clean"])

    async def clean(self) -> None:
        """Wait until the two books agree.

        Raises:
            AssertionError: they do not; their differences are shown.
        """
        try:
            await self.until(self.is_ledger_clean, "the ledger is clean", START_S)
        except AssertionError:
            raise AssertionError(f"the books differ: {(await self.ledger())['differences']}") from None

    async def settle(self) -> None:
        """Log every seat out, and wait until nothing of a test is left: no channel, no seat, no open question.

        Raises:
            AssertionError: channels are left behind, or one of these never comes true.
        """
        await self.pbx.empty_queues()
        assert await self.pbx.is_quiet(), "channels are left behind"
        await self.ready()
        await self.until(self._is_nobody_logged_in, "every seat is off")
        await self.clean()

    def pid(self, part: str) -> int | None:
        """The process of a part: ``controller`` or ``redis``."""
        return PidFile(run_dir(self.settings) / f"{part}.pid").pid()

    async def kill_controller(self) -> None:
        """Kill -9, and wait until it is gone."""
        pid = self.pid("controller")
        assert pid is not None
        os.kill(pid, signal.SIGKILL)

        async def is_gone() -> bool:
            return self.pid("controller") != pid

        await self.until(is_gone, "the controller is gone")

    async def up(self) -> None:
        """``callcenter up`` once more."""
        await command(self.settings.home_path / "callcenter.toml", "up")

    async def ready(self, limit_s: float = START_S) -> None:
        """Wait until every required component works again."""
        await self.until(lambda: is_ready(self.settings), "ready", limit_s)

    async def _is_nobody_logged_in(self) -> bool:
        return {seat["state"] for seat in (await self.status())["seats"]} == {"off"}

    async def _read_on(self) -> None:
        async with ControlClient(self.settings) as client:
            while events := await client.events(self._seq):
                self._seq = events[-1]["seq"]
                self._events += events


@contextmanager
def frozen(pid: int | None) -> Iterator[None]:
    """The process does nothing inside the block."""
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):  # the block has killed it
            os.kill(pid, signal.SIGCONT)


@asynccontextmanager
async def whole_system(home: Path, **changes: object) -> AsyncIterator[System]:
    """A running instance with short after-call work."""
    line = {"wrap_up_s": 1, "ring_timeout_s": 5, "statement_from_s": 0, **changes.pop("line", {})}  # type: ignore[dict-item]
    async with running_system(home, line=line, **changes) as pbx:
        yield System(pbx)


@asynccontextmanager
async def fresh_system(**changes: object) -> AsyncIterator[System]:
    """A running instance in a home of its own."""
    with tempfile.TemporaryDirectory(prefix="cc-") as home:
        async with whole_system(Path(home), **changes) as system:
            yield system


@asynccontextmanager
async def phones_of(system: System, sip_port: int | None = None) -> AsyncIterator[PhoneBox]:
    """Phones that have this instance for a server; afterwards nobody is logged in and the books agree."""
    await system.mark()
    async with PhoneBox(system.settings.sip_address, sip_port=sip_port) as box:
        yield box
    await system.settle()


async def seat(system: System, box: PhoneBox, number: str = "8001") -> Phone:
    """A registered seat, ready by feature code."""
    phone = await box.seat(number, system.pbx.secrets.seats[number])
    await phone.register()
    await phone.dial_code("*11")
    await system.event("seat.state_changed", seat_id=number, new="ready")
    return phone
