"""Who may come in, who is in, what was already answered, and the audit."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, Table, Text

from callcenter.store.schema.base import ROW_NUMBER, at, metadata

accounts = Table(
    "accounts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("password_hash", Text, nullable=False),  # argon2id
    Column("must_change_password", Boolean, nullable=False),
    Column("seat_id", Text),
    Column("totp_secret", Text, nullable=False),  # '' = no one-time codes
    Column("totp_pending", Text, nullable=False),  # not confirmed yet
    Column("totp_step", BigInteger, nullable=False),  # of the last code used
    Column("is_disabled", Boolean, nullable=False),
    Column("subject", Text, nullable=False),  # issuer|person at the identity provider; '' = none
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("account", Text, ForeignKey("accounts.name"), nullable=False, index=True),
    at("created_at"),
    at("expires_at"),
    Column("is_revoked", Boolean, nullable=False),
    Column("address", Text, nullable=False),  # whence it was opened
    Column("program", Text, nullable=False),  # with which browser
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("account", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_sha256", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", Text, nullable=False),
    at("at", index=True),
)

audit = Table(  # only ever added to
    "audit",
    metadata,
    Column("id", ROW_NUMBER, primary_key=True),
    at("at"),
    Column("by", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("chain", Text, nullable=False),  # SHA-256 of the entry and of the one before
)
