"""Runs a command of this program beside the house: long work on many recordings that must take nothing from calls.

Invariant: it has the lowest claim on the cores, reads the same settings (from the environment), and ends with this process.
"""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Sequence
from typing import Any, Final

from callcenter.core.errors import PeerError

PROGRAM: Final = (sys.executable, "-m", "callcenter")

_NICEST: Final = 19


async def told(command: Sequence[str]) -> dict[str, Any]:
    """The JSON object that the command printed, whatever its exit code.

    Raises:
        PeerError: ``command_failed``: it printed none; the message is its last line of complaint.
    """
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe
    )
    with contextlib.suppress(ProcessLookupError):
        os.setpriority(os.PRIO_PROCESS, process.pid, _NICEST)
    try:
        out, err = await process.communicate()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    try:
        answer: dict[str, Any] = json.loads(out)
    except ValueError:
        last = (err.decode(errors="replace").strip().splitlines() or ["it said nothing"])[-1]
        raise PeerError(last.removeprefix("callcenter: "), code="command_failed") from None
    return answer
