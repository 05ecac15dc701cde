"""Recordings of prompts (提示音): handed in, heard, taken back; each with who, when and why."""

from typing import Annotated, Final

from aiohttp import web
from pydantic import Base64Bytes, Field

from callcenter.web.api.common import Why, audit
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Params, operation
from callcenter.web.views import Page
from callcenter.web.views.prompts import PromptVersionView

UPLOAD_MAX_BYTES: Final = 12 * 2**20
"""More than any recording that is taken has in base64, so that one a little too big is told how big it may be."""


class RecordingBody(Params):
    """A recording that callers hear from now on."""

    content: Annotated[
        Base64Bytes,
        Field(description="a WAV file in base64: PCM, mono or stereo, 8 to 48 kHz, up to 60 s and 6 MiB"),
    ]
    why: Why = ""


class RestoreBody(Params):
    """Which version is wanted back."""

    version: int | None = Field(None, ge=1, description="null: the voice's")
    why: Why = ""


@operation(
    "PUT",
    "/prompts/{prompt}/recording",
    may=Permission.SET_HOUSE,
    zh="上传提示音录音",
    en="Hand in a recording",
    statuses=(400, 503),
    body_max_bytes=UPLOAD_MAX_BYTES,
)
async def record_prompt(call: Call[Nothing, RecordingBody]) -> PromptVersionView:
    """Checked and converted first; who is hearing the prompt hears it to its end, the next one hears the new one."""
    prompt, body = call.request.match_info["prompt"], call.body
    sound = await call.ports.prompt_desk.checked(prompt, body.content)
    await audit(call, "prompt.replaced", f"prompt/{prompt}", body.why)
    return await call.ports.prompt_desk.replace(prompt, sound, call.identity.name, body.why)


@operation(
    "POST",
    "/prompts/{prompt}/restore",
    may=Permission.SET_HOUSE,
    zh="取回提示音",
    en="Take an earlier sound back",
    statuses=(404, 409, 503),
)
async def restore_prompt(call: Call[Nothing, RestoreBody]) -> PromptVersionView:
    """As a version of its own: the way forward stays open too."""
    prompt, body = call.request.match_info["prompt"], call.body
    await audit(call, "prompt.restored", f"prompt/{prompt}", body.why)
    return await call.ports.prompt_desk.restore(prompt, body.version, call.identity.name, body.why)


@operation(
    "GET", "/prompts/{prompt}/versions", may=Permission.READ_HOUSE, zh="提示音版本", en="What it sounded like"
)
async def list_prompt_versions(call: Call[Nothing, Nothing]) -> Page[PromptVersionView]:
    """Newest first; the last 20 can be had back."""
    found = list(await call.ports.prompt_desk.versions(call.request.match_info["prompt"]))
    return Page.whole(found)


@operation(
    "GET",
    "/prompts/{prompt}/versions/{version}/sound",
    may=Permission.READ_HOUSE,
    zh="试听提示音版本",
    en="A version, audio/wav",
)
async def hear_prompt_version(call: Call[Nothing, Nothing]) -> web.StreamResponse:
    """Before it is taken back."""
    prompt, version = (call.request.match_info[name] for name in ("prompt", "version"))
    sound = await call.ports.prompt_desk.sound(prompt, int(version))
    return web.Response(body=sound, content_type="audio/wav")


OPERATIONS: tuple[Operation, ...] = (
    list_prompt_versions,
    hear_prompt_version,
    record_prompt,
    restore_prompt,
)
