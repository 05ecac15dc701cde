"""The figures of a day (SCENARIOS.md 9), computed from its event log.

Invariant: nothing but parameters, citizens and log goes in (predictions apart, which no log column holds), so the
figures cannot differ from the log. A rate without a denominator is ``None``.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from callcenter.sim.log import Entry
from callcenter.sim.params import Params, ms, threshold
from callcenter.sim.person import Outcome
from callcenter.sim.trace import Citizens
from callcenter.sim.usage import SeatUse, seat_use

Figures = dict[str, float | int | None]

_SERVED = (Outcome.LIVE, Outcome.CALLBACK, Outcome.SELF, Outcome.MESSAGE)
_QUICK = 15_000
_HUMAN = (Outcome.LIVE, Outcome.CALLBACK)


@dataclass(slots=True)
class CitizenDay:
    """What the log says about one citizen. Instants in ms."""

    attempts: int = 0
    answered_at: int | None = None
    answered_attempt: int = 0
    reached_at: int | None = None
    is_self: bool = False
    message_left: bool = False
    reviewed_at: int | None = None
    accepted_at: int | None = None
    first_missed_at: int | None = None
    is_unreached: bool = False
    pending: bool = False
    on_line: bool = False
    greeted_at: int = 0
    queued_at: int | None = None
    promised: tuple[int, int] | None = None

    @property
    def outcome(self) -> Outcome:
        """The first that applies (9.1)."""
        for applies, outcome in (
            (self.answered_at is not None, Outcome.LIVE),
            (self.reached_at is not None, Outcome.CALLBACK),
            (self.is_self, Outcome.SELF),
            (self.reviewed_at is not None, Outcome.MESSAGE),
            (self.message_left, Outcome.MESSAGE_OPEN),
            (self.pending, Outcome.PENDING),
            (self.on_line, Outcome.ON_LINE),
            (self.is_unreached, Outcome.UNREACHED),
        ):
            if applies:
                return outcome
        return Outcome.LOST


@dataclass(slots=True)
class Waits:
    """Waiting times in ms: from the end of the greeting, and from joining the queue."""

    all: list[int] = field(default_factory=list)
    queue: list[int] = field(default_factory=list)
    answered: list[int] = field(default_factory=list)
    urgent: list[int] = field(default_factory=list)
    urgent_answered: list[int] = field(default_factory=list)
    hits: int = 0
    announced: int = 0
    announced_all: int = 0
    errors: list[float] = field(default_factory=list)


def measure(
    params: Params, citizens: Citizens, log: Sequence[Entry], predictions: dict[tuple[int, int], float]
) -> Figures:
    """All figures of section 9. ``predictions``: expected wait in seconds by citizen and attempt."""
    return _Reader(params, citizens, predictions).figures(log)


class _Reader:
    """Walks through a log once."""

    def __init__(self, params: Params, citizens: Citizens, predictions: dict[tuple[int, int], float]) -> None:
        self._params, self._citizens, self._predictions = params, citizens, predictions
        self._days = [CitizenDay() for _ in range(len(citizens))]
        self._ranges: dict[int, tuple[int, int]] = {}
        self._waits = Waits()
        self._count: Counter[str] = Counter()
        self._promises: list[int] = []
        self._delays: list[int] = []
        self._quick = 0
        self._channels = self._waiting = self._channels_max = self._queue_max = 0
        self._pending_late: int | None = None
        self._greeting = ms(params.prompts.greeting_s)
        self._late = ms(params.day.callback_to_s)

    def figures(self, log: Sequence[Entry]) -> Figures:
        for entry in log:
            if entry.t_ms >= self._late and self._pending_late is None:
                self._pending_late = self._count_pending()
            self._count[entry.event] += 1
            if isinstance(entry.cid, int):
                self._read(entry, self._days[entry.cid])
        use = seat_use(self._params, log)
        return self._rates() | self._calls() | self._waiting_times() | self._work(use)

    def _read(self, entry: Entry, day: CitizenDay) -> None:
        now = entry.t_ms
        match entry.event:
            case "attempt":
                day.attempts += 1
                day.on_line = True
                self._channels += 1
                self._channels_max = max(self._channels_max, self._channels)
                day.greeted_at, day.queued_at = now + self._greeting, None
            case "busy":
                self._hang_up(day)
                day.first_missed_at = day.first_missed_at if day.first_missed_at is not None else now
            case "heard" if entry.a == "status" and entry.b == 1:
                self._count["status_calls"] += 1
                self._hang_up(day)
            case "heard" if entry.a == "callback_waiting" and entry.b == 1:
                self._leave_queue(entry, day)
            case "queue":
                day.queued_at = now
                self._ranges[int(entry.cid)] = (int(entry.a), int(entry.b))
                self._waiting += 1
                self._queue_max = max(self._queue_max, self._waiting)
            case "abandon":
                self._leave_queue(entry, day)
                self._hang_up(day)
                day.first_missed_at = day.first_missed_at if day.first_missed_at is not None else now
            case "missed":
                day.pending = True
            case "self_done":
                day.is_self, day.pending = True, False
                self._hang_up(day)
            case "cb_accepted":
                day.pending, day.accepted_at = True, now
                self._hang_up(day)
            case "message":
                day.message_left = True
                self._hang_up(day)
            case "answer":
                self._answer(entry, day)
            case "hangup":
                self._hang_up(day)
            case "reached":
                self._reach(entry, day)
            case "unreached":
                day.is_unreached, day.pending = True, False
            case "reviewed":
                day.reviewed_at = now
            case _:
                pass

    def _hang_up(self, day: CitizenDay) -> None:
        day.on_line = False
        self._channels -= 1

    def _answer(self, entry: Entry, day: CitizenDay) -> None:
        waited = entry.t_ms - day.greeted_at
        day.answered_at, day.answered_attempt, day.pending = entry.t_ms, day.attempts, False
        self._quick += waited <= _QUICK
        self._waits.answered.append(0 if day.queued_at is None else entry.t_ms - day.queued_at)
        if self._citizens.urgent[int(entry.cid)]:
            self._waits.urgent_answered.append(waited)
        if day.queued_at is None:
            self._note_wait(entry, day, 0)
        else:
            self._leave_queue(entry, day)

    def _leave_queue(self, entry: Entry, day: CitizenDay) -> None:
        if day.queued_at is None:
            raise AssertionError("he does not wait")
        waited = entry.t_ms - day.queued_at
        self._waiting -= 1
        self._note_wait(entry, day, waited)
        self._judge_range(entry, day, waited)
        day.queued_at = None

    def _note_wait(self, entry: Entry, day: CitizenDay, waited: int) -> None:
        self._waits.queue.append(waited)
        self._waits.all.append(entry.t_ms - day.greeted_at)
        if self._citizens.urgent[int(entry.cid)]:
            self._waits.urgent.append(entry.t_ms - day.greeted_at)

    def _judge_range(self, entry: Entry, day: CitizenDay, waited: int) -> None:
        low, high = self._ranges[int(entry.cid)]
        self._waits.announced_all += 1
        if entry.event == "answer":
            self._waits.announced += 1
            self._waits.hits += low * 1000 <= waited <= high * 1000
            predicted = self._predictions.get((int(entry.cid), day.attempts))
            if predicted is not None:
                self._waits.errors.append(predicted - waited / 1000)
        elif waited > high * 1000:
            self._waits.announced += 1

    def _reach(self, entry: Entry, day: CitizenDay) -> None:
        day.reached_at, day.pending = entry.t_ms, False
        spoke = entry.t_ms + ms(self._params.callback.ring_s)
        since = next(
            at
            for at in (
                day.reviewed_at,
                day.accepted_at,
                day.first_missed_at,
                self._citizens.t0[int(entry.cid)],
            )
            if at is not None
        )
        self._promises.append(spoke - since)
        self._delays.append(spoke - self._citizens.t0[int(entry.cid)])

    def _count_pending(self) -> int:
        return sum(day.outcome is Outcome.PENDING for day in self._days)

    def _count_contact_open(self) -> int:
        needs_call = threshold(self._params.message.p_contact)
        return sum(
            day.outcome is Outcome.MESSAGE and self._citizens.draw("u_contact", cid) < needs_call
            for cid, day in enumerate(self._days)
        )

    def _rates(self) -> Figures:
        surge = [day.outcome for day, flag in zip(self._days, self._citizens.surge, strict=True) if flag]
        everybody = [day.outcome for day in self._days]
        figures: Figures = {"citizens": len(everybody), "surge_citizens": len(surge)}
        for prefix, outcomes in (("", everybody), ("surge_", surge)):
            figures[f"{prefix}captured_rate"] = _rate(
                sum(o is not Outcome.LOST for o in outcomes), len(outcomes)
            )
            figures[f"{prefix}served_same_day_rate"] = _rate(
                sum(o in _SERVED for o in outcomes), len(outcomes)
            )
            figures[f"{prefix}human_same_day_rate"] = _rate(sum(o in _HUMAN for o in outcomes), len(outcomes))
        counted = Counter(everybody)
        return figures | {f"share_{o.value}": _rate(counted[o], len(everybody)) for o in Outcome}

    def _calls(self) -> Figures:
        count = self._count
        attempts, answered, abandoned = count["attempt"], count["answer"], count["abandon"]
        quick = self._quick
        first = sum(day.answered_attempt == 1 for day in self._days)
        diverted = count["cb_accepted"] + count["message"]
        return {
            "attempts": attempts,
            "attempts_per_citizen": _rate(attempts, len(self._days)),
            "busy": count["busy"],
            "abandoned": abandoned,
            "answered": answered,
            "status_calls": count["status_calls"],
            "connect_rate_call": _rate(answered, attempts),
            "connect_rate_agent": _rate(answered, answered + abandoned + diverted),
            "sl15_call": _rate(quick, attempts),
            "sl15_c": _rate(quick, answered + abandoned),
            "first_attempt_live": _rate(first, len(self._days)),
        }

    def _waiting_times(self) -> Figures:
        waits = self._waits
        errors = waits.errors
        return {
            "wait_mean_all_s": _mean(waits.all),
            "wait_p95_all_s": _quantile(waits.all, 0.95),
            "queue_wait_mean_s": _mean(waits.queue),
            "queue_wait_p95_s": _quantile(waits.queue, 0.95),
            "answered_wait_mean_s": _mean(waits.answered),
            "answered_wait_p95_s": _quantile(waits.answered, 0.95),
            "urgent_attempt_wait_p95_s": _quantile(waits.urgent, 0.95),
            "urgent_answered_p95_s": _quantile(waits.urgent_answered, 0.95),
            "callback_promise_p50_s": _quantile(self._promises, 0.5),
            "callback_promise_p95_s": _quantile(self._promises, 0.95),
            "callback_delay_p50_s": _quantile(self._delays, 0.5),
            "callback_delay_p95_s": _quantile(self._delays, 0.95),
            "ewt_hit_rate": _rate(waits.hits, waits.announced),
            "ewt_rmse_s": (sum(e * e for e in errors) / len(errors)) ** 0.5 if errors else None,
            "ewt_bias_s": sum(errors) / len(errors) if errors else None,
            "ewt_n": waits.announced_all,
        }

    def _work(self, use: SeatUse) -> Figures:
        pending = self._count_pending()
        answered = self._count["answer"]
        return {
            "callback_dials": self._count["dial"],
            "pending_2100": pending if self._pending_late is None else self._pending_late,
            "pending_2400": pending,
            "occupancy": _rate(use.work_ms, use.logged_in_ms),
            "seat_hours": use.logged_in_ms / 3_600_000,
            "work_hours": use.work_ms / 3_600_000,
            "messages_reviewed": self._count["reviewed"],
            "messages_open": sum(day.outcome is Outcome.MESSAGE_OPEN for day in self._days),
            "message_work_h": use.review_ms / 3_600_000,
            "message_contact_open": self._count_contact_open(),
            "channels_max": min(
                self._channels_max, self._params.lines.inbound_channels
            ),  # a busy call took none
            "queue_max": self._queue_max,
            "partner_share": _rate(use.overflow, answered),
        }


def _rate(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _mean(values: list[int]) -> float | None:
    return sum(values) / len(values) / 1000 if values else None


def _quantile(values: list[int], q: float) -> float | None:
    """The value in seconds at index min(m - 1, floor(q*m)) of the sorted ones."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))] / 1000 if ordered else None
