"""Waveforms of recordings: made when somebody first looks at one, and kept.

Most recordings are never looked at, and making one reads the sound once; so sealing does not wait for it.
"""

from typing import Final

import numpy as np
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.core.ids import RecordingId
from callcenter.store.schema import recording_peaks
from callcenter.store.unit import Unit, insert
from recordings.core.peaks import PER_S, Peaks, peaks
from recordings.sound import Sound

BUCKETS_AT_ONCE: Final = 600
"""Read at once: a minute."""


def measure(sound: Sound) -> Peaks:
    """The waveform of a recording, in bounded memory.

    Raises:
        UsageError: ``not_wav``.
        PeerError: the sound cannot be read, or is damaged.
    """
    layout = sound.layout()
    step = max(1, layout.rate // PER_S) * layout.frame_bytes * BUCKETS_AT_ONCE
    found, end = Peaks(), layout.data_offset + layout.data_bytes
    for begin in range(layout.data_offset, end, step):
        content = sound.read(begin, min(step, end - begin))
        found += peaks(np.frombuffer(content, "<i2").reshape(-1, layout.channels), layout.rate)
    return found


async def kept(connection: AsyncConnection, recording_id: RecordingId) -> Peaks | None:
    """The waveform that was made before."""
    columns = select(recording_peaks.c.citizen, recording_peaks.c.agent)
    row = (
        await connection.execute(columns.where(recording_peaks.c.recording_id == recording_id))
    ).one_or_none()
    return Peaks(row.citizen, row.agent) if row else None


async def keep(unit: Unit, recording_id: RecordingId, found: Peaks) -> None:
    """Keep it; one that was kept meanwhile is the same."""
    values = {"recording_id": recording_id, "citizen": found.citizen, "agent": found.agent}
    statement = insert(unit.connection, recording_peaks).values(values)
    await unit.connection.execute(statement.on_conflict_do_nothing(index_elements=["recording_id"]))


async def forget(unit: Unit, recording_id: RecordingId) -> None:
    """Take it out, when the recording is deleted; harmless when there is none."""
    await unit.connection.execute(
        delete(recording_peaks).where(recording_peaks.c.recording_id == recording_id)
    )
