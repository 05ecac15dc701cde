"""What people decide while the house runs: skills and duties, moves, what-ifs, flows, settings."""

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
)

from callcenter.store.schema.base import at, maybe_at, metadata

seat_skills = Table(
    "seat_skills",
    metadata,
    Column("seat_id", Text, primary_key=True),
    Column("queue", Text, primary_key=True),
    Column("assigned_by", Text, nullable=False),
    at("assigned_at"),
)

seat_assignments = Table(  # how often a seat was assigned skills or a duty, and which duty it has
    "seat_assignments",
    metadata,
    Column("seat_id", Text, primary_key=True),
    Column("duty", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("by", Text, nullable=False),
    at("at"),
    CheckConstraint("duty IN ('inbound', 'surveys', 'guest', 'helping')", name="duty"),
)

rebalances = Table(  # seats moved in one action by a shift manager (调岗)
    "rebalances",
    metadata,
    Column("rebalance_id", Text, primary_key=True),
    at("at"),
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("hours", Float, nullable=False),  # for so long its effect was predicted, and is counted
    Column("moved", JSON, nullable=False),  # per seat: before and after
    Column("refused", JSON, nullable=False),  # of an undoing: what could not be undone, and why
    Column("predicted", JSON),
    Column("undoes", Text, nullable=False),  # '' = undoes none
    Index(None, "at"),
)

predictions = Table(  # what-ifs (推演): what was predicted, and later what happened
    "predictions",
    metadata,
    Column("prediction_id", Text, primary_key=True),
    at("asked_at"),
    Column("by", Text, nullable=False),  # '' = the house itself
    at("until_at"),  # how far was simulated
    Column("change", JSON, nullable=False),
    Column("without_change", JSON, nullable=False),
    Column("with_change", JSON, nullable=False),
    Column("spread", JSON, nullable=False),
    Column("runs", Integer, nullable=False),
    Column("took_s", Float, nullable=False),
    Column("real", JSON),
    maybe_at("closed_at"),
    Index(None, "asked_at"),
)

flow_versions = Table(
    "flow_versions",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
    at("at"),
)

prompt_versions = Table(  # recordings handed in for prompts; of each prompt the newest holds
    "prompt_versions",
    metadata,
    Column("prompt", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("sound", LargeBinary),  # WAV, 8 kHz; null: the voice speaks it again
    Column("seconds", Float),
    Column("by", Text, nullable=False),  # empty: it was put into the folder by hand
    at("at"),
    Column("why", Text, nullable=False),
    CheckConstraint("(sound IS NULL) = (seconds IS NULL)", "sound_has_length"),
)

house_settings = Table(  # what was changed on the page; of each key the newest holds
    "house_settings",
    metadata,
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Text, nullable=False, index=True),
    Column("old", Text, nullable=False),  # JSON; null: as configured
    Column("new", Text, nullable=False),
    Column("by", Text, nullable=False),
    at("at"),
    Column("why", Text, nullable=False),
)
