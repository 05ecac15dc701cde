"""The quality desk in a real browser on a real store: heard is the second that was clicked, reviews go their whole way."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from browser import WAIT_MS, Desk, at_desk
from quality_world import HOSTILE, LONG, MARKER, R1, R2, QualityHouse, tone_at
from web_fakes import MASKED, NUMBER

from callcenter.core.ids import RecordingId, SeatId
from callcenter.web.ports.quality import Viewer
from callcenter.web.roles import Role
from recordings.core.qa.scorecard import Grades
from recordings.qa.files import load_scorecards
from recordings.qa.reviewing import Work
from recordings.qa.reviews import Filter

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
]

CARD = load_scorecards()["hotline"]
BEST: Grades = {name: criterion.best for name, criterion in CARD.criteria.items()}
LISTEN_IN = """() => {
  const Plain = window.Audio;
  window.Audio = function (url) {
    const sound = new Plain(url);
    window.sound = sound;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 8192;
    context.createMediaElementSource(sound).connect(analyser);
    analyser.connect(context.destination);
    window.tone = () => {
      const bins = new Uint8Array(analyser.frequencyBinCount);
      analyser.getByteFrequencyData(bins);
      return bins.indexOf(Math.max(...bins)) * context.sampleRate / analyser.fftSize;
    };
    return sound;
  };
}"""
"""What is heard, as a frequency, and where the real player is."""


@pytest.fixture
async def calls(tmp_path: Path) -> AsyncIterator[QualityHouse]:
    """Four calls with sound."""
    made = QualityHouse(tmp_path)
    await made.open()
    yield made
    await made.close()


async def until(desk: Desk, test: str, arg: object = None) -> None:
    """Wait until a function of the page says yes (our policy forbids what Playwright waits with)."""
    look = f"const look = () => (({test})(arg) ? done() : setTimeout(look, 40)); look();"
    async with asyncio.timeout(WAIT_MS / 1000):
        await desk.page.evaluate(f"arg => new Promise(done => {{ {look} }})", arg)


async def heard(desk: Desk, low: float, high: float, frequency: float | None = None) -> None:
    """Wait until the real player plays between these seconds; ``frequency``: and that is what sounds."""
    told = "([low, high]) => window.sound && !window.sound.paused && window.sound.currentTime >= low && window.sound.currentTime < high"
    await until(desk, told, [low, high])
    if frequency is not None:
        await until(desk, "hz => Math.abs(window.tone() - hz) < 15", frequency)


async def lit_at(desk: Desk, second: float) -> tuple[str, str]:
    """Who and which word lights up there, in a player that stands still."""
    await desk.page.evaluate("at => { window.sound.pause(); window.sound.currentTime = at }", second)
    await until(desk, "at => Math.abs(window.sound.currentTime - at) < 0.05 && !window.sound.seeking", second)
    lit = "[...document.querySelectorAll('.turns .said b, .turns .word.now')].map(each => each.textContent)"
    await until(desk, f"() => {lit}.length === 2")
    who, word = await desk.page.evaluate(lit)
    return who, word


async def listening(desk: Desk, recording_id: str, path: str = "/quality") -> None:
    """Open a call and say why it is heard."""
    await desk.page.evaluate(LISTEN_IN)
    await desk.open(f"{path}/{recording_id}")
    await desk.page.fill(".player input[maxlength='200']", "质检抽查")
    await desk.page.click(".player form button")
    await desk.page.wait_for_selector(".controls")


async def test_what_is_clicked_is_heard(calls: QualityHouse) -> None:
    """A finding, a word, a mark on the waveform: the real player plays that second, and the words run along. One reason is enough."""
    async with at_desk(calls, Role.QA_REVIEWER) as desk:
        page = desk.page
        await listening(desk, R1)
        await page.click("button[data-kind=finding]")
        await heard(desk, 0.7, 3)
        await page.click(".turns .word >> text=暖气")
        await heard(desk, 5.7, 8, tone_at(6))
        assert await lit_at(desk, 5.9) == ("市民", "暖气")
        await page.click(".turns button >> text=0:40")
        await heard(desk, 40, 42, tone_at(40))
        assert await lit_at(desk, 40.1) == ("话务员", "好。")
        await page.click(".controls button.primary")
        await page.keyboard.press("Escape")
        await page.evaluate("document.activeElement.blur()")
        await page.keyboard.press("s")
        await page.keyboard.press("+")
        await page.keyboard.press("+")
        assert await page.evaluate("window.sound.playbackRate") == 1.5
        await heard(desk, 53, 60)  # eight seconds of silence were left out
        await page.keyboard.press(" ")
        await until(desk, "() => window.sound.paused")
        at: float = await page.evaluate("window.sound.currentTime")
        await page.keyboard.press("ArrowLeft")
        await until(desk, "at => Math.abs(window.sound.currentTime - (at - 5)) < 0.2", at)
        await desk.shot("quality-heard-zh-light")
        # Half an hour: a word near its end sounds without the sound before it, and the list is there.
        await desk.open(f"/quality/{LONG}")
        await page.wait_for_selector(".player form")
        await page.click(".player form button")  # the same reason is proposed
        await page.locator(".turns li").last.locator("button").click()
        await heard(desk, 29 * 60 + 29, 29 * 60 + 40, tone_at(29 * 60 + 31))
        assert await lit_at(desk, 29 * 60 + 30.6) == ("话务员", "慢慢")
        await desk.shot("quality-long-zh-light")
    heard_of = [entry for entry in calls.audit.entries if entry.action == "recording.heard"]
    assert {entry.why for entry in heard_of} == {"质检抽查"}
    assert any(entry.resource.startswith(f"recording/{LONG}#t=1") for entry in heard_of)


async def test_a_call_is_graded_by_keyboard(calls: QualityHouse) -> None:
    """Taken, each criterion by its digit, the machine judged, a comment on one; a coaching note leads to its second."""
    async with at_desk(calls, Role.QA_REVIEWER, language="en") as desk:
        page = desk.page
        await desk.open("/quality")
        await page.wait_for_selector(".cards-list li")
        await page.keyboard.press("j")
        await page.wait_for_selector(".reviews button")
        await page.click(".reviews button >> text=Review:")
        await page.wait_for_selector("form.scorecard fieldset")
        await page.keyboard.press("r")
        await page.keyboard.press("c")
        await page.keyboard.type("<b>too late</b>")
        await page.keyboard.press("Shift+Tab")
        for criterion in CARD.criteria.values():
            await page.keyboard.press("x" if criterion.optional else str(criterion.best))
        await page.keyboard.press("y")
        assert "0 to go" in await page.inner_text("form.scorecard h4")
        await desk.shot("quality-scorecard-en-light", whole=True)
        assert not await desk.barriers()
        await page.click("form.scorecard button.primary")
        await page.wait_for_selector(".reviews table")
        assert "<b>too late</b>" in await page.inner_text(".reviews table")
        await page.evaluate("document.activeElement.blur()")
        await page.keyboard.press("n")
        await page.fill(".coaching textarea", f"Ask first {MARKER}")
        await page.click(".coaching button.primary")
        await page.wait_for_selector(".coaching li")
        assert MARKER in await page.inner_text(".coaching li")
        await page.check(".call-filters .tick input")  # only mine
        await until(desk, "() => document.querySelectorAll('.cards-list li').length === 1")
        await page.fill(".call-filters input[inputmode=numeric]", "8002")
        await page.wait_for_selector(".two > section:first-child p.hint")
        assert not await page.evaluate("window.ran")


async def test_an_answer_is_ruled_on(calls: QualityHouse) -> None:
    """Two blind reviews stand beside each other with what they agree on; the agent's answer is decided on, its story told."""
    await two_reviews(calls)
    calls.clock.advance(60)
    async with at_desk(calls, Role.ADMIN) as desk:
        page = desk.page
        await desk.open(f"/quality/{R1}")
        await page.wait_for_selector(".reviews caption")
        assert f"/ {len(CARD.criteria)}" in await page.inner_text(".reviews caption")
        assert MARKER in await page.inner_text(".story")
        await page.click(".story input[value=corrected]")
        await page.fill(".story textarea", "录音可证")
        await desk.shot("quality-ruling-zh-light", whole=True)
        assert not await desk.barriers()
        await page.click(".story button.primary")
        await until(
            desk, "() => document.querySelector('.story')?.parentElement.textContent.includes('录音可证')"
        )
        await desk.open("/sampling")
        await page.wait_for_selector("[data-grade]")
        await page.click("main summary")
        await page.fill("input[list=plans]", "weekly")
        await page.check("input[value=qa_reviewer]")
        await page.click("main details button.primary")
        await page.fill("article input[size='9']", "2026-W47")
        await page.check("article input[type=checkbox]")
        await page.click("article button")
        await page.wait_for_selector("article [role=status]")
        await desk.shot("quality-sampling-zh-light", whole=True)
        assert not await desk.barriers()
        assert await copies_of(desk) == ["docx", "wav", "xlsx"]
    taken = {"recording.downloaded", "quality.exported", "quality.listed"}
    assert {entry.action for entry in calls.audit.entries if entry.why == "仲裁调取"} == taken
    (review,) = (await calls.ports.reviews.reviews(calls_of(R1, "ruled"), viewer(), 9, 0)).items
    assert (review.ruled_by, review.ruling_why) == ("admin", "录音可证")


async def test_what_was_said_is_found_and_heard(calls: QualityHouse) -> None:
    """A passage opens its call at its second; numbers are stars; markup is text; tickets lie beside their words."""
    async with at_desk(calls, Role.TEAM_LEADER, scheme="dark") as desk:
        page = desk.page
        await page.evaluate(LISTEN_IN)
        await desk.open("/search")
        await page.fill("input[name=q]", "暖气")
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".found-calls mark")
        text = await page.inner_text(".found-calls")
        assert MASKED in text
        assert NUMBER not in text
        await page.click(".found-calls button >> text=东关街")
        await page.wait_for_selector(".player form button >> text=0:05")
        await page.fill(".player input[maxlength='200']", "投诉核查")
        await page.keyboard.press("Enter")
        await heard(desk, 5.5, 9, tone_at(6))
        await desk.shot("search-zh-dark")
        assert not await desk.barriers()
        await page.fill("input[name=q]", "不归")
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".found-calls button >> text=script")
        await page.click(".found-calls button >> text=script")
        await page.wait_for_selector(".turns >> text=onerror")
        assert await page.locator(".turns img, .found-calls img").count() == 0
        await desk.open(f"/quality/{HOSTILE}")
        await page.wait_for_selector(".found q >> text=onerror")
        assert await page.locator("main img").count() == 0
        assert not await page.evaluate("window.ran")
        await desk.open("/tickets")
        await page.wait_for_selector(".cards-list li:nth-child(4)")
        await page.click(".filters button >> text=已超期")
        await until(desk, "() => document.querySelectorAll('.cards-list li').length === 1")
        await page.keyboard.press("j")
        await page.wait_for_selector(".ticket .turns >> text=东关街")
        await desk.shot("tickets-zh-dark")
        assert not await desk.barriers()
    assert [entry.why for entry in calls.audit.entries if entry.action == "transcript.searched"] == [
        "暖气",
        "不归",
    ]


async def copies_of(desk: Desk) -> list[str]:
    """Kinds of the copies that can be taken of a call; each asks why, and its name tells who took it."""
    await listening(desk, R2)
    assert await desk.page.locator(".sides").count() == 0  # one channel, as a message has
    names = []
    for label in ("下载录音", "导出质检记录", "导出清单"):
        await desk.page.click(f"main button >> text={label}")
        await desk.page.fill("dialog input", "仲裁调取")
        async with desk.page.expect_download() as download:
            await desk.page.click("dialog button.primary")
        names.append((await download.value).suggested_filename)
    assert all("_admin_" in name for name in names)
    return sorted(name.rsplit(".")[-1] for name in names)


async def two_reviews(house: QualityHouse) -> None:
    """Call 1 graded by two, differently; its agent has answered with a marker."""
    reviews = house.ports.reviews
    first = await reviews.assign(RecordingId(R1), "hotline", "qa_reviewer", "shift_manager")
    second = await reviews.assign_second(first.review_id, "team_leader", "shift_manager")
    grades = [BEST, {**BEST, "answer": 0}]
    for review, given in zip((first, second), grades, strict=True):
        await reviews.submit(
            review.review_id, review.reviewer or "", Work(given, {}, MARKER, {"forbidden": True})
        )
    await reviews.answer(first.review_id, SeatId("8001"), f"我查了 {MARKER}")


def calls_of(recording_id: str, state: str) -> Filter:
    """Its reviews in that state."""
    return Filter(recording_id=recording_id, state=state)


def viewer() -> Viewer:
    """Somebody who reads all."""
    return Viewer("auditor", None)
