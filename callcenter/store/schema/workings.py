"""How the house works by itself: journal, counters, jobs, and when nobody watched."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from callcenter.store.schema.base import ROW_NUMBER, at, maybe_at, metadata, where

IS_SWITCH = text("type = 'surge.level_switched'")
IS_WALK = text("type = 'ivr.walk_ended'")

journal = Table(
    "journal",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False, unique=True),
    Column("type", Text, nullable=False),
    at("at"),
    Column("instant", Float, nullable=False),  # monotonic seconds of the controller that wrote it
    Column("contact_id", Text, index=True),
    Column("subject", JSON, nullable=False),
    Column("data", JSON, nullable=False),
    Column("derived", Boolean, nullable=False),
    Index("ix_journal_switches", "seq", **where(IS_SWITCH)),
    Index("ix_journal_walks", "at", **where(IS_WALK)),
)

counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", ROW_NUMBER, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("dedupe_key", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease_owner", Text),
    maybe_at("lease_until"),
    at("due_at"),
    Column("payload", JSON, nullable=False),
    Column("last_error", Text, nullable=False),
    at("created_at"),
    at("updated_at"),
    CheckConstraint("state IN ('queued', 'running', 'done', 'parked')", name="state"),
    CheckConstraint(
        "(state = 'running') = (lease_owner IS NOT NULL AND lease_until IS NOT NULL)",
        name="running_has_lease",
    ),
    Index(None, "state", "due_at"),
)

gaps = Table(
    "gaps",
    metadata,
    Column("id", Integer, primary_key=True),
    at("from_at"),
    maybe_at("until_at"),
    Column("reason", Text, nullable=False),
    Index(None, "from_at"),
)
