"""Recordings: found by row id, never by path; every access to what was said is audited with reason and seconds.

And the recorder of a running call, which an agent pauses for what must not be kept.
"""

import asyncio
from typing import Annotated, Any

import structlog
from aiohttp import web
from pydantic import AfterValidator, Field

from callcenter.core.errors import CallcenterError, UsageError
from callcenter.web.api.common import Why, audit, note, printable
from callcenter.web.refusals import Refusal, unknown
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Params, operation
from callcenter.web.views.recordings import RecorderAnswer, RecordingView
from recordings.sound import Sound

log = structlog.get_logger()

BLOCK_BYTES = 1 << 18
"""Read, proved and sent at once: eight seconds of a call."""


class MediaQuery(Params):
    """Why it is listened to."""

    why: Why = ""


Reason = Annotated[str, AfterValidator(printable)]


class PauseRecordingBody(Params):
    """Why nothing may be kept now: into the journal and the audit."""

    reason: Reason = Field(min_length=2, max_length=100)


class ResumeBody(Params):
    """Why it goes on."""

    reason: Reason = Field("", max_length=100)


@operation("GET", "/recordings/{recording_id}", may=Permission.LISTEN, zh="录音信息", en="About a recording")
async def get_recording(call: Call[Nothing, Nothing]) -> RecordingView:
    """Length, completeness, checksum."""
    return await _known(call)


@operation(
    "GET",
    "/recordings/{recording_id}/media",
    may=Permission.LISTEN,
    zh="收听录音",
    en="The sound, audio/wav, byte ranges served",
    statuses=(206, 410, 416),
)
async def get_recording_media(call: Call[MediaQuery, Nothing]) -> web.StreamResponse:
    """Two channels: left citizen, right agent. The audit tells which seconds were read."""
    recording = await _known(call)
    if recording.state == "deleted":
        raise Refusal(410, "recording_deleted", f"the recording was deleted: {recording.reason}")
    sound = await call.ports.recordings.media(call.recording_id)
    if sound is None:
        raise unknown("recording", call.recording_id)
    with sound:
        tag = f'"{recording.sha256}"'
        wanted = _range(call.request, sound.size, tag)
        begin, end = wanted or (0, sound.size)
        spoken = await asyncio.to_thread(_seconds, sound, begin, end)
        await audit(call, "recording.heard", f"recording/{call.recording_id}{spoken}", call.query.why)
        headers = {
            "Content-Type": "audio/wav",
            "Content-Disposition": f'inline; filename="{call.recording_id}.wav"',
            "Accept-Ranges": "bytes",
            "ETag": tag,
        }
        if wanted is not None:
            headers["Content-Range"] = f"bytes {begin}-{end - 1}/{sound.size}"
        return await _send(call.request, sound, begin, end, 200 if wanted is None else 206, headers)


@operation(
    "POST",
    "/calls/{contact_id}/recording/pause",
    may=Permission.ASK_OWN_SEAT,
    zh="暂停录音",
    en="Pause the recording of a running call",
    statuses=(409,),
)
async def pause_recording(call: Call[Nothing, PauseRecordingBody]) -> RecorderAnswer:
    """For what must not be kept, such as an identity number. It goes on by itself when the talk ends."""
    return await _control(call, call.body.reason, paused=True)


@operation(
    "POST",
    "/calls/{contact_id}/recording/resume",
    may=Permission.ASK_OWN_SEAT,
    zh="恢复录音",
    en="Go on recording a running call",
    statuses=(409,),
)
async def resume_recording(call: Call[Nothing, ResumeBody]) -> RecorderAnswer:
    """End a pause."""
    return await _control(call, call.body.reason, paused=False)


async def _control(call: Call[Any, Any], reason: str, *, paused: bool) -> RecorderAnswer:
    recorder = call.ports.recorder
    seat_id = recorder.seat_of(call.contact_id)
    if seat_id is not None and not call.identity.may_ask_seat(seat_id):
        raise Refusal(403, "not_your_seat", "this is not your call")
    action = "recording.paused" if paused else "recording.resumed"
    await note(call, action, f"contact/{call.contact_id}", reason)
    change = recorder.pause if paused else recorder.resume
    await change(call.contact_id, call.identity.name, reason)
    return RecorderAnswer(contact_id=call.contact_id, paused=paused)


async def _known(call: Call[MediaQuery, Nothing] | Call[Nothing, Nothing]) -> RecordingView:
    recording = await call.ports.recordings.get(call.recording_id)
    if recording is None:
        raise unknown("recording", call.recording_id)
    return recording


def _range(request: web.Request, size: int, tag: str) -> tuple[int, int] | None:
    """(first byte, byte behind the last); ``None``: all of it.

    Raises:
        Refusal: 416.
    """
    if request.headers.get("If-Range", tag) != tag:
        return None
    try:
        asked = request.http_range
    except ValueError:
        raise _beyond(size) from None
    if asked.start is None and asked.stop is None:
        return None
    begin, end, _ = asked.indices(size)
    if begin >= end:
        raise _beyond(size)
    return begin, end


def _beyond(size: int) -> Refusal:
    return Refusal(416, "bad_range", "there are no such bytes", headers={"Content-Range": f"bytes */{size}"})


def _seconds(sound: Sound, begin: int, end: int) -> str:
    """Which part of the talk the bytes are: a media fragment, ``#t=12.0,34.5``."""
    try:
        layout = sound.layout()
    except UsageError:
        return f"#bytes={begin}-{end - 1}"
    low, high = (layout.second_at(place) for place in (begin, end))
    return f"#t={low:.1f},{high:.1f}"


async def _send(
    request: web.Request, sound: Sound, begin: int, end: int, status: int, headers: dict[str, str]
) -> web.StreamResponse:
    """The bytes, block by block. The first block is proved before anything is answered."""
    block = await asyncio.to_thread(sound.read, begin, min(BLOCK_BYTES, end - begin))
    response = web.StreamResponse(status=status, headers=headers)
    response.content_length = end - begin
    await response.prepare(request)
    try:
        while block:
            await response.write(block)
            begin += len(block)
            block = await asyncio.to_thread(sound.read, begin, min(BLOCK_BYTES, end - begin))
        await response.write_eof()
    except CallcenterError as error:
        log.error("recording not sent to its end", code=error.code)
        if request.transport is not None:
            request.transport.abort()
    return response


OPERATIONS: tuple[Operation, ...] = (
    get_recording,
    get_recording_media,
    pause_recording,
    resume_recording,
)
