"""A replayed window on one page: what was lived on the wire and what the simulator says, on both houses, as SVG.

Invariant: everything shown is counted from the event logs; the picture needs no library and no network.
"""

from collections.abc import Callable, Mapping, Sequence

from callcenter.sim.log import Entry

WIDTH, PANEL, GAP, LEFT, TOP = 860, 118, 34, 46, 66
STEPS = 120

LINES: Mapping[tuple[str, str], tuple[str, str, str]] = {
    ("plain", "live"): ("#c0392b", "", "app_queue 实测 live"),
    ("plain", "simulated"): ("#c0392b", "4 3", "app_queue 仿真 simulated"),
    ("product", "live"): ("#2e86c1", "", "本系统 实测 product, live"),
    ("product", "simulated"): ("#2e86c1", "4 3", "本系统 仿真 product, simulated"),
}
"""Color, dashes and words of each line."""

Logs = Mapping[tuple[str, str], Sequence[Entry]]


def _waiting(entry: Entry, state: set[object]) -> int:
    if entry.event == "queue":
        state.add(entry.cid)
    elif entry.event in ("answer", "abandon") or (
        entry.event == "heard" and entry[3:] == ("callback_waiting", 1)
    ):
        state.discard(entry.cid)
    return len(state)


def _talking(entry: Entry, state: set[object]) -> int:
    if entry.event in ("answer", "reached"):
        state.add(entry.cid)
    elif entry.event in ("hangup", "cb_hangup"):
        state.discard(entry.cid)
    return len(state)


def _with_a_person(entry: Entry, state: set[object]) -> int:
    if entry.event in ("answer", "reached"):
        state.add(entry.cid)
    return len(state)


def _cared_for(entry: Entry, state: set[object]) -> int:
    if entry.event in ("answer", "reached", "self_done", "cb_accepted", "message", "missed"):
        state.add(entry.cid)
    return len(state)


def _calls(entry: Entry, state: set[object]) -> int:
    if entry.event == "attempt":
        state.add((entry.cid, entry.a))
    return len(state)


PANELS: Sequence[tuple[str, Callable[[Entry, set[object]], int]]] = (
    ("等待的来电 / waiting callers", _waiting),
    ("正在通话 / talking", _talking),
    ("与话务员通话的市民 / citizens who talked with a person", _with_a_person),
    ("有着落的市民 / citizens served, promised or on record", _cared_for),
    ("来电次数 / attempts", _calls),
)


def draw(title: str, length_s: float, logs: Logs) -> str:
    """The picture of one window. ``logs`` by side and by ``live`` or ``simulated``."""
    height = TOP + len(PANELS) * (PANEL + GAP) + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="11">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        f'<text x="{LEFT}" y="20" font-size="15" font-weight="bold">{title}</text>',
        *_legend(),
    ]
    for number, (name, count) in enumerate(PANELS):
        series = {key: _series(log, length_s, count) for key, log in logs.items()}
        parts += _panel(name, series, TOP + number * (PANEL + GAP), length_s)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _series(log: Sequence[Entry], length_s: float, count: Callable[[Entry, set[object]], int]) -> list[int]:
    values, state, now = [], set[object](), 0
    rest = iter(log)
    entry = next(rest, None)
    for step in range(STEPS + 1):
        while entry is not None and entry.t_ms <= step * length_s * 1000 / STEPS:
            now = count(entry, state)
            entry = next(rest, None)
        values.append(now)
    return values


def _panel(
    name: str, series: Mapping[tuple[str, str], Sequence[int]], top: float, length_s: float
) -> list[str]:
    right, bottom = WIDTH - 12, top + PANEL
    most = max(1, *(max(values) for values in series.values()))
    parts = [
        f'<text x="{LEFT}" y="{top - 6:.0f}" font-weight="bold">{name}</text>',
        f'<path d="M{LEFT} {top}V{bottom}H{right}" fill="none" stroke="#888"/>',
        f'<text x="{LEFT - 5}" y="{top + 9}" text-anchor="end">{most}</text>',
        f'<text x="{LEFT - 5}" y="{bottom}" text-anchor="end">0</text>',
    ]
    for part in range(5):
        x, at_s = LEFT + (right - LEFT) * part / 4, length_s * part / 4
        parts.append(
            f'<text x="{x:.0f}" y="{bottom + 13}" text-anchor="middle" fill="#555">'
            f"{int(at_s // 3600)}:{int(at_s % 3600 // 60):02d}</text>"
        )
    for key, values in series.items():
        color, dashes, _ = LINES[key]
        points = " ".join(
            f"{LEFT + step * (right - LEFT) / STEPS:.1f},{bottom - value * PANEL / most:.1f}"
            for step, value in enumerate(values)
        )
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        parts.append(f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="1.4"{dashed}/>')
    return parts


def _legend() -> list[str]:
    parts = []
    for number, (color, dashes, words) in enumerate(LINES.values()):
        x = LEFT + number * 200
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        parts.append(f'<path d="M{x} 36h24" stroke="{color}" stroke-width="2"{dashed}/>')
        parts.append(f'<text x="{x + 30}" y="40">{words}</text>')
    return parts
