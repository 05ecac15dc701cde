"""A day on one page: waiting, seats, offers and outcomes over the hours, as SVG drawn from an event log.

Invariant: everything shown is counted from the log; the picture needs no library and no network.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from callcenter.sim.log import Entry
from callcenter.sim.params import Params, ms

STEP_MS = 300_000
WIDTH, PANEL, GAP, LEFT, TOP = 860, 118, 34, 46, 52

_SHOWN = {
    "waiting": ("#c0392b", "等待 waiting"),
    "live": ("#2e86c1", "接听 live"),
    "call-back": ("#17a589", "回拨 call-back"),
    "review": ("#b7950b", "听留言 review"),
    "staffed": ("#212f3c", "在岗 staffed"),
    "message": ("#b7950b", "留言 message"),
    "callback": ("#17a589", "预约回呼 call-back"),
    "self-service": ("#7f8c8d", "自助 self-service"),
    "missed": ("#c0392b", "漏话 missed"),
    "answered live": ("#2e86c1", "接通 answered"),
    "called back": ("#17a589", "已回拨 called back"),
    "resolved themselves": ("#7f8c8d", "自行解决 self-resolved"),
    "message reviewed": ("#b7950b", "留言成单 reviewed"),
    "asked so far": ("#212f3c", "来电累计 asked"),
}
"""Color and words of each line."""


@dataclass(frozen=True, slots=True)
class Panel:
    """Lines over the day's steps. ``stacked`` ones fill areas on top of each other; ``outline`` is drawn above."""

    title: str
    stacked: dict[str, list[float]]
    outline: dict[str, list[float]]

    @property
    def top(self) -> float:
        """The largest value shown, at least 1."""
        sums: list[float] = [sum(values) for values in zip(*self.stacked.values(), strict=True)]
        return max(1.0, *sums, *(max(values) for values in self.outline.values()))


def draw(params: Params, log: Sequence[Entry], title: str) -> str:
    """The picture of a day."""
    panels = _Reader(params).panels(log)
    height = TOP + len(panels) * (PANEL + GAP) + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="11">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        f'<text x="{LEFT}" y="20" font-size="15" font-weight="bold">{_text(title)}</text>',
    ]
    for number, panel in enumerate(panels):
        parts += _panel(panel, TOP + number * (PANEL + GAP), params.day.length_s)
    return "\n".join([*parts, "</svg>"]) + "\n"


class _Reader:
    """Counts the log in steps of five minutes."""

    def __init__(self, params: Params) -> None:
        self._params = params
        self._steps = ms(params.day.length_s) // STEP_MS + 1
        self._state: Counter[str] = Counter()
        self._tasks: dict[int | str, str] = {}
        self._queued: set[int | str] = set()
        self._asked: set[int | str] = set()
        self._outcome: dict[int | str, str] = {}

    def panels(self, log: Sequence[Entry]) -> list[Panel]:
        levels = ("waiting", "live", "call-back", "review", "staffed")
        outcomes = ("answered live", "called back", "resolved themselves", "message reviewed")
        flows = ("message", "callback", "self-service", "missed")
        series: dict[str, list[float]] = {name: [] for name in (*levels, *outcomes, "asked so far")}
        flow: dict[str, list[float]] = {name: [0.0] * self._steps for name in flows}
        rest = iter(log)
        entry = next(rest, None)
        for step in range(self._steps):
            while entry is not None and entry.t_ms <= step * STEP_MS:
                self._read(entry, flow, min(self._steps - 1, entry.t_ms // STEP_MS))
                entry = next(rest, None)
            self._sample(series, step, outcomes)
        return [
            Panel("等待的来电 / waiting callers", {"waiting": series["waiting"]}, {}),
            Panel(
                "坐席在做什么 / seats at work",
                {n: series[n] for n in levels[1:4]},
                {"staffed": series["staffed"]},
            ),
            Panel("接受的提议与漏话，每 5 分钟 / accepted offers, missed calls", flow, {}),
            Panel(
                "市民的结果 / citizens by outcome",
                {n: series[n] for n in outcomes},
                {"asked so far": series["asked so far"]},
            ),
        ]

    def _sample(self, series: dict[str, list[float]], step: int, outcomes: Sequence[str]) -> None:
        counted = Counter(self._outcome.values())
        busy = Counter(self._tasks.values())
        series["waiting"].append(len(self._queued))
        for name in ("live", "call-back", "review"):
            series[name].append(busy[name])
        hour = min(len(self._params.seats.by_hour) - 1, step * STEP_MS // 3_600_000)
        series["staffed"].append(
            self._params.seats.by_hour[hour] - self._state["break"] + self._state["cloud"]
        )
        for name in outcomes:
            series[name].append(counted[name])
        series["asked so far"].append(len(self._asked))

    def _read(self, entry: Entry, flow: dict[str, list[float]], step: int) -> None:
        match entry.event:
            case "attempt":
                self._asked.add(entry.cid)
            case "queue":
                self._queued.add(entry.cid)
            case "abandon" | "answer":
                self._queued.discard(entry.cid)
            case "heard" if entry.a == "callback_waiting" and entry.b == 1:
                self._queued.discard(entry.cid)
            case "seat_free":
                self._tasks.pop(entry.cid, None)
            case "cb_accepted":
                flow["callback"][step] += 1
            case "message" | "missed":
                flow[entry.event][step] += 1
            case "break" | "break_end":
                self._state["break"] += 1 if entry.event == "break" else -1
            case "cloud_in" | "cloud_out":
                self._state["cloud"] += 1 if entry.event == "cloud_in" else -1
            case _:
                pass
        self._begin_task(entry)
        self._settle(entry, flow, step)

    def _begin_task(self, entry: Entry) -> None:
        task = {"answer": "live", "dial": "call-back", "review": "review"}.get(entry.event)
        if task and entry.a != "partner":
            self._tasks[entry.cid] = task

    def _settle(self, entry: Entry, flow: dict[str, list[float]], step: int) -> None:
        outcome = {
            "answer": "answered live",
            "reached": "called back",
            "self_done": "resolved themselves",
            "reviewed": "message reviewed",
        }.get(entry.event)
        if outcome and (entry.event != "reviewed" or entry.cid not in self._outcome):
            self._outcome[entry.cid] = outcome
        if entry.event == "self_done":
            flow["self-service"][step] += 1


def _panel(panel: Panel, top: float, length_s: float) -> list[str]:
    scale = PANEL / panel.top
    bottom = top + PANEL
    parts = [f'<text x="{LEFT}" y="{top - 6:.0f}" font-weight="bold">{_text(panel.title)}</text>']
    parts += _axes(panel, top, length_s)
    steps = len(next(iter((panel.stacked or panel.outline).values())))
    below = [0.0] * steps
    for name, values in panel.stacked.items():
        above = [b + v for b, v in zip(below, values, strict=True)]
        points = [*_points(above, bottom, scale), *reversed(_points(below, bottom, scale))]
        parts.append(f'<polygon points="{" ".join(points)}" fill="{_SHOWN[name][0]}" fill-opacity="0.75"/>')
        below = above
    for name, values in panel.outline.items():
        points = _points(values, bottom, scale)
        parts.append(
            f'<polyline points="{" ".join(points)}" fill="none" stroke="{_SHOWN[name][0]}" stroke-width="1.3"/>'
        )
    return parts + _legend(panel, top)


def _axes(panel: Panel, top: float, length_s: float) -> list[str]:
    right, bottom = WIDTH - 12, top + PANEL
    parts = [f'<path d="M{LEFT} {top}V{bottom}H{right}" fill="none" stroke="#888"/>']
    parts += [
        f'<text x="{LEFT - 5}" y="{y}" text-anchor="end">{value:g}</text>'
        for y, value in ((top + 9, round(panel.top)), (bottom, 0))
    ]
    hours = int(length_s // 3600)
    for hour in range(0, hours + 1, max(1, hours // 12)):
        x = LEFT + (right - LEFT) * hour * 3600 / length_s
        parts.append(
            f'<text x="{x:.0f}" y="{bottom + 13}" text-anchor="middle" fill="#555">{hour:02d}</text>'
        )
    return parts


def _legend(panel: Panel, top: float) -> list[str]:
    parts, x = [], WIDTH - 12.0
    for name in reversed([*panel.stacked, *panel.outline]):
        color, words = _SHOWN[name]
        x -= _width(words) + 24
        parts.append(f'<rect x="{x:.0f}" y="{top - 15}" width="10" height="10" fill="{color}"/>')
        parts.append(f'<text x="{x + 14:.0f}" y="{top - 6}">{_text(words)}</text>')
    return parts


def _width(words: str) -> float:
    """Pixels, nearly: a Chinese character is twice as wide as a letter."""
    return sum(5.8 if letter.isascii() else 11.0 for letter in words)


def _points(values: Sequence[float], bottom: float, scale: float) -> list[str]:
    step = (WIDTH - 12 - LEFT) / max(1, len(values) - 1)
    return [f"{LEFT + number * step:.1f},{bottom - value * scale:.1f}" for number, value in enumerate(values)]


def _text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
