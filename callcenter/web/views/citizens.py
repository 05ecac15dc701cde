"""Answers about citizens' matters: the outbox, satisfaction, PINs.

Invariants: what a message says is never shown, since it may hold a PIN; a rate never leaves without its parts.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from callcenter.outbox.store import Entry
from callcenter.reports.core.formulas import Figure
from callcenter.reports.core.ratings import RATING_FORMULAS, RatedTalk, Satisfaction, by_seat, satisfaction
from callcenter.reports.core.windows import Window
from callcenter.web.views import Number, View
from callcenter.web.views.figures import FigureView, WindowView

Share = Annotated[float, Field(ge=0, le=1)]


class MessageView(View):
    """One message of the outbox, without what it says."""

    id: int
    kind: str = Field(description="missed, ticket, rating, article or cloud")
    about: str = Field(description="contact, ticket, article or seat")
    citizen: Number
    state: Literal["waiting", "sent", "failed"]
    made_at: datetime
    due_at: datetime | None = Field(description="null: it is over")
    tries: int = Field(ge=0)
    sent_at: datetime | None
    failed: str = Field(description="why nobody tries any more; empty: it has not failed")
    can_retry: bool = Field(description="false: what it says is forgotten by now")


class OutboxView(View):
    """The outbox (发件箱)."""

    gateway: str = Field(description="http, smtp, or none: not configured, messages are kept")
    trouble: str = Field(description="why the last try failed; empty: it did not")
    waiting: int = Field(ge=0)
    items: list[MessageView]


class RetryView(View):
    """A failed message waits again."""

    id: int
    state: Literal["waiting"] = "waiting"


class IntervalView(View):
    """The Wilson interval of a rate: the true one lies in it 95 times of 100."""

    low: Share
    high: Share


class SatisfactionView(View):
    """What citizens said of talks (满意度). No answer is never "satisfied"."""

    due: int = Field(ge=0, description="talks of at least 20 s, asked or not")
    rated: int = Field(ge=0)
    silent: int = Field(ge=0, description="nobody rated them; they count as nothing")
    grades: dict[int, int] = Field(description="1 very dissatisfied to 5 very satisfied -> how many")
    by: dict[str, int] = Field(description="by key or by link -> how many")
    figures: list[FigureView]
    interval: IntervalView | None = Field(description="of satisfy_rate; null: nobody rated")


class RatingsView(SatisfactionView):
    """Satisfaction of a window, by the time of the calls."""

    window: WindowView
    as_of: datetime


class SeatRatingsView(SatisfactionView):
    """Satisfaction with the talks of one seat."""

    seat_id: str


class RatingsBySeatView(View):
    """Seats by number, unranked: with few ratings a difference means nothing."""

    window: WindowView
    as_of: datetime
    seats: list[SeatRatingsView]


class PinView(View):
    """A new PIN, to be told to the citizen; it is shown this once."""

    ticket_no: str
    pin: str


def message_view(entry: Entry) -> MessageView:
    """A message as lists show it."""
    return MessageView(
        id=entry.id,
        kind=entry.kind,
        about=entry.about,
        citizen=entry.number,
        state=entry.state,
        made_at=entry.made_at,
        due_at=entry.due_at if entry.state == "waiting" else None,
        tries=entry.tries,
        sent_at=entry.sent_at,
        failed=entry.failed,
        can_retry=bool(entry.failed and entry.text),
    )


def ratings_view(window: Window, as_of: datetime, talks: Sequence[RatedTalk], zone: ZoneInfo) -> RatingsView:
    """All talks of a window."""
    return RatingsView(
        window=_window(window, zone), as_of=as_of.astimezone(zone), **_parts(satisfaction(talks))
    )


def seats_view(
    window: Window, as_of: datetime, talks: Sequence[RatedTalk], zone: ZoneInfo
) -> RatingsBySeatView:
    """The talks of a window by seat."""
    seats = [SeatRatingsView(seat_id=seat, **_parts(counted)) for seat, counted in by_seat(talks).items()]
    return RatingsBySeatView(window=_window(window, zone), as_of=as_of.astimezone(zone), seats=seats)


def _parts(counted: Satisfaction) -> dict[str, Any]:
    interval = counted.interval
    return {
        "due": counted.due,
        "rated": counted.rated,
        "silent": counted.silent,
        "grades": dict(counted.grades),
        "by": dict(counted.by),
        "figures": [_figure(figure) for figure in counted.figures],
        "interval": IntervalView(low=interval.low, high=interval.high) if interval else None,
    }


def _figure(figure: Figure) -> FigureView:
    formula = RATING_FORMULAS[figure.formula]
    return FigureView(
        formula=figure.formula,
        zh=formula.zh,
        en=formula.en,
        value=figure.value,
        numerator=figure.numerator,
        denominator=figure.denominator,
        unit="ratio",
        scope="all",
    )


def _window(window: Window, zone: ZoneInfo) -> WindowView:
    from_at, until_at = window.from_at.astimezone(zone), window.until_at.astimezone(zone)
    return WindowView(from_at=from_at, until_at=until_at, time_zone=zone.key)
