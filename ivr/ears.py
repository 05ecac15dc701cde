"""What a caller says in a flow: recorded by Asterisk, recognized by whoever can, and forgotten.

Invariant: nobody is asked to speak when nobody can listen; what was said is gone when the step is over.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Final, Protocol

import structlog

from callcenter.asterisk.agi import AgiSession
from callcenter.core.errors import CallcenterError
from ivr.core import acts
from ivr.core.flow import SPOKEN_KEY

log = structlog.get_logger()

SILENCE_S: Final = 2
"""A pause of so long ends what he says."""

HEAR_WITHIN_S = 3.0
"""How long recognizing may take: the caller hears nothing meanwhile."""

Say = Callable[[AgiSession, tuple[str, ...], str], Awaitable[str]]
"""Plays prompts; the key that cut them short, or ``""``."""


class Ears(Protocol):
    """Recognizes what callers say."""

    def listen(self, kind: str) -> AbstractContextManager[Path | None]:
        """A private file ``*.wav`` to be recorded to, gone afterwards; ``None``: nobody can listen for ``kind`` now."""

    async def understand(self, kind: str, sound: Path) -> Mapping[str, str] | None:
        """Facts of what was said; ``None``: nothing that is known.

        Raises:
            CallcenterError: it cannot be recognized.
        """


class _Deaf:
    """Ears of a house without a recognizer."""

    def listen(self, kind: str) -> AbstractContextManager[Path | None]:
        """See :class:`Ears`."""
        return nullcontext()

    async def understand(self, kind: str, sound: Path) -> Mapping[str, str] | None:
        """See :class:`Ears`."""
        return None


DEAF: Final[Ears] = _Deaf()


async def listen(session: AgiSession, act: acts.Hear, ears: Ears, say: Say) -> acts.Event:
    """Ask him, record what he says, and have it recognized.

    Raises:
        PeerError: he hung up, the session is broken, or a prompt is silent.
    """
    keys = SPOKEN_KEY + act.keys
    with ears.listen(act.kind) as sound:
        if sound is None:
            return acts.Heard(None)
        key = await say(session, act.prompts, keys)
        if key in ("", SPOKEN_KEY):  # who knows the prompt cuts it short and speaks
            key = await session.record_file(str(sound.with_suffix("")), keys, act.max_s, SILENCE_S)
        if key not in ("", SPOKEN_KEY):
            return acts.Key(key)
        return acts.Heard(await _understood(ears, act.kind, sound))


async def _understood(ears: Ears, kind: str, sound: Path) -> Mapping[str, str] | None:
    try:
        async with asyncio.timeout(HEAR_WITHIN_S):
            return await ears.understand(kind, sound)
    except (TimeoutError, CallcenterError) as error:
        log.warning("what a caller said was not recognized", kind=kind, error=type(error).__name__)
        return None
