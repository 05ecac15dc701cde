"""The agent's desk in a real browser: a call comes, is heard, is written down; nothing typed is lost, nothing steals the keys."""

from pathlib import Path

import pytest
from agent_house import AgentHouse
from aiohttp.test_utils import TestServer
from browser import SMALL, at_desk, opened
from rows import until
from web_fakes import NUMBER

from callcenter.core.errors import PeerError
from callcenter.core.messages.seats import SeatState
from callcenter.tickets.core.work import Work
from callcenter.web.roles import Role

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
]

NOTE = "textarea[name=note]"
SAVED = ".saved:not(:empty)"


@pytest.fixture
def calls(tmp_path: Path) -> AgentHouse:
    """A talk at seat 8001."""
    made = AgentHouse(tmp_path)
    made.moves(SeatState.TALKING)
    return made


async def kept(house: AgentHouse, **wanted: str) -> Work:
    """The ticket, once the server has what is wanted of it."""

    def has_all() -> bool:
        return all(getattr(house.ticket_desk.work, name) == value for name, value in wanted.items())

    await until(has_all)
    return house.ticket_desk.work


async def test_what_is_heard_is_taken_by_key_and_typing_stays(calls: AgentHouse) -> None:
    """Proposals stand beside the fields; taken one by one or all, but never over what a person typed."""
    async with at_desk(calls, Role.AGENT) as desk:
        page = desk.page
        await page.fill("input[name=place]", "幸福路九号")
        calls.says("枣园小区三号楼暖气不热，没有人来修")
        calls.says("还有社保卡丢了怎么办，电话13812345678", 5.0)
        await page.wait_for_selector("text=依据实时字幕的建议")
        assert await page.evaluate("document.activeElement.name") == "place"  # nothing took the keys away
        await page.keyboard.press("Escape")
        await page.keyboard.press("N")
        await kept(calls, nature="help", place="幸福路九号")
        await page.keyboard.press("Y")
        work = await kept(calls, topic="heating", unit="住建局")
        assert (work.place, work.nature) == ("幸福路九号", "help")
        assert "暖气不热" in (work.note or "")
        assert "13812345678" not in (work.note or "")
        await page.wait_for_selector("text=与来电有关")
        await page.keyboard.press("i")
        await kept(calls, note=f"{work.note}\n社保卡丢失补办")
        await page.keyboard.press("]")
        await page.keyboard.press("S")
        await page.wait_for_selector("text=短信已在发送")
        assert calls.article_post.sent == [(NUMBER, "social_card")]
        await desk.shot("agent-filled-zh-light")


async def test_a_ringing_phone_takes_no_form_away(calls: AgentHouse) -> None:
    """Who types goes on typing when the phone rings; the new call's form comes when it is answered."""
    calls.moves(SeatState.WRAP_UP, lasts_s=120.0, reason="wrap_up")
    calls.moves(SeatState.TALKING)
    async with at_desk(calls, Role.AGENT) as desk:
        page = desk.page
        await page.fill(NOTE, "第一通")
        calls.moves(SeatState.RINGING, contact_id="c-2")
        await page.wait_for_selector(".seat-bar[data-state=ringing]")
        await page.keyboard.type("，还没写完")
        assert await page.input_value(NOTE) == "第一通，还没写完"
        calls.moves(SeatState.TALKING, contact_id="c-2")
        await page.wait_for_selector("text=接起来电后，这里是它的工单。")
        await kept(calls, note="第一通，还没写完")
        desk.problems = [told for told in desk.problems if "404" not in told]  # the fakes know c-1 alone


async def test_after_call_work_has_an_end_that_is_seen(calls: AgentHouse) -> None:
    """It counts down by the server's word; a higher level shortens it, the clock ends it, and both are told."""
    async with at_desk(calls, Role.AGENT) as desk:
        page = desk.page
        await page.wait_for_selector(NOTE)
        calls.moves(SeatState.WRAP_UP, lasts_s=118.0, reason="wrap_up")
        await page.wait_for_selector("text=/整理还剩 1:5/")
        await page.fill(NOTE, "还在写")
        await desk.shot("agent-after-call-zh-light")
        calls.moves(SeatState.WRAP_UP, lasts_s=2.0, reason="wrap_up")
        await page.wait_for_selector("text=话务升级")
        await page.wait_for_selector("text=整理还剩 0:00")
        calls.moves(SeatState.READY)
        await page.wait_for_selector("text=话后整理到了时限")
        assert await page.input_value(NOTE) == "还在写"


async def test_nothing_typed_is_lost_while_the_server_is_away(calls: AgentHouse) -> None:
    """503, a reload in the middle, then it is back: the words are saved, without a click."""
    async with at_desk(calls, Role.AGENT) as desk:
        page = desk.page
        await page.wait_for_selector(NOTE)
        calls.ticket_desk.error = PeerError("the database does not answer", code="database_unreachable")
        await page.fill(NOTE, "停电前写的")
        await page.wait_for_selector("text=内容已暂存本页")
        await page.reload()
        await page.wait_for_selector("text=内容已暂存本页")
        assert await page.input_value(NOTE) == "停电前写的"
        assert calls.ticket_desk.work.note is None
        calls.ticket_desk.error = None
        await kept(calls, note="停电前写的")
        await page.wait_for_selector("text=/已保存/")
        assert await page.evaluate("sessionStorage.length") == 0
        desk.problems = [told for told in desk.problems if "503" not in told]


async def test_a_restart_loses_nothing(calls: AgentHouse) -> None:
    """The server is gone and comes back: the page says so, reconnects by itself, and saves what was typed meanwhile."""
    first = TestServer(calls.build())
    await first.start_server()
    port = first.port or 0
    async with opened(str(first.make_url("")).rstrip("/")) as desk:
        await desk.sign_in(Role.AGENT)
        await desk.page.wait_for_selector(NOTE)
        await first.close()
        await desk.page.wait_for_selector("text=/数据停在/")
        await desk.page.fill(NOTE, "重启时写的")
        await desk.page.wait_for_selector("text=内容已暂存本页")
        again = TestServer(calls.build(), port=port)
        await again.start_server()
        try:
            await kept(calls, note="重启时写的")
            await desk.page.wait_for_selector(".badge[data-link=live]")
        finally:
            await again.close()


async def test_everything_fits_the_small_screen(calls: AgentHouse) -> None:
    """Long and hostile texts: the page itself does not scroll, text stays text; a paused recording is told after a reload."""
    hostile = "<img src=x onerror=alert(1)>" + "很长的陈述" * 100
    calls.callers.changes = {"statement": hostile, "answers_contact_id": "c-2", "citizen": hostile}
    calls.caller_desk.text = hostile
    calls.drafts.text = hostile
    calls.suggestions.said = [hostile + "暖气不热人民路幸福小区"]
    calls.moves(SeatState.TALKING, call={"is_recording_paused": True})
    async with at_desk(calls, Role.AGENT) as desk:
        await desk.page.wait_for_selector("text=录音已暂停")
        await desk.page.wait_for_selector(".promise")
        await desk.page.wait_for_selector(".proposed")
        await desk.page.reload()
        await desk.page.wait_for_selector("text=录音已暂停")
        await desk.page.wait_for_selector(".proposed")
        size = "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
        assert await desk.page.evaluate(size) == list(SMALL)
        assert await desk.page.locator("img").count() == 0
        for button in ("直接解答", "转办", "恢复录音", "全部采纳"):
            box = await desk.page.locator(f"button:has-text('{button}')").first.bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= SMALL[1], button
        await desk.shot("agent-long-zh-light")
        assert not await desk.barriers()


async def test_an_agent_answers_a_review_once(calls: AgentHouse) -> None:
    """Grades, remarks and notes are read as text; the answer is sent and waits for its ruling."""
    calls.own_reviews.text = "<b>开头语</b>没有报工号"
    async with at_desk(calls, Role.AGENT, language="zh") as desk:
        page = desk.page
        await desk.open("/mine")
        await page.wait_for_selector("td:has-text('<b>开头语</b>')")
        await page.wait_for_selector(".coaching")
        await page.fill("textarea[name=statement]", "报了，在第三秒")
        await desk.shot("agent-answer-zh-light")
        await page.click("text=提交申诉")
        await page.wait_for_selector("text=申诉已提交")
        assert calls.own_reviews.answers == ["报了，在第三秒"]


async def test_a_survey_call_is_graded_at_the_desk(calls: AgentHouse) -> None:
    """On survey duty the next citizen is called by key, and what he says is entered."""
    calls.moves(SeatState.ON_BREAK, reason="surveys")
    calls.surveys.stopped = ""
    async with at_desk(calls, Role.AGENT) as desk:
        page = desk.page
        await page.wait_for_selector("text=待回访 1 位")
        await page.keyboard.press("s")
        await page.wait_for_selector("text=正在回访")
        await page.keyboard.press("g")
        await page.keyboard.press("Tab")
        await desk.shot("agent-survey-zh-light")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("text=已录入")
        assert calls.surveys.answers == [("c-1", 2)]
