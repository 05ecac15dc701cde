"""The contact ledger, the gaps in its figures, its comparison with Asterisk's books, and the audit."""

from datetime import datetime

from pydantic import Field

from callcenter.web.views import Number, Said, View


class ContactView(View):
    """One contact: a row of the ledger. ``answers_contact_id``: of a call-back, what it answers. Lists show no statement."""

    contact_id: str
    citizen: Number
    called: str
    source: str = Field(
        description="controller, found, survival, books; callback: begun by us; partner: helped for another city"
    )
    state: str
    outcome: str | None = Field(description="null while the contact lives")
    arrived_at: datetime
    queued_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    queue: str | None
    seat_id: str | None
    wait_s: float | None
    talk_s: float | None
    answers_contact_id: str | None = None
    statement: Said = Field(
        None,
        description="what was stated while waiting for a seat, numbers of persons as stars; null: nothing, or not yet",
    )
    statement_id: str | None = Field(None, description="the recording of the statement")
    last_step: str | None = Field(None, description="of the walk through the flows, flow.step; null: none")


class GapView(View):
    """A time without events from Asterisk: figures of that time are incomplete."""

    opened_at: datetime
    closed_at: datetime | None
    reason: str


class LedgerReport(View):
    """The ledger beside Asterisk's own books. ``differences``: each named, numbers never."""

    clean: bool
    since: datetime | None = None
    until: datetime
    contacts: int
    book_entries: int
    differences: list[dict[str, str]]


class AuditView(View):
    """Who touched personal data, when and why."""

    at: datetime
    by: str
    action: str
    resource: str
    why: str


class AuditProofView(View):
    """What a proof of the audit's chain found."""

    entries: int = Field(ge=0, description="entries that fit")
    head: str = Field(description="hash of the last of them: note it elsewhere, and a cut end shows")
    broken_at: int | None = Field(description="number of the first entry that does not fit; null: all do")
