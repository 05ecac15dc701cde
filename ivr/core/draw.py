"""Pictures of a flow: as Mermaid text for pages that draw it, and as SVG that needs no library."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from ivr.core import flow as f
from ivr.core.flow import Flow
from ivr.core.ways import closure, ways

BOX_W, BOX_H, GAP_X, GAP_Y, MARGIN = 240, 78, 40, 64, 40
LINE_CHARS = 16
"""Chinese characters in one line of a box; Latin ones count half."""
LINES = 2

COLORS = {
    "person": "#d4efdf",
    "ask": "#d6eaf8",
    "say": "#fdfefe",
    "decide": "#fef9e7",
    "end": "#fadbd8",
}

_TIP = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
    '<path d="M0 0 L8 4 L0 8 z" fill="#566573"/></marker></defs>'
)
"""The arrows' tip."""

Texts = Mapping[str, str]
"""What a prompt says, by its id."""

Edge = tuple[str, str, str]
"""From a step, by what, to a step."""


def mermaid(flow: Flow, texts: Texts) -> str:
    """The flow as a Mermaid flowchart."""
    lines = ["flowchart TD"]
    for name, step in flow.steps.items():
        shown = f"{verb(step)}<br/>{told(step, texts)}" if told(step, texts) else verb(step)
        lines.append(f'    s_{name}["<b>{name}</b> {_quoted(shown)}"]')
    for begin, by, end in edges(flow):
        lines.append(f'    s_{begin} -->|"{_quoted(by)}"| s_{end}' if by else f"    s_{begin} --> s_{end}")
    for name, step in flow.steps.items():
        lines.append(f"    style s_{name} fill:{COLORS[_color(step)]}")
    return "\n".join(lines) + "\n"


def svg(flow: Flow, texts: Texts) -> str:
    """The flow as an SVG picture: steps in rows, from top to bottom.

    An arrow leads one row down; every other way is written at the foot of its box.
    """
    rows = _rows(flow)
    at = _corners(rows)
    width = max(x for x, _ in at.values()) + BOX_W + MARGIN
    height = max(y for _, y in at.values()) + BOX_H + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        _TIP,
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="{MARGIN}" y="24" font-size="16" font-weight="bold">{escape(flow.title)}</text>',
    ]
    joined = list(_joined(edges(flow)))
    drawn = [edge for edge in joined if at[edge[2]][1] - at[edge[0]][1] == BOX_H + GAP_Y]
    parts += [_arrow(edge, at) for edge in drawn]
    for name, step in flow.steps.items():
        far = [
            f"{by} → {way}".strip()
            for begin, by, way in joined
            if begin == name and (begin, by, way) not in drawn
        ]
        parts += _box(
            name, step, at[name], _folded(told(step, texts)), "，".join(far), is_start=name == flow.start
        )
    parts += [_label(edge, at) for edge in drawn if edge[1]]
    return "\n".join([*parts, "</svg>"]) + "\n"


def edges(flow: Flow) -> Iterator[Edge]:
    """All ways of the flow; the key ``0`` to a person is left out where a step does not name it."""
    for name, step in flow.steps.items():
        for by, way in {**f.caller_ways(step), **f.silent_ways(step)}.items():
            if way in flow.steps:
                yield name, by, way


def verb(step: f.Step) -> str:
    """What a step does, in a few words."""
    match step:
        case f.Play():
            return "播放 play"
        case f.Ask():
            return f"等一个键 ask, {step.wait_s} s"
        case f.Collect():
            return f"收号 collect {step.least}-{step.most}: {step.into}"
        case f.Branch():
            return f"分支 branch: {step.fact}"
        case f.LookUp():
            return f"查询 look up: {step.kind}"
        case f.Hear():
            return f"听 hear: {step.kind}, {step.max_s} s"
        case f.Go():
            return f"→ 流程 flow {step.flow}"
        case f.Line():
            return f"{'优先' if step.urgent else ''}排队 line: {' / '.join(step.queues)}{', urgent' if step.urgent else ''}"
        case f.Transfer():
            return f"转接 transfer: {step.to}"
        case f.TakeMessage():
            return "留言 message"
        case f.Reply():
            return f"答复 reply: {'yes' if step.accepted else 'no'}"
        case f.Resolved():
            return "已解决 resolved"
        case f.Rate():
            return f"评分 rate: {step.grade}"
        case f.HangUp():
            return "挂机 hang up"


def told(step: f.Step, texts: Texts) -> str:
    """What is heard at a step, without what answers a wrong key."""
    words = (
        step.words if isinstance(step, f.Play | f.Ask | f.Collect | f.Hear | f.Resolved | f.HangUp) else ()
    )
    return "".join(text_of(word, texts) for word in words)


def text_of(word: str | f.Figure, texts: Texts) -> str:
    """A prompt's text; a figure in braces."""
    if isinstance(word, f.Figure):
        return f"{{{word.kind}:{word.fact}}}" if word.fact else f"{{{word.kind}}}"
    return texts.get(word, word)


def _color(step: f.Step) -> str:
    match step:
        case f.Line():
            return "person"
        case f.Ask() | f.Collect() | f.Hear():
            return "ask"
        case f.Play() | f.Rate():
            return "say"
        case f.Branch() | f.LookUp():
            return "decide"
        case _:
            return "end"


def _joined(ways: Iterator[Edge]) -> Iterator[Edge]:
    """Ways between the same two steps become one."""
    by: dict[tuple[str, str], list[str]] = {}
    for begin, label, end in ways:
        by.setdefault((begin, end), []).append(label)
    for (begin, end), labels in by.items():
        yield begin, " ".join(label for label in labels if label), end


def _rows(flow: Flow) -> list[list[str]]:
    """Each step one row below the lowest that leads to it; steps that lead back to one another share a row."""

    def after(name: str) -> list[str]:
        return ways(flow.steps[name])

    reached = {name: set(closure(after(name), after)) for name in flow.steps}
    depth = dict.fromkeys(flow.steps, 0)
    for name in sorted(flow.steps, key=lambda name: -len(reached[name] | {name})):
        for way in after(name):
            if name not in reached[way]:
                depth[way] = max(depth[way], depth[name] + 1)
    rows = [[name for name in flow.steps if depth[name] == row] for row in range(max(depth.values()) + 1)]
    return [row for row in rows if row]


def _corners(rows: Sequence[Sequence[str]]) -> dict[str, tuple[int, int]]:
    """The upper left corner of each step's box; rows stand in the middle."""
    widest = max(len(row) for row in rows)
    return {
        name: (
            MARGIN + (widest - len(row)) * (BOX_W + GAP_X) // 2 + column * (BOX_W + GAP_X),
            MARGIN + number * (BOX_H + GAP_Y),
        )
        for number, row in enumerate(rows)
        for column, name in enumerate(row)
    }


def _box(
    name: str, step: f.Step, corner: tuple[int, int], lines: Sequence[str], foot: str, *, is_start: bool
) -> Iterator[str]:
    x, y = corner
    yield (
        f'<rect x="{x}" y="{y}" width="{BOX_W}" height="{BOX_H}" rx="6" fill="{COLORS[_color(step)]}" '
        f'stroke="#566573" stroke-width="{2.5 if is_start else 1}"/>'
    )
    yield f'<text x="{x + 8}" y="{y + 17}"><tspan font-weight="bold">{escape(name)}</tspan> {escape(verb(step))}</text>'
    for number, line in enumerate(lines):
        yield f'<text x="{x + 8}" y="{y + 34 + 16 * number}" fill="#34495e">{escape(line)}</text>'
    if foot:
        yield f'<text x="{x + 8}" y="{y + BOX_H - 7}" font-size="11" fill="#1b4f72">{escape(foot)}</text>'


def _folded(text: str) -> list[str]:
    """The text in as many lines as a box has; what does not fit is cut off with three dots."""
    lines, line, width = [], "", 0.0
    for character in text:
        wide = 0.5 if character.isascii() else 1.0
        if width + wide > LINE_CHARS:
            lines.append(line)
            line, width = "", 0.0
        line, width = line + character, width + wide
    lines.append(line)
    return lines if len(lines) <= LINES else [*lines[: LINES - 1], lines[LINES - 1][:-1] + "…"]


def _arrow(edge: Edge, at: Mapping[str, tuple[int, int]]) -> str:
    (x1, y1), (x2, y2) = _ends(edge, at)
    return (
        f'<path d="M{x1} {y1} C{x1} {y1 + GAP_Y} {x2} {y2 - GAP_Y} {x2} {y2}" fill="none" '
        'stroke="#566573" marker-end="url(#tip)"/>'
    )


def _label(edge: Edge, at: Mapping[str, tuple[int, int]]) -> str:
    """Near the end of its arrow, where arrows lie apart."""
    (x1, y1), (x2, y2) = _ends(edge, at)
    x, y = x1 + (x2 - x1) * 0.6, y1 + (y2 - y1) * 0.6
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="middle" font-size="11" fill="#1b4f72" '
        f'stroke="white" stroke-width="4" paint-order="stroke">{escape(edge[1])}</text>'
    )


def _ends(edge: Edge, at: Mapping[str, tuple[int, int]]) -> tuple[tuple[int, int], tuple[int, int]]:
    (x1, y1), (x2, y2) = at[edge[0]], at[edge[2]]
    return (x1 + BOX_W // 2, y1 + BOX_H), (x2 + BOX_W // 2, y2)


def _quoted(text: str) -> str:
    """Text inside a Mermaid label."""
    return text.replace('"', "#quot;").replace("{", "#123;").replace("}", "#125;")
