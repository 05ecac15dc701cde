"""Copies of recordings over HTTP: who took them and when is in the header, in the sound, and in the audit; waveforms."""

import io
import wave
from pathlib import Path

import numpy as np
import pytest
from web_fakes import RECORDING, SOUND, START, House, browsing

from callcenter.web.roles import Role
from recordings import wav
from recordings.core import watermark
from recordings.core.watermark import Frames
from recordings.sound import Sound
from recordings.watermark import marked

pytestmark = pytest.mark.web

DOWNLOAD = f"/recordings/{RECORDING}/download"


def speech(seconds: int) -> bytes:
    """A WAV file of two voices."""
    noise = np.random.default_rng(5).normal(scale=900, size=(seconds * wav.RATE, 2)).astype("<i2")
    noise[seconds * wav.RATE // 2 :, 0] = 0
    return wav.header(noise.nbytes) + noise.tobytes()


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house with a recording of twenty seconds."""
    made = House(tmp_path)
    made.recordings.sound.write_bytes(speech(20))
    return made


async def test_a_copy_says_who_and_when(house: House) -> None:
    """It plays everywhere, is as long as the recording, tells account and time in its name, header and samples, the reason too."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        answer = await browser.raw("GET", f"{DOWNLOAD}?why=court")
        content = await answer.read()
    assert (answer.status, answer.content_type) == (200, "audio/wav")
    name = f"{RECORDING}_shift_manager_20261122-170000.wav"
    assert (
        answer.headers["Content-Disposition"] == f"attachment; filename=\"{name}\"; filename*=UTF-8''{name}"
    )
    assert int(answer.headers["Content-Length"]) == len(content)
    frames, sealed = _frames(content), _frames(house.recordings.sound.read_bytes())
    assert frames.shape == sealed.shape
    assert watermark.find(frames) == watermark.mark_of("shift_manager", START)
    assert watermark.find(sealed) is None
    head = content[:600]
    assert b"LIST" in head
    assert b"downloaded by shift_manager at 2026-11-22T17:00:00+08:00" in head
    assert b"ISBJ\x06\0\0\0court\0" in head
    (entry,) = [entry for entry in house.audit.entries if entry.action == "recording.downloaded"]
    assert (entry.by, entry.resource, entry.why) == ("shift_manager", f"recording/{RECORDING}", "court")


async def test_a_copy_needs_right_and_reason(house: House) -> None:
    """Who may listen may not therefore take it home; without a reason nobody; an unknown recording is unknown."""
    async with browsing(house, Role.QA_REVIEWER) as browser:
        assert (await browser.get(f"{DOWNLOAD}?why=court"))[0] == 403
    async with browsing(house, Role.ADMIN) as browser:
        assert (await browser.get(DOWNLOAD))[1]["error_id"] == "why_missing"
        assert (await browser.get("/recordings/r-9/download?why=court"))[0] == 404
        assert (await browser.get("/recordings/..%2Fx/download?why=court"))[0] == 404
    assert [e for e in house.audit.entries if e.action == "recording.downloaded"] == []


async def test_what_is_no_recording_is_refused(house: House) -> None:
    """A file that cannot be marked does not leave the house."""
    house.recordings.sound.write_bytes(b"<html>" * 100)
    async with browsing(house, Role.ADMIN) as browser:
        status, answer = await browser.get(f"{DOWNLOAD}?why=court")
    assert (400 <= status < 500, answer["error_id"]) == (True, "not_wav")


async def test_a_waveform_for_players(house: House) -> None:
    """Two voices, levels from 0 to 255, how many a second."""
    async with browsing(house, Role.QA_REVIEWER) as browser:
        status, answer = await browser.get(f"/recordings/{RECORDING}/peaks")
        assert (await browser.get("/recordings/r-9/peaks"))[0] == 404
    assert (status, answer) == (
        200,
        {"recording_id": RECORDING, "per_s": 10, "citizen": [0, 255], "agent": [7, 8]},
    )


def test_any_part_of_a_copy_can_be_read() -> None:
    """Bytes from any place are those of the whole copy; the sealed sound is not changed."""
    copy = marked(_opened(SOUND), "r-1", "王 <b>\x07", START, "法院")
    whole = copy.read(0, copy.size)
    assert len(whole) == copy.size
    for begin, length in ((0, 10), (100, 700), (copy.size - 5, 50), (1001, 30_003), (copy.size, 10)):
        assert copy.read(begin, length) == whole[begin : begin + length]
    assert b"".join(copy.blocks()) == whole


def _opened(content: bytes) -> Sound:
    return Sound(lambda at, length: content[at : at + length], len(content), lambda: None)


def _frames(content: bytes) -> Frames:
    with wave.open(io.BytesIO(content)) as file:
        assert (file.getframerate(), file.getsampwidth()) == (8000, 2)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, file.getnchannels())
