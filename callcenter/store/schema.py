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
    LargeBinary,
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
IS_WALK = text("type = 'ivr.walk_ended'")
IS_CALLBACK = text("answers_contact_id IS NOT NULL")
IS_OWED = text("state = 'open' AND caller <> ''")
IS_HELD = text("released_at IS NULL")
IS_UNKNOWN = text("caller = ''")
IS_TO_SEND = text("sent_at IS NULL AND failed = ''")
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
    Column("last_step", Text),  # flow.step of the caller's walk through the menus
    Column("apart_s", Float, nullable=False, server_default="0"),  # between a broken talk and the next
    CheckConstraint(
        "source IN ('controller', 'found', 'survival', 'books', 'callback', 'partner')", name="source"
    ),
    CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name="outcome_at_the_end"),
    Index(None, "arrived_at"),
    Index(None, "caller", "arrived_at"),
    Index("ix_contacts_open", "contact_id", sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
    Index(None, "answers_contact_id", sqlite_where=IS_CALLBACK, postgresql_where=IS_CALLBACK),
)

flow_versions = Table(
    "flow_versions",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
    _at("at"),
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
    Index("ix_journal_walks", "at", sqlite_where=IS_WALK, postgresql_where=IS_WALK),
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
    # Named like the contact: the talk or the message; a statement made while waiting has a name of its own.
    Column("contact_id", Text, ForeignKey("contacts.contact_id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("path", Text),  # where it was sealed; it may move, the vault finds it by its id
    Column("sha256", Text),  # of the WAV file that is heard
    Column("seconds", Float),
    Column("expected_s", Float),
    Column("short_by_s", Float),
    Column("reason", Text, nullable=False),
    _maybe_at("sealed_at"),
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
    _at("created_at"),
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
    Column("place", Text),  # as the citizen named it
    _maybe_at("deadline"),  # by the norm of its nature
    Column("transcript_state", Text, nullable=False),
    Column("problems", JSON, nullable=False),
    _at("created_at"),
    _maybe_at("completed_at"),
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
    _at("at"),
    CheckConstraint("standing IN ('open', 'answered', 'handed_on')", name="standing"),
    Index(None, "standing"),
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
    CheckConstraint(
        "why IN ('', 'kept', 'answered', 'self_resolved', 'unreached', 'expired', 'by_hand')", name="why"
    ),
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

seat_assignments = Table(  # how often a seat was assigned skills or a duty, and which duty it has
    "seat_assignments",
    metadata,
    Column("seat_id", Text, primary_key=True),
    Column("duty", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("by", Text, nullable=False),
    _at("at"),
    CheckConstraint("duty IN ('inbound', 'surveys', 'guest', 'helping')", name="duty"),
)

rebalances = Table(  # seats moved in one action by a shift manager (调岗)
    "rebalances",
    metadata,
    Column("rebalance_id", Text, primary_key=True),
    _at("at"),
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("hours", Float, nullable=False),  # for so long its effect was predicted, and is counted
    Column("moved", JSON, nullable=False),  # per seat: before and after
    Column("refused", JSON, nullable=False),  # of an undoing: what could not be undone, and why
    Column("predicted", JSON),
    Column("undoes", Text, nullable=False),  # '' = undoes none
    Index(None, "at"),
)

survey_asks = Table(  # citizens called to ask how satisfied they were (满意度回访): once a talk, at most
    "survey_asks",
    metadata,
    Column("contact_id", Text, ForeignKey("contacts.contact_id"), primary_key=True),  # the talk asked about
    Column("caller", Text, nullable=False),
    Column("call_id", Text, nullable=False, unique=True),  # the contact that asks
    Column("seat_id", Text, nullable=False),
    _at("begun_at"),
    Column("answer", Text, nullable=False),  # '' = none yet
    CheckConstraint("answer IN ('', 'rated', 'declined')", name="answer"),
    Index(None, "caller"),
)

guest_days = Table(  # call days (接话日): a mayor or bureau chief answers for some hours
    "guest_days",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("name", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("seat_id", Text, nullable=False),
    Column("helper_seat_id", Text),  # who sits beside; NULL: nobody
    _at("from_at"),
    _at("to_at"),
    Column("by", Text, nullable=False),
    _at("opened_at"),
    _maybe_at("closed_at"),
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

IS_WORKED = text("state <> 'cancelled'")
IS_PROPOSED = text("state = 'proposed'")

shifts = Table(  # the roster (排班); that nobody is booked twice is checked in the unit of work that writes
    "shifts",
    metadata,
    Column("shift_id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("staff_no", Text, ForeignKey("staff.staff_no"), nullable=False),
    Column("seat_id", Text),  # NULL: any seat of his kind
    Column("day", Text, nullable=False),  # YYYY-MM-DD of its begin, in the city's calendar
    _at("from_at"),
    _at("to_at"),
    Column("code", Text, nullable=False),  # 班次 as the roster names it; '' = not named
    Column("state", Text, nullable=False),
    Column("imported_by", Text, nullable=False),
    _at("imported_at"),
    CheckConstraint("state IN ('planned', 'swapped', 'cancelled')", name="state"),
    CheckConstraint("from_at < to_at", name="order"),
    Index(
        "ix_shifts_person",
        "staff_no",
        "from_at",
        unique=True,
        sqlite_where=IS_WORKED,
        postgresql_where=IS_WORKED,
    ),
    Index(
        "ix_shifts_seat",
        "seat_id",
        "from_at",
        unique=True,
        sqlite_where=IS_WORKED,
        postgresql_where=IS_WORKED,
    ),
    Index(None, "day"),
    Index(None, "from_at"),
)

shift_swaps = (
    Table(  # who works for whom (换班): proposed, then approved or refused; an approved one may be undone
        "shift_swaps",
        metadata,
        Column("swap_id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
        Column("first_id", BigInteger, ForeignKey("shifts.shift_id"), nullable=False),
        Column("first_staff_no", Text, nullable=False),  # who had it
        Column("second_id", BigInteger, ForeignKey("shifts.shift_id")),  # NULL: the first is taken over
        Column("second_staff_no", Text, nullable=False),  # who had the second, or takes the first over
        Column("state", Text, nullable=False),
        Column("why", Text, nullable=False),
        Column("proposed_by", Text, nullable=False),
        _at("proposed_at"),
        Column("decided_by", Text, nullable=False),  # '' = not yet
        _maybe_at("decided_at"),
        Column("undone_by", Text, nullable=False),  # '' = it holds
        _maybe_at("undone_at"),
        CheckConstraint("state IN ('proposed', 'approved', 'refused', 'undone')", name="state"),
        CheckConstraint("(state = 'proposed') = (decided_by = '')", name="decision"),
        CheckConstraint("(state = 'undone') = (undone_by <> '')", name="undoing"),
        Index(
            "ix_shift_swaps_open",
            "first_id",
            unique=True,
            sqlite_where=IS_PROPOSED,
            postgresql_where=IS_PROPOSED,
        ),
    )
)

cloud_roll = Table(  # how far each cloud seat (云坐席) is; no row: idle
    "cloud_roll",
    metadata,
    Column("seat_id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("staff_no", Text, nullable=False),  # '' = nobody
    Column("reason", Text, nullable=False),
    Column("invitation", Text, nullable=False),
    _at("since_at"),
    _maybe_at("until_at"),  # when this step ends by itself
    _maybe_at("helps_until_at"),
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
    _at("made_at"),
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
    _at("expires_at"),
    _maybe_at("used_at"),
)

legal_holds = Table(
    "legal_holds",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("contact_id", Text, ForeignKey("contacts.contact_id"), nullable=False),
    Column("why", Text, nullable=False),
    Column("placed_by", Text, nullable=False),
    _at("placed_at"),
    _maybe_at("released_at"),
    Column("released_by", Text, nullable=False),  # '' while it holds
    Column("release_why", Text, nullable=False),
    CheckConstraint("(released_at IS NULL) = (released_by = '')", name="release"),
    Index("ix_legal_holds_active", "contact_id", unique=True, sqlite_where=IS_HELD, postgresql_where=IS_HELD),
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
    _at("created_at"),
    _at("expires_at"),
    Column("is_revoked", Boolean, nullable=False),
    Column("address", Text, nullable=False),  # whence it was opened
    Column("program", Text, nullable=False),  # with which browser
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
    Column("chain", Text, nullable=False),  # SHA-256 of the entry and of the one before
)

house_settings = Table(  # what was changed on the page; of each key the newest holds
    "house_settings",
    metadata,
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Text, nullable=False, index=True),
    Column("old", Text, nullable=False),  # JSON; null: as configured
    Column("new", Text, nullable=False),
    Column("by", Text, nullable=False),
    _at("at"),
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

IS_CURRENT = text("is_current")

qa_assessments = Table(
    "qa_assessments",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("recording_id", Text, ForeignKey("recordings.recording_id"), nullable=False),
    Column("contact_id", Text, ForeignKey("contacts.contact_id"), nullable=False),
    Column("seat_id", Text),
    _at("answered_at"),
    Column("model", Text, nullable=False),  # '' = not transcribed
    Column("is_demo", Boolean, nullable=False),
    Column("rules_version", Text, nullable=False),
    Column("facts_sha256", Text, nullable=False),  # what was known beside the words: ticket, hold, transfers
    Column("score", Float, nullable=False),
    Column("certainty", Float, nullable=False),
    Column("concern", Float, nullable=False),  # the list is ranked by it
    Column("is_current", Boolean, nullable=False),  # the one of its recording that lists show
    _at("created_at"),
    UniqueConstraint("recording_id", "model", "rules_version", "facts_sha256", name="uq_qa_assessments_of"),
    CheckConstraint(
        "score BETWEEN 0 AND 100 AND certainty BETWEEN 0 AND 1 AND concern BETWEEN 0 AND 1", name="ranges"
    ),
    Index(
        "ix_qa_assessments_current",
        "recording_id",
        unique=True,
        sqlite_where=IS_CURRENT,
        postgresql_where=IS_CURRENT,
    ),
    Index(None, "contact_id"),
    Index(None, "answered_at"),
    Index(None, "seat_id", "answered_at"),
    Index(None, "concern"),
)

qa_findings = Table(
    "qa_findings",
    metadata,
    Column("assessment_id", BigInteger, ForeignKey("qa_assessments.id"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("rule_id", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("points", Float, nullable=False),
    Column("channel", Text, nullable=False),  # '' = no single voice
    Column("from_s", Float),  # NULL = the whole call
    Column("to_s", Float),
    Column("words", Text, nullable=False),  # what was said there, numbers of persons masked
    Column("confidence", Float, nullable=False),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
    CheckConstraint("severity IN ('info', 'minor', 'major', 'critical')", name="severity"),
    Index(None, "rule_id", "assessment_id"),
)

qa_reviews = Table(
    "qa_reviews",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("recording_id", Text, ForeignKey("recordings.recording_id"), nullable=False),
    Column("seat_id", Text),
    Column("card_id", Text, nullable=False),
    Column("card_version", Text, nullable=False),  # '' until submitted
    Column("ordinal", Integer, nullable=False),  # 1 = first, 2 = second, blind
    Column("plan", Text, nullable=False),  # '' = asked for by a person
    Column("period", Text, nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("assigned_by", Text, nullable=False),
    _at("assigned_at"),
    Column("state", Text, nullable=False),
    _maybe_at("submitted_at"),
    Column("grades", JSON, nullable=False),  # criterion -> grade
    Column("comments", JSON, nullable=False),  # criterion -> words
    Column("comment", Text, nullable=False),
    Column("score", Float),
    Column("assessment_id", BigInteger, ForeignKey("qa_assessments.id")),  # what the machine said then
    Column("verdicts", JSON, nullable=False),  # rule -> whether the machine was right
    Column("statement", Text, nullable=False),  # the agent's answer
    _maybe_at("answered_at"),
    Column("ruling", Text, nullable=False),  # '' = none
    Column("ruling_why", Text, nullable=False),
    Column("ruled_by", Text, nullable=False),
    _maybe_at("ruled_at"),
    Column("corrected_grades", JSON, nullable=False),
    Column("corrected_score", Float),
    UniqueConstraint("recording_id", "card_id", "ordinal", name="uq_qa_reviews_round"),
    UniqueConstraint("recording_id", "card_id", "reviewer", name="uq_qa_reviews_reviewer"),
    CheckConstraint("ordinal IN (1, 2)", name="ordinal"),
    CheckConstraint("state IN ('assigned', 'submitted', 'answered', 'ruled')", name="state"),
    CheckConstraint("ruling IN ('', 'upheld', 'corrected')", name="ruling"),
    CheckConstraint(
        "(state = 'assigned') = (submitted_at IS NULL) AND (state = 'assigned') = (score IS NULL)",
        name="submitted_has_score",
    ),
    CheckConstraint("(state = 'ruled') = (ruling <> '')", name="ruled_has_ruling"),
    Index(None, "reviewer", "state"),
    Index(None, "seat_id"),
    Index(None, "submitted_at"),
)

qa_notes = Table(
    "qa_notes",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("seat_id", Text, nullable=False, index=True),
    Column("recording_id", Text, ForeignKey("recordings.recording_id"), index=True),
    Column("second", Float),  # of the recording, that the note is about
    Column("by", Text, nullable=False),
    _at("at"),
    Column("note", Text, nullable=False),
)

qa_plans = Table(
    "qa_plans",
    metadata,
    Column("name", Text, primary_key=True),
    Column("card_id", Text, nullable=False),
    Column("group_by", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("second_share", Float, nullable=False),
    Column("reviewers", JSON, nullable=False),
    Column("changed_by", Text, nullable=False),
    _at("changed_at"),
    CheckConstraint("group_by IN ('seat', 'topic', 'all')", name="group_by"),
    CheckConstraint("size >= 1 AND second_share BETWEEN 0 AND 1", name="amounts"),
)

qa_draws = Table(
    "qa_draws",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("plan", Text, nullable=False),
    Column("period", Text, nullable=False),
    _at("until_at"),  # calls answered before this could be drawn
    Column("terms", JSON, nullable=False),  # the plan as it was
    Column("population", Integer, nullable=False),
    Column("population_sha256", Text, nullable=False),
    Column("drawn", JSON, nullable=False),  # the recordings
    Column("drawn_by", Text, nullable=False),
    _at("drawn_at"),
    UniqueConstraint("plan", "period", "until_at"),
)

recording_peaks = Table(
    "recording_peaks",
    metadata,
    Column("recording_id", Text, ForeignKey("recordings.recording_id"), primary_key=True),
    Column("citizen", LargeBinary, nullable=False),  # see recordings/core/peaks.py
    Column("agent", LargeBinary, nullable=False),
)

transcript_texts = Table(
    "transcript_texts",
    metadata,
    # microseconds since 1970 at the call's arrival, or the next free number
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("recording_id", Text, ForeignKey("recordings.recording_id"), nullable=False, unique=True),
    Column("contact_id", Text, ForeignKey("contacts.contact_id"), nullable=False),
    Column("said", Text, nullable=False),  # what is searched; numbers of persons left out
)
"""Its index is ``transcript_tokens``, which each database has in its own way: see ``recordings/search.py``."""

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("about", Text, nullable=False),  # what it is about: contact, ticket or article
    Column("number", Text, nullable=False),
    Column("text", Text, nullable=False),  # '' = sent or given up: what it said is not kept
    _at("made_at"),
    _at("due_at"),  # while it is being sent: when somebody else may try
    Column("tries", Integer, nullable=False),
    _maybe_at("sent_at"),
    Column("failed", Text, nullable=False),  # '' = not; else why nobody tries any more
    CheckConstraint("kind IN ('missed', 'ticket', 'rating', 'article', 'cloud')", name="kind"),
    CheckConstraint("sent_at IS NULL OR failed = ''", name="one_end"),
    Index("ix_outbox_to_send", "due_at", sqlite_where=IS_TO_SEND, postgresql_where=IS_TO_SEND),
    Index(None, "number", "made_at"),
    Index(None, "made_at"),
)

ticket_pins = Table(
    "ticket_pins",
    metadata,
    Column("ticket_no", Text, ForeignKey("tickets.ticket_no"), primary_key=True),
    Column("pin_hash", Text, nullable=False),  # keyed: see callcenter/tickets/pins.py
    _at("made_at"),
)

pin_failures = Table(  # for a day: who guesses too often is locked out
    "pin_failures",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("ticket_no", Text, nullable=False),  # as it was asked for; there may be no such ticket
    Column("caller", Text, nullable=False),
    _at("at"),
    Index(None, "ticket_no", "at"),
    Index(None, "caller", "at"),
)

ratings = Table(
    "ratings",
    metadata,
    Column("contact_id", Text, ForeignKey("contacts.contact_id"), primary_key=True),
    Column("grade", Integer, nullable=False),
    Column("by", Text, nullable=False),  # nobody but the citizen: no answer makes no row
    _at("at"),
    CheckConstraint("grade BETWEEN 1 AND 5", name="grade"),
    CheckConstraint("\"by\" IN ('key', 'link', 'survey')", name="by"),
)

rating_links = Table(  # good until the talk is rated or the time is over
    "rating_links",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("contact_id", Text, ForeignKey("contacts.contact_id"), nullable=False, unique=True),
    _at("expires_at"),
)

notices = Table(  # hot-topic notices (热点公告); the newest that is not over is on air
    "notices",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),  # as it was written
    Column("spoken", Text, nullable=False),  # as it is read aloud
    Column("seconds", Float, nullable=False),
    Column("by", Text, nullable=False),
    _at("at"),
    _at("until_at"),
    _maybe_at("withdrawn_at"),
    Column("withdrawn_by", Text, nullable=False),  # '' = it ran until its end
    CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by = '')", name="withdrawal"),
    CheckConstraint("seconds > 0", name="is_heard"),
)

notice_heard = Table(
    "notice_heard",
    metadata,
    Column("notice_id", BigInteger, ForeignKey("notices.id"), primary_key=True),
    Column("contact_id", Text, ForeignKey("contacts.contact_id"), primary_key=True),
    _at("heard_at"),
    _at("content_until_at"),  # who hangs up before this was content with it
)

predictions = Table(  # what-ifs (推演): what was predicted, and later what happened
    "predictions",
    metadata,
    Column("prediction_id", Text, primary_key=True),
    _at("asked_at"),
    Column("by", Text, nullable=False),  # '' = the house itself
    _at("until_at"),  # how far was simulated
    Column("change", JSON, nullable=False),
    Column("without_change", JSON, nullable=False),
    Column("with_change", JSON, nullable=False),
    Column("spread", JSON, nullable=False),
    Column("runs", Integer, nullable=False),
    Column("took_s", Float, nullable=False),
    Column("real", JSON),
    _maybe_at("closed_at"),
    Index(None, "asked_at"),
)
