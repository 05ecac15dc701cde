"""What was recorded, its words, its picture, and what must not be deleted."""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    text,
)

from callcenter.store.schema.base import ROW_NUMBER, at, maybe_at, metadata, where

IS_HELD = text("released_at IS NULL")

recordings = Table(
    "recordings",
    metadata,
    Column("recording_id", Text, primary_key=True),
    # Named like the contact: the talk or the message; a statement made while waiting has a name of its own.
    Column("contact_id", Text, ForeignKey("contacts.contact_id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("path", Text),  # where it was sealed; it may move, the vault finds it by its id
    Column("sha256", Text),  # of the WAV file that is heard
    Column("seconds", Float),
    Column("expected_s", Float),
    Column("short_by_s", Float),
    Column("reason", Text, nullable=False),
    maybe_at("sealed_at"),
    CheckConstraint("state IN ('sealed', 'missing', 'deleted')", name="state"),
    CheckConstraint("(state = 'sealed') = (path IS NOT NULL AND sha256 IS NOT NULL)", name="sealed_has_file"),
    Index(None, "contact_id"),
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
    at("created_at"),
)

earlier_transcripts = Table(  # what other models made of a recording before the one in ``transcripts``
    "earlier_transcripts",
    metadata,
    Column("recording_id", Text, ForeignKey("recordings.recording_id"), primary_key=True),
    Column("model", Text, primary_key=True),
    Column("is_demo", Boolean, nullable=False),
    Column("content", JSON, nullable=False),
    Column("citizen_text", Text, nullable=False),
    Column("agent_text", Text, nullable=False),
    at("created_at"),
)

recording_peaks = Table(
    "recording_peaks",
    metadata,
    Column("recording_id", Text, ForeignKey("recordings.recording_id"), primary_key=True),
    Column("citizen", LargeBinary, nullable=False),  # see recordings/core/peaks.py
    Column("agent", LargeBinary, nullable=False),
)

transcript_texts = Table(
    # its index is transcript_tokens, made by each database in its own way: recordings/search.py
    "transcript_texts",
    metadata,
    # microseconds since 1970 at the call's arrival, or the next free number
    Column("id", ROW_NUMBER, primary_key=True, autoincrement=False),
    Column("recording_id", Text, ForeignKey("recordings.recording_id"), nullable=False, unique=True),
    Column("contact_id", Text, ForeignKey("contacts.contact_id"), nullable=False),
    Column("said", Text, nullable=False),  # what is searched; numbers of persons left out
)

legal_holds = Table(
    "legal_holds",
    metadata,
    Column("id", ROW_NUMBER, primary_key=True),
    Column("contact_id", Text, ForeignKey("contacts.contact_id"), nullable=False),
    Column("why", Text, nullable=False),
    Column("placed_by", Text, nullable=False),
    at("placed_at"),
    maybe_at("released_at"),
    Column("released_by", Text, nullable=False),  # '' while it holds
    Column("release_why", Text, nullable=False),
    CheckConstraint("(released_at IS NULL) = (released_by = '')", name="release"),
    Index("ix_legal_holds_active", "contact_id", unique=True, **where(IS_HELD)),
)
