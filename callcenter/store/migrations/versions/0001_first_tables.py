"""The first tables."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from callcenter.store.schema.base import ROW_NUMBER, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TRANSCRIPT_TOKENS = {
    "sqlite": [
        """CREATE VIRTUAL TABLE transcript_tokens
        USING fts5 (tokens, content='', detail=none, columnsize=0, tokenize='ascii')"""
    ],
    "postgresql": [
        """CREATE TABLE transcript_tokens (
            id bigint CONSTRAINT pk_transcript_tokens PRIMARY KEY
                CONSTRAINT fk_transcript_tokens_id REFERENCES transcript_texts (id) ON DELETE CASCADE,
            tokens tsvector NOT NULL
        )""",
        "CREATE INDEX ix_transcript_tokens_tokens ON transcript_tokens USING gin (tokens)",
    ],
}
"""The full text index, which each database has in its own way; see ``recordings/search.py``."""

AUDIT_IS_ONLY_ADDED_TO = {
    "sqlite": [
        """CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'audit is only added to'); END""",
        """CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'audit is only added to'); END""",
    ],
    "postgresql": [
        """CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE EXCEPTION 'audit is only added to'; END $$""",
        """CREATE TRIGGER audit_is_only_added_to BEFORE UPDATE OR DELETE ON audit
        FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    ],
}
"""See ``callcenter/store/audit.py``."""


def upgrade() -> None:
    """Forward only: going back is done by restoring a backup."""
    _calls()
    _sound()
    _ticketing()
    _quality()
    _citizens()
    _people()
    _cloud()
    _steering()
    _access()
    _workings()
    for statements in (TRANSCRIPT_TOKENS, AUDIT_IS_ONLY_ADDED_TO):
        for statement in statements[op.get_bind().dialect.name]:
            op.execute(statement)


def _calls() -> None:
    """Contacts, and what is owed to callers."""
    op.create_table(
        "contacts",
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("called", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("leaning", sa.Text(), nullable=True),
        sa.Column("queue", sa.Text(), nullable=True),
        sa.Column("seat_id", sa.Text(), nullable=True),
        sa.Column("arrived_at", UtcDateTime(), nullable=False),
        sa.Column("queued_at", UtcDateTime(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("talk_ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("wait_s", sa.Float(), nullable=True),
        sa.Column("talk_s", sa.Float(), nullable=True),
        sa.Column("cause", sa.Integer(), nullable=True),
        sa.Column("transferred", sa.Boolean(), nullable=False),
        sa.Column("answers_contact_id", sa.Text(), nullable=True),
        sa.Column("last_step", sa.Text(), nullable=True),
        sa.Column("apart_s", sa.Float(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "source IN ('controller', 'found', 'survival', 'books', 'callback', 'partner')",
            name=op.f("ck_contacts_source"),
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (ended_at IS NULL)", name=op.f("ck_contacts_outcome_at_the_end")
        ),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_contacts")),
    )
    op.create_index(op.f("ix_contacts_arrived_at"), "contacts", ["arrived_at"])
    op.create_index(op.f("ix_contacts_caller_arrived_at"), "contacts", ["caller", "arrived_at"])
    op.create_index("ix_contacts_open", "contacts", ["contact_id"], **_where("outcome IS NULL"))
    op.create_index(
        op.f("ix_contacts_answers_contact_id"),
        "contacts",
        ["answers_contact_id"],
        **_where("answers_contact_id IS NOT NULL"),
    )
    op.create_table(
        "announcements",
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("announced_at", UtcDateTime(), nullable=False),
        sa.Column("low_s", sa.Integer(), nullable=False),
        sa.Column("high_s", sa.Integer(), nullable=False),
        sa.Column("expected_s", sa.Float(), nullable=False),
        sa.CheckConstraint(
            "low_s >= 0 AND low_s <= high_s AND expected_s >= 0", name=op.f("ck_announcements_range")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.contact_id"], name=op.f("fk_announcements_contact_id")
        ),
        sa.PrimaryKeyConstraint("contact_id", "announced_at", name=op.f("pk_announcements")),
    )
    op.create_index(op.f("ix_announcements_announced_at"), "announcements", ["announced_at"])
    op.create_table(
        "messages_imported",
        sa.Column("spool_id", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("imported_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.contact_id"], name=op.f("fk_messages_imported_contact_id")
        ),
        sa.PrimaryKeyConstraint("spool_id", name=op.f("pk_messages_imported")),
        sa.UniqueConstraint("contact_id", name=op.f("uq_messages_imported_contact_id")),
    )
    op.create_table(
        "promises",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("origin_contact_id", sa.Text(), nullable=False),
        sa.Column("last_contact_id", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("reviewed", sa.Boolean(), nullable=False),
        sa.Column("can_be_called", sa.Boolean(), nullable=False),
        sa.Column("tried_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_by_contact_id", sa.Text(), nullable=True),
        sa.CheckConstraint("ground IN ('missed', 'accepted', 'message')", name=op.f("ck_promises_ground")),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_promises_state")),
        sa.CheckConstraint(
            "why IN ('', 'kept', 'answered', 'self_resolved', 'unreached', 'expired', 'by_hand')",
            name=op.f("ck_promises_why"),
        ),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL) AND (state = 'closed') = (why <> '')",
            name=op.f("ck_promises_closed_has_end"),
        ),
        sa.CheckConstraint("attempts >= 1 AND tries >= 0", name=op.f("ck_promises_counts")),
        sa.CheckConstraint(
            "caller <> '' OR NOT can_be_called", name=op.f("ck_promises_unknown_is_not_called")
        ),
        sa.ForeignKeyConstraint(
            ["origin_contact_id"], ["contacts.contact_id"], name=op.f("fk_promises_origin_contact_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promises")),
    )
    op.create_index(op.f("ix_promises_made_at"), "promises", ["made_at"])
    op.create_index(
        "ix_promises_owed", "promises", ["caller"], unique=True, **_where("state = 'open' AND caller <> ''")
    )
    op.create_index(
        "ix_promises_unknown", "promises", ["origin_contact_id"], unique=True, **_where("caller = ''")
    )


def _sound() -> None:
    """Recordings, their words, legal holds."""
    op.create_table(
        "recordings",
        sa.Column("recording_id", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("expected_s", sa.Float(), nullable=True),
        sa.Column("short_by_s", sa.Float(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("sealed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(state = 'sealed') = (path IS NOT NULL AND sha256 IS NOT NULL)",
            name=op.f("ck_recordings_sealed_has_file"),
        ),
        sa.CheckConstraint("state IN ('sealed', 'missing', 'deleted')", name=op.f("ck_recordings_state")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.contact_id"], name=op.f("fk_recordings_contact_id")
        ),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("pk_recordings")),
    )
    op.create_index(op.f("ix_recordings_contact_id"), "recordings", ["contact_id"])
    op.create_table(
        "transcripts",
        sa.Column("recording_id", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("citizen_text", sa.Text(), nullable=False),
        sa.Column("agent_text", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recordings.recording_id"], name=op.f("fk_transcripts_recording_id")
        ),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("pk_transcripts")),
    )
    op.create_table(
        "earlier_transcripts",
        sa.Column("recording_id", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("citizen_text", sa.Text(), nullable=False),
        sa.Column("agent_text", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recordings.recording_id"], name=op.f("fk_earlier_transcripts_recording_id")
        ),
        sa.PrimaryKeyConstraint("recording_id", "model", name=op.f("pk_earlier_transcripts")),
    )
    op.create_table(
        "recording_peaks",
        sa.Column("recording_id", sa.Text(), nullable=False),
        sa.Column("citizen", sa.LargeBinary(), nullable=False),
        sa.Column("agent", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recordings.recording_id"], name=op.f("fk_recording_peaks_recording_id")
        ),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("pk_recording_peaks")),
    )
    op.create_table(
        "transcript_texts",
        sa.Column(
            "id",
            ROW_NUMBER,
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("recording_id", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.contact_id"], name=op.f("fk_transcript_texts_contact_id")
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recordings.recording_id"], name=op.f("fk_transcript_texts_recording_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcript_texts")),
        sa.UniqueConstraint("recording_id", name=op.f("uq_transcript_texts_recording_id")),
    )
    op.create_table(
        "legal_holds",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("placed_at", UtcDateTime(), nullable=False),
        sa.Column("released_at", UtcDateTime(), nullable=True),
        sa.Column("released_by", sa.Text(), nullable=False),
        sa.Column("release_why", sa.Text(), nullable=False),
        sa.CheckConstraint("(released_at IS NULL) = (released_by = '')", name=op.f("ck_legal_holds_release")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.contact_id"], name=op.f("fk_legal_holds_contact_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_holds")),
    )
    op.create_index(
        "ix_legal_holds_active", "legal_holds", ["contact_id"], unique=True, **_where("released_at IS NULL")
    )


def _ticketing() -> None:
    """Tickets and their PINs."""
    op.create_table(
        "tickets",
        sa.Column("ticket_no", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("citizen", sa.Text(), nullable=False),
        sa.Column("seat_id", sa.Text(), nullable=True),
        sa.Column("queue", sa.Text(), nullable=True),
        sa.Column("nature", sa.Text(), nullable=True),
        sa.Column("nature_words", sa.JSON(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("topic_words", sa.JSON(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("deadline", UtcDateTime(), nullable=True),
        sa.Column("transcript_state", sa.Text(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("completed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(state = 'ready') = (completed_at IS NOT NULL)", name=op.f("ck_tickets_ready_is_completed")
        ),
        sa.CheckConstraint("state IN ('draft', 'ready')", name=op.f("ck_tickets_state")),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.contact_id"], name=op.f("fk_tickets_contact_id")),
        sa.PrimaryKeyConstraint("ticket_no", name=op.f("pk_tickets")),
        sa.UniqueConstraint("contact_id", "purpose", name=op.f("uq_tickets_contact_id_purpose")),
    )
    op.create_index(op.f("ix_tickets_created_at"), "tickets", ["created_at"])
    op.create_table(
        "ticket_work",
        sa.Column("ticket_no", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("nature", sa.Text(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "standing IN ('open', 'answered', 'handed_on')", name=op.f("ck_ticket_work_standing")
        ),
        sa.ForeignKeyConstraint(["ticket_no"], ["tickets.ticket_no"], name=op.f("fk_ticket_work_ticket_no")),
        sa.PrimaryKeyConstraint("ticket_no", name=op.f("pk_ticket_work")),
    )
    op.create_index(op.f("ix_ticket_work_standing"), "ticket_work", ["standing"])
    op.create_table(
        "ticket_pins",
        sa.Column("ticket_no", sa.Text(), nullable=False),
        sa.Column("pin_hash", sa.Text(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_no"], ["tickets.ticket_no"], name=op.f("fk_ticket_pins_ticket_no")),
        sa.PrimaryKeyConstraint("ticket_no", name=op.f("pk_ticket_pins")),
    )
    op.create_table(
        "pin_failures",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("ticket_no", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pin_failures")),
    )
    op.create_index(op.f("ix_pin_failures_caller_at"), "pin_failures", ["caller", "at"])
    op.create_index(op.f("ix_pin_failures_ticket_no_at"), "pin_failures", ["ticket_no", "at"])


def _quality() -> None:
    """Quality: machine and people."""
    op.create_table(
        "qa_assessments",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("recording_id", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("seat_id", sa.Text(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("rules_version", sa.Text(), nullable=False),
        sa.Column("facts_sha256", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("certainty", sa.Float(), nullable=False),
        sa.Column("concern", sa.Float(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "score BETWEEN 0 AND 100 AND certainty BETWEEN 0 AND 1 AND concern BETWEEN 0 AND 1",
            name=op.f("ck_qa_assessments_ranges"),
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.contact_id"], name=op.f("fk_qa_assessments_contact_id")
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recordings.recording_id"], name=op.f("fk_qa_assessments_recording_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_assessments")),
        sa.UniqueConstraint(
            "recording_id", "model", "rules_version", "facts_sha256", name="uq_qa_assessments_of"
        ),
    )
    op.create_index(op.f("ix_qa_assessments_answered_at"), "qa_assessments", ["answered_at"])
    op.create_index(op.f("ix_qa_assessments_concern"), "qa_assessments", ["concern"])
    op.create_index(op.f("ix_qa_assessments_contact_id"), "qa_assessments", ["contact_id"])
    op.create_index(
        "ix_qa_assessments_current", "qa_assessments", ["recording_id"], unique=True, **_where("is_current")
    )
    op.create_index(
        op.f("ix_qa_assessments_seat_id_answered_at"), "qa_assessments", ["seat_id", "answered_at"]
    )
    op.create_table(
        "qa_findings",
        sa.Column("assessment_id", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("points", sa.Float(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("from_s", sa.Float(), nullable=True),
        sa.Column("to_s", sa.Float(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "severity IN ('info', 'minor', 'major', 'critical')", name=op.f("ck_qa_findings_severity")
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["qa_assessments.id"], name=op.f("fk_qa_findings_assessment_id")
        ),
        sa.PrimaryKeyConstraint("assessment_id", "ordinal", name=op.f("pk_qa_findings")),
    )
    op.create_index(op.f("ix_qa_findings_rule_id_assessment_id"), "qa_findings", ["rule_id", "assessment_id"])
    op.create_table(
        "qa_plans",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("card_id", sa.Text(), nullable=False),
        sa.Column("group_by", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("second_share", sa.Float(), nullable=False),
        sa.Column("reviewers", sa.JSON(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("group_by IN ('seat', 'topic', 'all')", name=op.f("ck_qa_plans_group_by")),
        sa.CheckConstraint("size >= 1 AND second_share BETWEEN 0 AND 1", name=op.f("ck_qa_plans_amounts")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_qa_plans")),
    )
    op.create_table(
        "qa_draws",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("until_at", UtcDateTime(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("population_sha256", sa.Text(), nullable=False),
        sa.Column("drawn", sa.JSON(), nullable=False),
        sa.Column("drawn_by", sa.Text(), nullable=False),
        sa.Column("drawn_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_draws")),
        sa.UniqueConstraint("plan", "period", "until_at", name=op.f("uq_qa_draws_plan_period_until_at")),
    )
    op.create_table(
        "qa_reviews",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("recording_id", sa.Text(), nullable=False),
        sa.Column("seat_id", sa.Text(), nullable=True),
        sa.Column("card_id", sa.Text(), nullable=False),
        sa.Column("card_version", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("assigned_by", sa.Text(), nullable=False),
        sa.Column("assigned_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("submitted_at", UtcDateTime(), nullable=True),
        sa.Column("grades", sa.JSON(), nullable=False),
        sa.Column("comments", sa.JSON(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("assessment_id", sa.BigInteger(), nullable=True),
        sa.Column("verdicts", sa.JSON(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("ruling", sa.Text(), nullable=False),
        sa.Column("ruling_why", sa.Text(), nullable=False),
        sa.Column("ruled_by", sa.Text(), nullable=False),
        sa.Column("ruled_at", UtcDateTime(), nullable=True),
        sa.Column("corrected_grades", sa.JSON(), nullable=False),
        sa.Column("corrected_score", sa.Float(), nullable=True),
        sa.CheckConstraint(
            "(state = 'assigned') = (submitted_at IS NULL) AND (state = 'assigned') = (score IS NULL)",
            name=op.f("ck_qa_reviews_submitted_has_score"),
        ),
        sa.CheckConstraint("(state = 'ruled') = (ruling <> '')", name=op.f("ck_qa_reviews_ruled_has_ruling")),
        sa.CheckConstraint("ruling IN ('', 'upheld', 'corrected')", name=op.f("ck_qa_reviews_ruling")),
        sa.CheckConstraint(
            "state IN ('assigned', 'submitted', 'answered', 'ruled')", name=op.f("ck_qa_reviews_state")
        ),
        sa.CheckConstraint("ordinal IN (1, 2)", name=op.f("ck_qa_reviews_ordinal")),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["qa_assessments.id"], name=op.f("fk_qa_reviews_assessment_id")
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recordings.recording_id"], name=op.f("fk_qa_reviews_recording_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_reviews")),
        sa.UniqueConstraint("recording_id", "card_id", "ordinal", name="uq_qa_reviews_round"),
        sa.UniqueConstraint("recording_id", "card_id", "reviewer", name="uq_qa_reviews_reviewer"),
    )
    op.create_index(op.f("ix_qa_reviews_reviewer_state"), "qa_reviews", ["reviewer", "state"])
    op.create_index(op.f("ix_qa_reviews_seat_id"), "qa_reviews", ["seat_id"])
    op.create_index(op.f("ix_qa_reviews_submitted_at"), "qa_reviews", ["submitted_at"])
    op.create_table(
        "qa_notes",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("seat_id", sa.Text(), nullable=False),
        sa.Column("recording_id", sa.Text(), nullable=True),
        sa.Column("second", sa.Float(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recordings.recording_id"], name=op.f("fk_qa_notes_recording_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_notes")),
    )
    op.create_index(op.f("ix_qa_notes_recording_id"), "qa_notes", ["recording_id"])
    op.create_index(op.f("ix_qa_notes_seat_id"), "qa_notes", ["seat_id"])


def _citizens() -> None:
    """What citizens are told and asked."""
    op.create_table(
        "outbox",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("failed", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('missed', 'ticket', 'rating', 'article', 'cloud')", name=op.f("ck_outbox_kind")
        ),
        sa.CheckConstraint("sent_at IS NULL OR failed = ''", name=op.f("ck_outbox_one_end")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(op.f("ix_outbox_made_at"), "outbox", ["made_at"])
    op.create_index(op.f("ix_outbox_number_made_at"), "outbox", ["number", "made_at"])
    op.create_index("ix_outbox_to_send", "outbox", ["due_at"], **_where("sent_at IS NULL AND failed = ''"))
    op.create_table(
        "ratings",
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("\"by\" IN ('key', 'link', 'survey')", name=op.f("ck_ratings_by")),
        sa.CheckConstraint("grade BETWEEN 1 AND 5", name=op.f("ck_ratings_grade")),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.contact_id"], name=op.f("fk_ratings_contact_id")),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_ratings")),
    )
    op.create_table(
        "rating_links",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.contact_id"], name=op.f("fk_rating_links_contact_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_rating_links")),
        sa.UniqueConstraint("contact_id", name=op.f("uq_rating_links_contact_id")),
    )
    op.create_table(
        "survey_asks",
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("seat_id", sa.Text(), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.CheckConstraint("answer IN ('', 'rated', 'declined')", name=op.f("ck_survey_asks_answer")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.contact_id"], name=op.f("fk_survey_asks_contact_id")
        ),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_survey_asks")),
        sa.UniqueConstraint("call_id", name=op.f("uq_survey_asks_call_id")),
    )
    op.create_index(op.f("ix_survey_asks_caller"), "survey_asks", ["caller"])
    op.create_table(
        "notices",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("spoken", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("until_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by = '')", name=op.f("ck_notices_withdrawal")
        ),
        sa.CheckConstraint("seconds > 0", name=op.f("ck_notices_is_heard")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_table(
        "notice_heard",
        sa.Column("notice_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("heard_at", UtcDateTime(), nullable=False),
        sa.Column("content_until_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.contact_id"], name=op.f("fk_notice_heard_contact_id")
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_notice_heard_notice_id")),
        sa.PrimaryKeyConstraint("notice_id", "contact_id", name=op.f("pk_notice_heard")),
    )


def _people() -> None:
    """Staff, roster, swaps, call days."""
    op.create_table(
        "staff",
        sa.Column("staff_no", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("seat_id", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('on_site', 'cloud', 'guest')", name=op.f("ck_staff_kind")),
        sa.PrimaryKeyConstraint("staff_no", name=op.f("pk_staff")),
        sa.UniqueConstraint("seat_id", name=op.f("uq_staff_seat_id")),
    )
    op.create_table(
        "shifts",
        sa.Column("shift_id", ROW_NUMBER, nullable=False),
        sa.Column("staff_no", sa.Text(), nullable=False),
        sa.Column("seat_id", sa.Text(), nullable=True),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("from_at", UtcDateTime(), nullable=False),
        sa.Column("to_at", UtcDateTime(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("imported_by", sa.Text(), nullable=False),
        sa.Column("imported_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("state IN ('planned', 'swapped', 'cancelled')", name=op.f("ck_shifts_state")),
        sa.CheckConstraint("from_at < to_at", name=op.f("ck_shifts_order")),
        sa.ForeignKeyConstraint(["staff_no"], ["staff.staff_no"], name=op.f("fk_shifts_staff_no")),
        sa.PrimaryKeyConstraint("shift_id", name=op.f("pk_shifts")),
    )
    op.create_index(
        "ix_shifts_person", "shifts", ["staff_no", "from_at"], unique=True, **_where("state <> 'cancelled'")
    )
    op.create_index(
        "ix_shifts_seat", "shifts", ["seat_id", "from_at"], unique=True, **_where("state <> 'cancelled'")
    )
    op.create_index(op.f("ix_shifts_day"), "shifts", ["day"])
    op.create_index(op.f("ix_shifts_from_at"), "shifts", ["from_at"])
    op.create_table(
        "shift_swaps",
        sa.Column("swap_id", ROW_NUMBER, nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=False),
        sa.Column("first_staff_no", sa.Text(), nullable=False),
        sa.Column("second_id", sa.BigInteger(), nullable=True),
        sa.Column("second_staff_no", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=False),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'refused', 'undone')", name=op.f("ck_shift_swaps_state")
        ),
        sa.CheckConstraint("(state = 'proposed') = (decided_by = '')", name=op.f("ck_shift_swaps_decision")),
        sa.CheckConstraint("(state = 'undone') = (undone_by <> '')", name=op.f("ck_shift_swaps_undoing")),
        sa.ForeignKeyConstraint(["first_id"], ["shifts.shift_id"], name=op.f("fk_shift_swaps_first_id")),
        sa.ForeignKeyConstraint(["second_id"], ["shifts.shift_id"], name=op.f("fk_shift_swaps_second_id")),
        sa.PrimaryKeyConstraint("swap_id", name=op.f("pk_shift_swaps")),
    )
    op.create_index(
        "ix_shift_swaps_open", "shift_swaps", ["first_id"], unique=True, **_where("state = 'proposed'")
    )
    op.create_table(
        "guest_days",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("seat_id", sa.Text(), nullable=False),
        sa.Column("helper_seat_id", sa.Text(), nullable=True),
        sa.Column("from_at", UtcDateTime(), nullable=False),
        sa.Column("to_at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.CheckConstraint("(closed_at IS NULL) = (closed_by = '')", name=op.f("ck_guest_days_closing")),
        sa.CheckConstraint("seat_id <> helper_seat_id", name=op.f("ck_guest_days_two_seats")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guest_days")),
    )
    op.create_index(op.f("ix_guest_days_to_at"), "guest_days", ["to_at"])
    op.create_table(
        "guest_calls",
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("guest_day_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.contact_id"], name=op.f("fk_guest_calls_contact_id")
        ),
        sa.ForeignKeyConstraint(
            ["guest_day_id"], ["guest_days.id"], name=op.f("fk_guest_calls_guest_day_id")
        ),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_guest_calls")),
    )
    op.create_index(op.f("ix_guest_calls_guest_day_id"), "guest_calls", ["guest_day_id"])


def _cloud() -> None:
    """Cloud seats."""
    op.create_table(
        "cloud_roll",
        sa.Column("seat_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("staff_no", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("invitation", sa.Text(), nullable=False),
        sa.Column("since_at", UtcDateTime(), nullable=False),
        sa.Column("until_at", UtcDateTime(), nullable=True),
        sa.Column("helps_until_at", UtcDateTime(), nullable=True),
        sa.Column("measured", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "state IN ('idle', 'invited', 'accepted', 'checking', 'proven', 'refused', 'withdrawn', 'locked')",
            name=op.f("ck_cloud_roll_state"),
        ),
        sa.PrimaryKeyConstraint("seat_id", name=op.f("pk_cloud_roll")),
    )
    op.create_table(
        "cloud_invitations",
        sa.Column("invitation", sa.Text(), nullable=False),
        sa.Column("staff_no", sa.Text(), nullable=False),
        sa.Column("seat_id", sa.Text(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "reply IN ('', 'accepted', 'declined', 'unanswered')", name=op.f("ck_cloud_invitations_reply")
        ),
        sa.PrimaryKeyConstraint("invitation", name=op.f("pk_cloud_invitations")),
    )
    op.create_index(op.f("ix_cloud_invitations_made_at"), "cloud_invitations", ["made_at"])
    op.create_table(
        "cloud_links",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("staff_no", sa.Text(), nullable=False),
        sa.Column("seat_id", sa.Text(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_cloud_links")),
    )


def _steering() -> None:
    """What is decided while the house runs."""
    op.create_table(
        "seat_skills",
        sa.Column("seat_id", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("assigned_by", sa.Text(), nullable=False),
        sa.Column("assigned_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("seat_id", "queue", name=op.f("pk_seat_skills")),
    )
    op.create_table(
        "seat_assignments",
        sa.Column("seat_id", sa.Text(), nullable=False),
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "duty IN ('inbound', 'surveys', 'guest', 'helping')", name=op.f("ck_seat_assignments_duty")
        ),
        sa.PrimaryKeyConstraint("seat_id", name=op.f("pk_seat_assignments")),
    )
    op.create_table(
        "rebalances",
        sa.Column("rebalance_id", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("hours", sa.Float(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("refused", sa.JSON(), nullable=False),
        sa.Column("predicted", sa.JSON(), nullable=True),
        sa.Column("undoes", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rebalance_id", name=op.f("pk_rebalances")),
    )
    op.create_index(op.f("ix_rebalances_at"), "rebalances", ["at"])
    op.create_table(
        "predictions",
        sa.Column("prediction_id", sa.Text(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("until_at", UtcDateTime(), nullable=False),
        sa.Column("change", sa.JSON(), nullable=False),
        sa.Column("without_change", sa.JSON(), nullable=False),
        sa.Column("with_change", sa.JSON(), nullable=False),
        sa.Column("spread", sa.JSON(), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("took_s", sa.Float(), nullable=False),
        sa.Column("real", sa.JSON(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("prediction_id", name=op.f("pk_predictions")),
    )
    op.create_index(op.f("ix_predictions_asked_at"), "predictions", ["asked_at"])
    op.create_table(
        "flow_versions",
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("flow", "version", name=op.f("pk_flow_versions")),
    )
    op.create_table(
        "prompt_versions",
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sound", sa.LargeBinary(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(sound IS NULL) = (seconds IS NULL)", name=op.f("ck_prompt_versions_sound_has_length")
        ),
        sa.PrimaryKeyConstraint("prompt", "version", name=op.f("pk_prompt_versions")),
    )
    op.create_table(
        "house_settings",
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("old", sa.Text(), nullable=False),
        sa.Column("new", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_house_settings")),
    )
    op.create_index(op.f("ix_house_settings_key"), "house_settings", ["key"])


def _access() -> None:
    """Accounts and the audit."""
    op.create_table(
        "accounts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("seat_id", sa.Text(), nullable=True),
        sa.Column("totp_secret", sa.Text(), nullable=False),
        sa.Column("totp_pending", sa.Text(), nullable=False),
        sa.Column("totp_step", sa.BigInteger(), nullable=False),
        sa.Column("is_disabled", sa.Boolean(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_accounts")),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("is_revoked", sa.Boolean(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("program", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.name"], name=op.f("fk_sessions_account")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_account"), "sessions", ["account"])
    op.create_table(
        "idempotency",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_sha256", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("account", "key", name=op.f("pk_idempotency")),
    )
    op.create_index(op.f("ix_idempotency_at"), "idempotency", ["at"])
    op.create_table(
        "audit",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("chain", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )


def _workings() -> None:
    """Journal, counters, jobs, gaps."""
    op.create_table(
        "journal",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("instant", sa.Float(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=True),
        sa.Column("subject", sa.JSON(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("derived", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_journal")),
        sa.UniqueConstraint("id", name=op.f("uq_journal_id")),
    )
    op.create_index(op.f("ix_journal_contact_id"), "journal", ["contact_id"])
    op.create_index("ix_journal_switches", "journal", ["seq"], **_where("type = 'surge.level_switched'"))
    op.create_index("ix_journal_walks", "journal", ["at"], **_where("type = 'ivr.walk_ended'"))
    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "jobs",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(state = 'running') = (lease_owner IS NOT NULL AND lease_until IS NOT NULL)",
            name=op.f("ck_jobs_running_has_lease"),
        ),
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'parked')", name=op.f("ck_jobs_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_jobs_dedupe_key")),
    )
    op.create_index(op.f("ix_jobs_state_due_at"), "jobs", ["state", "due_at"])
    op.create_table(
        "gaps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("from_at", UtcDateTime(), nullable=False),
        sa.Column("until_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gaps")),
    )
    op.create_index(op.f("ix_gaps_from_at"), "gaps", ["from_at"])


def _where(condition: str) -> dict[str, Any]:
    """The options of an index that holds only such rows."""
    only = sa.text(condition)
    return {"sqlite_where": only, "postgresql_where": only}
