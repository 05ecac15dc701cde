"""What citizens are told, by short message or announcement, and what they answer when asked how it was."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from callcenter.store.schema.base import ROW_NUMBER, at, maybe_at, metadata, where

IS_TO_SEND = text("sent_at IS NULL AND failed = ''")

outbox = Table(
    "outbox",
    metadata,
    Column("id", ROW_NUMBER, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("about", Text, nullable=False),  # what it is about: contact, ticket or article
    Column("number", Text, nullable=False),
    Column("text", Text, nullable=False),  # '' = sent or given up: what it said is not kept
    at("made_at"),
    at("due_at"),  # while it is being sent: when somebody else may try
    Column("tries", Integer, nullable=False),
    maybe_at("sent_at"),
    Column("failed", Text, nullable=False),  # '' = not; else why nobody tries any more
    CheckConstraint("kind IN ('missed', 'ticket', 'rating', 'article', 'cloud')", name="kind"),
    CheckConstraint("sent_at IS NULL OR failed = ''", name="one_end"),
    Index("ix_outbox_to_send", "due_at", **where(IS_TO_SEND)),
    Index(None, "number", "made_at"),
    Index(None, "made_at"),
)

ratings = Table(
    "ratings",
    metadata,
    Column("contact_id", Text, ForeignKey("contacts.contact_id"), primary_key=True),
    Column("grade", Integer, nullable=False),
    Column("by", Text, nullable=False),  # nobody but the citizen: no answer makes no row
    at("at"),
    CheckConstraint("grade BETWEEN 1 AND 5", name="grade"),
    CheckConstraint("\"by\" IN ('key', 'link', 'survey')", name="by"),
)

rating_links = Table(  # good until the talk is rated or the time is over
    "rating_links",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("contact_id", Text, ForeignKey("contacts.contact_id"), nullable=False, unique=True),
    at("expires_at"),
)

survey_asks = Table(  # citizens called to ask how satisfied they were (满意度回访): once a talk, at most
    "survey_asks",
    metadata,
    Column("contact_id", Text, ForeignKey("contacts.contact_id"), primary_key=True),  # the talk asked about
    Column("caller", Text, nullable=False),
    Column("call_id", Text, nullable=False, unique=True),  # the contact that asks
    Column("seat_id", Text, nullable=False),
    at("begun_at"),
    Column("answer", Text, nullable=False),  # '' = none yet
    CheckConstraint("answer IN ('', 'rated', 'declined')", name="answer"),
    Index(None, "caller"),
)

notices = Table(  # hot-topic notices (热点公告); the newest that is not over is on air
    "notices",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),  # as it was written
    Column("spoken", Text, nullable=False),  # as it is read aloud
    Column("seconds", Float, nullable=False),
    Column("by", Text, nullable=False),
    at("at"),
    at("until_at"),
    maybe_at("withdrawn_at"),
    Column("withdrawn_by", Text, nullable=False),  # '' = it ran until its end
    CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by = '')", name="withdrawal"),
    CheckConstraint("seconds > 0", name="is_heard"),
)

notice_heard = Table(
    "notice_heard",
    metadata,
    Column("notice_id", BigInteger, ForeignKey("notices.id"), primary_key=True),
    Column("contact_id", Text, ForeignKey("contacts.contact_id"), primary_key=True),
    at("heard_at"),
    at("content_until_at"),  # who hangs up before this was content with it
)
