"""A day whose afternoon was flooded, and what was promised to its callers."""
# ruff: noqa: D102  each method is described by the port that it stands in for

from datetime import UTC, datetime, timedelta
from typing import Final

from web_fakes import SHANGHAI, START
from web_fakes.callbacks import FakeCallbacks
from web_fakes.figures import FakeFigures
from web_fakes.foresight import CITIZENS

from busy_house.floor import HOME, number_of
from callcenter.core.ids import ContactId
from callcenter.reports.core.report import Counting, Report
from callcenter.reports.core.rows import Announcement, ContactRow, DayRows
from callcenter.web.ports.callbacks import CallbackFilter
from callcenter.web.views import Page
from callcenter.web.views.callbacks import CallbackView

SURGE_HOURS: Final = {14: 2.2, 15: 3.1, 16: 4.4}
"""How many times as many called in these hours."""


class BusyFigures(FakeFigures):
    """A day whose afternoon was flooded; nine of eleven announced waits came true."""

    async def report(self, window: str) -> Report:
        counting = Counting(self._today(), self.clock.at())
        told = [_announced(self.clock.at(), n) for n in range(44)]
        counting.add_day(DayRows(self._today(), self.contacts, (), told))
        return counting.report(self._gaps())


class BusyCallbacks(FakeCallbacks):
    """A list of promises as long as a surge makes it; each may be closed or put off."""

    async def _require(self, contact_id: ContactId) -> None:
        return None

    async def list(self, which: CallbackFilter, limit: int, offset: int) -> Page[CallbackView]:
        told = await super().list(which, limit, offset)
        first = self.entries()[0]
        grounds = ("missed", "missed", "accepted", "message")
        more = [
            first.model_copy(
                update={
                    "contact_id": f"o-{n}",
                    "citizen": number_of(n),
                    "ground": grounds[n % 4],
                    "attempts": 1 + n % 4,
                    "tries": n % 3,
                    "made_at": START - timedelta(minutes=7 * n),
                    "due_at": None if n % 7 == 3 else START + timedelta(minutes=4 * n - 20),
                    "ticket_no": f"20261122-{n:06}" if n % 4 == 3 else None,
                }
            )
            for n in range(30)
        ]
        found = [row for row in more if which.ground in (None, row.ground) and which.state != "closed"]
        return Page(items=found[offset:][:limit] or told.items, total=177, filtered=177)


def day_contacts() -> list[ContactRow]:
    """Who called today until now: as expected, and in the afternoon many times as many."""
    midnight = START.astimezone(SHANGHAI).replace(hour=0, minute=0)
    rows: list[ContactRow] = []
    for hour, expected in enumerate(CITIZENS):
        came = int(expected * SURGE_HOURS.get(hour, 0.9 + 0.03 * (hour % 5)))
        for n in range(came):
            at = (midnight + timedelta(hours=hour, seconds=3600 * n / came)).astimezone(UTC)
            if at < START:
                rows.append(_contact(len(rows), at, hour in SURGE_HOURS))
    return rows


def _contact(n: int, at: datetime, in_surge: bool) -> ContactRow:
    wait_s = 15.0 + (n * 37) % 400 if in_surge else 4.0 + n % 9
    fate = ("answered", "answered", "abandoned", "callback", "message")[n % 5] if in_surge else "answered"
    end = at + timedelta(seconds=wait_s)
    is_answered = fate == "answered" or (n % 11 != 0 and not in_surge)
    talked_until = end + timedelta(seconds=180)
    return ContactRow(
        f"k-{n}",
        number_of(n),
        "controller",
        "answered" if is_answered else fate,
        at,
        at,
        end if is_answered else None,
        talked_until if is_answered else None,
        talked_until if is_answered else end,
        180.0 if is_answered else None,
        HOME[n % 17] if is_answered else None,
    )


def _announced(now: datetime, n: int) -> Announcement:
    at = now - timedelta(minutes=20 + 3 * n)
    return Announcement(at, 60, 180, at + timedelta(seconds=100 if n % 11 < 9 else 400))
