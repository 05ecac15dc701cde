"""Full text search in SQL: both databases find the same calls, newest first, and take every text for a text."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import pytest
from assessed_calls import answer_call, record_nature, recording_of, transcribe
from rows import NOW
from sqlalchemy import delete, func, insert, select, text

from callcenter.core.errors import UsageError
from callcenter.core.ids import RecordingId
from callcenter.store import schema
from callcenter.store.database import Database
from recordings import search
from recordings import store as recordings
from recordings.core.search import parse
from recordings.core.transcript import Transcript, Word
from recordings.search import Answer, Filter

pytestmark = pytest.mark.contract

DAY = timedelta(days=1)
ANY = Filter()
HOSTILE = [
    '"', "'", "a'b", 'say "x', "暖气*", "NEAR(暖气 停)", "tokens:暖气", "^暖气", "暖气 | 停", "暖气 <-> 停", "!暖气", ":*",
    "暖气'; DROP TABLE contacts; --", "\\' OR 1=1", "%", "_", "<script>alert(1)</script>", "\x00暖气\x1b[31m", "𠮷", "{暖气} : x",
]  # fmt: skip


def words(spoken: str) -> list[Word]:
    """A second for each word."""
    return [Word(word, i, i + 0.5, 0.9) for i, word in enumerate(spoken.split())]


async def call(
    database: Database, number: int, citizen: str, agent: str = "您好", *, seat: str = "8001"
) -> RecordingId:
    """A searchable call; later numbers came later, a day apart."""
    return await answer_call(database, number, words(agent), words(citizen), at=NOW + number * DAY, seat=seat)


async def ask(
    database: Database, question: str, which: Filter = ANY, limit: int = 50, offset: int = 0
) -> Answer:
    """Search."""
    async with database.reading() as connection:
        return await search.find(connection, parse(question), which, limit, offset)


async def found(database: Database, question: str, which: Filter = ANY) -> Sequence[str]:
    """The numbers of the calls found."""
    return [hit.recording_id.rpartition(".")[2] for hit in (await ask(database, question, which)).hits]


async def test_words_phrases_and_exclusions(database: Database) -> None:
    """All words in any order, a phrase in its order, none of what is excluded; newest first."""
    await call(database, 1, "暖气 停 了 三天")
    await call(database, 2, "停 水 了 暖气 也 没有")
    await call(database, 3, "楼上 噪音 很 大", "暖气 呢 停 过 吗")
    assert await found(database, "暖气 停") == ["3", "2", "1"]
    assert await found(database, '"暖气停"') == ["1"]
    assert await found(database, "暖气停了三天") == ["1"]
    assert await found(database, "暖气 -停水 -噪音") == ["1"]
    assert await found(database, "暖气 停电") == []


async def test_an_answer_tells_the_second(database: Database) -> None:
    """Each call comes with its contact, seat, ticket, and for each voice the second at which it was said."""
    recording_id = await call(database, 1, "我家 暖气 停 了", "请问 暖气 怎么 了")
    (hit,) = (await ask(database, "暖气")).hits
    assert (hit.recording_id, hit.arrived_at, hit.citizen) == (recording_id, NOW + DAY, "13812345678")
    assert (hit.seat_id, hit.outcome, hit.score, hit.model) == ("8001", "answered", None, "good")
    assert hit.ticket_no is not None
    assert [(p.channel, p.start, p.hit) for p in hit.passages] == [
        ("agent", 1.0, "暖气"),
        ("citizen", 1.0, "暖气"),
    ]


async def test_filters(database: Database) -> None:
    """By seat, time, nature, topic, outcome and score; each narrows."""
    for number, seat in ((1, "8001"), (2, "8002"), (3, "8001")):
        await call(database, number, "暖气 停 了", seat=seat)
    await record_nature(database, 2, "complaint", "heating")
    await _score(database, 3, 40.0)
    for which, numbers in (
        (Filter(seat_id="8001"), ["3", "1"]),
        (Filter(since=NOW + 2 * DAY), ["3", "2"]),
        (Filter(until=NOW + 2 * DAY), ["1"]),
        (Filter(since=NOW + 2 * DAY, until=NOW + 3 * DAY), ["2"]),
        (Filter(nature="complaint"), ["2"]),
        (Filter(nature="complaint", topic="heating"), ["2"]),
        (Filter(nature="complaint", topic="noise"), []),
        (Filter(outcome="answered"), ["3", "2", "1"]),
        (Filter(outcome="abandoned"), []),
        (Filter(score_max=60.0), ["3"]),
        (Filter(score_min=60.0), []),
        (Filter(seat_id="8001", score_min=10.0, score_max=40.0), ["3"]),
    ):
        assert await found(database, "暖气", which) == numbers, which


async def test_paging_and_the_bound(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts follow one another without overlap; beyond the bound nothing is counted."""
    for number in range(1, 6):
        await call(database, number, "暖气")
    first, second = await ask(database, "暖气", limit=2), await ask(database, "暖气", limit=2, offset=2)
    assert [hit.recording_id for hit in (*first.hits, *second.hits)] == [
        recording_of(n) for n in (5, 4, 3, 2)
    ]
    assert (first.found, second.found) == (5, 5)
    monkeypatch.setattr(search, "FOUND_MAX", 3)
    bounded = await ask(database, "暖气")
    assert (bounded.found, len(bounded.hits)) == (3, 3)


async def test_windows_change_no_answer(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """However few calls the index is asked about at once, all are found, newest first."""
    for number in range(1, 8):
        await call(database, number, "暖气 停 了" if number % 3 else "停水 了 暖气")
    asked = ("暖气", "暖气停", "停水", "暖气 -停水", '暖气 -"停了"', '暖气 -"暖气停了"', "停电")
    before = [await found(database, question) for question in asked]
    monkeypatch.setattr(search, "WINDOW", 1)
    assert [await found(database, question) for question in asked] == before
    assert before == [
        ["7", "6", "5", "4", "3", "2", "1"], ["7", "5", "4", "2", "1"], ["6", "3"], ["7", "5", "4", "2", "1"],
        ["6", "3"], ["6", "3"], [],
    ]  # fmt: skip
    assert await found(database, "暖气", Filter(since=NOW + 2 * DAY, until=NOW + 5 * DAY)) == ["4", "3", "2"]


async def test_what_was_not_looked_at_is_told(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of too many calls that have to be compared the newest are, and the answer says from when on."""
    for number in range(1, 6):
        await call(database, number, "暖气 停 了", seat="8001" if number == 1 else "8002")
    its = Filter(seat_id="8001")
    assert (await ask(database, "暖气", its)).searched_from is None
    monkeypatch.setattr(search, "COMPARED_MAX", 3)
    first = await ask(database, "暖气", its)
    assert (first.found, first.searched_from) == (0, NOW + 3 * DAY)
    assert await found(database, "暖气", Filter(seat_id="8001", until=first.searched_from)) == ["1"]
    assert (await ask(database, "暖气")).searched_from is None


async def test_a_newer_transcript_replaces_the_older(database: Database) -> None:
    """What another model heard is found, what the first one heard no longer; indexing again changes nothing."""
    recording_id = await call(database, 1, "暖气 听 了")
    await transcribe(database, recording_id, (), words("暖气 停 了"), "better")
    async with database.unit() as unit:
        redone = await recordings.transcript_of(unit.connection, recording_id)
        assert redone is not None
        await search.index(unit, redone)
    assert await found(database, "停") == ["1"]
    assert await found(database, "听") == []
    assert await _entries(database) == 1


async def test_a_forgotten_call_is_not_found(database: Database) -> None:
    """Before an erasure the call leaves text and index; what is not there may be forgotten too."""
    recording_id = await call(database, 1, "暖气")
    await call(database, 2, "暖气")
    for _ in range(2):
        async with database.unit() as unit:
            await search.forget(unit, recording_id)
            await unit.connection.execute(
                delete(schema.transcripts).where(schema.transcripts.c.recording_id == recording_id)
            )
    assert await found(database, "暖气") == ["2"]
    assert await _entries(database) == 1
    assert await search.catch_up(database) == 0


async def test_a_failed_unit_leaves_no_entry(database: Database) -> None:
    """Transcript and entry are one commit: what was taken back is not found."""
    recording_id = await answer_call(database, 1, transcribed=False)
    spoken = Transcript(recording_id, "m", False, 1.0, tuple(words("暖气")), ())

    async def fail() -> None:
        async with database.unit() as unit:
            await recordings.save_transcript(unit, spoken, NOW)
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await _entries(database) == 0


async def test_calls_of_one_moment_are_all_found(database: Database) -> None:
    """Calls that came in the same microsecond get numbers of their own."""
    for number in (1, 2, 3):
        await answer_call(database, number, (), words("暖气"), at=NOW)
    assert sorted(await found(database, "暖气")) == ["1", "2", "3"]


async def test_a_catch_up_may_be_repeated(database: Database) -> None:
    """What an earlier version left is found after a catch-up; the next one has nothing to do."""
    await call(database, 1, "暖气")
    async with database.unit() as unit:
        await search.forget(unit, recording_of(1))
    assert await found(database, "暖气") == []
    assert [await search.catch_up(database) for _ in range(2)] == [1, 0]
    assert await found(database, "暖气") == ["1"]


@pytest.mark.parametrize("question", HOSTILE)
async def test_a_hostile_question_is_text(database: Database, question: str) -> None:
    """No operator reaches a database: a question is answered or refused, and finds only what was said."""
    await call(database, 1, "路灯 坏 了")
    with suppress(UsageError):
        assert await found(database, question) == []
    async with database.reading() as connection:
        assert await connection.scalar(select(func.count()).select_from(schema.contacts)) == 1


async def test_hostile_speech_is_text(database: Database) -> None:
    """Markup and control characters in a transcript are found as the words they hold."""
    await call(database, 1, "<b>暖气</b> \x1b[31m停\x7f了 ' \" \\ & | !")
    assert await found(database, "暖气 停") == ["1"]
    (hit,) = (await ask(database, "b")).hits
    assert hit.passages[0].hit == "<b>暖气</b>"


async def _score(database: Database, number: int, score: float) -> None:
    async with database.unit() as unit:
        await unit.connection.execute(
            insert(schema.qa_assessments).values(
                recording_id=recording_of(number),
                contact_id=recording_of(number),
                answered_at=NOW,
                model="good",
                is_demo=False,
                rules_version="1",
                facts_sha256="",
                score=score,
                certainty=1.0,
                concern=0.0,
                is_current=True,
                created_at=NOW,
            )
        )


async def _entries(database: Database) -> int:
    """Rows of the index; a token that every test says is looked up, since SQLite's keeps no list."""
    condition = (
        "transcript_tokens MATCH '\"暖气\"'" if database.is_sqlite else "tokens @@ '''暖气'''::tsquery"
    )
    async with database.reading() as connection:
        rows = await connection.scalar(text(f"SELECT count(*) FROM transcript_tokens WHERE {condition}"))  # noqa: S608
        texts = await connection.scalar(select(func.count()).select_from(schema.transcript_texts))
    assert rows == texts
    return texts or 0
