"""Fields and times that the operations of quality share."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, Field

from callcenter.web.api.common import paragraphs
from callcenter.web.refusals import Refusal
from callcenter.web.routes import PATH_IDS, Call, Params
from recordings.core.qa.rules import RULE_ID
from recordings.core.qa.scorecard import CARD_ID

SPAN_MAX = timedelta(days=400)
TEXT_MAX = 2000

Text = Annotated[str, AfterValidator(paragraphs), Field(max_length=TEXT_MAX)]
SomeText = Annotated[Text, Field(min_length=1)]
Seat = Annotated[str, Field(pattern=f"^{PATH_IDS['seat_id']}$")]
Recording = Annotated[str, Field(pattern=f"^{PATH_IDS['recording_id']}$")]
Card = Annotated[str, Field(pattern=f"^{CARD_ID}$")]
Rule = Annotated[str, Field(pattern=f"^{RULE_ID}$")]
Account = Annotated[str, Field(min_length=1, max_length=64)]


class SpanQuery(Params):
    """Which time. Without ``until``: up to now."""

    from_: AwareDatetime | None = Field(None, alias="from")
    until: AwareDatetime | None = None


def span(call: Call[Any, Any], asked: SpanQuery, usual: timedelta) -> tuple[datetime, datetime]:
    """From and until; without ``from``: the ``usual`` time before.

    Raises:
        Refusal: 422: nothing lies between them, or more than ``SPAN_MAX``.
    """
    until = asked.until or call.ports.clock.at()
    since = asked.from_ or until - usual
    if not timedelta() < until - since <= SPAN_MAX:
        raise Refusal(422, "bad_query", f"'from' comes before 'until', at most {SPAN_MAX.days} days")
    return since, until
