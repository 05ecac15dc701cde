"""A scripted Asterisk under the whole process of a controller: calls come, wait, talk and end by the clock.

Shared by the benches that measure the controller itself. The script shares the event loop, so its own cost is in the figures.
"""

import asyncio
import io
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict

from fake_ami import Action, FakeAmi, FakeSession, event, until
from loopback import free_port

from callcenter import logs
from callcenter.asterisk.ports import Ports
from callcenter.asterisk.secrets import load_secrets
from callcenter.bootstrap import Cell
from callcenter.core.ids import ChannelName, ContactId
from callcenter.core.messages import calls
from callcenter.settings import Settings
from callcenter.store.database import Database

RAW_SECOND = bytes(8000 * 2 * 2)
"""A second of two-channel silence: what the recorder leaves behind."""

QUEUES = ("main", "enterprise")
HOUSE: dict[str, object] = {
    "seats": {"count": 99, "cloud_count": 99},
    "line": {"wrap_up_s": 1, "queues": QUEUES},
    "speech": {"workers": 0},
}
"""Seats enough for 100 calls a second that last a quarter of a second, with one second of after-call work."""


class Script:
    """An Asterisk that replays calls. ``step_s``: between the events of one call, which takes five of them.

    ``latencies_s``: from each talk's end to the pause of its seat. ``connected``: when the seat of a contact answered, on the
    clock of the loop, which all processes of a machine share.
    """

    def __init__(self, server: FakeAmi, cell_settings: Settings, step_s: float = 0.05) -> None:
        self.latencies_s: list[float] = []
        self.connected: dict[ContactId, float] = {}
        self._step_s = step_s
        self._server = server
        self._raw = cell_settings.recordings_path / "incoming"
        self._raw.mkdir(parents=True, exist_ok=True)
        self._seats = cell_settings.seats.all()
        self._free: asyncio.Queue[str] = asyncio.Queue()
        self._completed: dict[str, float] = {}
        self._watching: FakeSession | None = None
        for seat in self._seats:
            self._free.put_nowait(seat)
        server.replies |= {
            "Login": self._login,
            "CoreSettings": lambda s, a: s.respond(a, SystemName="cc1"),
            "CoreStatus": lambda s, a: s.respond(a, CoreStartupDate="2026-11-22", CoreStartupTime="09:00:00"),
            "QueueStatus": self._queue_status,
            "CoreShowChannels": lambda s, a: s.respond_list(a, "CoreShowChannelsComplete"),
            "DeviceStateList": lambda s, a: s.respond_list(a, "DeviceStateListComplete"),
            "QueuePause": self._pause,
        }

    @property
    def now(self) -> float:
        """The loop's clock."""
        return asyncio.get_running_loop().time()

    async def replay(self, cell: Cell, first: int, calls_per_s: float, duration_s: float) -> None:
        """Calls, evenly; ``first``: the number of the first."""
        self.latencies_s.clear()
        begin = self.now
        async with asyncio.TaskGroup() as group:
            for n in range(round(calls_per_s * duration_s)):
                await asyncio.sleep(max(0.0, begin + n / calls_per_s - self.now))
                _ = group.create_task(self._call(cell, first + n))
        with suppress(TimeoutError):
            await until(lambda: not self._completed, 5.0)

    async def _call(self, cell: Cell, n: int) -> None:
        """From the arrival (which FastAGI tells) over the line and a talk to the hang-up."""
        uniqueid, channel = f"cc00000001-{1795319861 + n // 100}.{n}", f"PJSIP/trunk-{n:08x}"
        await self._arrive(cell, ContactId(uniqueid), ChannelName(channel), n)
        seat = await self._free.get()
        caller = {"Channel": channel, "Uniqueid": uniqueid, "Linkedid": uniqueid, "Queue": QUEUES[0]}
        member = {"Interface": f"PJSIP/{seat}", "MemberName": seat, "DestChannel": f"PJSIP/{seat}-{n:08x}"}
        self._tell("QueueCallerJoin", **caller, Position="1", Count="1")
        await asyncio.sleep(self._step_s)
        self._tell("AgentCalled", **caller, **member)
        await asyncio.sleep(self._step_s)
        self._tell("QueueCallerLeave", **caller, Position="1", Count="0")
        self.connected[ContactId(uniqueid)] = self.now
        self._tell("AgentConnect", **caller, **member, HoldTime="0", RingTime="50")
        await asyncio.sleep(self._step_s)
        (self._raw / f"{uniqueid}.raw").write_bytes(RAW_SECOND)
        self._completed[seat] = self.now
        self._tell("AgentComplete", **caller, **member, HoldTime="0", TalkTime="1", Reason="caller")
        self._tell("Hangup", **caller, Cause="16", **{"Cause-txt": "Normal Clearing"})

    async def _arrive(self, cell: Cell, contact_id: ContactId, channel: ChannelName, n: int) -> None:
        """As an intake session does it: the row first, then the news."""
        arrived = calls.CallArrived(contact_id, channel, f"139{n:08d}", "12345", cell.clock.at())
        await cell.paperwork.arrive(arrived)
        cell.post(arrived)

    def _tell(self, name: str, **headers: str) -> None:
        assert self._watching is not None
        self._watching.send(event(name, Privilege="agent,all", **headers))

    def _login(self, session: FakeSession, action: Action) -> None:
        session.respond(action, Message="Authentication accepted")
        session.send(event("FullyBooted", Status="Fully Booted"))
        if action["Username"] == ["observer"]:
            self._watching = session

    def _queue_status(self, session: FakeSession, action: Action) -> None:
        members = [
            ("QueueMember", {"Queue": queue, "Location": f"PJSIP/{seat}", "Status": "1", "Paused": "0"})
            for queue, seat in itertools.product(QUEUES, self._seats)
        ]
        session.respond_list(action, "QueueStatusComplete", *members)

    def _pause(self, session: FakeSession, action: Action) -> None:
        seat, is_paused = action["Interface"][0].removeprefix("PJSIP/"), action["Paused"] == ["true"]
        completed = self._completed.pop(seat, None)
        if is_paused and completed is not None:
            self.latencies_s.append(self.now - completed)
        session.respond(action, Message="Interface paused successfully")
        for queue in QUEUES:
            self._tell(
                "QueueMemberPause",
                Queue=queue,
                Interface=f"PJSIP/{seat}",
                Paused="1" if is_paused else "0",
                PausedReason=action.get("Reason", [""])[0],
            )
        if not is_paused:
            self._free.put_nowait(seat)


@asynccontextmanager
async def running_cell(settings: Settings, server: FakeAmi) -> AsyncIterator[Cell]:
    """The controller's whole process, inside this one, with ``server`` for its Asterisk."""
    run = settings.home_path / "run"
    run.mkdir(parents=True, exist_ok=True)
    ports = Ports(ami=server.address.port, agi=free_port(), http=free_port())
    (run / "ports.json").write_text(json.dumps(asdict(ports)), "utf-8")
    load_secrets(settings)
    database = Database(settings.effective_database_url)
    await database.upgrade()
    await database.close()
    logs.configure(b"bench", io.StringIO())
    cell = Cell(settings)
    task = asyncio.create_task(cell.run())
    try:
        await until(lambda: task.done() or (cell.watch.has_truth and cell.actor.is_up), 20.0)
        yield cell
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
