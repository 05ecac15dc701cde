"""Many open boards in a process of their own, so that reading them costs the server's core nothing.

``python board_readers.py URL READERS TOKEN...``: opens the streams, says ``open``, and at the end of its input prints, as JSON, when
each reader first saw each call talking: contact -> seconds on the machine's monotonic clock, one per reader.
"""

import asyncio
import itertools
import json
import sys
from collections import defaultdict
from contextlib import suppress

import aiohttp

TYPES = "board.changed"


async def main(url: str, readers: int, tokens: list[str]) -> None:
    """Read until the input ends."""
    seen: dict[str, list[float]] = defaultdict(list)
    opened = asyncio.Barrier(readers + 1)
    async with aiohttp.ClientSession() as session:
        tasks = [
            asyncio.create_task(_read(session, url, token, seen, opened))
            for _, token in zip(range(readers), itertools.cycle(tokens), strict=False)
        ]
        await opened.wait()
        _say("open")
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    _say(json.dumps(seen))


async def _read(
    session: aiohttp.ClientSession,
    url: str,
    token: str,
    seen: dict[str, list[float]],
    opened: asyncio.Barrier,
) -> None:
    own: set[str] = set()
    async with session.ws_connect(
        f"{url}/api/v1/events", params={"types": TYPES}, headers={"Authorization": f"Bearer {token}"}
    ) as socket:
        await socket.receive()  # the whole board
        with suppress(asyncio.BrokenBarrierError):
            await opened.wait()
        async for message in socket:
            at = asyncio.get_running_loop().time()
            frame = json.loads(message.data)
            for call in frame.get("calls", ()):
                if call["state"] == "talking" and call["contact_id"] not in own:
                    own.add(call["contact_id"])
                    seen[call["contact_id"]].append(at)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3:]))
