"""Recordings of prompts over the API: limits, refusals, history; nothing is audited as done that was refused."""

import io
from base64 import b64encode
from pathlib import Path

import pytest
from web_fakes import House, browsing

from callcenter.speech.audio import silence, tone
from callcenter.web.roles import Role
from ivr.prompt_sound import FILE_MAX_BYTES, wav_bytes

pytestmark = pytest.mark.web

JSON = {"Content-Type": "application/json"}
NEW = b64encode(wav_bytes(tone(1000, 0.5))).decode()
SILENT = b64encode(wav_bytes(silence(1.0))).decode()


async def test_a_refused_recording_changes_nothing_and_is_not_in_the_audit(tmp_path: Path) -> None:
    """Silent, too big, too big by far, garbled, without a reason: each its own refusal, callers hear what they heard."""
    house, path = House(tmp_path), "/prompts/greeting/recording"
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        _, silent = await browser.ask("PUT", path, json={"content": SILENT, "why": "x y"})
        big = b64encode(bytes(FILE_MAX_BYTES + 1))
        _, too_big = await browser.ask("PUT", path, data=whole(big), headers=JSON)
        huge = await browser.ask("PUT", path, data=whole(b"A" * 13 * 2**20), headers=JSON)
        garbled = await browser.ask("PUT", path, json={"content": "?", "why": "x y"})
        _, reasonless = await browser.ask("PUT", path, json={"content": NEW})
        _, unknown = await browser.ask(
            "PUT", "/prompts/greting/recording", json={"content": NEW, "why": "x y"}
        )
    assert (silent["error_id"], too_big["error_id"]) == ("bad_recording", "bad_recording")
    assert "6 MB" in too_big["message"]
    assert (huge[0], garbled[0]) == (413, 400)
    assert (reasonless["error_id"], unknown["error_id"]) == ("why_missing", "unknown_prompt")
    assert len(house.prompt_desk.kept["greeting"]) == 1
    assert [it.action for it in house.audit.entries] == ["session.opened"]


def whole(content: bytes) -> io.BytesIO:
    """A body too large to be sent in one piece."""
    return io.BytesIO(b'{"why": "x y", "content": "' + content + b'"}')


async def test_a_recording_is_heard_as_its_version(tmp_path: Path) -> None:
    """Handed in, listed with who and why, heard as WAV; the one before can still be heard."""
    async with browsing(House(tmp_path), Role.ADMIN) as browser:
        _, kept = await browser.ask(
            "PUT", "/prompts/greeting/recording", json={"content": NEW, "why": "新声音"}
        )
        _, listed = await browser.get("/prompts/greeting/versions")
        sound = await browser.raw("GET", "/prompts/greeting/versions/2/sound")
        assert (sound.status, sound.content_type) == (200, "audio/wav")
        assert (await browser.raw("GET", "/prompts/greeting/versions/1/sound")).status == 200
        assert (await browser.get("/prompts/greeting/versions/3/sound"))[0] == 404
    assert (kept["version"], kept["by"], kept["seconds"]) == (2, "admin", 0.5)
    assert [(it["version"], it["is_in_use"]) for it in listed["items"]] == [(2, True), (1, False)]
