"""The tables. Invariants are constraints here wherever SQL can hold them; SQLite and PostgreSQL alike.

Names ending in ``_at`` are wall-clock times: handed in with a zone, kept in UTC, handed out in UTC.
Numbers ending in ``_s`` are seconds. NULL means unknown or not yet, never zero.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """A time with a zone, stored as UTC. A naive one is refused: nobody knows which hour it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Into the database.

        Raises:
            ValueError: the time has no zone.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without zone cannot be stored")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Out of the database."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


IS_OPEN = text("outcome IS NULL")
IS_SWITCH = text("type = 'surge.level_switched'")
IS_CALLBACK = text("answers_contact_id IS NOT NULL")
IS_OWED = text("state = 'open' AND caller <> ''")
IS_UNKNOWN = text("caller = ''")
metadata = MetaData(naming_convention=NAMING)


def _at(name: str, **options: Any) -> Column[Any]:
    return Column(name, UtcDateTime, nullable=options.pop("nullable", False), **options)


def _maybe_at(name: str) -> Column[Any]:
    return _at(name, nullable=True)


contacts = Table(
    "contacts",
    metadata,
    Column("contact_id", Text, primary_key=True),
    Column("caller", Text, nullable=False),  # '' = unknown, withheld or not believable
    Column("called", Text, nullable=False),
    Column("channel", Text, nullable=False),  # '' = known from the books only
    Column("source", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("outcome", Text),
    Column("leaning", Text),  # the outcome if nothing else happens
    Column("queue", Text),
    Column("seat_id", Text),
    _at("arrived_at"),
    _maybe_at("queued_at"),
    _maybe_at("answered_at"),
    _maybe_at("talk_ended_at"),
    _maybe_at("ended_at"),
    Column("wait_s", Float),
    Column("talk_s", Float),
    Column("cause", Integer),  # Q.850
    Column("transferred", Boolean, nullable=False),
    Column("answers_contact_id", Text),  # of a call-back: what it answers
    CheckConstraint("source IN ('controller', 'found', 'survival', 'books', 'callback')", name="source"),
    CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name="outcome_at_the_end"),
    Index(None, "arrived_at"),
    Index(None, "caller", "arrived_at"),
    Index("ix_contacts_open", "contact_id", sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
    Index(None, "answers_contact_id", sqlite_where=IS_CALLBACK, postgresql_where=IS_CALLBACK),
)

journal = Table(
    "journal",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False, unique=True),
    Column("type", Text, nullable=False),
    _at("at"),
    Column("instant", Float, nullable=False),  # monotonic seconds of the controller that wrote it
    Column("contact_id", Text, index=True),
    Column("subject", JSON, nullable=False),
    Column("data", JSON, nullable=False),
    Column("derived", Boolean, nullable=False),
    Index("ix_journal_switches", "seq", sqlite_where=IS_SWITCH, postgresql_where=IS_SWITCH),
)

counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

recordings = Table(
    "recordings",
    metadata,
    Column("recording_id", Text, primary_key=True),
    Column("contact_id", Text, ForeignKey("contacts.contact_id"), nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("path", Text),  # relative to the recordings folder
    Column("sha256", Text),
    Column("seconds", Float),
    Column("expected_s", Float),
    Column("short_by_s", Float),
    Column("reason", Text, nullable=False),
    _maybe_at("sealed_at"),
    CheckConstraint("state IN ('sealed', 'missing')", name="state"),
    CheckConstraint("(state = 'sealed') = (path IS NOT NULL AND sha256 IS NOT NULL)", name="sealed_has_file"),
)

transcripts = Table(
    "transcripts",
    metadata,
    Column("recording_id", Text, ForeignKey("recordings.recording_id"), primary_key=True),
    Column("model", Text, nullable=False),
    Column("is_demo", Boolean, nullable=False),  # the recognizer understands no real people
    Column("content", JSON, nullable=False),  # words with times and confidence per channel
    Column("citizen_text", Text, nullable=False),
    Column("agent_text", Text, nullable=False),
    _at("created_at"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("dedupe_key", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease_owner", Text),
    _maybe_at("lease_until"),
    _at("due_at"),
    Column("payload", JSON, nullable=False),
    Column("last_error", Text, nullable=False),
    _at("created_at"),
    _at("updated_at"),
    CheckConstraint("state IN ('queued', 'running', 'done', 'parked')", name="state"),
    CheckConstraint(
        "(state = 'running') = (lease_owner IS NOT NULL AND lease_until IS NOT NULL)",
        name="running_has_lease",
    ),
    Index(None, "state", "due_at"),
)

tickets = Table(
    "tickets",
    metadata,
    Column("ticket_no", Text, primary_key=True),
    Column("contact_id", Text, ForeignKey("contacts.contact_id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("citizen", Text, nullable=False),  # the number; masked in every list
    Column("seat_id", Text),
    Column("queue", Text),
    Column("nature", Text),
    Column("nature_words", JSON, nullable=False),
    Column("topic", Text),
    Column("topic_words", JSON, nullable=False),
    Column("transcript_state", Text, nullable=False),
    Column("problems", JSON, nullable=False),
    _at("created_at"),
    _maybe_at("completed_at"),
    UniqueConstraint("contact_id", "purpose"),
    CheckConstraint("state IN ('draft', 'ready')", name="state"),
    CheckConstraint("(state = 'ready') = (completed_at IS NOT NULL)", name="ready_is_completed"),
    Index(None, "created_at"),
)

messages_imported = Table(
    "messages_imported",
    metadata,
    Column("spool_id", Text, primary_key=True),
    Column("contact_id", Text, ForeignKey("contacts.contact_id"), nullable=False, unique=True),
    _at("imported_at"),
)

promises = Table(
    "promises",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("caller", Text, nullable=False),  # '' = unknown: one row per contact
    Column("ground", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("why", Text, nullable=False),  # '' while open
    Column("origin_contact_id", Text, ForeignKey("contacts.contact_id"), nullable=False),
    Column("last_contact_id", Text, nullable=False),
    Column("attempts", Integer, nullable=False),  # contacts of the citizen merged in it
    _at("made_at"),
    _maybe_at("due_at"),  # NULL = somebody works on it
    Column("tries", Integer, nullable=False),  # dials begun
    Column("reviewed", Boolean, nullable=False),
    Column("can_be_called", Boolean, nullable=False),  # false: only people look after it
    _maybe_at("tried_at"),
    _maybe_at("closed_at"),
    Column("closed_by_contact_id", Text),
    CheckConstraint("ground IN ('missed', 'accepted', 'message')", name="ground"),
    CheckConstraint("state IN ('open', 'closed')", name="state"),
    CheckConstraint("why IN ('', 'kept', 'answered', 'self_resolved', 'unreached', 'expired')", name="why"),
    CheckConstraint(
        "(state = 'closed') = (closed_at IS NOT NULL) AND (state = 'closed') = (why <> '')",
        name="closed_has_end",
    ),
    CheckConstraint("attempts >= 1 AND tries >= 0", name="counts"),
    CheckConstraint("caller <> '' OR NOT can_be_called", name="unknown_is_not_called"),
    Index("ix_promises_owed", "caller", unique=True, sqlite_where=IS_OWED, postgresql_where=IS_OWED),
    Index(
        "ix_promises_unknown",
        "origin_contact_id",
        unique=True,
        sqlite_where=IS_UNKNOWN,
        postgresql_where=IS_UNKNOWN,
    ),
    Index(None, "made_at"),
)

announcements = Table(
    "announcements",
    metadata,
    Column("contact_id", Text, ForeignKey("contacts.contact_id"), primary_key=True),
    _at("announced_at", primary_key=True, index=True),
    Column("low_s", Integer, nullable=False),
    Column("high_s", Integer, nullable=False),
    Column("expected_s", Float, nullable=False),
    CheckConstraint("low_s >= 0 AND low_s <= high_s AND expected_s >= 0", name="range"),
)

seat_skills = Table(
    "seat_skills",
    metadata,
    Column("seat_id", Text, primary_key=True),
    Column("queue", Text, primary_key=True),
    Column("assigned_by", Text, nullable=False),
    _at("assigned_at"),
)

gaps = Table(
    "gaps",
    metadata,
    Column("id", Integer, primary_key=True),
    _at("from_at"),
    _maybe_at("until_at"),
    Column("reason", Text, nullable=False),
    Index(None, "from_at"),
)

accounts = Table(
    "accounts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("password_hash", Text, nullable=False),  # argon2id
    Column("must_change_password", Boolean, nullable=False),
    Column("seat_id", Text),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("account", Text, ForeignKey("accounts.name"), nullable=False, index=True),
    _at("created_at"),
    _at("expires_at"),
    Column("is_revoked", Boolean, nullable=False),
)

audit = Table(  # only ever added to
    "audit",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    _at("at"),
    Column("by", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("why", Text, nullable=False),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("account", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_sha256", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", Text, nullable=False),
    _at("at", index=True),
)
