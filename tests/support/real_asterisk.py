"""A real Asterisk of its own for one test, whose prompts are the test's own.

Invariant: nothing is shared with another test but the program.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from pbx import LIMIT_S, Pbx, private_settings, running_pbx

from callcenter.asterisk.install import AsteriskProgram, ensure_asterisk
from callcenter.phones import Call, CallState, PhoneError
from callcenter.settings import Settings, load

TRUNK = {"X-Trunk": "demo"}


@cache
def program() -> AsteriskProgram:
    """The Asterisk that all tests run: as a user would get it, built at the first need."""
    return ensure_asterisk(load().settings, print)


def settings_for(home: Path, **more: Any) -> Settings:
    """Settings of a fresh home with an empty cache: no prompts yet."""
    return private_settings(home, **_apart(home), **more)


@asynccontextmanager
async def house(home: Path, **more: Any) -> AsyncIterator[Pbx]:
    """Start an Asterisk on a fresh home, stop it at the end, show its log when the test fails."""
    async with running_pbx(home, **_apart(home), **more) as it:
        try:
            yield it
        except BaseException:
            print(it.log_tail())
            raise


def _apart(home: Path) -> dict[str, str]:
    return {"cache": str(home / "cache"), "asterisk": str(program().program)}


async def hand_over(call: Call, target: str) -> None:
    """Transfer the far end to ``target``; done when our own leg has ended.

    Asterisk may end it before it has reported the success, which the SIP stack takes for a failure.

    Raises:
        PhoneError: refused: the call goes on.
    """
    try:
        await call.transfer(target)
    except PhoneError:
        if call.state is not CallState.ENDED:
            raise
    await call.ended()


async def until(look: Callable[[], Any], what: str, limit_s: float = LIMIT_S) -> Any:
    """Wait until ``look()`` (sync or async) gives something true, and return that."""
    seen: Any = None
    try:
        async with asyncio.timeout(limit_s):
            while True:
                seen = look()
                if asyncio.iscoroutine(seen):
                    seen = await seen
                if seen:
                    return seen
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"{what}: not within {limit_s} s, last seen {seen!r}") from None
