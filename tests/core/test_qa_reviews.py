"""What people review: drawing calls, grading them, agreeing on them, and who sees what when."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.errors import UsageError
from callcenter.core.ids import RecordingId, SeatId
from recordings.core.qa.agreement import agreement, differs, kappa
from recordings.core.qa.review import (
    REVIEW,
    ReviewEvent,
    ReviewState,
    Round,
    after,
    is_open_to,
    is_settled,
)
from recordings.core.qa.sampling import (
    Assignment,
    Candidate,
    GroupBy,
    Plan,
    draw,
    week_bounds,
    week_of,
)
from recordings.core.qa.scorecard import scorecard
from recordings.qa.files import load_scorecards

pytestmark = pytest.mark.core

CARD = scorecard(
    "short",
    {
        "version": "1",
        "zh": "短表",
        "en": "short",
        "criteria": {
            "manners": {"zh": "礼貌", "en": "manners", "weight": 1, "grades": ["差", "好"], "veto": True},
            "answer": {"zh": "答复", "en": "answer", "weight": 3, "grades": ["错", "一般", "对"]},
            "soothing": {"zh": "安抚", "en": "s", "weight": 4, "grades": ["没", "有"], "optional": True},
        },
    },
    "short.toml",
)


@pytest.mark.parametrize(
    ("grades", "score"),
    [
        ({"manners": 1, "answer": 2, "soothing": 1}, 100.0),
        ({"manners": 1, "answer": 1, "soothing": 0}, 31.25),
        ({"manners": 1, "answer": 1, "soothing": None}, 62.5),  # what does not apply does not count
        ({"manners": 0, "answer": 2, "soothing": 1}, 0.0),  # veto
    ],
)
def test_a_score_is_the_weighted_share_of_the_best(grades: dict[str, int | None], score: float) -> None:
    """100 times the earned weight over the weight of what applies; a veto takes it all."""
    CARD.check(grades)
    assert CARD.score(grades) == score


@pytest.mark.parametrize(
    ("grades", "complaint"),
    [
        ({"manners": 1}, "criterion answer needs a grade"),
        ({"manners": None, "answer": 1, "soothing": 1}, "criterion manners needs a grade"),
        ({"manners": 1, "answer": 3, "soothing": 1}, "criterion answer has the grades 0 to 2"),
        ({"manners": 1, "answer": -1, "soothing": 1}, "criterion answer has the grades 0 to 2"),
        ({"manners": 1, "answer": 1, "soothing": 1, "x": 1}, "scorecard short has no criterion x"),
    ],
)
def test_wrong_grades_are_refused(grades: dict[str, int | None], complaint: str) -> None:
    """Missing, unknown or out of range, with the criterion named."""
    with pytest.raises(UsageError, match=complaint):
        CARD.check(grades)


def test_the_shipped_scorecard_is_whole() -> None:
    """It loads, has Chinese grades, and its best grades give 100."""
    card = load_scorecards()["hotline"]
    best: dict[str, int | None] = {name: criterion.best for name, criterion in card.criteria.items()}
    card.check(best)
    assert card.score(best) == 100.0
    assert sum(criterion.weight for criterion in card.criteria.values()) == 100


def test_a_wrong_scorecard_is_told_by_file_and_key() -> None:
    """One line."""
    with pytest.raises(UsageError, match=r"^c\.toml: 'criteria\.a\.weight': Input should be a valid number"):
        scorecard(
            "c",
            {"version": "1", "zh": "z", "en": "e", "criteria": {"a": {"zh": "z", "en": "e", "weight": "x"}}},
            "c.toml",
        )


def pairs_of(table: list[list[int]]) -> list[tuple[int, int]]:
    """The pairs that a table counts."""
    return [(i, j) for i, row in enumerate(table) for j, count in enumerate(row) for _ in range(count)]


COHEN_1968 = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
"""Table 1 of Cohen (1968): 200 patients, two diagnosticians, three diagnoses."""


def test_kappa_of_published_tables() -> None:
    """Cohen (1968), table 1: kappa .492, with his weights .348; and the usual textbook 2 x 2 of 50 grants: .40."""
    assert agreement(pairs_of(COHEN_1968), 3).kappa == pytest.approx(0.492, abs=5e-4)
    weights = ((0, 1, 3), (1, 0, 6), (3, 6, 0))
    assert kappa(COHEN_1968, lambda i, j: weights[i][j]) == pytest.approx(0.348, abs=5e-4)
    grants = agreement(pairs_of([[20, 5], [10, 15]]), 2)
    assert grants.observed == pytest.approx(0.7)
    assert grants.expected == pytest.approx(0.5)
    assert grants.kappa == pytest.approx(0.4)


def test_weighted_kappa_forgives_neighbors() -> None:
    """Two grades: all weights say the same. More grades: being off by one is better than being off by two."""
    two = agreement(pairs_of([[20, 5], [10, 15]]), 2)
    assert two.linear == pytest.approx(two.kappa)
    assert two.quadratic == pytest.approx(two.kappa)
    near = agreement(pairs_of([[10, 5, 0], [5, 10, 5], [0, 5, 10]]), 3)
    far = agreement(pairs_of([[10, 0, 5], [5, 10, 5], [5, 0, 10]]), 3)
    assert near.kappa == pytest.approx(far.kappa, abs=0.02)
    assert near.quadratic is not None
    assert far.quadratic is not None
    assert near.quadratic > far.quadratic + 0.2


def test_agreement_without_ground_is_unknown_not_zero() -> None:
    """No pairs, or one grade only: chance explains everything, so kappa is not defined."""
    assert agreement([], 3) == type(agreement([], 3))(0, None, None, None, None, None)
    one = agreement([(1, 1)] * 5, 3)
    assert (one.pairs, one.observed, one.kappa) == (5, 1.0, None)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=60))
def test_kappa_is_symmetric_and_at_most_one(pairs: list[tuple[int, int]]) -> None:
    """Who is called the first does not matter; only full agreement gives 1."""
    found, swapped = agreement(pairs, 4), agreement([(b, a) for a, b in pairs], 4)
    if found.kappa is not None:
        assert swapped.kappa == pytest.approx(found.kappa)
        assert found.kappa <= 1 + 1e-9
        assert (found.kappa > 1 - 1e-9) == all(a == b for a, b in pairs)
    assert differs(1, 1) == 0


PLAN = Plan("weekly", "hotline", GroupBy.SEAT, 2, 7, 0.0, ("anna", "bert", "cora"))
CALLS = [
    Candidate(RecordingId(f"cc-1.{n}"), SeatId(f"800{n % 5}"), ("heating", "noise", None)[n % 3])
    for n in range(100)
]


def test_a_draw_is_the_same_again() -> None:
    """Whatever the order of the calls; another seed, week or plan draws others."""
    drawn = draw(PLAN, "2026-W47", CALLS)
    assert draw(PLAN, "2026-W47", CALLS[::-1]) == drawn
    for other in (
        draw(replace(PLAN, seed=8), "2026-W47", CALLS),
        draw(PLAN, "2026-W48", CALLS),
        draw(replace(PLAN, name="other"), "2026-W47", CALLS),
    ):
        assert {a.recording_id for a in other} != {a.recording_id for a in drawn}


@pytest.mark.parametrize(
    ("group_by", "size", "count"), [("seat", 2, 10), ("topic", 3, 9), ("all", 7, 7), ("seat", 50, 100)]
)
def test_each_group_gets_its_share(group_by: str, size: int, count: int) -> None:
    """So many of each seat, of each topic, or of all; of small groups all there are."""
    plan = replace(PLAN, group_by=GroupBy(group_by), size=size)
    drawn = draw(plan, "2026-W47", CALLS)
    assert len(drawn) == count
    groups = {c.recording_id: c.seat_id if group_by == "seat" else c.topic for c in CALLS}
    if group_by != "all":
        assert max(sum(groups[a.recording_id] == g for a in drawn) for g in groups.values()) <= max(size, 20)


def test_reviewers_take_turns_and_never_get_their_own_calls() -> None:
    """The load differs by one at most; who sits on the seat does not judge it."""
    drawn = draw(replace(PLAN, group_by=GroupBy.ALL, size=99), "2026-W47", CALLS)
    assert sorted(sum(a.first == name for a in drawn) for name in PLAN.reviewers) == [33, 33, 33]
    own = {"anna": SeatId("8001")}
    drawn = draw(replace(PLAN, size=20), "2026-W47", CALLS, own)
    of_8001 = {c.recording_id for c in CALLS if c.seat_id == "8001"}
    assert {a.first for a in drawn if a.recording_id in of_8001} == {"bert", "cora"}
    assert draw(replace(PLAN, reviewers=("anna",)), "w", [CALLS[1]], own) == []


def test_a_part_is_reviewed_twice_by_different_people() -> None:
    """The second reviewer is another one; with one reviewer there is no second."""
    drawn = draw(replace(PLAN, group_by=GroupBy.ALL, size=20, second_share=0.25), "2026-W47", CALLS)
    doubled = [a for a in drawn if a.second is not None]
    assert len(doubled) == 5
    assert all(a.first != a.second for a in doubled)
    alone = draw(replace(PLAN, second_share=1.0, reviewers=("anna",)), "2026-W47", CALLS[:1])
    assert alone == [Assignment(CALLS[0].recording_id, "anna", None)]


def test_every_call_is_equally_likely() -> None:
    """Over many seeds each of a hundred calls is drawn about as often as the others."""
    times = dict.fromkeys((c.recording_id for c in CALLS), 0)
    for seed in range(600):
        for assignment in draw(replace(PLAN, group_by=GroupBy.ALL, size=10, seed=seed), "w", CALLS):
            times[assignment.recording_id] += 1
    assert sum(times.values()) == 6000
    assert 30 <= min(times.values()) <= max(times.values()) <= 90  # mean 60, 4 standard deviations are 29


def test_weeks_are_the_citys() -> None:
    """From Monday to Monday in the city's time, also over the turn of the year."""
    zone = ZoneInfo("Asia/Shanghai")
    since, until = week_bounds("2026-W47", zone)
    assert since == datetime(2026, 11, 15, 16, tzinfo=UTC)
    assert until == datetime(2026, 11, 22, 16, tzinfo=UTC)
    assert week_of(date(2027, 1, 1)) == "2026-W53"
    for wrong in ("2026-W54", "2026-W5", "2026W47", "", "9999-W52", "2026-W47 "):
        with pytest.raises(UsageError, match="2026-W47"):
            week_bounds(wrong, zone)


@pytest.mark.parametrize(("state", "event"), list(product(ReviewState, ReviewEvent)))
def test_a_review_moves_as_its_table_says(state: ReviewState, event: ReviewEvent) -> None:
    """What cannot happen now is refused in words that say so."""
    if REVIEW.allows(state, event):
        assert after(state, event) in ReviewState
    else:
        with pytest.raises(
            UsageError, match=f"the review is {state}: {event} comes too (early|late)"
        ) as error:
            after(state, event)
        assert error.value.code == "wrong_review_state"


def test_every_state_of_a_review_can_be_reached() -> None:
    """No state is decoration, and a ruling is the last word."""
    assert {REVIEW.initial} | set(REVIEW.table.values()) == set(ReviewState)
    assert not [pair for pair in REVIEW.table if pair[0] in REVIEW.final]


ASSIGNED, SUBMITTED, ANSWERED = ReviewState.ASSIGNED, ReviewState.SUBMITTED, ReviewState.ANSWERED


@pytest.mark.parametrize(
    ("first", "second", "anna_sees_bert", "bert_sees_anna", "others_see"),
    [
        (ASSIGNED, ASSIGNED, False, False, False),
        (SUBMITTED, ASSIGNED, False, False, False),
        (ASSIGNED, SUBMITTED, False, False, False),
        (SUBMITTED, SUBMITTED, True, True, True),
        (ANSWERED, SUBMITTED, True, True, True),
    ],
)
def test_two_reviewers_are_blind_until_both_are_done(
    first: ReviewState, second: ReviewState, anna_sees_bert: bool, bert_sees_anna: bool, others_see: bool
) -> None:
    """Everybody sees the own review; nobody another's before the last one is in."""
    anna, bert = Round("anna", first), Round("bert", second)
    rounds = (anna, bert)
    assert is_open_to("anna", rounds, anna)
    assert is_open_to("bert", rounds, bert)
    assert is_open_to("anna", rounds, bert) is anna_sees_bert
    assert is_open_to("bert", rounds, anna) is bert_sees_anna
    assert is_open_to("agent", rounds, anna) is others_see
    assert is_settled(rounds) is others_see
