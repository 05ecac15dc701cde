"""The contact ledger: every inbound attempt, the gaps in its figures, and the comparison with the second book."""

from pydantic import AwareDatetime, Field

from callcenter.core.messages.calls import Outcome
from callcenter.web.api.common import Paging, Unmasking, may_unmask
from callcenter.web.ports.audit import AuditFilter
from callcenter.web.ports.ledger import ContactFilter
from callcenter.web.refusals import unknown
from callcenter.web.roles import Permission
from callcenter.web.routes import PATH_IDS, Call, Nothing, Operation, Params, Reply, operation
from callcenter.web.views import UNMASK, Page
from callcenter.web.views.ledger import AuditProofView, AuditView, ContactView, GapView, LedgerReport


class ContactQuery(Paging):
    """Which contacts. ``from`` inclusive, ``until`` exclusive, both by arrival."""

    from_: AwareDatetime | None = Field(None, alias="from")
    until: AwareDatetime | None = None
    outcome: Outcome | None = None
    queue: str | None = Field(None, pattern=f"^{PATH_IDS['queue']}$")
    seat_id: str | None = Field(None, pattern=f"^{PATH_IDS['seat_id']}$")


class AuditQuery(Paging):
    """Which entries. ``action``: exact, or ``session.`` for all that begin so; ``of``: part of what it was done to."""

    by: str | None = Field(None, max_length=80)
    action: str | None = Field(None, pattern=r"^[a-z_.]{1,60}$")
    of: str | None = Field(None, max_length=120)
    from_: AwareDatetime | None = Field(None, alias="from")
    until: AwareDatetime | None = None


class GapQuery(Params):
    """How many."""

    limit: int = Field(50, ge=1, le=500)


@operation("GET", "/contacts", may=Permission.READ_CONTACTS, zh="来电台账", en="Contacts, newest first")
async def list_contacts(call: Call[ContactQuery, Nothing]) -> Page[ContactView]:
    """A part of the ledger."""
    query = call.query
    which = ContactFilter(query.from_, query.until, query.outcome, query.queue, query.seat_id)
    return await call.ports.contacts.list(which, query.limit, query.offset)


@operation("GET", "/contacts/{contact_id}", may=Permission.READ_CONTACTS, zh="来电", en="One contact")
async def get_contact(call: Call[Unmasking, Nothing]) -> Reply[ContactView]:
    """One inbound attempt."""
    contact = await call.ports.contacts.get(call.contact_id)
    if contact is None:
        raise unknown("contact", call.contact_id)
    shown = await may_unmask(call, call.query, f"contact/{call.contact_id}")
    return Reply(contact, context=UNMASK if shown else None)


@operation(
    "GET", "/gaps", may=Permission.READ_CONTACTS, zh="数据缺口", en="Times without events, newest first"
)
async def list_gaps(call: Call[GapQuery, Nothing]) -> Page[GapView]:
    """When figures are incomplete."""
    gaps = await call.ports.gaps.list(call.query.limit)
    return Page.whole(gaps)


@operation("GET", "/ledger/check", may=Permission.CHECK_LEDGER, zh="台账核对", en="Compare the two books")
async def check_ledger(call: Call[Nothing, Nothing]) -> LedgerReport:
    """Every difference between the ledger and Asterisk's own records."""
    return await call.ports.ledger.check()


@operation(
    "GET", "/audit", may=Permission.READ_AUDIT, zh="审计记录", en="Accesses to personal data, newest first"
)
async def list_audit(call: Call[AuditQuery, Nothing]) -> Page[AuditView]:
    """Who, when, what, why."""
    query = call.query
    which = AuditFilter(query.by, query.action, query.of, query.from_, query.until)
    return await call.ports.audit.list(query.limit, query.offset, which)


@operation(
    "GET", "/audit/proof", may=Permission.READ_AUDIT, zh="审计链校验", en="Whether the audit's chain is whole"
)
async def prove_audit(call: Call[Nothing, Nothing]) -> AuditProofView:
    """Every entry carries the hash of the one before: what was changed, inserted or removed by hand breaks the chain."""
    return await call.ports.audit.prove()


OPERATIONS: tuple[Operation, ...] = (
    list_contacts,
    get_contact,
    list_gaps,
    check_ledger,
    list_audit,
    prove_audit,
)
