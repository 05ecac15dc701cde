"""Assessments in SQL: every answered call, once for each question, ranked, found again after whatever was lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from assessed_calls import (
    ZONE,
    answer_call,
    contact_of,
    hand_on,
    hold,
    record_nature,
    recording_of,
    transcribe,
)
from rows import NOW, StillClock, until
from spoken_calls import say
from sqlalchemy import func, select, text

from callcenter.core.ids import RecordingId
from callcenter.core.messages.quality import AssessCall, CallAssessed
from callcenter.store import jobs, journal, schema
from callcenter.store.database import Database
from callcenter.store.writer import StoreWriter
from callcenter.tickets.core.suggest import Nature
from callcenter.workbench import Workbench
from recordings import store as recordings
from recordings.core.qa.assess import Assessment, assess
from recordings.core.qa.facts import CallFacts, Span
from recordings.core.qa.rules import RuleSet
from recordings.qa import assessments, coverage, gather
from recordings.qa import assessor as assessors
from recordings.qa.assessments import Kept
from recordings.qa.assessor import Assessor, redo
from recordings.qa.files import load_rules
from recordings.qa.ranking import Filter, ranked

pytestmark = pytest.mark.contract

RULES = load_rules()
NEWER = RULES.model_copy(update={"version": "newer+1"})
GOOD = say(0.5, "您好 请讲") + say(20.0, "好 的") + say(38, "我 记 下 了") + say(57.0, "再见")
RUDE = say(0.5, "喂 不归 我们 管 听不懂 吗") + say(20.0, "好 的") + say(38, "再说") + say(57.0, "挂了")
STREET = say(5.0, "东关街 路灯 坏了")
DAY = (NOW - timedelta(hours=12), NOW + timedelta(hours=12))


async def assessed(
    database: Database, recording_id: RecordingId, rules: RuleSet = RULES, *, trial: bool = False
) -> bool:
    """Assess one call and store it; whether that is a new assessment."""
    async with database.reading() as connection:
        call = await gather.gather(connection, recording_id, ZONE)
    assert call is not None
    async with database.unit() as unit:
        return await assessments.keep(unit, call, assess(call.facts, rules), NOW, trial=trial)


async def current(database: Database, number: int) -> Kept:
    """The current assessment of a call."""
    async with database.reading() as connection:
        found = await assessments.get(connection, recording_of(number))
    assert found is not None
    return found


async def ranking(database: Database, which: Filter | None = None) -> list[str]:
    """The last digits of the calls in the ranked list."""
    async with database.reading() as connection:
        part = await ranked(connection, which or Filter(), 50, 0)
    assert len(part.items) == part.filtered
    return [item.contact_id.rpartition(".")[2] for item in part.items]


async def test_what_is_known_about_a_call_is_gathered(database: Database) -> None:
    """Words, hold in seconds of the talk, transfers, ticket, earlier contacts, the city's day."""
    await answer_call(database, 1, GOOD, STREET)
    await answer_call(database, 2, GOOD, STREET, at=NOW - timedelta(days=3))
    await answer_call(database, 3, GOOD, STREET, at=NOW - timedelta(days=40))
    await hold(database, 1, (5.0, 20.0), (30.0, 100.0))
    await hand_on(database, 1)
    async with database.reading() as connection:
        call = await gather.gather(connection, recording_of(1), ZONE)
    assert call is not None
    facts = call.facts
    assert facts.transcript is not None
    assert (facts.model, facts.talk_s, facts.transfers, facts.earlier) == ("good", 60.0, 1, 1)
    assert facts.holds == (Span(5.0, 20.0), Span(30.0, 60.0))
    assert facts.ticket is not None
    assert (facts.ticket.nature, facts.ticket.has_phone) == (Nature.HELP, True)
    assert str(facts.answered_on) == "2026-11-22"
    assert (facts.ticket.place, str(facts.ticket.deadline)) == ("东关街", "2026-11-25")
    assert (call.contact_id, call.seat_id, call.answered_at) == (
        contact_of(1),
        "8001",
        NOW + timedelta(seconds=15),
    )


async def test_unknown_is_not_zero(database: Database) -> None:
    """Without the journal hold is unknown, without a number so are earlier contacts."""
    await answer_call(database, 1, GOOD, STREET, caller="")
    async with database.unit() as unit:
        await unit.connection.execute(text("DELETE FROM journal"))
    async with database.reading() as connection:
        call = await gather.gather(connection, recording_of(1), ZONE)
        assert await gather.gather(connection, RecordingId("cc-1.99"), ZONE) is None
    assert call is not None
    assert (call.facts.holds, call.facts.earlier) == (None, None)


async def test_the_same_question_has_one_answer(database: Database) -> None:
    """Recording, recognizer, rules and facts: asked again, also by several at once, nothing is added."""
    await answer_call(database, 1, RUDE, STREET)
    found = await asyncio.gather(*(assessed(database, recording_of(1)) for _ in range(5)))
    assert sorted(found) == [False] * 4 + [True]
    kept = await current(database, 1)
    assert (kept.model, kept.is_demo, kept.rules_version) == ("good", False, RULES.version)
    assert [f.rule_id for f in kept.findings[:2]] == ["forbidden", "forbidden"]
    assert kept.findings[0].words == "不归我们管"
    assert kept.findings[0].from_s == pytest.approx(0.75)
    async with database.reading() as connection:
        assert len(await assessments.history(connection, recording_of(1))) == 1


async def test_new_rules_keep_both(database: Database) -> None:
    """The newest is current, the older one stays and can be asked for by its rules."""
    await answer_call(database, 1, RUDE, STREET)
    assert await assessed(database, recording_of(1))
    assert await assessed(database, recording_of(1), NEWER)
    assert (await current(database, 1)).rules_version == NEWER.version
    async with database.reading() as connection:
        older = await assessments.get(connection, recording_of(1), RULES.version)
        versions = [kept.rules_version for kept in await assessments.history(connection, recording_of(1))]
    assert older is not None
    assert not older.is_current
    assert versions == [NEWER.version, RULES.version]
    assert await ranking(database, Filter(rules_version=RULES.version)) == ["1"]
    assert not await assessed(database, recording_of(1))  # asked again: nothing new, and it is current again
    assert (await current(database, 1)).rules_version == RULES.version


async def test_a_trial_disturbs_no_list(database: Database) -> None:
    """Rules that are tried out are kept beside; lists show what they showed."""
    await answer_call(database, 1, RUDE, STREET)
    await assessed(database, recording_of(1))
    assert await assessed(database, recording_of(1), NEWER, trial=True)
    assert (await current(database, 1)).rules_version == RULES.version


async def test_a_corrected_ticket_is_a_new_question(database: Database) -> None:
    """A complaint that is recorded as a consultation later on is found then."""
    await answer_call(database, 1, GOOD, say(5.0, "我 要 投诉 东关街 物业"))
    await assessed(database, recording_of(1))
    assert "complaint_as_consult" not in {f.rule_id for f in (await current(database, 1)).findings}
    await record_nature(database, 1, "consult")
    assert await assessed(database, recording_of(1))
    assert "complaint_as_consult" in {f.rule_id for f in (await current(database, 1)).findings}


async def fill(database: Database) -> None:
    """1 good, 2 rude, 3 hardly heard, 4 never recorded (another seat, an hour later)."""
    await answer_call(database, 1, GOOD, STREET)
    await answer_call(database, 2, RUDE, say(5.0, "东关街 暖气 不热 气死 我 了"))
    await answer_call(database, 3, say(0.5, "您好 请讲 再见", conf=0.2), say(5.0, "东关街", conf=0.2))
    await answer_call(database, 4, at=NOW + timedelta(hours=1), seat="8002", sealed=False, transcribed=False)
    for number in (1, 2, 3, 4):
        await assessed(database, recording_of(number))


async def test_the_list_begins_with_the_worst_and_most_uncertain(database: Database) -> None:
    """What nobody heard, what was hardly heard, what was bad; the good call last."""
    await fill(database)
    assert await ranking(database) == ["4", "3", "2", "1"]


async def test_the_list_is_filtered(database: Database) -> None:
    """By seat, time, topic, score and rule."""
    await fill(database)
    hour = timedelta(hours=1)
    assert await ranking(database, Filter(seat_id="8002")) == ["4"]
    assert await ranking(database, Filter(since=NOW + hour)) == ["4"]
    assert await ranking(database, Filter(until=NOW + hour)) == ["3", "2", "1"]
    assert await ranking(database, Filter(topic="heating")) == ["2"]
    assert await ranking(database, Filter(rule_id="forbidden")) == ["2"]
    assert await ranking(database, Filter(max_score=60.0)) == ["2"]
    assert await ranking(database, Filter(min_score=60.0, seat_id="8001")) == ["3", "1"]
    async with database.reading() as connection:
        part = await ranked(connection, Filter(seat_id="8001"), 1, 1)
    assert ([item.contact_id for item in part.items], part.total, part.filtered) == ([contact_of(2)], 4, 3)
    assert (part.items[0].citizen, part.items[0].topic) == ("13812345678", "heating")


async def test_coverage_counts_every_answered_call(database: Database) -> None:
    """Answered, recorded, transcribed, assessed, heard; what is missing has an age."""
    await fill(database)
    await answer_call(database, 5, GOOD, at=NOW + timedelta(hours=2))
    async with database.reading() as connection:
        counted = await coverage.measure(connection, *DAY)
        of_seat = await coverage.measure(connection, *DAY, seat_id="8002")
        empty = await coverage.measure(connection, NOW - timedelta(days=9), NOW - timedelta(days=8))
    assert (counted.answered, counted.recorded, counted.transcribed) == (5, 4, 4)
    assert (counted.assessed, counted.heard) == (4, 3)
    assert counted.oldest_unassessed_at == NOW + timedelta(hours=2, seconds=15)
    assert dict(counted.by_rule)["forbidden"] == 1
    assert (of_seat.answered, of_seat.heard, of_seat.mean_score) == (1, 0, None)
    assert (empty.answered, empty.mean_score, empty.oldest_unassessed_at) == (0, None, None)


async def test_what_was_said_can_be_erased(database: Database) -> None:
    """When a recording's content goes, the words in its findings go too; the figures stay."""
    await fill(database)
    async with database.unit() as unit:
        await assessments.forget(unit, [recording_of(2)])
    kept = await current(database, 2)
    assert {finding.words for finding in kept.findings} == {""}
    assert kept.score < 60


@asynccontextmanager
async def working(database: Database, rules: RuleSet = RULES) -> AsyncIterator[tuple[Assessor, StoreWriter]]:
    """An assessor at work."""
    writer = StoreWriter(database)
    bench = Workbench("quality", limit=2, limit_s=60.0)
    assessor = Assessor(rules, writer, database, bench, StillClock(NOW + timedelta(hours=3)), ZONE)
    tasks = [asyncio.create_task(writer.run()), asyncio.create_task(bench.run())]
    try:
        yield assessor, writer
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def count(database: Database) -> int:
    """Assessments there are."""
    async with database.reading() as connection:
        return await connection.scalar(select(func.count()).select_from(schema.qa_assessments)) or 0


async def test_a_call_is_assessed_and_told(database: Database) -> None:
    """Asked for twice: one assessment, one event, without any words in it."""
    await answer_call(database, 1, RUDE, STREET)
    news: list[str] = []
    async with working(database) as (assessor, writer):
        writer.on_committed = lambda entries: news.extend(entry.type for entry in entries)
        for _ in range(2):
            assessor.assess(AssessCall(contact_of(1), recording_of(1)))
        await until(lambda: news == [CallAssessed.type])
        await assessor.look()
    assert news == [CallAssessed.type]
    async with database.reading() as connection:
        (entry,) = await journal.since(connection, 0, types=[CallAssessed.type])
    kept = await current(database, 1)
    assert entry.data["score"] == kept.score
    assert "不归" not in str(entry.data)


async def test_what_was_missed_is_found_by_looking(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every answered call whose words are there or will never come; not those still to be transcribed."""
    monkeypatch.setattr(assessors, "BREATH_S", 0.0)
    monkeypatch.setattr(assessors, "PAGE", 2)
    for number in range(5):
        await answer_call(database, number, GOOD, STREET)
    await answer_call(database, 5, transcribed=False, sealed=False)
    await answer_call(database, 6, transcribed=False)
    await answer_call(database, 7, transcribed=False)
    async with database.unit() as unit:
        await recordings.ask_for_transcript(unit, recording_of(7), NOW)
        await unit.connection.execute(schema.jobs.update().values(state=jobs.JobState.PARKED.value))
    async with working(database) as (assessor, _):
        await assessor.look()
        assert await ranking(database) == ["5", "7", "0", "1", "2", "3", "4"]
        await transcribe(database, recording_of(6), GOOD, STREET)
        await transcribe(database, recording_of(7), GOOD, STREET)  # an operator had it tried again
        await assessor.look()
        await assessor.look()
    assert (await current(database, 7)).model == "good"
    assert await count(database) == 9


async def test_one_call_keeps_no_other_from_being_assessed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What breaks on one call is logged; the look goes on."""
    monkeypatch.setattr(assessors, "BREATH_S", 0.0)
    for number in range(3):
        await answer_call(database, number, GOOD, STREET)

    def breaking(facts: CallFacts, rules: RuleSet) -> Assessment:
        if facts.recording_id == recording_of(1):
            raise ZeroDivisionError
        return assess(facts, rules)

    monkeypatch.setattr(assessors, "assess", breaking)
    async with working(database) as (assessor, _):
        await assessor.look()
    assert await ranking(database) == ["0", "2"]


async def test_tickets_that_changed_are_looked_at_once_a_night(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a person corrected the day before is compared with what was said."""
    monkeypatch.setattr(assessors, "BREATH_S", 0.0)
    await answer_call(database, 1, GOOD, say(5.0, "我 要 投诉 东关街 物业"))
    async with working(database) as (assessor, _):
        clock = assessor._clock
        assert isinstance(clock, StillClock)
        await assessor.look()
        await record_nature(database, 1, "consult")
        await assessor.look()
        assert await count(database) == 1
        clock.advance(24 * 3600)
        await assessor.look()
    assert await count(database) == 2
    assert "complaint_as_consult" in {f.rule_id for f in (await current(database, 1)).findings}


async def test_changed_rules_assess_everything_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A controller that starts with new rules goes over the old calls."""
    monkeypatch.setattr(assessors, "BREATH_S", 0.0)
    await fill(database)
    async with working(database, NEWER) as (assessor, _):
        await assessor.look()
    assert await count(database) == 8
    assert (await current(database, 1)).rules_version == NEWER.version


async def test_old_calls_are_done_again_with_progress(database: Database) -> None:
    """Redo tells its share, counts what is new, and keeps both; a second run adds nothing."""
    await fill(database)
    shares: list[float] = []
    clock = StillClock()
    done = await redo(database, NEWER, ZONE, clock, *DAY, trial=True, progress=shares.append)
    assert done == (4, 4)
    assert shares == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert await redo(database, NEWER, ZONE, clock, *DAY, trial=True) == (4, 0)
    assert (await current(database, 1)).rules_version == RULES.version
    assert await redo(database, NEWER, ZONE, clock, *DAY) == (4, 0)
    assert (await current(database, 1)).rules_version == NEWER.version


async def test_hostile_words_are_stored_as_text(database: Database) -> None:
    """Quotes, HTML and control characters in a transcript reach no statement and leave no control character."""
    evil = say(0.5, "'); DROP\u202eTABLE <b>不归我们管</b>\x1b[0m \\u0000 听不懂吗")
    await answer_call(database, 1, evil, STREET)
    await assessed(database, recording_of(1))
    words = [
        finding.words for finding in (await current(database, 1)).findings if finding.rule_id == "forbidden"
    ]
    assert words == ["<b>不归我们管</b>[0m", "听不懂吗"]
