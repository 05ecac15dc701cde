"""The people of the hotline: staff, roster (排班), swaps, and guests on their call days."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from callcenter.store.schema.base import ROW_NUMBER, at, maybe_at, metadata, where

IS_WORKED = text("state <> 'cancelled'")
IS_PROPOSED = text("state = 'proposed'")

staff = Table(  # the people of the hotline, named as in its roster (排班)
    "staff",
    metadata,
    Column("staff_no", Text, primary_key=True),  # 工号
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("phone", Text, nullable=False),  # their own, for invitations; '' = never rung
    Column("seat_id", Text),  # whose phone is theirs; NULL: any seat
    Column("active", Boolean, nullable=False),
    CheckConstraint("kind IN ('on_site', 'cloud', 'guest')", name="kind"),
    UniqueConstraint("seat_id"),
)

shifts = Table(  # the roster (排班); that nobody is booked twice is checked in the unit of work that writes
    "shifts",
    metadata,
    Column("shift_id", ROW_NUMBER, primary_key=True),
    Column("staff_no", Text, ForeignKey("staff.staff_no"), nullable=False),
    Column("seat_id", Text),  # NULL: any seat of his kind
    Column("day", Text, nullable=False),  # YYYY-MM-DD of its begin, in the city's calendar
    at("from_at"),
    at("to_at"),
    Column("code", Text, nullable=False),  # 班次 as the roster names it; '' = not named
    Column("state", Text, nullable=False),
    Column("imported_by", Text, nullable=False),
    at("imported_at"),
    CheckConstraint("state IN ('planned', 'swapped', 'cancelled')", name="state"),
    CheckConstraint("from_at < to_at", name="order"),
    Index("ix_shifts_person", "staff_no", "from_at", unique=True, **where(IS_WORKED)),
    Index("ix_shifts_seat", "seat_id", "from_at", unique=True, **where(IS_WORKED)),
    Index(None, "day"),
    Index(None, "from_at"),
)

shift_swaps = Table(  # who works for whom (换班): first proposed; an approved one may be undone
    "shift_swaps",
    metadata,
    Column("swap_id", ROW_NUMBER, primary_key=True),
    Column("first_id", BigInteger, ForeignKey("shifts.shift_id"), nullable=False),
    Column("first_staff_no", Text, nullable=False),  # who had it
    Column("second_id", BigInteger, ForeignKey("shifts.shift_id")),  # NULL: the first is taken over
    Column("second_staff_no", Text, nullable=False),  # who had the second, or takes the first over
    Column("state", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("proposed_by", Text, nullable=False),
    at("proposed_at"),
    Column("decided_by", Text, nullable=False),  # '' = not yet
    maybe_at("decided_at"),
    Column("undone_by", Text, nullable=False),  # '' = it holds
    maybe_at("undone_at"),
    CheckConstraint("state IN ('proposed', 'approved', 'refused', 'undone')", name="state"),
    CheckConstraint("(state = 'proposed') = (decided_by = '')", name="decision"),
    CheckConstraint("(state = 'undone') = (undone_by <> '')", name="undoing"),
    Index("ix_shift_swaps_open", "first_id", unique=True, **where(IS_PROPOSED)),
)

guest_days = Table(  # call days (接话日): a mayor or bureau chief answers for some hours
    "guest_days",
    metadata,
    Column("id", ROW_NUMBER, primary_key=True),
    Column("name", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("seat_id", Text, nullable=False),
    Column("helper_seat_id", Text),  # who sits beside; NULL: nobody
    at("from_at"),
    at("to_at"),
    Column("by", Text, nullable=False),
    at("opened_at"),
    maybe_at("closed_at"),
    Column("closed_by", Text, nullable=False),  # '' = not closed before its end
    CheckConstraint("(closed_at IS NULL) = (closed_by = '')", name="closing"),
    CheckConstraint("seat_id <> helper_seat_id", name="two_seats"),
    Index(None, "to_at"),
)

guest_calls = Table(  # who was answered by a guest
    "guest_calls",
    metadata,
    Column("contact_id", Text, ForeignKey("contacts.contact_id"), primary_key=True),
    Column("guest_day_id", BigInteger, ForeignKey("guest_days.id"), nullable=False, index=True),
)
