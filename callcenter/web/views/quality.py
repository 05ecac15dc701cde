"""Answers about the quality of calls (质检): what the rules found, what people reviewed.

Invariants: numbers of citizens leave masked; what a reviewer must not see yet is ``null``, never zero. A machine's finding
is a suspicion (疑点); a person's review decides.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, PlainSerializer, SerializationInfo

from callcenter.web.views import UNMASK, Number, View
from recordings.core.text_numbers import mask_together

Share = Annotated[float, Field(ge=0, le=1)]
Score = Annotated[float, Field(ge=0, le=100)]
ReviewStateName = Literal["assigned", "submitted", "answered", "ruled"]


class FindingView(View):
    """What one rule found, to be heard from ``from_s`` to ``to_s`` of the recording."""

    rule_id: str
    severity: Literal["info", "minor", "major", "critical"]
    points: float = Field(description="what it takes off the score when it is certain")
    channel: str = Field(description="citizen, agent; empty: no single voice")
    from_s: float | None = Field(description="null: about the whole call")
    to_s: float | None
    words: str = Field(description="what was said there, numbers of persons as stars")
    confidence: Share = Field(description="how sure the recognizer was of the least sure word")
    zh: str
    en: str


class AssessmentSummary(View):
    """What the rules say about one call, in the ranked list."""

    recording_id: str
    contact_id: str
    seat_id: str | None
    answered_at: datetime
    citizen: Number
    seconds: float | None = Field(description="length of the recording")
    recording_state: str = Field(description="sealed or missing")
    ticket_no: str | None
    nature: str | None
    topic: str | None
    topic_name: str | None
    score: Score
    certainty: Share = Field(
        description="how sure the score is: how well and how completely the call was heard"
    )
    concern: Share = Field(description="1 - score / 100 * certainty; the list begins with the highest")
    recognizer: str = Field(description="the model whose words were checked; empty: not transcribed")
    is_demo_model: bool = Field(description="the model is for demonstration, no recognizer of people")
    rules_version: str
    assessed_at: datetime
    reviews: list[ReviewStateName] = Field(
        description="how far its reviews by people are, first ones first; empty: none, or not to be told"
    )
    findings: int = Field(ge=0, description="how many")
    rules: list[str] = Field(description="the rules that found something, the costliest first")


class AssessmentView(AssessmentSummary):
    """One call with its findings, and by which rules and recognizers it was assessed before."""

    found: list[FindingView]
    is_current: bool = Field(description="false: an older one, or a trial of rules")
    versions: list[str] = Field(description="rules of all its assessments, newest first")


class SpokenTurnView(View):
    """What one speaker said, from second to second."""

    channel: Literal["citizen", "agent"]
    from_s: float
    to_s: float
    text: str


def _masked_turns(turns: list[SpokenTurnView], info: SerializationInfo) -> list[SpokenTurnView]:
    return turns if info.context == UNMASK else masked_turns(turns)


def masked_turns(turns: Sequence[SpokenTurnView]) -> list[SpokenTurnView]:
    """The turns with numbers of persons as stars; one that was said in several turns is found too."""
    shown = list(turns)
    for channel in ("citizen", "agent"):
        places = [place for place, turn in enumerate(turns) if turn.channel == channel]
        texts = mask_together([turns[place].text for place in places])
        for place, text in zip(places, texts, strict=True):
            shown[place] = turns[place].model_copy(update={"text": text})
    return shown


class SpokenView(View):
    """What was said in a call, turn by turn."""

    recording_id: str
    recognizer: str
    is_demo_model: bool
    turns: Annotated[list[SpokenTurnView], PlainSerializer(_masked_turns, return_type=list[SpokenTurnView])]


class RuleCountView(View):
    """In how many calls a rule found something."""

    rule_id: str
    calls: int


class CoverageView(View):
    """What became of the calls that were answered in a time (质检覆盖率). Rates: ``null`` without calls."""

    from_at: datetime
    until_at: datetime
    seat_id: str | None
    answered: int = Field(description="calls")
    recorded: int = Field(description="of these, with sound")
    transcribed: int = Field(description="with words")
    assessed: int = Field(description="checked by rules")
    heard: int = Field(description="checked by rules with words")
    transcript_coverage: Share | None = Field(description="transcribed / recorded")
    qa_coverage: Share | None = Field(description="assessed / answered")
    mean_score: Score | None = Field(description="of the heard calls")
    oldest_unassessed_at: datetime | None
    by_rule: list[RuleCountView]


class RuleView(View):
    """One rule in force."""

    rule_id: str
    kind: str
    severity: str
    points: float
    zh: str
    en: str


class RulesView(View):
    """The rules in force. ``version``: the city's name for them and the beginning of their digest."""

    version: str
    rules: list[RuleView]


class CriterionView(View):
    """What is graded. ``grades``: names of the grades from the worst, 0, up."""

    criterion_id: str
    zh: str
    en: str
    hint: str
    weight: float
    grades: list[str]
    hint_en: str
    grades_en: list[str] = Field(description="the grades in English; empty: the card has none")
    veto: bool = Field(description="the worst grade makes the whole score 0")
    optional: bool = Field(description="it need not apply: grade null")


class ScorecardView(View):
    """A scorecard (评分表)."""

    card_id: str
    version: str
    zh: str
    en: str
    criteria: list[CriterionView]


class ReviewView(View):
    """A review by a person. While another review of the call is open, ``is_blind`` hides what others gave."""

    review_id: int
    recording_id: str
    seat_id: str | None
    card_id: str
    card_version: str
    ordinal: Literal[1, 2] = Field(description="2: the second, blind one")
    plan: str = Field(description="empty: asked for by a person")
    period: str
    state: ReviewStateName
    reviewer: str | None
    assigned_by: str
    assigned_at: datetime
    submitted_at: datetime | None
    is_blind: bool
    score: Score | None
    grades: dict[str, int | None] | None
    comments: dict[str, str] | None
    comment: str | None
    verdicts: dict[str, bool] | None = Field(description="rule -> whether the machine's finding was right")
    statement: str | None = Field(description="the agent's answer; empty: none")
    answered_at: datetime | None
    ruling: Literal["", "upheld", "corrected"] | None
    ruling_why: str | None
    ruled_by: str | None
    ruled_at: datetime | None
    corrected_score: Score | None
    corrected_grades: dict[str, int | None] | None


class NoteView(View):
    """A coaching note (辅导记录) for the agent of a seat."""

    note_id: int
    seat_id: str
    recording_id: str | None
    second: float | None = Field(description="of the recording, that it is about; null: of the whole call")
    by: str
    at: datetime
    note: str


class ReviewersView(View):
    """Who may review calls, by name of the account."""

    names: list[str]


class PlanView(View):
    """A sampling plan (抽检方案): ``size`` calls a week of each seat, of each topic, or of all."""

    plan: str
    card_id: str
    group_by: Literal["seat", "topic", "all"]
    size: int
    seed: int
    second_share: Share = Field(description="part that two people review, blind")
    reviewers: list[str]


class DrawnView(View):
    """A call that was drawn, and who reviews it."""

    recording_id: str
    reviewer: str
    second_reviewer: str | None


class DrawView(View):
    """A draw. The same plan, week and calls draw the same again."""

    plan: str
    week: str
    until_at: datetime = Field(description="calls answered before this could be drawn")
    population: int = Field(description="assessed calls of the week")
    population_sha256: str
    drawn: list[DrawnView]
    new_reviews: int = Field(description="assigned by this draw; the others were before")


class CriterionAgreementView(View):
    """How well two reviewers agree on one criterion. ``null``: not defined."""

    criterion_id: str
    zh: str
    pairs: int
    observed: float | None = Field(description="share of equal grades")
    expected: float | None = Field(description="share of equal grades by chance")
    kappa: float | None = Field(description="Cohen 1960: (observed - expected) / (1 - expected)")
    linear: float | None = Field(description="weighted kappa, Cohen 1968, weights |i - j|")
    quadratic: float | None = Field(description="weighted kappa, weights (i - j) squared")


class AgreementView(View):
    """The calibration of reviewers (质检校准) by one scorecard and version."""

    card_id: str
    card_version: str
    from_at: datetime
    until_at: datetime
    pairs: int = Field(description="calls that two have reviewed")
    criteria: list[CriterionAgreementView]
