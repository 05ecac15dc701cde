"""Recordings: found by row id, never by path; every access to what was said is audited with its reason."""

from aiohttp import web

from callcenter.web.api.common import Why, audit
from callcenter.web.refusals import unknown
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Params, operation
from callcenter.web.views import RecordingView


class MediaQuery(Params):
    """Why it is listened to."""

    why: Why = ""


@operation("GET", "/recordings/{recording_id}", may=Permission.LISTEN, zh="录音信息", en="About a recording")
async def get_recording(call: Call[Nothing, Nothing]) -> RecordingView:
    """Length, completeness, checksum."""
    recording = await call.ports.recordings.get(call.recording_id)
    if recording is None:
        raise unknown("recording", call.recording_id)
    return recording


@operation(
    "GET",
    "/recordings/{recording_id}/media",
    may=Permission.LISTEN,
    zh="收听录音",
    en="The sound, audio/wav, byte ranges served",
    statuses=(206, 416),
)
async def get_recording_media(call: Call[MediaQuery, Nothing]) -> web.StreamResponse:
    """Two channels: left citizen, right agent."""
    path = await call.ports.recordings.media(call.recording_id)
    if path is None or not path.is_file():
        raise unknown("recording", call.recording_id)
    await audit(call, "recording.heard", f"recording/{call.recording_id}", call.query.why)
    headers = {
        "Content-Type": "audio/wav",
        "Content-Disposition": f'inline; filename="{call.recording_id}.wav"',
        "Accept-Ranges": "bytes",
    }
    return web.FileResponse(path, headers=headers)


OPERATIONS: tuple[Operation, ...] = (get_recording, get_recording_media)
