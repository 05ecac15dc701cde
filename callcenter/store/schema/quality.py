"""Quality: what the machine found, what is drawn for people, what they wrote."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from callcenter.store.schema.base import ROW_NUMBER, at, maybe_at, metadata, where

IS_CURRENT = text("is_current")

qa_assessments = Table(
    "qa_assessments",
    metadata,
    Column("id", ROW_NUMBER, primary_key=True),
    Column("recording_id", Text, ForeignKey("recordings.recording_id"), nullable=False),
    Column("contact_id", Text, ForeignKey("contacts.contact_id"), nullable=False),
    Column("seat_id", Text),
    at("answered_at"),
    Column("model", Text, nullable=False),  # '' = not transcribed
    Column("is_demo", Boolean, nullable=False),
    Column("rules_version", Text, nullable=False),
    Column("facts_sha256", Text, nullable=False),  # what was known beside the words: ticket, hold, transfers
    Column("score", Float, nullable=False),
    Column("certainty", Float, nullable=False),
    Column("concern", Float, nullable=False),  # the list is ranked by it
    Column("is_current", Boolean, nullable=False),  # the one of its recording that lists show
    at("created_at"),
    UniqueConstraint("recording_id", "model", "rules_version", "facts_sha256", name="uq_qa_assessments_of"),
    CheckConstraint(
        "score BETWEEN 0 AND 100 AND certainty BETWEEN 0 AND 1 AND concern BETWEEN 0 AND 1", name="ranges"
    ),
    Index("ix_qa_assessments_current", "recording_id", unique=True, **where(IS_CURRENT)),
    Index(None, "contact_id"),
    Index(None, "answered_at"),
    Index(None, "seat_id", "answered_at"),
    Index(None, "concern"),
)

qa_findings = Table(
    "qa_findings",
    metadata,
    Column("assessment_id", BigInteger, ForeignKey("qa_assessments.id"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("rule_id", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("points", Float, nullable=False),
    Column("channel", Text, nullable=False),  # '' = no single voice
    Column("from_s", Float),  # NULL = the whole call
    Column("to_s", Float),
    Column("words", Text, nullable=False),  # what was said there, numbers of persons masked
    Column("confidence", Float, nullable=False),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
    CheckConstraint("severity IN ('info', 'minor', 'major', 'critical')", name="severity"),
    Index(None, "rule_id", "assessment_id"),
)

qa_plans = Table(
    "qa_plans",
    metadata,
    Column("name", Text, primary_key=True),
    Column("card_id", Text, nullable=False),
    Column("group_by", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("second_share", Float, nullable=False),
    Column("reviewers", JSON, nullable=False),
    Column("changed_by", Text, nullable=False),
    at("changed_at"),
    CheckConstraint("group_by IN ('seat', 'topic', 'all')", name="group_by"),
    CheckConstraint("size >= 1 AND second_share BETWEEN 0 AND 1", name="amounts"),
)

qa_draws = Table(
    "qa_draws",
    metadata,
    Column("id", ROW_NUMBER, primary_key=True),
    Column("plan", Text, nullable=False),
    Column("period", Text, nullable=False),
    at("until_at"),  # calls answered before this could be drawn
    Column("terms", JSON, nullable=False),  # the plan as it was
    Column("population", Integer, nullable=False),
    Column("population_sha256", Text, nullable=False),
    Column("drawn", JSON, nullable=False),  # the recordings
    Column("drawn_by", Text, nullable=False),
    at("drawn_at"),
    UniqueConstraint("plan", "period", "until_at"),
)

qa_reviews = Table(
    "qa_reviews",
    metadata,
    Column("id", ROW_NUMBER, primary_key=True),
    Column("recording_id", Text, ForeignKey("recordings.recording_id"), nullable=False),
    Column("seat_id", Text),
    Column("card_id", Text, nullable=False),
    Column("card_version", Text, nullable=False),  # '' until submitted
    Column("ordinal", Integer, nullable=False),  # 1 = first, 2 = second, blind
    Column("plan", Text, nullable=False),  # '' = asked for by a person
    Column("period", Text, nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("assigned_by", Text, nullable=False),
    at("assigned_at"),
    Column("state", Text, nullable=False),
    maybe_at("submitted_at"),
    Column("grades", JSON, nullable=False),  # criterion -> grade
    Column("comments", JSON, nullable=False),  # criterion -> words
    Column("comment", Text, nullable=False),
    Column("score", Float),
    Column("assessment_id", BigInteger, ForeignKey("qa_assessments.id")),  # what the machine said then
    Column("verdicts", JSON, nullable=False),  # rule -> whether the machine was right
    Column("statement", Text, nullable=False),  # the agent's answer
    maybe_at("answered_at"),
    Column("ruling", Text, nullable=False),  # '' = none
    Column("ruling_why", Text, nullable=False),
    Column("ruled_by", Text, nullable=False),
    maybe_at("ruled_at"),
    Column("corrected_grades", JSON, nullable=False),
    Column("corrected_score", Float),
    UniqueConstraint("recording_id", "card_id", "ordinal", name="uq_qa_reviews_round"),
    UniqueConstraint("recording_id", "card_id", "reviewer", name="uq_qa_reviews_reviewer"),
    CheckConstraint("ordinal IN (1, 2)", name="ordinal"),
    CheckConstraint("state IN ('assigned', 'submitted', 'answered', 'ruled')", name="state"),
    CheckConstraint("ruling IN ('', 'upheld', 'corrected')", name="ruling"),
    CheckConstraint(
        "(state = 'assigned') = (submitted_at IS NULL) AND (state = 'assigned') = (score IS NULL)",
        name="submitted_has_score",
    ),
    CheckConstraint("(state = 'ruled') = (ruling <> '')", name="ruled_has_ruling"),
    Index(None, "reviewer", "state"),
    Index(None, "seat_id"),
    Index(None, "submitted_at"),
)

qa_notes = Table(
    "qa_notes",
    metadata,
    Column("id", ROW_NUMBER, primary_key=True),
    Column("seat_id", Text, nullable=False, index=True),
    Column("recording_id", Text, ForeignKey("recordings.recording_id"), index=True),
    Column("second", Float),  # of the recording, that the note is about
    Column("by", Text, nullable=False),
    at("at"),
    Column("note", Text, nullable=False),
)
