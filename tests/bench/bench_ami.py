"""How fast AMI events are decoded, put in order and delivered: our link beside bare panoramisk, one run.

Speed is events per CPU second of this process (one core), so that other load does not count; the small share
of writing the events into the socket is in both figures. Every event is checked for its place in the order.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from fake_ami import FakeAmi, FakeSession, running, until
from panoramisk import Manager

from callcenter.asterisk.ami import AmiLink
from callcenter.asterisk.frames import Frame

pytestmark = pytest.mark.bench

EVENTS = 30_000
ROUNDS = 3
TARGET_PER_S = 10_000
CHUNK = 64 * 1024

EVENT = (
    "Event: QueueMemberStatus\r\nPrivilege: agent,all\r\nTimestamp: 1795319858.021247\r\nSystemName: cc1\r\n"
    "Channel: PJSIP/trunk-00000003\r\nChannelState: 6\r\nChannelStateDesc: Up\r\nCallerIDNum: 0\r\n"
    "CallerIDName: citizen\r\nConnectedLineNum: 8001\r\nConnectedLineName: 8001\r\nLanguage: zh\r\n"
    "AccountCode: \r\nContext: line\r\nExten: main\r\nPriority: 4\r\nUniqueid: cc1-1795319861.6\r\n"
    "Linkedid: cc1-1795319861.6\r\nQueue: main\r\nPosition: {n}\r\nCount: 1\r\n\r\n"
)
"""As long as the queue events of a real Asterisk 22."""

Measure = Callable[[FakeAmi], Awaitable[float]]


async def flood(session: FakeSession) -> None:
    """Write all events as fast as they are read."""
    data = "".join(EVENT.format(n=n) for n in range(EVENTS)).encode()
    for start in range(0, len(data), CHUNK):
        session.send_bytes(data[start : start + CHUNK])
        await session.writer.drain()


async def measure_link(server: FakeAmi) -> float:
    """Events per CPU second through ``AmiLink`` into a bounded inbox with one consumer."""
    inbox: asyncio.Queue[Frame] = asyncio.Queue(20_000)

    async def consume() -> None:
        expected = 0
        while expected < EVENTS:
            frame = await inbox.get()
            if frame.event == "QueueMemberStatus":
                assert frame.get("Position") == str(expected)
                expected += 1

    link = AmiLink("bench", server.address, "observer", "right", on_frame=inbox.put_nowait)
    async with running(asyncio.create_task(link.run())):
        await until(lambda: link.is_up)
        return await _timed(server, consume)


async def measure_panoramisk(server: FakeAmi) -> float:
    """The same through a bare ``panoramisk.Manager`` with one callback."""
    inbox: asyncio.Queue[object] = asyncio.Queue()
    manager = Manager(host=server.address.host, port=server.address.port, username="o", secret="right")
    manager.register_event("*", lambda manager, message: inbox.put_nowait(message))
    await manager.connect()

    async def consume() -> None:
        expected = 0
        while expected < EVENTS:
            message = await inbox.get()
            if message["Event"] == "QueueMemberStatus":  # type: ignore[index]
                assert message["Position"] == str(expected)  # type: ignore[index]
                expected += 1

    await until(lambda: manager.authenticated)
    try:
        return await _timed(server, consume)
    finally:
        manager.close()


async def _timed(server: FakeAmi, consume: Callable[[], Awaitable[None]]) -> float:
    started = time.process_time()
    await asyncio.gather(flood(server.last), consume())
    return EVENTS / (time.process_time() - started)


async def _best(measure: Measure) -> float:
    """The best of some rounds: what the code can do, not what the machine was doing."""
    speeds = []
    for _ in range(ROUNDS):
        async with FakeAmi() as server:
            speeds.append(await measure(server))
    return max(speeds)


async def measure() -> dict[str, Any]:
    """Both figures and their ratio."""
    link = round(await _best(measure_link))
    bare = round(await _best(measure_panoramisk))
    return {
        "events_per_cpu_s": {"value": link, "target": f">= {TARGET_PER_S}", "ok": link >= TARGET_PER_S},
        "bare_panoramisk_events_per_cpu_s": bare,
        "ratio_to_panoramisk": round(link / bare, 2),
    }


def run() -> dict[str, Any]:
    """Measure, print one line, return the figures."""
    figures = asyncio.run(measure())
    print(
        f"AMI events per CPU second: {figures['events_per_cpu_s']['value']:,}, "
        f"bare panoramisk {figures['bare_panoramisk_events_per_cpu_s']:,}, "
        f"ratio {figures['ratio_to_panoramisk']:.2f}"
    )
    return figures


if __name__ == "__main__":
    run()
