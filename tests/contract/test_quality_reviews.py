"""Reviews by people in SQL: handed in once, twice blind, answered, ruled on; plans that draw the same again."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from assessed_calls import ZONE, answer_call, recording_of
from rows import NOW
from spoken_calls import say
from sqlalchemy import func, select

from callcenter.core.errors import UsageError
from callcenter.core.ids import SeatId
from callcenter.store import audit, schema
from callcenter.store.database import Database
from recordings.core.qa.assess import assess
from recordings.core.qa.review import ReviewState, Ruling
from recordings.core.qa.sampling import GroupBy, Plan
from recordings.qa import assessments, coaching, gather, reviewing, reviews, sampling
from recordings.qa.files import load_rules, load_scorecards
from recordings.qa.reviewing import Work
from recordings.qa.reviews import FIRST, Filter, Review

pytestmark = pytest.mark.contract

RULES = load_rules()
CARD = load_scorecards()["hotline"]
BEST: dict[str, int | None] = {name: criterion.best for name, criterion in CARD.criteria.items()}
GOOD = Work(BEST, {"answer": "很清楚"}, "总体很好", {})
FAIR = Work(BEST | {"listening": 1, "soothing": None}, {}, "", {})
R1, S1 = recording_of(1), SeatId("8001")
LATER = NOW + timedelta(hours=1)


async def a_call(database: Database, number: int = 1, seat: str = "8001") -> None:
    """An assessed call in which the agent was rude."""
    recording_id = await answer_call(database, number, say(0.5, "喂 不归 我们 管"), seat=seat)
    async with database.reading() as connection:
        call = await gather.gather(connection, recording_id, ZONE)
    assert call is not None
    async with database.unit() as unit:
        await assessments.keep(unit, call, assess(call.facts, RULES), NOW)


async def assigned(database: Database, reviewer: str = "anna") -> Review:
    """The first review of the call."""
    async with database.unit() as unit:
        return await reviewing.assign(unit, R1, CARD.card_id, reviewer, "boss", NOW)


async def second_of(database: Database, first: Review, reviewer: str) -> Review:
    """The second review of a call."""
    async with database.unit() as unit:
        return await reviewing.assign_second(unit, first.id, reviewer, "boss", NOW)


async def submitted(database: Database, review: Review, by: str = "anna", work: Work = GOOD) -> Review:
    """The review, handed in."""
    async with database.unit() as unit:
        return await reviewing.submit(unit, review.id, by, CARD, work, LATER)


async def answered(database: Database, review: Review, seat: str = "8001") -> Review:
    """The review, answered by its agent."""
    async with database.unit() as unit:
        return await reviewing.answer(unit, review.id, SeatId(seat), "我当时在查资料", LATER)


async def ruled(database: Database, review: Review, ruling: Ruling, by: str = "boss") -> Review:
    """The answer, decided on."""
    async with database.unit() as unit:
        return await reviewing.rule(unit, review.id, by, ruling, "听了录音", LATER, CARD, FAIR.grades)


async def refusal(work: object) -> str:
    """The code of the error that this raises."""
    with pytest.raises(UsageError) as refused:
        await work  # type: ignore[misc]  # any awaitable
    return refused.value.code


async def test_a_review_is_handed_in_once(database: Database) -> None:
    """With grades, comments, score, the card's version and what the machine had found; by its reviewer only."""
    await a_call(database)
    review = await assigned(database)
    assert (review.state, review.score, review.seat_id, review.ordinal) == (
        ReviewState.ASSIGNED,
        None,
        "8001",
        FIRST,
    )
    assert await refusal(submitted(database, review, "bert")) == "wrong_reviewer"
    work = replace(GOOD, verdicts={"forbidden": True})
    done = await submitted(database, review, work=work)
    assert (done.state, done.score, done.card_version) == (ReviewState.SUBMITTED, 100.0, CARD.version)
    assert (done.comments, done.comment, done.verdicts) == (
        {"answer": "很清楚"},
        "总体很好",
        {"forbidden": True},
    )
    async with database.reading() as connection:
        kept = await assessments.get(connection, R1)
    assert kept is not None
    assert done.assessment_id == kept.id
    assert await refusal(submitted(database, review)) == "wrong_review_state"


async def test_bad_work_is_refused_and_changes_nothing(database: Database) -> None:
    """Grades that the card does not know, comments on strange criteria, verdicts on what was never found."""
    await a_call(database)
    review = await assigned(database)
    for work, code in (
        (replace(GOOD, grades=BEST | {"answer": 9}), "bad_grades"),
        (replace(GOOD, comments={"x": "?"}), "bad_grades"),
        (replace(GOOD, verdicts={"overtalk": True}), "bad_verdicts"),
    ):
        assert await refusal(submitted(database, review, work=work)) == code
    async with database.reading() as connection:
        assert (await reviews.get(connection, review.id)).state is ReviewState.ASSIGNED
        assert await refusal(reviews.get(connection, 99)) == "unknown_review"


async def test_a_call_is_given_to_one_first_reviewer(database: Database) -> None:
    """Of five who ask at once one gets it; calls that nobody answered have no review."""
    await a_call(database)
    names = ["anna", "bert", "cora", "dora", "emil"]
    found = await asyncio.gather(*(assigned(database, name) for name in names), return_exceptions=True)
    refused = [error.code for error in found if isinstance(error, UsageError)]
    assert refused == ["wrong_reviewer"] * 4
    async with database.unit() as unit:
        stranger = reviewing.assign(unit, recording_of(9), CARD.card_id, "anna", "boss", NOW)
        assert await refusal(stranger) == "unknown_recording"


async def test_the_second_reviewer_is_another_who_has_not_looked(database: Database) -> None:
    """Not the first one, nobody who read the first one's grades, and no third."""
    await a_call(database)
    first = await assigned(database)
    assert await refusal(second_of(database, first, "anna")) == "wrong_reviewer"
    async with database.unit() as unit:
        await audit.write(
            unit, at=NOW, by="bert", action=reviewing.READ, resource=f"review/{first.id}", why=""
        )
    assert await refusal(second_of(database, first, "bert")) == "wrong_reviewer"
    second = await second_of(database, first, "cora")
    assert (second.ordinal, second.reviewer) == (2, "cora")
    assert await refusal(second_of(database, first, "dora")) == "wrong_reviewer"
    assert await refusal(second_of(database, second, "dora")) == "wrong_reviewer"


async def test_the_agent_answers_and_it_is_decided(database: Database) -> None:
    """His statement and what became of it stand beside the first grades; not decided by the reviewer himself."""
    await a_call(database)
    review = await submitted(database, await assigned(database))
    assert await refusal(answered(database, review, "8002")) == "unknown_review"
    assert (await answered(database, review)).statement == "我当时在查资料"
    assert await refusal(answered(database, review)) == "wrong_review_state"
    assert await refusal(ruled(database, review, Ruling.CORRECTED, by="anna")) == "wrong_reviewer"
    done = await ruled(database, review, Ruling.CORRECTED)
    assert (done.state, done.ruling, done.ruled_by, done.ruling_why) == (
        "ruled",
        "corrected",
        "boss",
        "听了录音",
    )
    assert (done.score, done.grades) == (100.0, BEST)
    assert done.corrected_score == CARD.score(FAIR.grades) < 100
    assert await refusal(ruled(database, review, Ruling.UPHELD)) == "wrong_review_state"


async def test_an_upheld_review_has_no_other_score(database: Database) -> None:
    """And by a changed scorecard nothing is corrected."""
    await a_call(database)
    review = await answered(database, await submitted(database, await assigned(database)))
    other = CARD.model_copy(update={"version": "other"})
    async with database.unit() as unit:
        wrong = reviewing.rule(unit, review.id, "boss", Ruling.CORRECTED, "x", NOW, other, BEST)
        assert await refusal(wrong) == "wrong_scorecard"
    done = await ruled(database, review, Ruling.UPHELD)
    assert (done.corrected_score, done.corrected_grades) == (None, {})


async def test_an_agent_is_not_told_before_both_reviewers_are_done(database: Database) -> None:
    """Neither answer nor list, while a second review is open."""
    await a_call(database)
    first = await submitted(database, await assigned(database))
    second = await second_of(database, first, "bert")
    assert await refusal(answered(database, first)) == "unknown_review"
    async with database.reading() as connection:
        assert (await reviews.listed(connection, Filter(seat_id="8001", settled=True), 9, 0)).filtered == 0
    await submitted(database, second, "bert", FAIR)
    async with database.reading() as connection:
        part = await reviews.listed(connection, Filter(seat_id="8001", settled=True), 9, 0)
    assert [(review.reviewer, len(both)) for review, both in part.items] == [("bert", 2), ("anna", 2)]
    assert (await answered(database, first)).state is ReviewState.ANSWERED


async def test_reviews_are_listed_by_what_is_asked(database: Database) -> None:
    """By reviewer, seat, state, call and plan; newest first."""
    for number, seat in ((1, "8001"), (2, "8002")):
        await a_call(database, number, seat)
    first = await submitted(database, await assigned(database))
    await second_of(database, first, "bert")
    async with database.unit() as unit:
        await reviewing.assign(unit, recording_of(2), CARD.card_id, "anna", "plan", NOW, plan="weekly")
    async with database.reading() as connection:
        for which, expected in (
            (Filter(), ["anna", "bert", "anna"]),
            (Filter(reviewer="anna"), ["anna", "anna"]),
            (Filter(seat_id="8001"), ["bert", "anna"]),
            (Filter(state="assigned"), ["anna", "bert"]),
            (Filter(recording_id=R1), ["bert", "anna"]),
            (Filter(plan="weekly"), ["anna"]),
        ):
            part = await reviews.listed(connection, which, 9, 0)
            assert [review.reviewer for review, _ in part.items] == expected
            assert (part.total, part.filtered) == (3, len(expected))


async def test_pairs_of_both_reviewers_are_compared(database: Database) -> None:
    """First and second grades of the same card and version, once both are in."""
    await a_call(database)
    first = await submitted(database, await assigned(database))
    span = (NOW, LATER + timedelta(seconds=1))
    second = await second_of(database, first, "bert")
    async with database.reading() as connection:
        assert await reviews.pairs(connection, CARD.card_id, CARD.version, *span) == []
    await submitted(database, second, "bert", FAIR)
    async with database.reading() as connection:
        assert await reviews.pairs(connection, CARD.card_id, CARD.version, *span) == [
            (BEST, dict(FAIR.grades))
        ]
        assert await reviews.pairs(connection, CARD.card_id, "other", *span) == []
        assert await reviews.pairs(connection, CARD.card_id, CARD.version, NOW, LATER) == []


async def test_coaching_notes_belong_to_a_seat(database: Database) -> None:
    """About a call of that seat, or about none."""
    await a_call(database)
    async with database.unit() as unit:
        await coaching.add_note(unit, S1, R1, "anna", "先问地点", NOW)
        await coaching.add_note(unit, SeatId("8002"), None, "anna", "<b>很好</b>", NOW)
        wrong = coaching.add_note(unit, SeatId("8002"), R1, "anna", "?", NOW)
        assert await refusal(wrong) == "unknown_recording"
    async with database.reading() as connection:
        of_seat, count = await coaching.notes(connection, "8001", 9, 0)
        assert await coaching.notes(connection, None, 1, 1) == (of_seat, 2)
    assert ([note.note for note in of_seat], count) == (["先问地点"], 1)


PLAN = Plan("weekly", CARD.card_id, GroupBy.SEAT, 1, 2**40, 0.5, ("anna", "bert"))


async def drawn(database: Database, plan: Plan = PLAN) -> sampling.Draw:
    """A draw from the calls around now."""
    async with database.unit() as unit:
        since, until = NOW - timedelta(days=1), NOW + timedelta(days=1)
        return await sampling.draw_calls(unit, plan, "2026-W47", since, until, {}, "boss", NOW)


async def test_a_plan_draws_and_assigns_once(database: Database) -> None:
    """A call of each seat, half of them twice; drawing again gives the same and assigns nothing."""
    for number in range(6):
        await a_call(database, number, f"800{1 + number % 2}")
    found = await drawn(database)
    assert (found.population, len(found.drawn), found.fresh) == (6, 2, 3)
    again = await drawn(database)
    assert (again.drawn, again.fresh, again.population_sha256) == (found.drawn, 0, found.population_sha256)
    async with database.reading() as connection:
        part = await reviews.listed(connection, Filter(plan="weekly"), 9, 0)
        terms, count = (
            await connection.execute(
                select(func.max(schema.qa_draws.c.drawn_by), func.count()).select_from(schema.qa_draws)
            )
        ).one()
    assert (part.filtered, terms, count) == (3, "boss", 1)
    assert {review.period for review, _ in part.items} == {"2026-W47"}


async def test_a_call_that_people_review_already_is_not_given_away_again(database: Database) -> None:
    """The draw names it, the review that is there stays."""
    await a_call(database)
    await assigned(database, "cora")
    found = await drawn(database)
    assert ([assignment.recording_id for assignment in found.drawn], found.fresh) == ([R1], 0)


async def test_plans_are_kept_and_changed(database: Database) -> None:
    """By name; the last word holds."""
    async with database.unit() as unit:
        await sampling.save_plan(unit, replace(PLAN, size=9), "boss", NOW)
        await sampling.save_plan(unit, PLAN, "boss", NOW)
    async with database.reading() as connection:
        assert await sampling.plans(connection) == [PLAN]
        assert await sampling.plan_named(connection, "weekly") == PLAN
        assert await refusal(sampling.plan_named(connection, "none")) == "unknown_plan"
