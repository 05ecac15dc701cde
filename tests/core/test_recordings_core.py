"""Pure rules of recordings."""

import json
import unicodedata
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.errors import OurError, UsageError
from callcenter.core.ids import ContactId, RecordingId, SeatId
from callcenter.core.messages.callbacks import callback_id
from recordings.core import manifest
from recordings.core.completeness import TOLERANCE_S, Talk, Verdict, complete_rate, find_gaps, judge
from recordings.core.limits import deadline_s
from recordings.core.manifest import Entry
from recordings.core.names import (
    checked,
    day_of,
    is_contact_id,
    is_statement,
    month_of,
    recording_of,
    statement_of,
)
from recordings.core.retention import Facts, Policy, RecordingClass, classify, due_at, is_due
from recordings.core.transcript import Transcript, Word, joined

pytestmark = pytest.mark.core

SECONDS = st.floats(0, 1e5)
WORDS = st.lists(
    st.builds(Word, st.text(min_size=1, max_size=4), SECONDS, SECONDS, st.floats(0, 1)), max_size=8
).map(tuple)
TRANSCRIPTS = st.builds(Transcript, st.text(), st.text(), st.booleans(), SECONDS, WORDS, WORDS)


@pytest.mark.parametrize("contact_id", ["1763782222.17", "cell1-1763782222.0", "a_b-c-9.1"])
def test_linkedids_name_files(contact_id: str) -> None:
    """What Asterisk calls a channel is accepted, with and without a system name."""
    assert checked(ContactId(contact_id)) == contact_id
    assert recording_of(ContactId(contact_id)) == contact_id


def test_a_statement_is_a_second_recording_of_its_contact() -> None:
    """It is named like no call-back, lies in the same day, and only who called can make one."""
    contact = ContactId("cell1-1763782222.17")
    stated = statement_of(contact)
    assert is_statement(stated)
    assert not is_statement(recording_of(contact))
    assert not is_statement(recording_of(callback_id(contact, 1)))
    assert is_contact_id(stated)
    assert (day_of(stated), month_of(stated)) == (day_of(contact), month_of(contact))
    with pytest.raises(UsageError):
        statement_of(callback_id(contact, 1))


@pytest.mark.parametrize(
    "contact_id",
    [
        "",
        "1",
        "1.",
        ".1",
        "../1.1",
        "a/b-1.1",
        "1.1\n",
        "-1.1",
        "x-1.1.raw",
        "\uff11.1",
        "a-1.1\0",
        "a b-1.1",
    ],
)
def test_other_ids_never_form_a_path(contact_id: str) -> None:
    """Whatever is not a Linkedid is refused, without naming it."""
    with pytest.raises(UsageError, match=r"^not a contact id$"):
        checked(ContactId(contact_id))


@given(st.text())
def test_an_accepted_id_is_one_harmless_name(text: str) -> None:
    """No accepted id holds a separator, a control character or a leading dot."""
    if is_contact_id(text):
        assert text.isascii()
        assert text.isprintable()
        assert not set(text) & set("/\\ ")
        assert not text.startswith(".")


def test_a_recording_lies_in_the_folder_of_its_day() -> None:
    """The day is the UTC day of the channel's birth."""
    assert day_of(ContactId("cell1-1795305600.3")) == "20261122"


@given(SECONDS, SECONDS)
def test_the_verdict_follows_the_tolerance(recorded_s: float, talk_s: float) -> None:
    """Complete within two seconds, short beyond, missing when empty; never negative."""
    verdict = judge(recorded_s, talk_s)
    expected = (
        Verdict.MISSING
        if recorded_s == 0
        else Verdict.SHORT
        if talk_s - recorded_s > TOLERANCE_S
        else Verdict.COMPLETE
    )
    assert verdict.verdict is expected
    assert verdict.short_by_s >= 0
    assert bool(verdict.reason) == (expected is not Verdict.COMPLETE)


def test_no_file_is_missing_and_negative_seconds_are_refused() -> None:
    """Without a file everything is missing; a clock that ran backwards is not believed."""
    assert judge(None, 30.0).verdict is Verdict.MISSING
    assert judge(None, 30.0).short_by_s == 30.0
    with pytest.raises(ValueError, match="negative"):
        judge(1.0, -1.0)
    with pytest.raises(ValueError, match="negative"):
        judge(-1.0, 1.0)


def test_the_rate_is_null_without_answers() -> None:
    """Null is not zero."""
    assert complete_rate([]).ratio is None
    assert complete_rate([Verdict.COMPLETE, Verdict.SHORT, Verdict.MISSING, Verdict.COMPLETE]).ratio == 0.5


def _chain(length: int) -> list[str]:
    lines: list[str] = []
    previous = manifest.BEGINNING
    for number in range(length):
        name = f"x-{number}.1"
        entry = Entry(RecordingId(name), ContactId(name), "p", "0" * 64, 1.0, "2026-11-22", previous)
        lines.append(manifest.render(entry))
        previous = manifest.line_hash(lines[-1])
    return lines


def test_an_honest_manifest_has_no_broken_line() -> None:
    """Each line follows the one before it."""
    lines = _chain(5)
    assert manifest.broken_lines(lines) == []
    assert all(manifest.parse(b).previous == manifest.line_hash(a) for a, b in pairwise(lines))


@given(st.integers(2, 8), st.data())
def test_every_change_of_the_manifest_shows(length: int, data: st.DataObject) -> None:
    """A line that was changed, dropped or inserted breaks the chain behind it."""
    lines = _chain(length)
    place = data.draw(st.integers(0, length - 2))
    changed = manifest.render(replace(manifest.parse(lines[place]), seconds=9.0))
    for forged in (
        [*lines[:place], changed, *lines[place + 1 :]],
        [*lines[:place], *lines[place + 1 :]],
        [*lines[:place], lines[place], *lines[place:]],
    ):
        assert manifest.broken_lines(forged)


def test_a_damaged_line_is_named() -> None:
    """A line that is no entry is broken, and so is what follows the gap."""
    assert manifest.broken_lines(["nonsense"]) == [1]
    with pytest.raises(OurError, match="damaged"):
        manifest.parse('{"recording_id": 1}')


@given(TRANSCRIPTS)
def test_a_transcript_survives_json(transcript: Transcript) -> None:
    """What is written beside a recording can be read back."""
    assert Transcript.from_json(json.loads(json.dumps(transcript.to_json()))) == transcript


MARKS = "，。？"


@given(TRANSCRIPTS)
def test_a_clean_transcript_stays_as_it_is(transcript: Transcript) -> None:
    """Cleaning leaves no control character, and the second time changes nothing."""
    clean = transcript.clean()
    assert clean.clean() == clean
    assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in clean.citizen_text)


@given(TRANSCRIPTS)
def test_turns_hold_every_word_in_order_of_time(transcript: Transcript) -> None:
    """The dialog loses nothing: marks and spaces aside, the letters are those of the words."""
    turns = transcript.turns()
    said = "".join(word.word for word in transcript.citizen + transcript.agent)
    written = "".join(turn.text for turn in turns)
    drop = str.maketrans("", "", MARKS + " ")
    assert Counter(written.translate(drop)) == Counter(said.translate(drop))
    assert all(a.start <= b.start for a, b in pairwise(turns))


def test_a_dialog_is_split_at_speakers_and_long_pauses() -> None:
    """A turn ends when the other speaks, or after a second of silence; the JSON tells the same turns."""
    citizen = (Word("停水", 2, 3, 1), Word("了", 3, 3.2, 1), Word("谢谢", 9, 10, 1))
    transcript = Transcript("r", "m", True, 12, citizen, (Word("您好", 0, 1, 1),))
    turns = [("agent", "您好。"), ("citizen", "停水了。"), ("citizen", "谢谢。")]
    assert [(turn.channel, turn.text) for turn in transcript.turns()] == turns
    assert [(turn["channel"], turn["text"]) for turn in transcript.to_json()["turns"]] == turns
    assert transcript.text_of("citizen") == "停水了谢谢"
    assert transcript.text_of("agent") == "您好"


def test_who_is_let_in_gets_a_turn_and_who_is_talked_over_keeps_his() -> None:
    """An answer in a breath of the other splits his turn; a 嗯 while he speaks does not."""
    citizen = (Word("我", 0, 1, 1), Word("家", 1.5, 2, 1), Word("停水", 2, 3, 1))
    answered = Transcript("r", "m", True, 3, citizen, (Word("好的", 1.1, 1.4, 1),))
    assert [turn.text for turn in answered.turns()] == ["我。", "好的。", "家停水。"]
    talked_over = Transcript("r", "m", True, 3, citizen, (Word("嗯", 2.2, 2.4, 1),))
    assert [turn.text for turn in talked_over.turns()] == ["我，家停水。", "嗯。"]


def test_masked_words_keep_their_times() -> None:
    """A telephone number over several words becomes stars, word by word."""
    citizen = (Word("电话", 0, 1, 0.5), Word("一三八零零", 1, 2, 0.6), Word("零零一二三四", 4, 5, 0.7))
    transcript = Transcript("r", "m", True, 5, citizen, (Word("一一零", 0, 1, 1),))
    hidden = transcript.masked()
    assert [word.word for word in hidden.citizen] == ["电话", "*****", "******"]
    assert [(w.start, w.end, w.conf) for w in hidden.citizen] == [(w.start, w.end, w.conf) for w in citizen]
    assert hidden.agent == transcript.agent


def test_only_latin_words_are_set_apart() -> None:
    """Chinese is written without spaces."""
    words = tuple(Word(text, 0, 1, 1) for text in ("办理", "ID", "card", "吗"))
    assert joined(words) == "办理ID card吗"


@pytest.mark.parametrize("tree", [{}, {"format": 99}, {"format": 1, "channels": None}])
def test_a_foreign_transcript_is_refused(tree: dict[str, object]) -> None:
    """Another format, or a damaged file."""
    with pytest.raises(OurError):
        Transcript.from_json(tree)


@given(SECONDS, SECONDS)
def test_longer_sound_may_take_longer(one_s: float, other_s: float) -> None:
    """The deadline grows with the sound and is never without grace."""
    low, high = sorted([one_s, other_s])
    assert 60 <= deadline_s(low) <= deadline_s(high)


def _facts(**changes: object) -> Facts:
    usual: dict[str, object] = {
        "is_callback": False,
        "is_message": False,
        "natures": frozenset(),
        "arrived_at": datetime(2026, 1, 1, tzinfo=UTC),
        "is_held": False,
    }
    return Facts(**(usual | changes))  # type: ignore[arg-type]  # fields by name


POLICY = Policy(
    {
        RecordingClass.CALL: 180,
        RecordingClass.CALLBACK: 170,
        RecordingClass.MESSAGE: 365,
        RecordingClass.COMPLAINT: 1095,
    }
)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, RecordingClass.CALL),
        ({"is_callback": True}, RecordingClass.CALLBACK),
        ({"is_message": True}, RecordingClass.MESSAGE),
        ({"natures": frozenset({"help", "consultation"})}, RecordingClass.CALL),
        ({"natures": frozenset({"help", "complaint"})}, RecordingClass.COMPLAINT),
        ({"is_message": True, "natures": frozenset({"complaint"})}, RecordingClass.COMPLAINT),
        ({"is_callback": True, "natures": frozenset({"complaint"})}, RecordingClass.COMPLAINT),
    ],
)
def test_a_complaint_is_kept_as_one_however_it_came(
    changes: dict[str, object], expected: RecordingClass
) -> None:
    """By call, message or call-back."""
    assert classify(_facts(**changes)) is expected


@given(st.booleans(), st.booleans(), st.booleans(), st.integers(0, 3000))
def test_nothing_goes_before_its_time_and_nothing_held_ever(
    is_message: bool, is_complaint: bool, is_held: bool, age_days: int
) -> None:
    """On the last day of its time it is due, a moment before it is not."""
    natures = frozenset({"complaint"} if is_complaint else ())
    facts = _facts(is_message=is_message, natures=natures, is_held=is_held)
    days = POLICY.days[classify(facts)]
    now = facts.arrived_at + timedelta(days=age_days)
    assert is_due(facts, POLICY, now) == (not is_held and age_days >= days)
    assert not is_due(facts, POLICY, facts.arrived_at + timedelta(days=days, seconds=-1))
    assert (due_at(facts, POLICY) is None) == is_held
    assert POLICY.shortest == timedelta(days=170)


def _talk(number: int, talk_s: float, recorded_s: float | None) -> Talk:
    ended_at = datetime(2026, 11, 22, 9, tzinfo=UTC)
    return Talk(ContactId(f"x-1.{number}"), SeatId("8001"), ended_at, talk_s, recorded_s)


def test_gaps_are_listed_worst_first() -> None:
    """Missing, empty and short ones, with the rate of all that were answered."""
    report = find_gaps(
        [_talk(1, 60, 60.5), _talk(2, 60, 30), _talk(3, 90, None), _talk(4, 10, 0), _talk(5, 60, 58.1)]
    )
    assert [(gap.talk.contact_id, gap.completeness.verdict) for gap in report.gaps] == [
        ("x-1.3", Verdict.MISSING),
        ("x-1.2", Verdict.SHORT),
        ("x-1.4", Verdict.MISSING),
    ]
    assert (report.rate.complete, report.rate.answered, report.rate.ratio) == (2, 5, 0.4)
    assert report.as_json()["gaps"][0]["short_by_s"] == 90.0
    assert find_gaps([]).rate.ratio is None


def test_roots_stand_for_the_end_of_each_day() -> None:
    """In the zone of the house; a clock that went back opens no day that is over."""
    times = ["2026-11-21T15:59:59", "2026-11-21T16:00:00", "2026-11-23T01:00:00", "2026-11-22T01:00:00", ""]
    lines = [
        manifest.render(Entry(RecordingId(f"x-1.{n}"), ContactId("c"), "p", "0", 1.0, f"{at}+00:00", ""))
        for n, at in enumerate(times)
    ]
    roots = manifest.roots_of(lines, timezone(timedelta(hours=8)))
    assert [(root.day, root.count) for root in roots] == [("20261121", 1), ("20261122", 2), ("20261123", 5)]
    assert roots[1].last == manifest.line_hash(lines[1])
    assert manifest.roots_of(["nonsense"], UTC) == []


def test_a_line_of_before_encryption_is_still_one() -> None:
    """What it lacks has a meaning: not encrypted, sealed, its hash that of the sound."""
    old = {"recording_id": "x-1.1", "contact_id": "x-1.1", "path": "p", "sha256": "ab", "seconds": 1.0}
    entry = manifest.parse(json.dumps(old | {"sealed_at": "2026-11-22", "previous": manifest.BEGINNING}))
    assert (entry.sound_sha256, entry.key_id, entry.is_deleted) == ("ab", "", False)


def test_the_newest_line_of_a_recording_holds() -> None:
    """Damaged lines and those about no recording are passed over."""
    lines = [*_chain(2), "nonsense", manifest.render(replace(manifest.parse(_chain(1)[0]), seconds=7.0))]
    found = manifest.newest(lines)
    assert {name: entry.seconds for name, entry in found.items()} == {"x-0.1": 7.0, "x-1.1": 1.0}
    assert list(manifest.newest(lines, {"x-1.1"})) == ["x-1.1"]


def test_a_recording_belongs_to_the_month_of_its_call() -> None:
    """Whose key it is encrypted under."""
    assert month_of(ContactId("cell1-1795305600.3")) == "2026-11"
    with pytest.raises(UsageError):
        month_of(ContactId("../2026-11"))
