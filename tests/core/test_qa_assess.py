"""A whole assessment: score, certainty, concern, and that nothing in a transcript can break or misuse it."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spoken_calls import RECORDING, call, say

from callcenter.core.clock import Instant
from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId
from callcenter.core.messages import work
from callcenter.core.messages.quality import AssessCall
from recordings.core.qa.assess import FINDINGS_MAX, Assessment, assess
from recordings.core.qa.facts import CallFacts, Span, TicketFacts
from recordings.core.qa.heard import EVIDENCE_CHARACTERS_MAX, WORDS_MAX, heard
from recordings.core.qa.rules import rule_set
from recordings.core.qa.watch import QualityWatch
from recordings.core.transcript import Transcript, Word
from recordings.qa.files import load_rules

pytestmark = pytest.mark.core

RULES = load_rules()
RULE = {
    "kind": "forbidden",
    "severity": "major",
    "points": 20,
    "at_most": 2,
    "phrases": ["不归我们管"],
    "zh": "忌语",
    "en": "forbidden",
}


def rules_of(**tables: dict[str, Any]) -> Any:
    """A rule set of these tables."""
    return rule_set({"version": "t", "rules": tables}, "0" * 64, "t.toml")


def a_good_call(conf: float = 0.9) -> CallFacts:
    """Nothing to be found."""
    agent = say(0.5, "您好 请讲", conf) + say(20.0, "好 的", conf) + say(38, "我 记 下 了", conf)
    return call(agent + say(57.0, "再见", conf), say(5.0, "东关街 路灯 坏了", conf))


def test_the_score_counts_the_surest_findings_up_to_a_bound() -> None:
    """Each finding takes off its points times its confidence; of many, ``at_most`` count, all are shown."""
    rules = rules_of(rude=RULE)
    agent = tuple(
        word for n, conf in enumerate((0.5, 1.0, 0.8)) for word in say(10.0 * n, "不归我们管", conf)
    )
    assessment = assess(call(agent), rules)
    assert assessment.score == 100 - 20 * (1.0 + 0.8)
    assert [finding.confidence for finding in assessment.findings] == [1.0, 0.8, 0.5]
    assert assess(call(agent), rules_of(rude=RULE | {"points": 100})).score == 0.0


def test_worst_and_most_uncertain_calls_concern_most() -> None:
    """A bad call, a call hardly heard, a call not heard at all come before a good one that was well heard."""
    good = assess(a_good_call(), RULES)
    blurred = assess(a_good_call(conf=0.3), RULES)
    bad = assess(call(say(0.5, "喂 不归 我们 管 听不懂 吗 急什么"), say(9, "气死 我 了 着火 了")), RULES)
    unheard = assess(CallFacts(RECORDING, None, talk_s=60.0), RULES)
    assert good.score == blurred.score == 100.0
    assert good.concern == 0.1
    ranked = sorted((good, blurred, bad, unheard), key=lambda a: -a.concern)
    assert ranked == [unheard, bad, blurred, good]


def test_what_was_not_recorded_makes_a_call_uncertain() -> None:
    """Half of the talk heard is half as certain."""
    whole, half = assess(a_good_call(), RULES), assess(replace(a_good_call(), talk_s=120.0), RULES)
    assert half.certainty == pytest.approx(whole.certainty / 2)


def test_the_demo_models_words_are_never_certain() -> None:
    """The assessment says which model and rules it is of; the demo model recognizes no people."""
    facts = a_good_call(conf=1.0)
    assert facts.transcript is not None
    demo = replace(facts, transcript=replace(facts.transcript, model="demo", is_demo=True))
    assessment = assess(demo, RULES)
    assert (assessment.model, assessment.is_demo, assessment.certainty) == ("demo", True, 0.3)
    assert assessment.rules_version == RULES.version


def test_a_call_without_transcript_is_checked_by_its_facts() -> None:
    """Hold, transfers and the ticket speak without words; certainty is zero."""
    ticket = TicketFacts(has_phone=False)
    facts = CallFacts(RECORDING, None, 60.0, (Span(0, 100),), 3, ticket)
    assessment = assess(facts, RULES)
    assert {finding.rule_id for finding in assessment.findings} == {"hold", "transfers", "phone_missing"}
    assert (assessment.model, assessment.certainty) == ("", 0.0)


def test_numbers_of_persons_never_stand_in_findings() -> None:
    """A number that was said around forbidden words is masked, also when it is spread over words."""
    agent = (Word("您的13812345678不归我们管", 1.0, 3.0, 0.9), *say(30, "一三八 一二三四 五六七八听不懂吗"))
    found = [f.words for f in assess(call(agent), RULES).findings if f.rule_id == "forbidden"]
    assert found == ["您的***********不归我们管", "****听不懂吗"]


def test_hostile_words_are_only_words() -> None:
    """HTML stays text, control characters go, formats are not followed."""
    agent = say(1.0, "<script> \x00\x1b[31m{0.__class__}不归我们管\u202e")
    (finding,) = (f for f in assess(call(agent), RULES).findings if f.rule_id == "forbidden")
    assert finding.words.isprintable()
    assert finding.words == "[31m{0.__class__}不归我们管"


def test_hours_of_words_are_assessed_within_bounds() -> None:
    """Findings of one rule, their words, and the words looked at are bounded."""
    agent = tuple(Word("不归我们管", n * 0.5, n * 0.5 + 0.4, 0.9) for n in range(5000))
    citizen = tuple(Word("气死着火了", n * 0.5, n * 0.5 + 0.4, 0.9) for n in range(5000))
    assessment = assess(call(agent, citizen, seconds=3600.0), RULES)
    counts = {rule: sum(f.rule_id == rule for f in assessment.findings) for rule in RULES.rules}
    assert max(counts.values()) == FINDINGS_MAX
    assert len(heard("agent", [Word("好", 1.0, 2.0, 0.9)] * (WORDS_MAX + 5)).words) == WORDS_MAX


def test_the_order_of_words_does_not_matter() -> None:
    """Unsorted and overlapping words give the same findings."""
    facts = a_good_call()
    assert facts.transcript is not None
    shuffled = replace(facts.transcript, agent=facts.transcript.agent[::-1])
    assert assess(replace(facts, transcript=shuffled), RULES) == assess(facts, RULES)


ANY_FLOAT = st.floats(allow_nan=True, allow_infinity=True)
PIECES = st.sampled_from(
    ["您好", "不归我们管", "气死", "着火", "三个工作日内答复", "第三次", "13812345678", ""]
)
ANY_WORDS = st.lists(
    st.builds(Word, st.one_of(PIECES, st.text(max_size=60)), ANY_FLOAT, ANY_FLOAT, ANY_FLOAT), max_size=30
).map(tuple)
ANY_TRANSCRIPT = st.builds(
    Transcript, st.just(RECORDING), st.text(max_size=5), st.booleans(), ANY_FLOAT, ANY_WORDS, ANY_WORDS
)


def _is_sound(assessment: Assessment) -> bool:
    numbers = 0 <= assessment.score <= 100 and 0 <= assessment.certainty <= 1 and 0 <= assessment.concern <= 1
    return numbers and all(
        0 <= f.confidence <= 1
        and len(f.words) <= EVIDENCE_CHARACTERS_MAX
        and (f.from_s is None or f.to_s is None or 0 <= f.from_s <= f.to_s)
        and all(part.isprintable() for part in (f.words, f.zh, f.en))
        for f in assessment.findings
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ANY_TRANSCRIPT, st.floats(0, 1e6))
def test_no_transcript_breaks_an_assessment(transcript: Transcript, talk_s: float) -> None:
    """Whatever words, times and confidences come: sound figures, bounded printable words, valid JSON, same again."""
    facts = CallFacts(RECORDING, transcript, talk_s, (), 0, TicketFacts(has_phone=True), 2)
    assessment = assess(facts, RULES)
    assert _is_sound(assessment)
    json.dumps([finding.words for finding in assessment.findings], allow_nan=False).encode()
    assert assess(facts, RULES) == assessment


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"points": -1}, "t.toml: 'rules.rude.points': Input should be greater than or equal to 0"),
        ({"pionts": 5}, "t.toml: unknown key 'rules.rude.pionts'"),
        ({"severity": "bad"}, "t.toml: 'rules.rude.severity': Input should be 'info', 'minor', 'major' or"),
        ({"phrases": []}, "t.toml: 'rules.rude.phrases': Value should have at least 1 item"),
        ({"phrases": ["。"]}, "t.toml: 'rules.rude.phrases': the phrase '。' has no letter or digit"),
        (
            {"phrases": ["不行", "不 行！"]},
            "t.toml: 'rules.rude.phrases': the phrase '不 行！' stands twice",
        ),
        ({"kind": "rude"}, "t.toml: 'rules.rude': Input tag 'rude' found using 'kind' does not match any"),
        (
            {"zh": "{limit_s}"},
            "t.toml: 'rules.rude': '{limit_s}' is no figure of this kind of rule; known: none",
        ),
        ({"zh": "{"}, "t.toml: 'rules.rude': "),
    ],
)
def test_a_wrong_rule_is_told_by_file_and_key(change: dict[str, Any], complaint: str) -> None:
    """Each mistake is one line that says where it is."""
    with pytest.raises(UsageError) as refused:
        rules_of(rude=RULE | change)
    assert str(refused.value).startswith(complaint)
    assert "\n" not in str(refused.value)


def test_two_files_of_one_version_are_told_apart() -> None:
    """The version that assessments carry holds the digest of the rules."""
    tree = {"version": "t", "rules": {"rude": RULE}}
    assert rule_set(tree, "ab" * 32, "t").version == "t+abababab"


def test_words_that_came_or_never_will_ask_for_an_assessment() -> None:
    """The engine hears of a transcript and of one that was given up; of nothing else."""
    watch, now = QualityWatch(), Instant(0.0)
    contact = ContactId(RECORDING)
    watch.receive(work.TranscriptReady(contact, RECORDING), now)
    watch.receive(work.TranscriptFailed(contact, RECORDING, "no_speech"), now)
    watch.receive(work.RecordingReady(contact, RECORDING, 60.0, 0.0), now)
    assert watch.take_effects() == [AssessCall(contact, RECORDING)] * 2
    assert watch.take_effects() == []
    assert watch.next_deadline() is None
