"""What really happened in a span, in the figures of a what-if: from contacts, promises and seats.

Invariant: the same definitions as in the simulation (``callcenter/sim/outlook.py``), so that both can stand side by side.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from callcenter.reports.core.rows import ContactRow, Promise
from callcenter.reports.core.seat_time import PRESENT, WORK, seat_seconds
from callcenter.reports.core.windows import Window
from callcenter.reports.store import Rows
from callcenter.store.database import Database
from queues.core.what_if import QUICK_S, Figures

BACK = timedelta(hours=3)
"""Who called so long before a span may still wait when it begins; seats show their state within this time."""
DIVERTED = ("callback", "message")


async def what_happened(database: Database, from_at: datetime, until_at: datetime) -> Figures:
    """The figures of a span that is over.

    Raises:
        PeerError: the database failed.
    """
    rows, span = Rows(database), Window(from_at, until_at)
    before = Window(from_at - BACK, until_at)
    seconds = seat_seconds(await rows.seat_changes(before), span)
    contacts, promises = await rows.contacts(before), await rows.promises(before)
    return await asyncio.to_thread(figures_of, contacts, promises, seconds, span)


def figures_of(
    contacts: Sequence[ContactRow], promises: Sequence[Promise], seat_s: Mapping[str, float], span: Window
) -> Figures:
    """The figures from rows that reach back before the span. ``seat_s``: seconds of all seats by state within it."""
    calls = [row for row in contacts if row.is_attempt and _is_of(row, span)]
    requests = [row for row in calls if _asked(row, span)]
    exits = [_exit(row, span) for row in requests]
    waits = sorted(_wait_s(row, span) for row in requests)
    answered, abandoned = exits.count("answered"), exits.count("abandoned")
    quick = sum(
        exit_ == "answered" and _wait_s(row, span) <= QUICK_S
        for row, exit_ in zip(requests, exits, strict=True)
    )
    citizens = {row.citizen for row in calls}
    met = {row.citizen for row in contacts if _within(row.answered_at, span)}
    present_s = sum(seat_s.get(state, 0.0) for state in sorted(PRESENT))
    return Figures(
        attempts=len(calls),
        answered=answered,
        answered_share=_share(answered, len(requests)),
        served_within_share=_share(quick, answered + abandoned),
        abandoned_share=_share(abandoned, len(requests)),
        mean_wait_s=_share(sum(waits), len(waits)),
        p95_wait_s=waits[min(len(waits) - 1, int(0.95 * len(waits)))] if waits else None,
        occupancy=_share(sum(seat_s.get(state, 0.0) for state in sorted(WORK)), present_s),
        callbacks_open_end=sum(_is_open(promise, span.until_at) for promise in promises),
        human_share=_share(len(met & citizens), len(citizens)),
        waiting_end=exits.count("waiting"),
        seats=present_s / (span.until_at - span.from_at).total_seconds(),
    )


def _is_of(row: ContactRow, span: Window) -> bool:
    """Whether he called within the span, or was on the line and unanswered when it began."""
    if row.arrived_at >= span.from_at:
        return row.arrived_at < span.until_at
    first = row.answered_at or row.ended_at
    return first is None or first >= span.from_at


def _asked(row: ContactRow, span: Window) -> bool:
    """Whether he waited for a person or met one within the span, or took a call-back or message instead."""
    has_waited = row.queued_at is not None and row.queued_at < span.until_at
    return has_waited or _exit(row, span) in ("answered", "abandoned", *DIVERTED)


def _exit(row: ContactRow, span: Window) -> str:
    """How it stood with him when the span ended."""
    if row.answered_at is not None and row.answered_at < span.until_at:
        return "answered"
    if row.ended_at is None or row.ended_at >= span.until_at:
        return "waiting"
    return row.outcome or "waiting"


def _wait_s(row: ContactRow, span: Window) -> float:
    """Seconds in line until the answer, the end, or the span's end."""
    if row.queued_at is None:
        return 0.0
    ends = [at for at in (row.answered_at, row.ended_at, span.until_at) if at is not None]
    return max(0.0, (min(ends) - row.queued_at).total_seconds())


def _is_open(promise: Promise, at: datetime) -> bool:
    """Whether a citizen was owed a call or a hearing at that time."""
    is_made = promise.made_at < at and (promise.closed_at is None or promise.closed_at >= at)
    return is_made and (promise.reviewed_at is None or promise.reviewed_at >= at)


def _within(at: datetime | None, span: Window) -> bool:
    return at is not None and span.from_at <= at < span.until_at


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
