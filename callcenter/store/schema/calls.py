"""Contacts, and what is promised to those who were not answered."""

from sqlalchemy import Boolean, CheckConstraint, Column, Float, ForeignKey, Index, Integer, Table, Text, text

from callcenter.store.schema.base import ROW_NUMBER, at, maybe_at, metadata, where

IS_OPEN = text("outcome IS NULL")
IS_CALLBACK = text("answers_contact_id IS NOT NULL")
IS_OWED = text("state = 'open' AND caller <> ''")
IS_UNKNOWN = text("caller = ''")

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
    at("arrived_at"),
    maybe_at("queued_at"),
    maybe_at("answered_at"),
    maybe_at("talk_ended_at"),
    maybe_at("ended_at"),
    Column("wait_s", Float),
    Column("talk_s", Float),
    Column("cause", Integer),  # Q.850
    Column("transferred", Boolean, nullable=False),
    Column("answers_contact_id", Text),  # of a call-back: what it answers
    Column("last_step", Text),  # flow.step of the caller's walk through the menus
    Column("apart_s", Float, nullable=False, server_default="0"),  # between a broken talk and the next
    CheckConstraint(
        "source IN ('controller', 'found', 'survival', 'books', 'callback', 'partner')", name="source"
    ),
    CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name="outcome_at_the_end"),
    Index(None, "arrived_at"),
    Index(None, "caller", "arrived_at"),
    Index("ix_contacts_open", "contact_id", **where(IS_OPEN)),
    Index(None, "answers_contact_id", **where(IS_CALLBACK)),
)

announcements = Table(
    "announcements",
    metadata,
    Column("contact_id", Text, ForeignKey("contacts.contact_id"), primary_key=True),
    at("announced_at", primary_key=True, index=True),
    Column("low_s", Integer, nullable=False),
    Column("high_s", Integer, nullable=False),
    Column("expected_s", Float, nullable=False),
    CheckConstraint("low_s >= 0 AND low_s <= high_s AND expected_s >= 0", name="range"),
)

messages_imported = Table(
    "messages_imported",
    metadata,
    Column("spool_id", Text, primary_key=True),
    Column("contact_id", Text, ForeignKey("contacts.contact_id"), nullable=False, unique=True),
    at("imported_at"),
)

promises = Table(
    "promises",
    metadata,
    Column("id", ROW_NUMBER, primary_key=True),
    Column("caller", Text, nullable=False),  # '' = unknown: one row per contact
    Column("ground", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("why", Text, nullable=False),  # '' while open
    Column("origin_contact_id", Text, ForeignKey("contacts.contact_id"), nullable=False),
    Column("last_contact_id", Text, nullable=False),
    Column("attempts", Integer, nullable=False),  # contacts of the citizen merged in it
    at("made_at"),
    maybe_at("due_at"),  # NULL = somebody works on it
    Column("tries", Integer, nullable=False),  # dials begun
    Column("reviewed", Boolean, nullable=False),
    Column("can_be_called", Boolean, nullable=False),  # false: only people look after it
    maybe_at("tried_at"),
    maybe_at("closed_at"),
    Column("closed_by_contact_id", Text),
    CheckConstraint("ground IN ('missed', 'accepted', 'message')", name="ground"),
    CheckConstraint("state IN ('open', 'closed')", name="state"),
    CheckConstraint(
        "why IN ('', 'kept', 'answered', 'self_resolved', 'unreached', 'expired', 'by_hand')", name="why"
    ),
    CheckConstraint(
        "(state = 'closed') = (closed_at IS NOT NULL) AND (state = 'closed') = (why <> '')",
        name="closed_has_end",
    ),
    CheckConstraint("attempts >= 1 AND tries >= 0", name="counts"),
    CheckConstraint("caller <> '' OR NOT can_be_called", name="unknown_is_not_called"),
    Index("ix_promises_owed", "caller", unique=True, **where(IS_OWED)),
    Index("ix_promises_unknown", "origin_contact_id", unique=True, **where(IS_UNKNOWN)),
    Index(None, "made_at"),
)
