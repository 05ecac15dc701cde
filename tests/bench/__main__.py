"""Run every bench, print one table, write one JSON file: ``make bench``, or one of them with ``--only NAME``.

A bench is a module ``bench_NAME.py`` here with ``run() -> dict``: figures by name, nested as it likes. Where a
figure has a target, its dict says ``{"value": ..., "target": ..., "ok": bool}``.
Invariant: a bench that fails is shown with its error, the others still run, and the exit code tells.
"""

import argparse
import asyncio
import importlib.util
import inspect
import json
import platform
import sys
import traceback
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from callcenter.clocks import SystemClock

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
REPORT = ROOT / "var" / "bench.json"


@dataclass(frozen=True, slots=True)
class Result:
    """What one bench said. ``error``: the exception that ended it; ``figures`` is empty then."""

    name: str
    seconds: float
    figures: dict[str, Any]
    error: str = ""

    @property
    def is_good(self) -> bool:
        """It ran, and every target that it names was met."""
        return not self.error and all(row.is_ok is not False for row in rows(self.figures))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    name: str
    value: Any
    target: Any = ""
    is_ok: bool | None = None


def rows(figures: dict[str, Any], prefix: str = "") -> Iterator[Row]:
    """Nested figures as dotted names."""
    for key, value in figures.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and {"value", "ok"} <= value.keys():
            yield Row(name, value["value"], value.get("target", ""), bool(value["ok"]))
        elif isinstance(value, dict):
            yield from rows(value, f"{name}.")
        else:
            yield Row(name, value)


def names() -> list[str]:
    """All benches, in order."""
    return sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))


def measure(name: str) -> Result:
    """Run one bench; whatever it raises becomes its result."""
    clock = SystemClock()
    begun = clock.instant()
    try:
        figures = _load(name).run()
        if inspect.isawaitable(figures):
            figures = asyncio.run(_awaited(figures))
    except Exception as error:  # noqa: BLE001  a failing bench is a result, and the others go on
        traceback.print_exc()
        return Result(name, clock.instant() - begun, {}, f"{type(error).__name__}: {error}")
    return Result(name, clock.instant() - begun, figures)


async def _awaited(figures: Any) -> Any:
    return await figures


def _load(name: str) -> Any:
    path = HERE / f"bench_{name}.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def show(results: list[Result], console: Console) -> None:
    """The one table."""
    table = Table("bench", "figure", "value", "target", "", title="make bench")
    for result in results:
        head = f"{result.name} ({result.seconds:.0f} s)"
        if result.error:
            table.add_row(head, "failed", result.error, "", "[red]✗[/red]")
        for index, row in enumerate(rows(result.figures)):
            mark = {True: "[green]✓[/green]", False: "[red]✗[/red]", None: ""}[row.is_ok]
            table.add_row("" if index else head, row.name, _text(row.value), _text(row.target), mark)
        table.add_section()
    console.print(table)


def _text(value: Any) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else str(value)


def write(results: list[Result], path: Path) -> None:
    """The same as JSON, with the machine it was measured on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    report = {
        "at": SystemClock().at().isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "benches": {result.name: asdict(result) for result in results},
    }
    path.write_text(json.dumps(report, ensure_ascii=False, indent=1, default=str) + "\n", "utf-8")


def main(arguments: list[str]) -> int:
    """Run the chosen benches; 0 when every one ran and met its targets."""
    parser = argparse.ArgumentParser(prog="make bench", description="figures beside the plain alternative")
    parser.add_argument("--only", action="append", choices=names(), metavar="NAME", help=", ".join(names()))
    parser.add_argument("--json", type=Path, default=REPORT, help="where to write the figures")
    chosen = parser.parse_args(arguments)
    results = []
    for name in chosen.only or names():
        sys.stderr.write(f"· {name} ...\n")
        results.append(measure(name))
    show(results, Console(width=140))
    write(results, chosen.json)
    return 0 if all(result.is_good for result in results) else 1


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "tests" / "support"))
    sys.exit(main(sys.argv[1:]))
