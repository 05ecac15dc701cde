"""The quality of calls by HTTP, on a real store: who sees which call, blind reviews, answers, plans, calibration."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from assessed_calls import ZONE, answer_call, recording_of
from rows import NOW, StillClock
from spoken_calls import say
from web_fakes import CHEAP, MASKED, NUMBER, PASSWORD, Browser, House, browsing

from callcenter.core.ids import SeatId
from callcenter.quality.desk import SqlQuality, SqlReviews
from callcenter.store.accounts import SqlAccounts, SqlAudit
from callcenter.store.database import Database
from callcenter.web.ports.accounts import Account
from callcenter.web.roles import Role
from recordings.core.qa.assess import assess
from recordings.qa import assessments, gather
from recordings.qa.files import load_rules, load_scorecards

pytestmark = pytest.mark.web

RULES, CARDS = load_rules(), load_scorecards()
CARD = CARDS["hotline"]
R1, R2 = recording_of(1), recording_of(2)
BEST = {name: criterion.best for name, criterion in CARD.criteria.items()}
PEOPLE = {
    "anna": (Role.QA_REVIEWER, None),
    "bert": (Role.QA_REVIEWER, None),
    "cora": (Role.QA_REVIEWER, "8001"),  # also sits on a seat
    "dora": (Role.AGENT, "8001"),
    "emil": (Role.AGENT, "8002"),
    "boss": (Role.SHIFT_MANAGER, None),
    "auditor": (Role.AUDITOR, None),
}
LATER = NOW + timedelta(days=2)


@dataclass
class Desk:
    """A served house with two assessed calls, and its people, signed in."""

    database: Database
    clock: StillClock
    people: dict[str, Browser]

    async def get(self, who: str, path: str) -> tuple[int, Any]:
        """What somebody reads."""
        return await self.people[who].get(path)

    async def post(self, who: str, path: str, body: Any = None) -> tuple[int, Any]:
        """What somebody asks for."""
        return await self.people[who].post(path, body or {})

    async def refused(self, who: str, path: str, body: Any = None) -> tuple[int, str]:
        """Status and code of a refusal; a body makes it a request to change something."""
        status, answer = await (self.get(who, path) if body is None else self.post(who, path, body))
        assert status >= 400, answer
        return status, answer["error_id"]

    async def assigned(self, who: str = "anna", recording: str = R1) -> int:
        """A review that somebody takes."""
        status, review = await self.post(
            who, "/qa/reviews", {"recording_id": recording, "card_id": "hotline"}
        )
        assert status == 200, review
        return int(review["review_id"])

    async def submitted(self, who: str, review: int, **grades: int | None) -> dict[str, Any]:
        """A review, handed in."""
        status, done = await self.post(who, f"/qa/reviews/{review}/submit", {"grades": BEST | grades})
        assert status == 200, done
        return dict(done)

    async def audited(self, action: str) -> list[tuple[str, str, str]]:
        """Who did it to what, and why, newest first."""
        page = await SqlAudit(self.database).list(100, 0)
        return [(entry.by, entry.resource, entry.why) for entry in page.items if entry.action == action]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """Call 1 of seat 8001 was rude, call 2 of seat 8002 was good."""
    database = Database(f"sqlite:///{tmp_path / 'calls.db'}")
    await database.upgrade()
    bad = say(0.5, "喂 不归 我们 管") + say(20, "一三八 一二三四 五六七八") + say(40, "好")
    good = say(0.5, "您好 请讲") + say(20, "好 的") + say(40, "记 下 了") + say(57, "再见")
    await answer_call(database, 1, bad, say(5, "东关街 暖气 不热 <b>"))
    await answer_call(database, 2, good, say(5, "东关街 路灯 坏了"), seat="8002")
    await _assess(database)
    house, clock = House(tmp_path), StillClock(LATER)
    house.ports = replace(
        house.ports,
        quality=SqlQuality(database, RULES, {"heating": "供暖"}),
        reviews=SqlReviews(database, CARDS, clock, ZONE),
        accounts=SqlAccounts(database),
        audit=SqlAudit(database),
    )
    for name, (role, seat) in PEOPLE.items():
        account = Account(name, role, CHEAP.hash(PASSWORD), seat_id=SeatId(seat) if seat else None)
        await house.ports.accounts.save(account)
    async with AsyncExitStack() as stack:
        browser = await stack.enter_async_context(browsing(house))
        people = {name: await _signed_in(browser, name) for name in PEOPLE}
        yield Desk(database, clock, people)
    await database.close()


async def _assess(database: Database) -> None:
    for recording_id in (R1, R2):
        async with database.reading() as connection:
            call = await gather.gather(connection, recording_id, ZONE)
        assert call is not None
        async with database.unit() as unit:
            await assessments.keep(unit, call, assess(call.facts, RULES), NOW)


async def _signed_in(browser: Browser, name: str) -> Browser:
    _, opened = await browser.post("/session", {"name": name, "password": PASSWORD})
    return Browser(browser.server, browser.http, {"Authorization": f"Bearer {opened['token']}"})


async def test_the_list_begins_with_the_worst(desk: Desk) -> None:
    """Score, certainty, concern, what was found, and by which words and rules; numbers masked."""
    _, page = await desk.get("anna", "/qa/calls")
    assert [row["recording_id"] for row in page["items"]] == [R1, R2]
    worst = page["items"][0]
    assert (worst["citizen"], worst["topic_name"], worst["seat_id"]) == (MASKED, "供暖", "8001")
    assert worst["score"] < 80 < page["items"][1]["score"]
    assert worst["rules"][0] == "forbidden"
    assert (worst["recognizer"], worst["is_demo_model"], worst["rules_version"]) == (
        "good",
        False,
        RULES.version,
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("seat_id=8002", [R2]),
        ("topic=heating", [R1]),
        ("rule=forbidden", [R1]),
        ("min_score=90", [R2]),
        ("max_score=90", [R1]),
        ("until=2026-11-22T04:00:00Z", []),
        ("from=2026-11-22T12:00:00%2B08:00", [R1, R2]),
        ("rules_version=other", []),
        ("limit=1&offset=1", [R2]),
        ("min_concern=0.3", [R1]),
        ("review=none", [R1, R2]),
        ("review=submitted", []),
        ("reviewer=anna", []),
    ],
)
async def test_the_list_is_filtered(desk: Desk, query: str, found: list[str]) -> None:
    """By seat, topic, rule, score, time, rules."""
    _, page = await desk.get("anna", f"/qa/calls?{query}")
    assert [row["recording_id"] for row in page["items"]] == found


async def test_the_list_tells_how_far_reviews_are(desk: Desk) -> None:
    """Whose turn it is can be asked for; an agent hears of a review when it is done, not before."""
    await desk.submitted("anna", await desk.assigned("anna", R1))
    await desk.assigned("anna", R2)
    for query, found in (
        ("review=none", []),
        ("review=assigned", [R2]),
        ("review=submitted", [R1]),
        ("reviewer=anna", [R1, R2]),
        ("reviewer=anna&review=assigned", [R2]),
        ("reviewer=bert", []),
    ):
        _, page = await desk.get("bert", f"/qa/calls?{query}")
        assert [row["recording_id"] for row in page["items"]] == found, query
    _, page = await desk.get("bert", "/qa/calls")
    assert [row["reviews"] for row in page["items"]] == [["submitted"], ["assigned"]]
    assert (await desk.get("emil", "/qa/calls"))[1]["items"][0]["reviews"] == []
    assert (await desk.get("emil", f"/qa/calls/{R2}"))[1]["reviews"] == []
    for query in ("review=assigned", "reviewer=anna"):
        assert await desk.refused("emil", f"/qa/calls?{query}") == (403, "forbidden")


@pytest.mark.parametrize(
    "query",
    [
        "seat_id=x",
        "rule=../x",
        "min_score=101",
        "min_score=nan",
        "from=yesterday",
        "topic=%00",
        "limit=501",
        "x=1",
    ],
)
async def test_strange_filters_are_refused(desk: Desk, query: str) -> None:
    """With the field named, nothing else told."""
    assert await desk.refused("anna", f"/qa/calls?{query}") == (422, "bad_query")


async def test_a_finding_points_at_seconds_and_words(desk: Desk) -> None:
    """Both languages; and who looked at a call is audited."""
    _, call = await desk.get("anna", f"/qa/calls/{R1}")
    finding = call["found"][0]
    assert (finding["words"], finding["zh"], finding["channel"]) == ("不归我们管", "使用服务忌语", "agent")
    assert (finding["from_s"], finding["to_s"], finding["confidence"]) == (0.75, 2.0, 0.9)
    assert (call["citizen"], call["is_current"], call["versions"]) == (MASKED, True, [RULES.version])
    assert await desk.audited("assessment.read") == [("anna", f"recording/{R1}", "")]
    assert await desk.refused("anna", "/qa/calls/cc-1.99") == (404, "unknown_assessment")
    assert await desk.refused("anna", f"/qa/calls/{R1}?rules_version=x") == (404, "unknown_assessment")


async def test_numbers_are_shown_for_a_reason_only(desk: Desk) -> None:
    """As everywhere: the permission, a reason, the audit."""
    _, call = await desk.get("boss", f"/qa/calls/{R1}?unmask=1&why=call+back")
    assert call["citizen"] == NUMBER
    assert await desk.audited("number.unmasked") == [("boss", f"recording/{R1}", "call back")]
    assert await desk.refused("anna", f"/qa/calls/{R1}?unmask=1&why=curious") == (403, "forbidden")


async def test_what_was_said_is_read_for_a_reason(desk: Desk) -> None:
    """Audited before it is shown; numbers are stars for who may not look behind the mask; HTML is text."""
    path = f"/qa/calls/{R1}/transcript"
    assert await desk.refused("anna", path) == (422, "why_missing")
    _, spoken = await desk.get("anna", f"{path}?why=review")
    texts = [turn["text"].rstrip("。？，") for turn in spoken["turns"]]
    assert texts == ["喂不归我们管", "东关街暖气不热<b>", "***********", "好"]
    assert [turn["channel"] for turn in spoken["turns"]] == ["agent", "citizen", "agent", "agent"]
    assert await desk.audited("transcript.read") == [("anna", f"recording/{R1}", "review")]
    _, spoken = await desk.get("boss", f"{path}?why=complaint&unmask=1")
    assert spoken["turns"][2]["text"].startswith("一三八一二三四五六七八")


async def test_an_agent_sees_the_own_calls_only(desk: Desk) -> None:
    """Lists, calls, words, notes; another's call is as unknown as none."""
    _, page = await desk.get("dora", "/qa/calls")
    assert [row["recording_id"] for row in page["items"]] == [R1]
    assert (await desk.get("dora", f"/qa/calls/{R1}"))[0] == 200
    assert await desk.refused("dora", f"/qa/calls/{R2}") == (404, "unknown_assessment")
    assert await desk.refused("dora", f"/qa/calls/{R2}/transcript?why=curious") == (404, "unknown_assessment")
    assert await desk.refused("dora", "/qa/calls?seat_id=8002") == (403, "not_your_seat")
    assert await desk.refused("dora", "/qa/notes?seat_id=8002") == (403, "not_your_seat")
    assert await desk.refused("dora", "/qa/coverage") == (403, "forbidden")
    assert (await desk.get("dora", "/qa/rules"))[1]["version"] == RULES.version


async def test_coverage_has_its_parts(desk: Desk) -> None:
    """Rates beside counts; no calls is null, not zero."""
    _, told = await desk.get("auditor", "/qa/coverage?from=2026-11-22T00:00:00Z&until=2026-11-23T00:00:00Z")
    assert (told["answered"], told["assessed"], told["qa_coverage"]) == (2, 2, 1.0)
    assert {"rule_id": "forbidden", "calls": 1} in told["by_rule"]
    _, told = await desk.get("auditor", "/qa/coverage?from=2026-11-20T00:00:00Z&until=2026-11-21T00:00:00Z")
    assert (told["answered"], told["qa_coverage"], told["mean_score"]) == (0, None, None)
    for span in ("from=2026-11-23T00:00:00Z&until=2026-11-22T00:00:00Z", "from=2020-01-01T00:00:00Z"):
        assert await desk.refused("auditor", f"/qa/coverage?{span}") == (422, "bad_query")


async def test_a_call_is_reviewed(desk: Desk) -> None:
    """Taken, graded by the scorecard, handed in once; in the audit."""
    _, cards = await desk.get("anna", "/qa/scorecards")
    assert cards["items"][0]["criteria"][0]["grades"] == ["没有", "不完整", "规范"]
    review = await desk.assigned()
    done = await desk.submitted("anna", review, attitude=0)
    assert (done["state"], done["score"], done["card_version"]) == ("submitted", 0.0, CARD.version)
    assert await desk.audited("review.submitted") == [("anna", f"review/{review}", "")]
    again = {"grades": BEST}
    assert await desk.refused("anna", f"/qa/reviews/{review}/submit", again) == (409, "wrong_review_state")
    assert await desk.refused("bert", f"/qa/reviews/{review}/submit", again) == (409, "wrong_reviewer")
    assert await desk.refused("anna", "/qa/reviews/99/submit", again) == (404, "unknown_review")


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"recording_id": R1, "card_id": "none"}, (404, "unknown_scorecard")),
        ({"recording_id": "cc-1.99", "card_id": "hotline"}, (404, "unknown_recording")),
        ({"recording_id": "../../etc", "card_id": "hotline"}, (422, "bad_body")),
        ({"recording_id": R1, "card_id": "hotline", "reviewer": "bert"}, (403, "forbidden")),
        ({"recording_id": R1, "card_id": "hotline", "x": 1}, (422, "bad_body")),
    ],
)
async def test_strange_assignments_are_refused(desk: Desk, body: Any, answer: tuple[int, str]) -> None:
    """Unknown things, path tricks, work for others without the right to plan."""
    assert await desk.refused("anna", "/qa/reviews", body) == answer


@pytest.mark.parametrize(
    "change",
    [
        {"grades": {"opening": 1}},
        {"grades": BEST | {"opening": 9}},
        {"grades": BEST, "verdicts": {"overtalk": True}},
    ],
)
async def test_work_that_does_not_fit_is_refused(desk: Desk, change: Any) -> None:
    """The review stays open."""
    review = await desk.assigned()
    status, _ = await desk.refused("anna", f"/qa/reviews/{review}/submit", change)
    assert status == 400
    assert (await desk.get("anna", f"/qa/reviews/{review}"))[1]["state"] == "assigned"


async def test_nobody_reviews_the_own_seat(desk: Desk) -> None:
    """A reviewer who also sits on a seat is refused its calls; auditors and agents are no reviewers."""
    body = {"recording_id": R1, "card_id": "hotline"}
    assert await desk.refused("cora", "/qa/reviews", body) == (409, "wrong_reviewer")
    for name in ("cora", "auditor", "dora", "nobody"):
        status, _ = await desk.refused("boss", "/qa/reviews", body | {"reviewer": name})
        assert status in (404, 409)
    assert await desk.assigned("cora", R2)


async def test_two_reviewers_are_blind_until_both_are_done(desk: Desk) -> None:
    """Neither list nor detail tells the other's name or grades before; both see everything after."""
    first = await desk.assigned("anna")
    await desk.submitted("anna", first, answer=1)
    _, second = await desk.post("boss", f"/qa/reviews/{first}/second", {"reviewer": "bert"})
    hidden = (True, None, None, None, None)
    for who, other in (("bert", first), ("anna", second["review_id"]), ("boss", first), ("auditor", first)):
        _, seen = await desk.get(who, f"/qa/reviews/{other}")
        assert (
            seen["is_blind"],
            seen["reviewer"],
            seen["score"],
            seen["grades"],
            seen["comment"],
        ) == hidden, who
    _, own = await desk.get("anna", f"/qa/reviews/{first}")
    assert own["grades"]["answer"] == 1
    assert (await desk.get("dora", "/qa/reviews"))[1]["items"] == []
    assert await desk.refused("dora", f"/qa/reviews/{first}") == (404, "unknown_review")
    await desk.submitted("bert", second["review_id"], answer=2)
    for who in ("anna", "bert", "boss", "dora"):
        _, page = await desk.get(who, "/qa/reviews")
        assert [(row["reviewer"], row["grades"]["answer"]) for row in page["items"]] == [
            ("bert", 2),
            ("anna", 1),
        ]


async def test_who_has_looked_cannot_be_the_second(desk: Desk) -> None:
    """A list tells no single reviewer's grades; the detail does, audited, and ends one's blindness."""
    first = await desk.assigned("anna")
    await desk.submitted("anna", first)
    _, page = await desk.get("bert", "/qa/reviews")
    assert (page["items"][0]["is_blind"], page["items"][0]["score"]) == (True, None)
    assert await desk.refused("anna", f"/qa/reviews/{first}/second", {}) == (409, "wrong_reviewer")
    assert (await desk.get("bert", f"/qa/reviews/{first}"))[1]["score"] == 100.0
    assert await desk.audited("review.read") == [("bert", f"review/{first}", "")]
    assert await desk.refused("bert", f"/qa/reviews/{first}/second", {}) == (409, "wrong_reviewer")
    assert await desk.refused("boss", f"/qa/reviews/{first}/second", {"reviewer": "bert"}) == (
        409,
        "wrong_reviewer",
    )


async def test_an_agent_answers_and_somebody_else_decides(desk: Desk) -> None:
    """The right to answer: once, on the own calls; what became of it stands beside the first grades."""
    review = await desk.assigned("anna")
    await desk.submitted("anna", review, answer=0)
    path = f"/qa/reviews/{review}"
    assert await desk.refused("emil", f"{path}/answer", {"statement": "x"}) == (404, "unknown_review")
    assert await desk.refused("dora", f"{path}/answer", {"statement": ""}) == (422, "bad_body")
    _, told = await desk.post("dora", f"{path}/answer", {"statement": "我查了\n知识库"})
    assert (told["state"], told["statement"]) == ("answered", "我查了\n知识库")
    assert await desk.refused("anna", f"{path}/ruling", {"ruling": "upheld", "why": "x"}) == (
        403,
        "forbidden",
    )
    body = {"ruling": "corrected", "why": "录音可证", "grades": BEST}
    _, ruled = await desk.post("boss", f"{path}/ruling", body)
    assert (ruled["ruling"], ruled["ruled_by"], ruled["corrected_score"]) == ("corrected", "boss", 100.0)
    assert ruled["grades"]["answer"] == 0
    _, seen = await desk.get("dora", path)
    assert (seen["ruling"], seen["ruling_why"]) == ("corrected", "录音可证")
    assert await desk.audited("review.answered") == [
        ("dora", f"review/{review}", ""),
        ("emil", f"review/{review}", ""),
    ]
    assert await desk.audited("review.ruled") == [("boss", f"review/{review}", "录音可证")]


async def test_coaching_notes_reach_their_agent(desk: Desk) -> None:
    """Written by reviewers, read by them and by the agent of that seat."""
    note = {"seat_id": "8001", "recording_id": R1, "second": 12.5, "note": "先问<b>地点</b>"}
    _, kept = await desk.post("anna", "/qa/notes", note)
    assert (kept["by"], kept["second"]) == ("anna", 12.5)
    assert (await desk.get("anna", f"/qa/notes?recording_id={R1}"))[1]["filtered"] == 1
    assert (await desk.get("anna", f"/qa/notes?recording_id={R2}"))[1]["items"] == []
    about_no_call = {"seat_id": "8001", "second": 1.0, "note": "x"}
    assert await desk.refused("anna", "/qa/notes", about_no_call) == (404, "unknown_recording")
    for who in ("dora", "bert"):
        _, page = await desk.get(who, "/qa/notes")
        assert [row["note"] for row in page["items"]] == ["先问<b>地点</b>"]
    assert (await desk.get("emil", "/qa/notes"))[1]["items"] == []
    assert await desk.refused("anna", "/qa/notes", note | {"seat_id": "8002"}) == (404, "unknown_recording")
    assert await desk.refused("anna", "/qa/notes", note | {"note": "\x1b[31m"}) == (422, "bad_body")


async def test_who_may_review_is_listed(desk: Desk) -> None:
    """For whom gives calls to others."""
    assert (await desk.get("anna", "/qa/reviewers"))[1]["names"] == ["anna", "bert", "boss", "cora"]


PLAN = {"card_id": "hotline", "group_by": "seat", "size": 1, "seed": 7, "reviewers": ["anna", "bert"]}


async def test_a_plan_draws_a_week(desk: Desk) -> None:
    """One call of each seat, the same again; a week that is not over only when asked so."""
    boss = desk.people["boss"]
    for wrong in ({"card_id": "none"}, {"reviewers": ["dora"]}):
        assert (await boss.ask("PUT", "/qa/plans/weekly", json=PLAN | wrong))[0] == 404
    assert (await boss.ask("PUT", "/qa/plans/weekly", json=PLAN | {"reviewers": ["anna"] * 2}))[0] == 422
    assert (await boss.ask("PUT", "/qa/plans/weekly", json=PLAN))[1]["size"] == 1
    assert [plan["plan"] for plan in (await desk.get("anna", "/qa/plans"))[1]["items"]] == ["weekly"]
    week = {"week": "2026-W47"}
    _, drawn = await desk.post("boss", "/qa/plans/weekly/draw", week)
    assert {call["recording_id"] for call in drawn["drawn"]} == {R1, R2}
    assert (drawn["population"], drawn["new_reviews"]) == (2, 2)
    _, again = await desk.post("boss", "/qa/plans/weekly/draw", week)
    assert again == drawn | {"new_reviews": 0}
    _, page = await desk.get("anna", "/qa/reviews?plan=weekly&reviewer=anna&state=assigned")
    assert page["filtered"] == 1
    now = {"week": "2026-W48"}
    assert await desk.refused("boss", "/qa/plans/weekly/draw", now) == (409, "wrong_week")
    assert (await desk.post("boss", "/qa/plans/weekly/draw", now | {"so_far": True}))[1]["population"] == 0
    assert await desk.refused("boss", "/qa/plans/weekly/draw", {"week": "2026-W60"}) == (400, "bad_week")
    assert await desk.refused("boss", "/qa/plans/none/draw", week) == (404, "unknown_plan")


async def test_reviewers_are_calibrated(desk: Desk) -> None:
    """Per criterion: pairs, observed, expected, kappa plain and weighted; undefined is null."""
    grades: list[tuple[str, dict[str, int | None], dict[str, int | None]]] = [
        (R1, {"answer": 1, "soothing": None}, {"answer": 2}),
        (R2, {"answer": 3}, {"answer": 3}),
    ]
    for recording, one, other in grades:
        first = await desk.assigned("anna", recording)
        _, second = await desk.post("boss", f"/qa/reviews/{first}/second", {"reviewer": "bert"})
        await desk.submitted("anna", first, **one)
        await desk.submitted("bert", second["review_id"], **other)
    desk.clock.advance(60)
    span = "from=2026-11-20T00:00:00Z&until=2026-11-30T00:00:00Z"
    _, told = await desk.get("boss", f"/qa/agreement?card_id=hotline&{span}")
    found = {row["criterion_id"]: row for row in told["criteria"]}
    assert (told["pairs"], told["card_version"]) == (2, CARD.version)
    assert (found["answer"]["pairs"], found["answer"]["observed"]) == (2, 0.5)
    assert found["answer"]["kappa"] == pytest.approx(1 / 3)
    assert (found["soothing"]["pairs"], found["opening"]["kappa"]) == (1, None)
    assert await desk.refused("boss", "/qa/agreement?card_id=none") == (404, "unknown_scorecard")
