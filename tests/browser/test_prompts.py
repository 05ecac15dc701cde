"""What callers hear, changed on the page: a recording is handed in, refused in clear words, heard, taken back."""

import json
from pathlib import Path

import pytest
from browser import Desk, Language, Scheme, at_desk
from web_fakes import House

from callcenter.speech.audio import silence, tone, write_wav
from callcenter.web.roles import Role

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
]

FILE = "dialog input[type=file]"
REFUSED = "400"


async def hand_in(desk: Desk, file: Path) -> None:
    """Choose a file and press."""
    await desk.page.set_input_files(FILE, file)
    await desk.page.click("dialog button.primary")


@pytest.mark.parametrize(("language", "scheme"), [("zh", "light"), ("en", "dark")])
async def test_a_recording_is_handed_in_and_taken_back(
    house: House, tmp_path: Path, language: Language, scheme: Scheme
) -> None:
    """By keyboard; what is silent is refused and loses nothing; each version stands with who and why, and can be had back."""
    write_wav(tmp_path / "silent.wav", silence(1.0))
    write_wav(tmp_path / "new.wav", tone(1000, 1.5))
    async with at_desk(house, Role.SHIFT_MANAGER, language=language, scheme=scheme) as desk:
        page = desk.page
        await desk.open("/house/prompts")
        await page.wait_for_selector("tr:has-text('greeting')")
        await page.keyboard.press("j")
        await page.keyboard.press("l")
        await page.wait_for_selector("audio[aria-label=greeting]")
        await page.keyboard.press("r")
        await page.fill("dialog input[name=why]", "换了新的播音员")
        await hand_in(desk, tmp_path / "silent.wav")
        told = "录音里没有声音" if language == "zh" else "there is nothing to hear"
        await page.wait_for_selector(f"dialog .problem:has-text('{told}')")
        assert len(house.prompt_desk.kept["greeting"]) == 1
        assert await page.input_value("dialog input[name=why]") == "换了新的播音员"
        await hand_in(desk, tmp_path / "new.wav")
        await page.wait_for_selector("dialog li:nth-child(2)")
        await page.wait_for_selector("dialog li:nth-child(1):has-text('换了新的播音员')")
        await desk.shot(f"prompt-recorded-{language}-{scheme}")
        assert not await desk.barriers()
        await page.fill("dialog input[name=why]", "还是原来的好")
        await page.click("dialog li:nth-child(2) button >> nth=1")
        await page.wait_for_selector("dialog li:nth-child(3)")
        desk.problems[:] = [it for it in desk.problems if REFUSED not in it]
    versions = [view for view, _ in house.prompt_desk.kept["greeting"]]
    assert [(it.seconds, it.why) for it in versions][:2] == [(0.5, "还是原来的好"), (1.5, "换了新的播音员")]
    written = [
        (it.action, it.resource, it.why) for it in house.audit.entries if it.action.startswith("prompt.")
    ]
    assert written == [
        ("prompt.replaced", "prompt/greeting", "换了新的播音员"),
        ("prompt.restored", "prompt/greeting", "还是原来的好"),
    ]
    assert "UklGR" not in json.dumps(written)


async def test_an_auditor_hears_and_changes_nothing(house: House) -> None:
    """Who may only read sees the history without a form."""
    async with at_desk(house, Role.AUDITOR) as desk:
        await desk.open("/house/prompts")
        await desk.page.click("tr:has-text('greeting') button >> nth=1")
        await desk.page.wait_for_selector("dialog li")
        assert await desk.page.locator("dialog form").count() == 0
