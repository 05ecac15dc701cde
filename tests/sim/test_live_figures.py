"""The live figures agree with the simulator's: two programs, one day, the same numbers.

The simulator measures a day from its own event log; here the same log becomes contacts, promises and announcements.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from surge_days import public_day, simulated

from callcenter.reports.core.citizens import Scope
from callcenter.reports.core.formulas import FORMULAS
from callcenter.reports.core.report import Counting, Report
from callcenter.reports.core.rows import Announcement, ContactRow, DayRows, Promise
from callcenter.reports.core.windows import day_window
from callcenter.sim.log import Entry
from callcenter.sim.metrics import Figures

pytestmark = pytest.mark.sim

DAY = day_window(date(2026, 11, 21), ZoneInfo("Asia/Shanghai"))
RING_S = 12.0
ENDS = {"busy": "blocked", "abandon": "abandoned", "cb_accepted": "callback", "message": "message"}
GROUNDS = {"missed": "missed", "cb_accepted": "accepted", "message": "message"}


@dataclass
class Books:
    """What the product would have written down about a simulated day. ``greeting_s``: after it a person is asked for."""

    greeting_s: float
    contacts: dict[str, ContactRow] = field(default_factory=dict)
    promises: dict[str, Promise] = field(default_factory=dict)
    told: dict[str, tuple[datetime, float, float]] = field(default_factory=dict)
    live: dict[str, str] = field(default_factory=dict)
    firsts: dict[str, datetime] = field(default_factory=dict)

    def write(self, log: Iterable[Entry]) -> DayRows:
        """All of it."""
        for number, entry in enumerate(log):
            if isinstance(entry.cid, int):
                self._note(
                    entry, str(entry.cid), f"c{number}", DAY.from_at + timedelta(milliseconds=entry.t_ms)
                )
        contacts = sorted(self.contacts.values(), key=lambda row: row.arrived_at)
        return DayRows(DAY, contacts, list(self.promises.values()), list(self._announcements()))

    def _note(self, entry: Entry, who: str, new_id: str, at: datetime) -> None:
        match entry.event:
            case "attempt":
                self.live[who] = new_id
                self.contacts[new_id] = ContactRow(new_id, who, "controller", None, at)
            case "queue":
                self.told[self.live[who]] = (at, float(entry.a), float(entry.b))
                self._ask(who)
            case "answer":
                self._ask(who)
                self._change(who, outcome="answered", answered_at=at, talk_s=60.0)
                self._close(who, "answered", at)
            case "self_done":
                self._change(who, outcome="self_resolved", ended_at=at)
                self._close(who, "self_resolved", at)
            case "heard" if (entry.a, entry.b) == ("status", 1):
                self._change(who, outcome="left_early", ended_at=at)
            case "heard" if (entry.a, entry.b) == ("callback_waiting", 1):
                self._change(who, ended_at=at)
            case "busy" | "abandon" | "cb_accepted" | "message":
                self._change(who, outcome=ENDS[entry.event], ended_at=at)
            case "reviewed":
                self.promises[who] = self.promises[who]._replace(reviewed_at=at)
            case "reached":
                self._reach(who, new_id, at + timedelta(seconds=RING_S))
            case "unreached":
                self._close(who, "unreached", at)
            case _:
                pass
        if entry.event in GROUNDS:
            self._promise(who, GROUNDS[entry.event], at)

    def _ask(self, who: str) -> None:
        """He is in the line; asked for a person when the greeting ended."""
        row = self.contacts[self.live[who]]
        self._change(who, queued_at=row.arrived_at + timedelta(seconds=self.greeting_s))

    def _change(self, who: str, **changes: object) -> None:
        row = self.contacts[self.live[who]]
        if row.ended_at is not None:
            changes.pop("ended_at", None)
        self.contacts[row.contact_id] = row._replace(**changes)  # type: ignore[arg-type]  # fields by name

    def _promise(self, who: str, ground: str, at: datetime) -> None:
        old = self.promises.get(who)
        made_at = at if old is None or (old.ground, ground) != ("missed", "missed") else old.made_at
        self.promises[who] = Promise(who, self.live[who], ground, True, made_at)

    def _close(self, who: str, why: str, at: datetime) -> None:
        if who in self.promises:
            self.promises[who] = self.promises[who]._replace(closed_at=at, why=why)

    def _reach(self, who: str, new_id: str, at: datetime) -> None:
        self.contacts[new_id] = ContactRow(
            new_id, who, "callback", "answered", at, answered_at=at, ended_at=at, talk_s=60.0
        )
        self._close(who, "kept", at)
        self.promises[who] = self.promises[who]._replace(talk_at=at, talk_s=60.0)

    def _announcements(self) -> Iterable[Announcement]:
        for contact_id, (at, low_s, high_s) in self.told.items():
            row = self.contacts[contact_id]
            yield Announcement(at, low_s, high_s, row.answered_at, row.ended_at)


SAME = {
    "attempts_per_citizen": "attempts_per_citizen",
    "connect_rate_call": "connect_rate_call",
    "connect_rate_agent": "connect_rate_agent",
    "sl15_c": "sl15_c",
    "wait_mean_all": "wait_mean_all_s",
    "wait_p95_all": "wait_p95_all_s",
    "captured_rate": "captured_rate",
    "human_same_day_rate": "human_same_day_rate",
    "served_same_day_rate": "served_same_day_rate",
    "ewt_hit_rate": "ewt_hit_rate",
}
"""Formula -> the simulator's key."""


def counted(name: str, policy: str) -> tuple[Report, Figures]:
    """A simulated day's live report, and the simulator's own figures."""
    figures, log = simulated(name, policy)
    params, _, _ = public_day(name)
    counting = Counting(DAY, DAY.until_at)
    counting.add_day(Books(params.prompts.greeting_s).write(log))
    return counting.report([]), figures


def values(report: Report) -> dict[str, float | None]:
    """Values by the names of their formulas."""
    return {FORMULAS[f.formula].name: f.value for f in report.figures if f.scope is not Scope.SURGE}


@pytest.mark.timeout(180)
@pytest.mark.parametrize(("name", "policy"), [("N1400", "A"), ("X21-1h", "A"), ("X21-1h", "engine")])
def test_the_live_formulas_give_the_simulators_figures(name: str, policy: str) -> None:
    """Rates, waits and citizens of a quiet day and of a surge, to the last digit."""
    report, figures = counted(name, policy)
    found = values(report)
    assert {key: found[key] for key in SAME} == pytest.approx({key: figures[SAME[key]] for key in SAME})
    base = ("attempts", "answered", "abandoned")
    assert [report.counters[key] for key in base] == [figures[key] for key in base]
    assert report.violations == ()


@pytest.mark.timeout(180)
@pytest.mark.parametrize("policy", ["AM", "B"])
def test_call_back_delays_agree_too(policy: str) -> None:
    """Missed-call call-backs, and offered ones: from promise to talk and from first attempt to talk."""
    report, figures = counted("N1400", policy)
    found = values(report)
    names = [f"callback_{since}_{p}" for since in ("promise", "delay") for p in ("p50", "p95")]
    assert [found[name] for name in names] == pytest.approx([figures[f"{name}_s"] for name in names])
