"""What the web needs of the quality review (质检), and no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from callcenter.core.ids import RecordingId, SeatId
from callcenter.web.views import Page
from callcenter.web.views import quality as views
from recordings.core.qa.review import Ruling
from recordings.core.qa.sampling import Plan
from recordings.core.qa.scorecard import Grades
from recordings.qa.ranking import Filter
from recordings.qa.reviewing import Work
from recordings.qa.reviews import Filter as ReviewFilter


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks. ``only_seat``: of an agent, whose calls alone he may know of."""

    name: str
    only_seat: SeatId | None


class QualityReader(Protocol):
    """What the rules found."""

    async def calls(self, which: Filter, limit: int, offset: int) -> Page[views.AssessmentSummary]:
        """Assessed calls, the worst and most uncertain first."""

    async def call(self, recording_id: RecordingId, rules_version: str | None) -> views.AssessmentView | None:
        """One call by the rules in force, or by those of this version."""

    async def spoken(self, recording_id: RecordingId) -> views.SpokenView | None:
        """What was said in it."""

    async def coverage(self, since: datetime, until: datetime, seat_id: str | None) -> views.CoverageView:
        """What became of the calls that were answered in ``[since, until)``."""

    def rules(self) -> views.RulesView:
        """The rules in force."""


class ReviewDesk(Protocol):
    """What people review.

    All raise UsageError: ``unknown_...`` (no such thing, or not for this viewer), ``wrong_...`` (not now, or not by
    this person), ``bad_...`` (what was handed in does not fit).
    """

    def scorecards(self) -> list[views.ScorecardView]:
        """The scorecards in force."""

    async def reviews(
        self, which: ReviewFilter, viewer: Viewer, limit: int, offset: int
    ) -> Page[views.ReviewView]:
        """Reviews, newest first; others' grades only where two are done."""

    async def review(self, review_id: int, viewer: Viewer) -> views.ReviewView:
        """One review; others' grades only when all reviews of the call are done."""

    async def assign(
        self, recording_id: RecordingId, card_id: str, reviewer: str, by: str
    ) -> views.ReviewView:
        """Give an answered call to a reviewer."""

    async def assign_second(self, review_id: int, reviewer: str, by: str) -> views.ReviewView:
        """Give it to another one, blind."""

    async def submit(self, review_id: int, by: str, work: Work) -> views.ReviewView:
        """Hand a review in, once."""

    async def answer(self, review_id: int, seat_id: SeatId, statement: str) -> views.ReviewView:
        """The agent's statement."""

    async def rule(
        self, review_id: int, by: str, ruling: Ruling, why: str, grades: Grades
    ) -> views.ReviewView:
        """What becomes of it."""

    async def reviewers(self) -> list[str]:
        """The accounts that may review, by name."""

    async def notes(
        self, seat_id: str | None, recording_id: str | None, limit: int, offset: int
    ) -> Page[views.NoteView]:
        """Coaching notes, newest first; ``None``: of all seats, of all calls."""

    async def add_note(
        self, seat_id: SeatId, recording_id: RecordingId | None, second: float | None, by: str, note: str
    ) -> views.NoteView:
        """Keep a coaching note."""

    async def plans(self) -> Sequence[views.PlanView]:
        """The sampling plans, by name."""

    async def save_plan(self, plan: Plan, by: str) -> views.PlanView:
        """Add or replace one."""

    async def draw(self, plan: str, week: str, so_far: bool, by: str) -> views.DrawView:
        """Draw a week's calls. ``so_far``: a week that is not over, up to now."""

    async def agreement(self, card_id: str, since: datetime, until: datetime) -> views.AgreementView:
        """How well two reviewers agree, by the second reviews handed in in ``[since, until)``."""
