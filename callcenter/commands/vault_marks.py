"""Whose copy is that: the mark in a file, and who the audit says took such a copy."""

import wave
from pathlib import Path
from typing import TYPE_CHECKING, Any

from callcenter.core.errors import UsageError

if TYPE_CHECKING:
    from callcenter.store.database import Database
    from recordings.core.watermark import Frames

EXPORTED = "recording.exported"
MARK_S_MAX = 600
"""Seconds of a file in which its mark is looked for; ten of speech are enough."""


def samples(path: Path) -> "Frames":
    """The beginning of a WAV file.

    Raises:
        UsageError: ``not_wav``.
    """
    import numpy as np

    from recordings.wav import RATE

    try:
        with wave.open(str(path)) as file:
            if (file.getframerate(), file.getsampwidth()) == (RATE, 2):
                frames = np.frombuffer(file.readframes(MARK_S_MAX * RATE), "<i2")
                return frames.reshape(-1, file.getnchannels())
    except (OSError, EOFError, ValueError, wave.Error):
        pass
    raise UsageError(f"{path}: needs a WAV file of 8 kHz and 16 bit", code="not_wav")


async def takers(database: "Database") -> list[dict[str, Any]]:
    """Who took a marked copy, by the audit."""
    from sqlalchemy import select

    from callcenter.store.schema import audit

    taken = audit.c.action.in_((EXPORTED, "recording.downloaded"))
    statement = select(audit.c.by, audit.c.at, audit.c.resource, audit.c.why).where(taken)
    async with database.reading() as connection:
        return [dict(row) for row in (await connection.execute(statement)).mappings()]
