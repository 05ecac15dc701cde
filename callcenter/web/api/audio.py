"""Sound beyond listening: the waveform for players, and copies that leave the house, marked and audited."""

import asyncio
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web
from pydantic import Field

from callcenter.core.errors import CallcenterError
from callcenter.web.api.common import Why, attachment, audit
from callcenter.web.refusals import unknown
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Params, operation
from callcenter.web.views import View
from recordings.core.peaks import PER_S
from recordings.sound import Sound
from recordings.watermark import marked

log = structlog.get_logger()

BLOCK_BYTES = 1 << 18
"""Read, marked and sent at once: eight seconds of a call."""


class DownloadQuery(Params):
    """What the copy is for."""

    why: Why = ""


class PeaksView(View):
    """The loudest sample of each bucket, 0 to 255; second s is at ``s * per_s``."""

    recording_id: str
    per_s: int
    citizen: list[int] = Field(description="left channel")
    agent: list[int] = Field(description="right channel")


@operation(
    "GET",
    "/recordings/{recording_id}/peaks",
    may=Permission.LISTEN,
    zh="录音波形",
    en="The waveform, for players",
)
async def get_recording_peaks(call: Call[Nothing, Nothing]) -> PeaksView:
    """Made when first asked for, then kept. It tells who speaks when, and nothing of what is said."""
    found = await call.ports.peaks.of(call.recording_id)
    if found is None:
        raise unknown("recording", call.recording_id)
    return PeaksView(
        recording_id=call.recording_id, per_s=PER_S, citizen=list(found.citizen), agent=list(found.agent)
    )


@operation(
    "GET",
    "/recordings/{recording_id}/download",
    may=Permission.DOWNLOAD,
    zh="下载录音",
    en="A copy of the sound, audio/wav, marked with who, when and why",
)
async def download_recording(call: Call[DownloadQuery, Nothing]) -> web.StreamResponse:
    """Account, time and reason are in the file's header, the first two in its name and, faintly, in the sound itself."""
    sound = await call.ports.recordings.media(call.recording_id)
    if sound is None:
        raise unknown("recording", call.recording_id)
    with sound:
        await audit(call, "recording.downloaded", f"recording/{call.recording_id}", call.query.why)
        by, why = call.identity.name, call.query.why
        at = call.ports.clock.at().astimezone(ZoneInfo(call.services.settings.time_zone))
        copy = await asyncio.to_thread(marked, sound, call.recording_id, by, at, why)
        return await _send(call.request, copy, f"{call.recording_id}_{by}_{at:%Y%m%d-%H%M%S}.wav")


async def _send(request: web.Request, sound: Sound, name: str) -> web.StreamResponse:
    """All of it. The first block is read before anything is answered; later trouble breaks the connection off."""
    block = await asyncio.to_thread(sound.read, 0, BLOCK_BYTES)
    response = web.StreamResponse(
        headers={"Content-Type": "audio/wav", "Content-Disposition": attachment(name)}
    )
    response.content_length = sound.size
    await response.prepare(request)
    place = 0
    try:
        while block:
            await response.write(block)
            place += len(block)
            block = await asyncio.to_thread(sound.read, place, BLOCK_BYTES)
        await response.write_eof()
    except CallcenterError as error:
        log.error("copy not sent to its end", code=error.code)
        if request.transport is not None:
            request.transport.abort()
    return response


OPERATIONS: tuple[Operation, ...] = (get_recording_peaks, download_recording)
