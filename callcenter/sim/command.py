"""``callcenter simulate``: one virtual day by name; ``callcenter tune``: many days under many settings.

Invariant: a mistake is one line and exit code 2; with ``--json`` nothing else is on standard output.
"""

import json as json_text
import os
import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from callcenter.core.errors import UsageError
from callcenter.settings import load

if TYPE_CHECKING:
    from callcenter.sim.metrics import Figures
    from callcenter.sim.search import Candidate

_HEADLINE = (
    "served_same_day_rate",
    "human_same_day_rate",
    "captured_rate",
    "attempts_per_citizen",
    "connect_rate_agent",
    "connect_rate_call",
    "urgent_attempt_wait_p95_s",
    "wait_p95_all_s",
    "ewt_hit_rate",
    "occupancy",
)

_TUNED = {
    "served": "served_same_day_rate",
    "human": "human_same_day_rate",
    "captured": "captured_rate",
    "attempts": "attempts_per_citizen",
    "urgent P95": "urgent_attempt_wait_p95_s",
    "range hit": "ewt_hit_rate",
}
"""What tuning shows, and the figure behind it."""

TUNE_EPILOG = (
    "Example: callcenter tune --params X21-1h.toml --params P3000.toml --vary everybody_margin=0.8,0.9 "
    "--vary range_lean=0.7,0.8 --seeds 2-9"
)
AUTO = Path("auto")
WORKERS_MAX = 256
SEED_MAX, SEEDS_MAX = 2**31, 10_000
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def simulate(
    params: Annotated[Path, typer.Option(help="Parameter file of the world (TOML).")],
    trace: Annotated[
        Path | None, typer.Option(help="Citizens (CSV, may be gzipped); default: named in params.")
    ] = None,
    policy: Annotated[
        str, typer.Option(help="engine (= full), fifo (= A), or A, AM, B to H, R, RC, RF.")
    ] = "engine",
    json: Json = False,
    log: Annotated[Path | None, typer.Option(help="Write the event log (CSV; gzipped if named .gz).")] = None,
    picture: Annotated[
        Path | None,
        typer.Option(
            help="Draw the day (SVG): a file, a folder, or auto: HOME/pictures/SCENARIO-POLICY.svg."
        ),
    ] = None,
) -> None:
    """Simulate a day of the hotline: the production engine or a reference policy on a virtual clock."""
    from callcenter.sim.run import simulate as simulate_day

    try:
        figures = simulate_day(params, trace, policy, log, pictures() if picture == AUTO else picture)
    except UsageError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    if json:
        typer.echo(json_text.dumps(_rounded(figures)))
    else:
        Console().print(_table(figures))


def tune(
    params: Annotated[list[Path], typer.Option(help="Parameter file of a world (TOML); may be repeated.")],
    vary: Annotated[
        list[str], typer.Option(metavar="NAME=V1,V2,...", help="A setting of the engine; repeat for a grid.")
    ],
    seeds: Annotated[str, typer.Option(metavar="2-9", help="Days to draw: 2-9, or 2,4,7.")] = "2-9",
    workers: Annotated[
        int, typer.Option(min=1, max=WORKERS_MAX, help="Processes.", show_default="one a processor")
    ] = os.cpu_count() or 1,
    json: Json = False,
) -> None:
    """Compare settings of the engine over many drawn days: means of each, beside the present ones."""
    from callcenter.sim.search import grid, search

    try:
        candidates, days = grid(_varied(vary)), _seeds(seeds)
        errors = Console(stderr=True)
        with Progress(console=errors, transient=True, disable=not errors.is_terminal) as progress:
            task = progress.add_task("模拟 / simulating days", total=None)
            found = search(
                params,
                candidates,
                days,
                workers,
                lambda done, total: progress.update(task, completed=done, total=total),
            )
    except UsageError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    if json:
        typer.echo(json_text.dumps({"seeds": days, "candidates": [_candidate(row) for row in found]}))
    else:
        Console().print(*_tables(found))


def pictures() -> Path:
    """The folder of the pictures of this instance; it is made.

    Raises:
        UsageError: it cannot be made.
    """
    folder = load().settings.home_path / "pictures"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be made ({type(error).__name__})") from None
    return folder


def _varied(texts: Sequence[str]) -> dict[str, list[Any]]:
    from callcenter.sim.search import values

    found: dict[str, list[Any]] = {}
    for text in texts:
        name, equals, listed = (part.strip() for part in text.partition("="))
        if not (equals and listed):
            raise UsageError(f"--vary needs NAME=V1,V2,..., found '{text}'")
        if name in found:
            raise UsageError(f"--vary names '{name}' twice: list its values in one")
        found[name] = values(name, [value.strip() for value in listed.split(",")])
    return found


def _seeds(text: str) -> list[int]:
    found: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d{1,10})(?:-(\d{1,10}))?\s*", part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if not first <= last < SEED_MAX or last - first >= SEEDS_MAX:
            raise UsageError(f"--seeds: '{text}' is no list of days; write 2-9 or 2,4,7")
        found += range(first, last + 1)
    return list(dict.fromkeys(found))


def _candidate(row: "Candidate") -> dict[str, Any]:
    return {
        "scenario": row.scenario,
        "changes": dict(row.changes),
        "present": row.is_present,
        "means": _rounded(row.means),
    }


def _tables(found: "Sequence[Candidate]") -> Iterator[Table]:
    for scenario, rows in groupby(found, key=lambda row: row.scenario):
        candidates = list(rows)
        names = list(candidates[0].changes)
        table = Table(title=scenario, box=SIMPLE_HEAD, padding=(0, 1, 0, 0), caption="● 现用 / present")
        table.add_column("")
        for header in (*names, *_TUNED):
            table.add_column(header.replace("_", " "), justify="right")
        for row in candidates:
            figures = (row.means[key] for key in _TUNED.values())
            table.add_row(
                "●" if row.is_present else "",
                *(f"{row.changes[name]:g}" for name in names),
                *("-" if value is None else f"{value:.4g}" for value in figures),
            )
        yield table


def _rounded(figures: "Figures") -> "Figures":
    return {key: round(value, 4) if isinstance(value, float) else value for key, value in figures.items()}


def _table(figures: "Figures") -> Table:
    table = Table("figure", "value")
    rounded = _rounded(figures)
    for key in (*_HEADLINE, *(key for key in rounded if key not in _HEADLINE)):
        table.add_row(key, "-" if rounded[key] is None else str(rounded[key]))
    return table
