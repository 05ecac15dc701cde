"""Says a text in a process of its own: the voice takes seconds and 400 MB, and the controller has calls to serve.

Run as ``python -m ivr.speaker CACHE TARGET`` with the text on standard input, it writes the sound and tells in one line
of JSON how it went.
Invariant: a text is spoken within :data:`LIMIT_S` or not at all; the process never outlives its caller's wait.
"""

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

from callcenter.core.errors import PeerError, UsageError
from callcenter.speech import audio
from callcenter.speech.voice import Voice
from ivr.prompt_maker import put_sound, say

LIMIT_S = 25.0
"""A notice is on air within 30 s; speaking 40 s of it takes 5 s on an idle core."""

_NICENESS = 5
"""Calls come first."""

_ROOT = Path(__file__).parent.parent


async def speak(cache: Path, text: str, target: Path) -> float:
    """Speak ``text`` into ``target`` (``.wav``, with its A-law beside it); seconds of sound.

    Raises:
        UsageError: ``unspeakable``, the message names what the voice cannot say.
        PeerError: ``voice_failed``: it is not installed, died, or was not ready within :data:`LIMIT_S`.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ivr.speaker", str(cache.absolute()), str(target.absolute()),
        stdin=PIPE, stdout=PIPE, stderr=DEVNULL, cwd=_ROOT,
    )  # fmt: skip
    try:
        async with asyncio.timeout(LIMIT_S):
            told, _ = await process.communicate(text.encode())
    except TimeoutError:
        told = b""
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return _seconds(told)


def _seconds(told: bytes) -> float:
    try:
        answer = json.loads(told)
    except ValueError:
        raise PeerError(
            "语音合成没有成功，请再试一次 / the voice did not answer in time, try again", code="voice_failed"
        ) from None
    if "refused" in answer:
        raise UsageError(str(answer["refused"]), code="unspeakable")
    if "failed" in answer:
        raise PeerError(str(answer["failed"]), code="voice_failed")
    return float(answer["seconds"])


def main(cache: str, target: str) -> None:
    """Speak what stands on standard input."""
    os.nice(_NICENESS)
    try:
        samples = say(sys.stdin.buffer.read().decode(), Voice(Path(cache)))
        put_sound(Path(target), samples)
        answer: dict[str, object] = {"seconds": len(samples) / audio.RATE}
    except UsageError as refusal:
        answer = {"refused": str(refusal)}
    except PeerError as trouble:
        answer = {"failed": str(trouble)}
    print(json.dumps(answer))  # noqa: T201  to who started this process


if __name__ == "__main__":
    main(*sys.argv[1:])
