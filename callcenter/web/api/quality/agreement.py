"""How well reviewers agree (质检校准)."""

from datetime import timedelta

from callcenter.web.api.quality.fields import Card, SpanQuery, span
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, operation
from callcenter.web.views.quality import AgreementView


class AgreementQuery(SpanQuery):
    """Second reviews handed in in that time, by default the last 90 days."""

    card_id: Card


@operation("GET", "/qa/agreement", may=Permission.READ_QUALITY, zh="质检校准", en="How well reviewers agree")
async def get_agreement(call: Call[AgreementQuery, Nothing]) -> AgreementView:
    """Cohen's kappa for each criterion, plain and weighted."""
    since, until = span(call, call.query, timedelta(days=90))
    return await call.ports.reviews.agreement(call.query.card_id, since, until)


OPERATIONS: tuple[Operation, ...] = (get_agreement,)
