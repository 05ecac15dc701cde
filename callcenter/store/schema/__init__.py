"""The tables, by area. Invariants are constraints here wherever SQL can hold them; SQLite and PostgreSQL alike.

Names ending in ``_at`` are wall-clock times: handed in with a zone, kept in UTC, handed out in UTC.
Numbers ending in ``_s`` are seconds. NULL means unknown or not yet, never zero.

``calls``: contacts and what is owed to callers; ``ticketing``: tickets and their PINs; ``sound``: recordings and their words;
``quality``: what was found in them; ``citizens``: what people are told and asked; ``people``: staff, roster, guests; ``cloud``:
cloud seats; ``steering``: what is decided while the house runs; ``access``: accounts and the audit; ``workings``: journal,
counters, jobs, gaps; ``base``: what all are made of. Everybody imports tables from here.
"""

from callcenter.store.schema.access import accounts, audit, idempotency, sessions
from callcenter.store.schema.base import UtcDateTime, metadata
from callcenter.store.schema.calls import (
    IS_OWED,
    IS_UNKNOWN,
    announcements,
    contacts,
    messages_imported,
    promises,
)
from callcenter.store.schema.citizens import notice_heard, notices, outbox, rating_links, ratings, survey_asks
from callcenter.store.schema.cloud import cloud_invitations, cloud_links, cloud_roll
from callcenter.store.schema.people import guest_calls, guest_days, shift_swaps, shifts, staff
from callcenter.store.schema.quality import (
    qa_assessments,
    qa_draws,
    qa_findings,
    qa_notes,
    qa_plans,
    qa_reviews,
)
from callcenter.store.schema.sound import (
    earlier_transcripts,
    legal_holds,
    recording_peaks,
    recordings,
    transcript_texts,
    transcripts,
)
from callcenter.store.schema.steering import (
    flow_versions,
    house_settings,
    predictions,
    prompt_versions,
    rebalances,
    seat_assignments,
    seat_skills,
)
from callcenter.store.schema.ticketing import pin_failures, ticket_pins, ticket_work, tickets
from callcenter.store.schema.workings import IS_WALK, counters, gaps, jobs, journal

__all__ = [
    "IS_OWED",
    "IS_UNKNOWN",
    "IS_WALK",
    "UtcDateTime",
    "accounts",
    "announcements",
    "audit",
    "cloud_invitations",
    "cloud_links",
    "cloud_roll",
    "contacts",
    "counters",
    "earlier_transcripts",
    "flow_versions",
    "gaps",
    "guest_calls",
    "guest_days",
    "house_settings",
    "idempotency",
    "jobs",
    "journal",
    "legal_holds",
    "messages_imported",
    "metadata",
    "notice_heard",
    "notices",
    "outbox",
    "pin_failures",
    "predictions",
    "promises",
    "prompt_versions",
    "qa_assessments",
    "qa_draws",
    "qa_findings",
    "qa_notes",
    "qa_plans",
    "qa_reviews",
    "rating_links",
    "ratings",
    "rebalances",
    "recording_peaks",
    "recordings",
    "seat_assignments",
    "seat_skills",
    "sessions",
    "shift_swaps",
    "shifts",
    "staff",
    "survey_asks",
    "ticket_pins",
    "ticket_work",
    "tickets",
    "transcript_texts",
    "transcripts",
]
