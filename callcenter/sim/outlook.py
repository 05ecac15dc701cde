"""Counts what a simulated span comes to, in the figures of a what-if.

Invariant: only the event log and the people's places are read, and each entry once.
"""

from callcenter.sim.log import Entry
from queues.core.what_if import QUICK_S, Figures

_QUICK_MS = QUICK_S * 1000


class Tally:
    """Counts from ``began`` (ms) on. ``waiting``: since when (ms) each caller in line has waited; ``others``: on the line."""

    def __init__(self, began: int, waiting: dict[int, int], others: tuple[int, ...]) -> None:
        self._line = dict(waiting)
        self._citizens = {*waiting, *others}
        self._met: set[int] = set()
        self._waits: list[int] = []
        self._attempts = len(self._citizens)
        self._answered = self._quick = self._abandoned = self._diverted = 0
        self._read = 0
        self.busy_s = self.staffed_s = self.seats_seen = 0.0
        """Seats at work and on duty, summed over looks; how often was looked."""

    def look(self, busy: int, staffed: int) -> None:
        """The seats at one of many equally distant moments."""
        self.busy_s += busy
        self.staffed_s += staffed
        self.seats_seen += 1

    def read(self, log: list[Entry]) -> None:
        """Take in what is new in the log."""
        for entry in log[self._read :]:
            if isinstance(entry.cid, int):
                self._take(entry, entry.cid)
        self._read = len(log)

    def figures(self, now: int, owed: int) -> Figures:
        """What it comes to until ``now`` (ms). ``owed``: open promises."""
        waits = sorted([*self._waits, *(now - since for since in self._line.values())])
        requests = self._answered + self._abandoned + self._diverted + len(self._line)
        return Figures(
            attempts=self._attempts,
            answered=self._answered,
            answered_share=_share(self._answered, requests),
            served_within_share=_share(self._quick, self._answered + self._abandoned),
            abandoned_share=_share(self._abandoned, requests),
            mean_wait_s=sum(waits) / len(waits) / 1000 if waits else None,
            p95_wait_s=waits[min(len(waits) - 1, int(0.95 * len(waits)))] / 1000 if waits else None,
            occupancy=_share(self.busy_s, self.staffed_s),
            callbacks_open_end=owed,
            human_share=_share(len(self._met & self._citizens), len(self._citizens)),
            waiting_end=len(self._line),
            seats=self.staffed_s / self.seats_seen if self.seats_seen else 0.0,
        )

    def _take(self, entry: Entry, cid: int) -> None:
        match entry.event:
            case "attempt":
                self._attempts += 1
                self._citizens.add(cid)
            case "queue":
                self._line[cid] = entry.t_ms
            case "answer":
                self._answered += 1
                self._quick += self._leave(cid, entry.t_ms) <= _QUICK_MS
                self._met.add(cid)
            case "abandon":
                self._abandoned += 1
                self._leave(cid, entry.t_ms)
            case "cb_accepted" | "message":
                self._divert(cid, entry.t_ms)
            case "heard" if entry.a == "status" and entry.b:
                self._divert(cid, entry.t_ms)
            case "reached":
                self._met.add(cid)
            case _:
                pass

    def _divert(self, cid: int, now: int) -> None:
        self._diverted += 1
        if cid in self._line:
            self._leave(cid, now)

    def _leave(self, cid: int, now: int) -> int:
        """He waits no longer: how long he did; who was answered at once did not."""
        waited = now - self._line.pop(cid, now)
        self._waits.append(waited)
        return waited


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
