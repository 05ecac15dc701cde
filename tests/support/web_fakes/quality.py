"""A quality desk with one assessed call and one review, for tests that are about other things.

Invariant: it decides nothing; ``tests/web/test_quality_api.py`` asks the real one.
"""
# ruff: noqa: D102  each method is described by the port that it stands in for

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from callcenter.core.ids import RecordingId, SeatId
from callcenter.web.ports.quality import Viewer
from callcenter.web.views import Page
from callcenter.web.views import quality as views
from recordings.core.qa.review import Ruling
from recordings.core.qa.sampling import Plan
from recordings.core.qa.scorecard import Grades
from recordings.qa import ranking, reviews
from recordings.qa.reviewing import Work
from web_fakes.scene import NUMBER, START, TICKET


class FakeQuality:
    """The call r-1 of seat 8001. ``text``: what was said in it; may be replaced by a hostile one."""

    def __init__(self, text: str = "不归我们管") -> None:
        self.text = text

    async def calls(self, which: ranking.Filter, limit: int, offset: int) -> Page[views.AssessmentSummary]:
        return Page(items=[views.AssessmentSummary(**self._summary())], total=1, filtered=1)

    async def call(self, recording_id: RecordingId, version: str | None) -> views.AssessmentView | None:
        finding = views.FindingView(
            rule_id="forbidden",
            severity="major",
            points=20,
            channel="agent",
            from_s=1.0,
            to_s=2.0,
            words=self.text,
            confidence=0.9,
            zh="使用服务忌语",
            en="a forbidden phrase",
        )
        if recording_id != "r-1":
            return None
        return views.AssessmentView(**self._summary(), found=[finding], is_current=True, versions=["t+0"])

    async def spoken(self, recording_id: RecordingId) -> views.SpokenView | None:
        turn = views.SpokenTurnView(channel="agent", from_s=1.0, to_s=2.0, text=self.text)
        return views.SpokenView(recording_id="r-1", recognizer="demo", is_demo_model=True, turns=[turn])

    async def coverage(self, since: datetime, until: datetime, seat_id: str | None) -> views.CoverageView:
        counts = dict.fromkeys(("answered", "recorded", "transcribed", "assessed", "heard"), 1)
        return views.CoverageView(
            from_at=since,
            until_at=until,
            seat_id=seat_id,
            transcript_coverage=1.0,
            qa_coverage=1.0,
            mean_score=80.0,
            oldest_unassessed_at=None,
            by_rule=[],
            **counts,
        )

    def rules(self) -> views.RulesView:
        return views.RulesView(version="t+0", rules=[])

    def _summary(self) -> dict[str, Any]:
        return {
            "recording_id": "r-1",
            "contact_id": "c-1",
            "seat_id": "8001",
            "answered_at": START,
            "citizen": NUMBER,
            "seconds": 60.0,
            "recording_state": "sealed",
            "ticket_no": TICKET,
            "nature": "help",
            "topic": "heating",
            "topic_name": "供暖",
            "score": 80.0,
            "certainty": 0.5,
            "concern": 0.6,
            "recognizer": "demo",
            "is_demo_model": True,
            "rules_version": "t+0",
            "assessed_at": START,
            "reviews": [],
            "findings": 1,
            "rules": ["forbidden"],
        }


def a_review(**changes: Any) -> views.ReviewView:
    """Review 1 of the call."""
    empty: dict[str, Any] = dict.fromkeys(views.ReviewView.model_fields)
    told = {
        "review_id": 1,
        "recording_id": "r-1",
        "card_id": "hotline",
        "card_version": "",
        "ordinal": 1,
        "plan": "",
        "period": "",
        "state": "assigned",
        "assigned_by": "boss",
        "assigned_at": START,
        "is_blind": False,
    }
    return views.ReviewView(**(empty | told | changes))


class FakeReviews:
    """One review, one plan, one note; whatever is asked for is granted."""

    def scorecards(self) -> list[views.ScorecardView]:
        return []

    async def reviews(
        self, which: reviews.Filter, viewer: Viewer, limit: int, offset: int
    ) -> Page[views.ReviewView]:
        return Page(items=[a_review()], total=1, filtered=1)

    async def review(self, review_id: int, viewer: Viewer) -> views.ReviewView:
        return a_review()

    async def assign(
        self, recording_id: RecordingId, card_id: str, reviewer: str, by: str
    ) -> views.ReviewView:
        return a_review(reviewer=reviewer, assigned_by=by)

    async def assign_second(self, review_id: int, reviewer: str, by: str) -> views.ReviewView:
        return a_review(reviewer=reviewer, assigned_by=by, ordinal=2)

    async def submit(self, review_id: int, by: str, work: Work) -> views.ReviewView:
        return a_review(state="submitted", submitted_at=START, score=100.0, grades=dict(work.grades))

    async def answer(self, review_id: int, seat_id: SeatId, statement: str) -> views.ReviewView:
        return a_review(state="answered", statement=statement)

    async def rule(
        self, review_id: int, by: str, ruling: Ruling, why: str, grades: Grades
    ) -> views.ReviewView:
        return a_review(state="ruled", ruling=ruling.value, ruling_why=why, ruled_by=by)

    async def reviewers(self) -> list[str]:
        return ["anna"]

    async def notes(
        self, seat_id: str | None, recording_id: str | None, limit: int, offset: int
    ) -> Page[views.NoteView]:
        return Page(items=[], total=0, filtered=0)

    async def add_note(
        self, seat_id: SeatId, recording_id: RecordingId | None, second: float | None, by: str, note: str
    ) -> views.NoteView:
        return views.NoteView(
            note_id=1, seat_id=seat_id, recording_id=recording_id, second=second, by=by, at=START, note=note
        )

    async def plans(self) -> Sequence[views.PlanView]:
        return []

    async def save_plan(self, plan: Plan, by: str) -> views.PlanView:
        return views.PlanView(
            plan=plan.name,
            card_id=plan.card_id,
            group_by=plan.group_by.value,
            size=plan.size,
            seed=plan.seed,
            second_share=plan.second_share,
            reviewers=list(plan.reviewers),
        )

    async def draw(self, plan: str, week: str, so_far: bool, by: str) -> views.DrawView:
        return views.DrawView(
            plan=plan, week=week, until_at=START, population=0, population_sha256="", drawn=[], new_reviews=0
        )

    async def agreement(self, card_id: str, since: datetime, until: datetime) -> views.AgreementView:
        return views.AgreementView(
            card_id=card_id, card_version="1", from_at=since, until_at=until, pairs=0, criteria=[]
        )
