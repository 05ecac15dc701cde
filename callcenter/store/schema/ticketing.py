"""Tickets, what people made of them, and the PINs by which callers ask for them."""

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from callcenter.store.schema.base import ROW_NUMBER, at, maybe_at, metadata

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
    Column("place", Text),  # as the citizen named it
    maybe_at("deadline"),  # by the norm of its nature
    Column("transcript_state", Text, nullable=False),
    Column("problems", JSON, nullable=False),
    at("created_at"),
    maybe_at("completed_at"),
    UniqueConstraint("contact_id", "purpose"),
    CheckConstraint("state IN ('draft', 'ready')", name="state"),
    CheckConstraint("(state = 'ready') = (completed_at IS NOT NULL)", name="ready_is_completed"),
    Index(None, "created_at"),
)

ticket_work = Table(  # what a person made of a ticket; NULL: not corrected
    "ticket_work",
    metadata,
    Column("ticket_no", Text, ForeignKey("tickets.ticket_no"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("standing", Text, nullable=False),
    Column("nature", Text),
    Column("topic", Text),
    Column("place", Text),
    Column("unit", Text),
    Column("note", Text),
    Column("by", Text, nullable=False),
    at("at"),
    CheckConstraint("standing IN ('open', 'answered', 'handed_on')", name="standing"),
    Index(None, "standing"),
)

ticket_pins = Table(
    "ticket_pins",
    metadata,
    Column("ticket_no", Text, ForeignKey("tickets.ticket_no"), primary_key=True),
    Column("pin_hash", Text, nullable=False),  # keyed: see callcenter/tickets/pins.py
    at("made_at"),
)

pin_failures = Table(  # for a day: who guesses too often is locked out
    "pin_failures",
    metadata,
    Column("id", ROW_NUMBER, primary_key=True),
    Column("ticket_no", Text, nullable=False),  # as it was asked for; there may be no such ticket
    Column("caller", Text, nullable=False),
    at("at"),
    Index(None, "ticket_no", "at"),
    Index(None, "caller", "at"),
)
