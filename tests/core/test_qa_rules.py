"""The shipped rules, one by one, on small calls: what they find, what they rightly leave alone, and where they point."""

from datetime import date

import pytest
from spoken_calls import SUNDAY, call, say

from callcenter.tickets.core.suggest import Nature
from recordings.core.qa.assess import Finding, assess
from recordings.core.qa.facts import CallFacts, Span, TicketFacts
from recordings.core.transcript import Word
from recordings.qa.files import load_rules

pytestmark = pytest.mark.core

RULES = load_rules()
HELLO = say(0.5, "您好 请讲")
MIDDLE = say(25.0, "好 的") + say(42.0, "好 的")
BYE = say(57.0, "再见")
PLACE = say(5.0, "我 住在 东关街")


def found(facts: CallFacts, rule_id: str) -> list[Finding]:
    """What one rule found in a call."""
    return [finding for finding in assess(facts, RULES).findings if finding.rule_id == rule_id]


def spans(facts: CallFacts, rule_id: str) -> list[tuple[float | None, float | None, str]]:
    """Where it found it, and the words there."""
    return [(finding.from_s, finding.to_s, finding.words) for finding in found(facts, rule_id)]


@pytest.mark.parametrize(
    ("said", "is_missing"),
    [
        (say(0.5, "您好 请讲"), False),
        (say(0.5, "喂 您 ， 好 ！"), False),  # split by the recognizer, with punctuation
        (say(8.9, "您好"), False),
        (say(10.5, "您好"), True),  # too late
        (say(0.5, "喂 你 说"), True),
        (say(0.5, "您") + say(4.0, "好"), True),  # not one phrase: a pause of three seconds
    ],
)
def test_a_greeting_is_due_in_time(said: tuple[Word, ...], is_missing: bool) -> None:
    """Within ten seconds of the answer, however the recognizer cut the words."""
    facts = call(agent=said + BYE)
    assert bool(found(facts, "greeting")) is is_missing


def test_a_missing_greeting_points_at_what_was_said_instead() -> None:
    """Seconds and words of the window, in both languages."""
    (finding,) = found(call(agent=say(0.5, "喂 说 吧", conf=0.6) + say(30.0, "好")), "greeting")
    assert (finding.channel, finding.from_s, finding.to_s, finding.words) == ("agent", 0.0, 10.0, "喂说吧")
    assert (finding.zh, finding.en) == ("开头 10 秒内没有问候语", "no greeting in the first 10 s")
    assert finding.confidence == pytest.approx(0.675)


def test_silence_of_the_whole_agent_proves_no_missing_words() -> None:
    """Where the agent was not heard at all, nothing is said about manners, and nothing is certain."""
    assessment = assess(call(citizen=say(1.0, "喂 喂 气死 了")), RULES)
    assert not {"greeting", "closing", "soothing"} & {finding.rule_id for finding in assessment.findings}
    assert assessment.certainty == 0.0


@pytest.mark.parametrize(
    ("said", "is_missing"),
    [
        (say(45.0, "感谢 您 的 来电 再见"), False),
        (say(30.0, "再见"), True),  # half a minute before the end
        (say(50.0, "好 的"), True),
    ],
)
def test_a_call_ends_with_closing_words(said: tuple[Word, ...], is_missing: bool) -> None:
    """Within the last twenty seconds."""
    assert bool(found(call(agent=HELLO + said), "closing")) is is_missing


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("这 个 不归 我们 管", ["不归我们管"]),
        ("您 急 什么 ， 听 不懂 吗", ["急什么", "听不懂吗"]),
        ("家里 没 空调", []),  # 没空调 is not 没空
        ("归 我们 管", []),
        ("好 的 马上 为您 登记", []),
    ],
)
def test_forbidden_phrases_are_found_where_they_were_said(said: str, words: list[str]) -> None:
    """Each with its words; a longer harmless phrase hides the forbidden one inside it."""
    findings = found(call(agent=HELLO + say(10.0, said) + BYE), "forbidden")
    assert [finding.words for finding in findings] == words


def test_what_the_citizen_says_is_no_agents_fault() -> None:
    """Forbidden phrases are forbidden to agents."""
    assert not found(call(agent=HELLO + BYE, citizen=say(10.0, "不归 我们 管 你 听不懂 吗")), "forbidden")


def test_a_doubtful_word_makes_a_doubtful_finding() -> None:
    """A phrase is as certain as its least certain word, and takes off accordingly."""
    rest = HELLO + MIDDLE + BYE
    sure = assess(call(agent=rest + say(10.0, "不归 我们 管", conf=1.0), citizen=PLACE), RULES)
    words = say(10.0, "不归", conf=1.0) + say(10.5, "我们 管", conf=0.3)
    doubtful = assess(call(agent=rest + words, citizen=PLACE), RULES)
    assert [f.confidence for f in (*sure.findings, *doubtful.findings)] == [1.0, 0.3]
    assert (sure.score, doubtful.score) == (80.0, 94.0)


@pytest.mark.parametrize(
    ("upset", "answer", "is_missing"),
    [
        (say(10.0, "真是 气死 我 了"), say(15.0, "非常 理解 您 的 心情"), False),
        (say(10.0, "真是 气死 我 了"), say(50.0, "非常 抱歉"), True),  # forty seconds later
        (say(10.0, "真是 气死 我 了"), say(5.0, "非常 抱歉"), True),  # before
        (say(10.0, "我 不着急 慢慢 来"), (), False),
        (say(10.0, "想 问 一下 医保"), (), False),
    ],
)
def test_an_upset_citizen_is_soothed(
    upset: tuple[Word, ...], answer: tuple[Word, ...], is_missing: bool
) -> None:
    """Within half a minute after the outburst."""
    facts = call(agent=HELLO + answer + BYE, citizen=upset)
    assert bool(found(facts, "soothing")) is is_missing


def test_one_outburst_is_one_finding() -> None:
    """Upset words close together are counted once; the next outburst is another."""
    citizen = say(10.0, "气死 我 了 太过分 凭什么") + say(45.0, "没人管 不像话")
    assert [f.from_s for f in found(call(agent=HELLO + BYE, citizen=citizen), "soothing")] == [10.0, 45.0]


FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("promised", "deadline", "is_found"),
    [
        ("我们 会 在 三个 工作日 内 给您 答复", date(2026, 11, 25), False),  # Friday + 3 workdays: Wednesday
        ("我们 会 在 三个 工作日 内 给您 答复", date(2026, 11, 27), True),
        ("5 个 工作日 之内 联系您", date(2026, 11, 27), False),
        ("十五 天内 办结", date(2026, 12, 5), False),
        ("两 小时 内 派人 上门", date(2026, 11, 21), False),
        ("一周 内 处理", date(2026, 11, 25), True),
        ("图书馆 三天 内 不开门", date(2026, 12, 31), False),  # no promise beside it
        ("我们 会 尽快 答复", date(2026, 12, 31), False),  # no time
    ],
)
def test_a_promise_is_compared_with_the_deadline(promised: str, deadline: date, is_found: bool) -> None:
    """A named time near 答复, 处理 ... must be the day on which the ticket is due."""
    ticket = TicketFacts(has_phone=True, deadline=deadline)
    facts = call(agent=HELLO + say(20.0, promised) + BYE, answered_on=FRIDAY, ticket=ticket)
    findings = found(facts, "promise")
    assert bool(findings) is is_found
    for finding in findings:
        assert finding.from_s is not None
        assert finding.from_s >= 20.0
        assert deadline.isoformat() in finding.zh


def test_without_a_deadline_a_promise_cannot_be_compared() -> None:
    """Nothing is made up where the ticket names no day."""
    said = HELLO + say(20.0, "三个 工作日 内 答复") + BYE
    assert not found(call(agent=said, answered_on=SUNDAY), "promise")


def talk(*starts: float) -> tuple[Word, ...]:
    """The agent says a word of one second at each of these moments."""
    return tuple(word for start in starts for word in say(start, "好的好的"))


def test_a_long_silence_is_found() -> None:
    """Where nobody speaks for more than twenty seconds, from the answer on; the end of the call is not one."""
    assert spans(call(agent=talk(1, 20, 50.5)), "silence") == [(21.0, 50.5, "")]
    assert spans(call(agent=talk(25, 30)), "silence") == [(0.0, 25.0, "")]
    assert not found(call(agent=talk(1, 20, 40), citizen=say(30.0, "嗯")), "silence")
    assert not found(call(agent=talk(1)), "silence")


def test_hold_is_no_silence() -> None:
    """While the citizen is on hold nobody needs to speak."""
    facts = call(agent=talk(1, 50), holds=(Span(3.0, 49.0),))
    assert not found(facts, "silence")


def test_talking_at_once_is_found() -> None:
    """Above eight seconds and 15 % of the speech; it points at the longest of these times."""
    citizen = say(5.0, "一" * 40) + say(30.0, "二" * 40)  # ten seconds each
    agent = say(10.0, "三" * 40) + say(36.0, "四" * 40)
    (finding,) = found(call(agent=agent, citizen=citizen), "overtalk")
    assert (finding.from_s, finding.to_s) == (10.0, 15.0)
    assert finding.zh == "双方同时说话 9.0 秒，占 29%"
    assert not found(call(agent=say(10.0, "三" * 40), citizen=citizen), "overtalk")


@pytest.mark.parametrize(("times", "is_found"), [(3, False), (4, True)])
def test_interruptions_are_counted(times: int, is_found: bool) -> None:
    """The agent begins while the citizen has spoken for a second and speaks on for half a second."""
    citizen = tuple(word for n in range(times) for word in say(1.0 + 10 * n, "我 家里 的 水管 坏了 很久"))
    agent = tuple(word for n in range(times) for word in say(2.2 + 10 * n, "嗯 您 等等"))
    findings = found(call(agent=agent, citizen=citizen), "interruptions")
    assert bool(findings) is is_found
    if findings:
        assert findings[0].zh == "打断市民 4 次（上限 3 次）"
        assert (findings[0].from_s, findings[0].words) == (2.2, "嗯您等等")


def test_an_answer_at_the_end_of_a_sentence_is_no_interruption() -> None:
    """Coming in on the last word is how people talk."""
    citizen = tuple(word for n in range(5) for word in say(1.0 + 10 * n, "我 家里 的 水管 坏了"))
    agent = tuple(word for n in range(5) for word in say(2.9 + 10 * n, "好 的"))
    assert not found(call(agent=agent, citizen=citizen), "interruptions")


@pytest.mark.parametrize(
    ("character_s", "is_found"), [(0.12, True), (0.18, False), (0.5, False), (0.6, True)]
)
def test_the_speaking_rate_has_a_range(character_s: float, is_found: bool) -> None:
    """500 and 100 characters a minute are found, 333 and 120 are not."""
    facts = call(agent=say(1.0, "请您把情况再说一遍 " * 12, character_s=character_s), seconds=120.0)
    assert bool(found(facts, "speaking_rate")) is is_found


def test_little_speech_has_no_rate() -> None:
    """Five quick seconds are not measured."""
    assert not found(call(agent=say(1.0, "一" * 50, character_s=0.1)), "speaking_rate")


@pytest.mark.parametrize(
    ("holds", "is_found"), [((Span(5, 50), Span(60, 106)), True), ((Span(5, 95),), False), (None, False)]
)
def test_hold_time_is_summed(holds: tuple[Span, ...] | None, is_found: bool) -> None:
    """More than ninety seconds in all; unknown hold is no finding."""
    findings = found(call(agent=HELLO, holds=holds), "hold")
    assert bool(findings) is is_found
    if findings:
        assert (findings[0].from_s, findings[0].to_s, findings[0].confidence) == (60, 106, 1.0)


@pytest.mark.parametrize(("transfers", "is_found"), [(1, False), (2, True)])
def test_transfers_are_counted(transfers: int, is_found: bool) -> None:
    """Once is allowed."""
    assert bool(found(call(agent=HELLO, transfers=transfers), "transfers")) is is_found


@pytest.mark.parametrize(
    ("said", "nature", "is_found"),
    [
        ("我 要 投诉 物业", Nature.CONSULT, True),
        ("我 要 投诉 物业", Nature.COMPLAINT, False),
        ("我 不是 要 投诉 就是 问问", Nature.CONSULT, False),
        ("请问 怎么 投诉", Nature.CONSULT, False),
        ("我 要 投诉 物业", None, False),
    ],
)
def test_a_complaint_is_not_a_consultation(said: str, nature: Nature | None, is_found: bool) -> None:
    """What the citizen says against what the ticket says."""
    facts = call(agent=HELLO, citizen=say(5.0, said), ticket=TicketFacts(nature, has_phone=True))
    assert bool(found(facts, "complaint_as_consult")) is is_found


@pytest.mark.parametrize(
    ("said", "place", "nature", "is_found"),
    [
        ("路灯 坏了", None, Nature.HELP, True),
        ("东关街 的 路灯 坏了", None, Nature.HELP, False),
        ("路灯 坏了", None, Nature.CONSULT, False),  # a question needs no place
        ("东关街 的 路灯 坏了", "", Nature.HELP, True),  # said, but not written down
        ("路灯 坏了", "东关街", Nature.HELP, False),
        ("路灯 坏了", None, None, False),
    ],
)
def test_a_place_is_needed(said: str, place: str | None, nature: Nature | None, is_found: bool) -> None:
    """In the ticket; where tickets have no such field, at least in what was said."""
    facts = call(agent=HELLO, citizen=say(5.0, said), ticket=TicketFacts(nature, True, place))
    assert bool(found(facts, "place_missing")) is is_found


def test_a_place_that_was_said_and_not_written_is_pointed_at() -> None:
    """The reviewer hears at once what the ticket lacks."""
    facts = call(agent=HELLO, citizen=say(5.0, "在 东关街"), ticket=TicketFacts(Nature.HELP, True, ""))
    assert spans(facts, "place_missing") == [(5.25, 6.0, "东关街")]


@pytest.mark.parametrize(
    ("has_phone", "said", "is_found"),
    [
        (False, "路灯 坏了", True),
        (False, "我 电话 一三八 一二三四 五六七八", False),
        (True, "路灯 坏了", False),
    ],
)
def test_a_number_is_needed(has_phone: bool, said: str, is_found: bool) -> None:
    """An unknown caller must be asked for his number."""
    facts = call(agent=HELLO, citizen=say(5.0, said), ticket=TicketFacts(has_phone=has_phone))
    assert bool(found(facts, "phone_missing")) is is_found


@pytest.mark.parametrize(
    ("said", "earlier", "text"),
    [
        ("我 上次 打 过 电话 一直 没有 解决", 3, "疑似重复诉求（近 30 天来电 3 次）"),
        ("这 是 第三次 了", None, "疑似重复诉求（近 30 天来电 — 次）"),
        ("我 第一 次 打 电话", 0, None),
    ],
)
def test_words_of_an_earlier_time_are_found(said: str, earlier: int | None, text: str | None) -> None:
    """With the citizen's earlier contacts; unknown is not zero. It costs nothing: it is no fault."""
    facts = call(agent=HELLO + MIDDLE + BYE, citizen=say(5.0, said), earlier=earlier)
    assert [f.zh for f in found(facts, "repeated")] == ([text] if text else [])
    assert assess(facts, RULES).score == 100.0


@pytest.mark.parametrize(
    ("said", "answer", "transfers", "rule_id"),
    [
        ("家里 有 煤气味", "好 的 我 登记 一下", 0, "urgent_gas"),
        ("家里 有 煤气味", "请 开窗 我 马上 联系 燃气公司", 0, None),
        ("家里 有 煤气味", "好 的", 1, None),  # handed on
        ("想 问 燃气费 怎么 交", "好 的", 0, None),
        ("车胎 漏气 了", "好 的", 0, None),
        ("楼下 着火 了", "我 登记 一下", 0, "urgent_fire"),
        ("楼下 着火 了", "请 马上 拨打 119", 0, None),
        ("我 不想 活 了", "您 稍等", 0, "urgent_life"),
        ("买 火灾 保险", "您 稍等", 0, None),
    ],
)
def test_danger_must_be_handed_on(said: str, answer: str, transfers: int, rule_id: str | None) -> None:
    """By the agent's words afterwards, or by a transfer; longer harmless phrases hide the words of danger."""
    facts = call(HELLO + say(20.0, answer) + BYE, say(10.0, said), transfers=transfers)
    urgent = [f.rule_id for f in assess(facts, RULES).findings if f.rule_id.startswith("urgent")]
    assert urgent == ([rule_id] if rule_id else [])


def test_words_of_rescue_before_the_danger_do_not_count() -> None:
    """Only what the agent says after the citizen's words is an answer to them."""
    facts = call(HELLO + say(5.0, "119 是 火警") + BYE, say(20.0, "楼下 着火 了"))
    assert found(facts, "urgent_fire")[0].severity == "critical"
