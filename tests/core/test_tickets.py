"""Suggestions with their words, and when a ticket is ready."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.tickets import catalog
from callcenter.tickets.core.deadline import deadline
from callcenter.tickets.core.draft import Facts, Filling, Problem, TicketState, TranscriptState, fill
from callcenter.tickets.core.suggest import NOTHING, Nature, Suggestion, suggest

pytestmark = pytest.mark.core

CATALOG = catalog.load()
CITY = ZoneInfo("Asia/Shanghai")
ANY_WORDS = st.lists(st.sampled_from([*CATALOG.natures.words, *CATALOG.topics.words, "我", "的", " "])).map(
    "".join
)


@pytest.mark.parametrize(
    ("text", "nature", "topic"),
    [
        ("我们小区暖气停了三天了，家里有老人，物业说管道坏了，一直没有人来修", "help", "heating"),
        ("请问 社保卡 怎么 办理", "consult", "social_security"),
        ("我要投诉楼下广场舞太吵，睡不着", "complaint", "noise"),
        ("我举报工地夜间施工，老板拖欠工资", "tip_off", "labor"),
        ("我建议在学校门口增设红绿灯", "suggestion", "education"),
        ("表扬一下公交车司机，非常满意", "praise", "traffic"),
        ("我不是投诉，只是想了解落户政策", "consult", "gov_service"),
        ("垃圾堆了一个星期，我很不满意", "complaint", "cityscape"),
        ("您好", None, None),
    ],
)
def test_what_citizens_say(text: str, nature: str | None, topic: str | None) -> None:
    """Typical sentences lead to the nature and topic that an agent would choose, or to none."""
    found = suggest(text, CATALOG.natures).category, suggest(text, CATALOG.topics).category
    assert found == (nature, topic)


def test_the_words_are_named() -> None:
    """A suggestion tells which words led to it, in the order in which they were said."""
    assert suggest("暖气 不热， 管道 坏了", CATALOG.topics) == Suggestion("heating", ("暖气", "不热", "管道"))


def test_a_longer_word_hides_a_shorter_one() -> None:
    """Who is dissatisfied does not praise."""
    assert suggest("不满意", CATALOG.natures) == Suggestion("complaint", ("不满意",))


@given(ANY_WORDS)
def test_a_suggestion_stands_on_words_of_the_text(text: str) -> None:
    """Whatever is said: a category always comes with words that were said, and none without."""
    for word_list in (CATALOG.natures, CATALOG.topics):
        found = suggest(text, word_list)
        assert (found.category is None) == (found.words == ())
        assert all(word in text.replace(" ", "") for word in found.words)
        assert found == suggest(text, word_list)


def test_every_nature_has_words() -> None:
    """The shipped list knows all natures of the trade."""
    assert set(CATALOG.natures.names) == set(Nature)


@pytest.mark.parametrize(
    ("facts", "state", "transcript", "problems"),
    [
        (Facts("138", False, citizen_text="投诉"), TicketState.DRAFT, TranscriptState.READY, ()),
        (Facts("138", True), TicketState.DRAFT, TranscriptState.PENDING, ()),
        (Facts("138", True, "sealed", 0.5, "running"), TicketState.DRAFT, TranscriptState.PENDING, ()),
        (Facts("138", True, "sealed", 0, "done", "投诉"), TicketState.READY, TranscriptState.READY, ()),
        (Facts("138", True, "sealed", 0, "done", ""), TicketState.READY, TranscriptState.READY, ()),
        (Facts("", True, "sealed", 1.5, "parked"), TicketState.READY, TranscriptState.PARKED,
         (Problem.CALLER_UNKNOWN, Problem.RECORDING_SHORT, Problem.TRANSCRIPT_PARKED)),
        (Facts("138", True, "missing"), TicketState.READY, TranscriptState.NONE, (Problem.RECORDING_MISSING,)),
        (Facts("138", True, "sealed", 0, "done", "a", is_demo=True), TicketState.READY, TranscriptState.READY,
         (Problem.TRANSCRIPT_BY_DEMO_MODEL,)),
    ],
)  # fmt: skip
def test_when_a_ticket_is_ready(
    facts: Facts, state: TicketState, transcript: TranscriptState, problems: tuple[Problem, ...]
) -> None:
    """A ticket is ready when its call is over and nothing more will come; what is missing is named."""
    filling = _filled(facts)
    assert (filling.state, filling.transcript_state, filling.problems) == (state, transcript, problems)


def test_silence_suggests_nothing() -> None:
    """A transcript without words leaves nature and topic to the agent."""
    filling = _filled(Facts("138", True, "sealed", citizen_text=""))
    assert (filling.nature, filling.topic) == (NOTHING, NOTHING)
    assert (filling.place, filling.workdays) == (None, None)


def _filled(facts: Facts) -> Filling:
    return fill(facts, CATALOG.natures, CATALOG.topics, CATALOG.places, CATALOG.workdays)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("我住在 幸福 小区 三号楼 二单元，暖气不热", "幸福小区三号楼二单元"),
        ("人民路 八十八号 的路灯坏了", "人民路八十八号"),
        ("反映一下解放东路东风花园12号楼停水", "解放东路东风花园12号楼"),
        ("我们小区的路灯坏了", None),
        ("他一路走路回家，马路很堵", None),
        ("李家村 没有水", "李家村"),
        ("请问社保卡怎么办理", None),
        ("", None),
    ],
)
def test_where_it_is(text: str, place: str | None) -> None:
    """A place is told as the citizen named it, with house and door; our estate and the street lamp are none."""
    assert CATALOG.places.find(text) == place


@given(ANY_WORDS)
def test_a_place_stands_in_the_text(text: str) -> None:
    """Whatever is said: a place was said."""
    place = CATALOG.places.find(text)
    assert place is None or place in text.replace(" ", "")


def test_a_nature_has_its_time() -> None:
    """The norm of the nature counts; praise is owed no answer."""
    said = Facts("138", True, "sealed", 0, "done", "我要投诉")
    assert _filled(said).workdays == 13
    assert _filled(replace(said, citizen_text="我想咨询一下")).workdays == 3
    assert _filled(replace(said, citizen_text="表扬一下")).workdays is None


@pytest.mark.parametrize(
    ("at", "workdays", "due"),
    [
        (datetime(2026, 11, 20, 9, 0, tzinfo=CITY), 3, datetime(2026, 11, 25, 23, 59, 59, tzinfo=CITY)),
        (datetime(2026, 11, 20, 17, 0, tzinfo=UTC), 1, datetime(2026, 11, 23, 23, 59, 59, tzinfo=CITY)),
        (datetime(2026, 11, 22, 4, 0, tzinfo=UTC), 13, datetime(2026, 12, 9, 23, 59, 59, tzinfo=CITY)),
    ],
)
def test_a_deadline_is_the_end_of_a_working_day(at: datetime, workdays: int, due: datetime) -> None:
    """Friday and three working days is Wednesday; the day of the call is the city's."""
    assert deadline(at, workdays, CITY) == due
