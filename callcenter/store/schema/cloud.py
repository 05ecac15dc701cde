"""Cloud seats (云坐席): how far each is, who was invited, the links to join."""

from sqlalchemy import JSON, CheckConstraint, Column, Index, Table, Text

from callcenter.store.schema.base import at, maybe_at, metadata

cloud_roll = Table(  # how far each cloud seat (云坐席) is; no row: idle
    "cloud_roll",
    metadata,
    Column("seat_id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("staff_no", Text, nullable=False),  # '' = nobody
    Column("reason", Text, nullable=False),
    Column("invitation", Text, nullable=False),
    at("since_at"),
    maybe_at("until_at"),  # when this step ends by itself
    maybe_at("helps_until_at"),
    Column("measured", JSON, nullable=False),  # of the last check; {} = none
    CheckConstraint(
        "state IN ('idle', 'invited', 'accepted', 'checking', 'proven', 'refused', 'withdrawn', 'locked')",
        name="state",
    ),
)

cloud_invitations = Table(  # nobody is rung twice within hours, and how willing people are
    "cloud_invitations",
    metadata,
    Column("invitation", Text, primary_key=True),
    Column("staff_no", Text, nullable=False),
    Column("seat_id", Text, nullable=False),
    at("made_at"),
    Column("reply", Text, nullable=False),  # '' = not known yet
    CheckConstraint("reply IN ('', 'accepted', 'declined', 'unanswered')", name="reply"),
    Index(None, "made_at"),
)

cloud_links = Table(  # good once; after that its state can be looked at until it ends
    "cloud_links",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("staff_no", Text, nullable=False),
    Column("seat_id", Text, nullable=False),
    at("expires_at"),
    maybe_at("used_at"),
)
