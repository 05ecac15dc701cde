"""``callcenter simulate``: one virtual day by name, as a table or as JSON. Invariant: a mistake is one line and exit code 2."""

import json as json_text
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from callcenter.core.errors import UsageError
from callcenter.sim.metrics import Figures
from callcenter.sim.run import simulate as simulate_day

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


def simulate(
    params: Annotated[Path, typer.Option(help="Parameter file of the world (TOML).")],
    trace: Annotated[
        Path | None, typer.Option(help="Citizens (CSV, may be gzipped); default: named in params.")
    ] = None,
    policy: Annotated[
        str, typer.Option(help="engine (= full), fifo (= A), or A, AM, B to H, R, RC, RF.")
    ] = "engine",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    log: Annotated[Path | None, typer.Option(help="Write the event log (CSV; gzipped if named .gz).")] = None,
    picture: Annotated[Path | None, typer.Option(help="Draw the day (SVG).")] = None,
) -> None:
    """Simulate a day of the hotline: the production engine or a reference policy on a virtual clock."""
    try:
        figures = simulate_day(params, trace, policy, log, picture)
    except UsageError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    if json:
        typer.echo(json_text.dumps(_rounded(figures)))
    else:
        Console().print(_table(figures))


def _rounded(figures: Figures) -> Figures:
    return {key: round(value, 4) if isinstance(value, float) else value for key, value in figures.items()}


def _table(figures: Figures) -> Table:
    table = Table("figure", "value")
    rounded = _rounded(figures)
    for key in (*_HEADLINE, *(key for key in rounded if key not in _HEADLINE)):
        table.add_row(key, "-" if rounded[key] is None else str(rounded[key]))
    return table
