"""The quality review on the real store: what the web's ports (``callcenter.web.ports.quality``) stand for.

Invariant: what a viewer must not see yet is taken out here, before an answer is made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from callcenter.core.clock import Clock
from callcenter.core.errors import UsageError
from callcenter.core.ids import RecordingId, SeatId
from callcenter.store.accounts import SqlAccounts
from callcenter.store.database import Database
from callcenter.web.ports.accounts import Account
from callcenter.web.ports.quality import Viewer
from callcenter.web.roles import GRANTS, Permission
from callcenter.web.views import Page
from callcenter.web.views import quality as views
from recordings import store as recordings
from recordings.core.qa.agreement import agreement
from recordings.core.qa.review import Ruling, is_open_to
from recordings.core.qa.rules import RuleSet
from recordings.core.qa.sampling import Plan, week_bounds
from recordings.core.qa.scorecard import Grades, Scorecard
from recordings.qa import assessments, coaching, coverage, ranking, reviewing, reviews, sampling
from recordings.qa.assessments import Kept
from recordings.qa.reviewing import Work
from recordings.qa.reviews import FIRST, Review

HIDDEN: Mapping[str, Any] = dict.fromkeys(
    (
        "reviewer", "score", "grades", "comments", "comment", "verdicts", "statement", "ruling", "ruling_why",
        "ruled_by", "corrected_score", "corrected_grades",
    )
)  # fmt: skip
"""What is not told of a review while another one of the call is open."""


class SqlQuality:
    """What the rules found (:class:`callcenter.web.ports.quality.QualityReader`)."""

    def __init__(self, database: Database, rules: RuleSet, topic_names: Mapping[str, str]) -> None:
        self._database, self._rules, self._topic_names = database, rules, topic_names

    async def calls(self, which: ranking.Filter, limit: int, offset: int) -> Page[views.AssessmentSummary]:
        """Assessed calls, the worst and most uncertain first."""
        async with self._database.reading() as connection:
            part = await ranking.ranked(connection, which, limit, offset)
        items = [views.AssessmentSummary(**self._summary(kept)) for kept in part.items]
        return Page(items=items, total=part.total, filtered=part.filtered)

    async def call(self, recording_id: RecordingId, rules_version: str | None) -> views.AssessmentView | None:
        """One call, by the current assessment or the newest one of a version."""
        async with self._database.reading() as connection:
            kept = await assessments.get(connection, recording_id, rules_version)
            history = await assessments.history(connection, recording_id)
        if kept is None:
            return None
        return views.AssessmentView(
            **self._summary(kept),
            found=[views.FindingView.model_validate(asdict(finding)) for finding in kept.findings],
            is_current=kept.is_current,
            versions=list(dict.fromkeys(each.rules_version for each in history)),
        )

    async def spoken(self, recording_id: RecordingId) -> views.SpokenView | None:
        """What was said."""
        async with self._database.reading() as connection:
            transcript = await recordings.transcript_of(connection, recording_id)
        if transcript is None:
            return None
        turns = [
            views.SpokenTurnView.model_validate(
                {"channel": turn.channel, "from_s": turn.start, "to_s": turn.end, "text": turn.text}
            )
            for turn in transcript.turns()
        ]
        return views.SpokenView(
            recording_id=recording_id,
            recognizer=transcript.model,
            is_demo_model=transcript.is_demo,
            turns=turns,
        )

    async def coverage(self, since: datetime, until: datetime, seat_id: str | None) -> views.CoverageView:
        """What became of the calls of a time."""
        async with self._database.reading() as connection:
            found = await coverage.measure(connection, since, until, seat_id)
        counts = {name: getattr(found, name) for name in ("answered", "recorded", "transcribed", "assessed")}
        return views.CoverageView(
            from_at=since,
            until_at=until,
            seat_id=seat_id,
            **counts,
            heard=found.heard,
            transcript_coverage=_share(found.transcribed, found.recorded),
            qa_coverage=_share(found.assessed, found.answered),
            mean_score=found.mean_score,
            oldest_unassessed_at=found.oldest_unassessed_at,
            by_rule=[views.RuleCountView(rule_id=rule, calls=calls) for rule, calls in found.by_rule],
        )

    def rules(self) -> views.RulesView:
        """The rules in force."""
        told = [
            views.RuleView(
                rule_id=rule_id,
                kind=rule.kind,
                severity=rule.severity.value,
                points=rule.points,
                zh=rule.zh,
                en=rule.en,
            )
            for rule_id, rule in self._rules.rules.items()
        ]
        return views.RulesView(version=self._rules.version, rules=told)

    def _summary(self, kept: Kept) -> dict[str, Any]:
        named = {
            name: getattr(kept, name) for name in views.AssessmentSummary.model_fields if hasattr(kept, name)
        }
        return named | {
            "topic_name": self._topic_names.get(kept.topic, kept.topic) if kept.topic else None,
            "recognizer": kept.model,
            "is_demo_model": kept.is_demo,
            "assessed_at": kept.created_at,
            "findings": len(kept.findings),
            "rules": list(dict.fromkeys(finding.rule_id for finding in kept.findings)),
        }


class SqlReviews:
    """What people review (:class:`callcenter.web.ports.quality.ReviewDesk`)."""

    def __init__(
        self, database: Database, cards: Mapping[str, Scorecard], clock: Clock, zone: ZoneInfo
    ) -> None:
        self._database, self._cards, self._clock, self._zone = database, cards, clock, zone
        self._accounts = SqlAccounts(database)

    def scorecards(self) -> list[views.ScorecardView]:
        """The scorecards in force."""
        return [_card_view(card) for card in self._cards.values()]

    async def reviews(
        self, which: reviews.Filter, viewer: Viewer, limit: int, offset: int
    ) -> Page[views.ReviewView]:
        """Reviews; what only one has reviewed stays hidden, so that anybody may still be the second."""
        async with self._database.reading() as connection:
            part = await reviews.listed(connection, which, limit, offset)
        items = [
            _shown(review, both, viewer, hide_single=viewer.only_seat is None) for review, both in part.items
        ]
        return Page(items=items, total=part.total, filtered=part.filtered)

    async def review(self, review_id: int, viewer: Viewer) -> views.ReviewView:
        """One review."""
        async with self._database.reading() as connection:
            review = await reviews.get(connection, review_id)
            both = await reviews.of_call(connection, review)
        shown = _shown(review, both, viewer)
        if viewer.only_seat is not None and (review.seat_id != viewer.only_seat or shown.is_blind):
            raise reviews.unknown_review(review_id)
        return shown

    async def assign(
        self, recording_id: RecordingId, card_id: str, reviewer: str, by: str
    ) -> views.ReviewView:
        """Give an answered call to a reviewer."""
        card, account = self._card(card_id), await self._reviewer(reviewer)
        async with self._database.unit() as unit:
            review = await reviewing.assign(unit, recording_id, card.card_id, reviewer, by, self._clock.at())
            _refuse_own(account, review)
        return _view(review)

    async def assign_second(self, review_id: int, reviewer: str, by: str) -> views.ReviewView:
        """Give it to another one."""
        account = await self._reviewer(reviewer)
        async with self._database.unit() as unit:
            review = await reviewing.assign_second(unit, review_id, reviewer, by, self._clock.at())
            _refuse_own(account, review)
        return _view(review)

    async def submit(self, review_id: int, by: str, work: Work) -> views.ReviewView:
        """Hand a review in."""
        async with self._database.unit() as unit:
            card = self._card((await reviews.get(unit.connection, review_id)).card_id)
            return _view(await reviewing.submit(unit, review_id, by, card, work, self._clock.at()))

    async def answer(self, review_id: int, seat_id: SeatId, statement: str) -> views.ReviewView:
        """The agent's statement."""
        async with self._database.unit() as unit:
            return _view(await reviewing.answer(unit, review_id, seat_id, statement, self._clock.at()))

    async def rule(
        self, review_id: int, by: str, ruling: Ruling, why: str, grades: Grades
    ) -> views.ReviewView:
        """What becomes of it."""
        async with self._database.unit() as unit:
            card = self._card((await reviews.get(unit.connection, review_id)).card_id)
            return _view(
                await reviewing.rule(unit, review_id, by, ruling, why, self._clock.at(), card, grades)
            )

    async def reviewers(self) -> list[str]:
        """The accounts that may review, by name."""
        accounts = await self._accounts.all()
        return [each.name for each in accounts if Permission.REVIEW_CALLS in GRANTS[each.role]]

    async def notes(
        self, seat_id: str | None, recording_id: str | None, limit: int, offset: int
    ) -> Page[views.NoteView]:
        """Coaching notes."""
        async with self._database.reading() as connection:
            found, count = await coaching.notes(connection, seat_id, limit, offset, recording_id=recording_id)
        return Page(items=[_note_view(note) for note in found], total=count, filtered=count)

    async def add_note(
        self, seat_id: SeatId, recording_id: RecordingId | None, second: float | None, by: str, note: str
    ) -> views.NoteView:
        """Keep a coaching note."""
        at = self._clock.at()
        async with self._database.unit() as unit:
            kept = await coaching.add_note(unit, seat_id, recording_id, by, note, at, second=second)
        return _note_view(kept)

    async def plans(self) -> Sequence[views.PlanView]:
        """The sampling plans."""
        async with self._database.reading() as connection:
            return [_plan_view(plan) for plan in await sampling.plans(connection)]

    async def save_plan(self, plan: Plan, by: str) -> views.PlanView:
        """Add or replace one; its reviewers must exist."""
        self._card(plan.card_id)
        for reviewer in plan.reviewers:
            await self._reviewer(reviewer)
        async with self._database.unit() as unit:
            await sampling.save_plan(unit, plan, by, self._clock.at())
        return _plan_view(plan)

    async def draw(self, plan: str, week: str, so_far: bool, by: str) -> views.DrawView:
        """Draw a week's calls."""
        now = self._clock.at()
        since, until = week_bounds(week, self._zone)
        if since > now or (until > now and not so_far):
            raise UsageError(f"week {week} is not over: draw it later, or say so_far", code="wrong_week")
        async with self._database.unit() as unit:
            terms = await sampling.plan_named(unit.connection, plan)
            self._card(terms.card_id)
            own_seats = await self._own_seats(terms)
            drawn = await sampling.draw_calls(unit, terms, week, since, min(until, now), own_seats, by, now)
        return _draw_view(drawn)

    async def agreement(self, card_id: str, since: datetime, until: datetime) -> views.AgreementView:
        """How well two reviewers agree, by the card's present version."""
        card = self._card(card_id)
        async with self._database.reading() as connection:
            pairs = await reviews.pairs(connection, card_id, card.version, since, until)
        return views.AgreementView(
            card_id=card_id,
            card_version=card.version,
            from_at=since,
            until_at=until,
            pairs=len(pairs),
            criteria=[_agreement_view(card, name, pairs) for name in card.criteria],
        )

    def _card(self, card_id: str) -> Scorecard:
        if card_id not in self._cards:
            raise UsageError(f"there is no scorecard {card_id}", code="unknown_scorecard")
        return self._cards[card_id]

    async def _reviewer(self, name: str) -> Account:
        account = await self._accounts.find(name)
        if account is None or Permission.REVIEW_CALLS not in GRANTS[account.role]:
            raise UsageError(f"there is no reviewer {name}", code="unknown_reviewer")
        return account

    async def _own_seats(self, plan: Plan) -> dict[str, SeatId]:
        accounts = [await self._reviewer(name) for name in plan.reviewers]
        return {account.name: account.seat_id for account in accounts if account.seat_id is not None}


def _refuse_own(account: Account, review: Review) -> None:
    """Raised inside the unit of work: nothing is kept."""
    if account.seat_id is not None and account.seat_id == review.seat_id:
        raise UsageError("nobody reviews a call of his own seat", code="wrong_reviewer")


def _shown(
    review: Review, both: Sequence[Review], viewer: Viewer, *, hide_single: bool = False
) -> views.ReviewView:
    is_open = is_open_to(viewer.name, [each.round for each in both], review.round)
    is_hidden_single = hide_single and review.reviewer != viewer.name and len(both) == FIRST
    return _view(review, is_blind=not is_open or is_hidden_single)


def _view(review: Review, *, is_blind: bool = False) -> views.ReviewView:
    fields = asdict(review) | {"state": review.state.value, "is_blind": is_blind, "review_id": review.id}
    if is_blind:
        fields |= HIDDEN
    return views.ReviewView.model_validate({name: fields[name] for name in views.ReviewView.model_fields})


def _card_view(card: Scorecard) -> views.ScorecardView:
    criteria = [
        views.CriterionView.model_validate({"criterion_id": name} | criterion.model_dump())
        for name, criterion in card.criteria.items()
    ]
    return views.ScorecardView(
        card_id=card.card_id, version=card.version, zh=card.zh, en=card.en, criteria=criteria
    )


def _note_view(note: coaching.Note) -> views.NoteView:
    fields = asdict(note)
    return views.NoteView(note_id=fields.pop("id"), **fields)


def _plan_view(plan: Plan) -> views.PlanView:
    fields = asdict(plan)
    return views.PlanView.model_validate({"plan": fields.pop("name")} | fields)


def _draw_view(drawn: sampling.Draw) -> views.DrawView:
    calls = [
        views.DrawnView(recording_id=each.recording_id, reviewer=each.first, second_reviewer=each.second)
        for each in drawn.drawn
    ]
    return views.DrawView(
        plan=drawn.plan,
        week=drawn.period,
        until_at=drawn.until_at,
        population=drawn.population,
        population_sha256=drawn.population_sha256,
        drawn=calls,
        new_reviews=drawn.fresh,
    )


def _agreement_view(
    card: Scorecard, name: str, pairs: Sequence[tuple[Grades, Grades]]
) -> views.CriterionAgreementView:
    """Calls to which one reviewer found the criterion not to apply are left out."""
    graded = [
        (a, b)
        for first, second in pairs
        if (a := first[name]) is not None and (b := second[name]) is not None
    ]
    criterion = card.criteria[name]
    found = agreement(graded, len(criterion.grades))
    return views.CriterionAgreementView(criterion_id=name, zh=criterion.zh, **asdict(found))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
