"""A window of a day as a day of its own: what the live replay and the simulator are both given (SCENARIOS.md 12).

Invariant: a cut begins empty at second 0; everybody in it first calls inside the window; what was known before the day is
known before the window, hours counted from its begin.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from callcenter.core.errors import UsageError
from callcenter.sim.generate import write_citizens
from callcenter.sim.params import Params
from callcenter.sim.trace import Citizens

HOUR_S = 3600
_WINDOW = re.compile(r"(\d{1,2}):(\d\d)-(\d{1,2}):(\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Window:
    """Seconds of the day, from a full hour to any minute."""

    begin_s: int
    end_s: int

    def __str__(self) -> str:
        return "-".join(f"{at // HOUR_S:02}:{at % HOUR_S // 60:02}" for at in (self.begin_s, self.end_s))


def parse_window(text: str) -> Window:
    """``09:00-11:00`` -> :class:`Window`.

    Raises:
        UsageError: not two times in order, or it does not begin at a full hour.
    """
    found = _WINDOW.fullmatch(text)
    if found:
        hour, minute, to_hour, to_minute = (int(part) for part in found.groups())
        begin_s, end_s = hour * HOUR_S + minute * 60, to_hour * HOUR_S + to_minute * 60
        if max(minute, to_minute) < 60 and begin_s < end_s <= 24 * HOUR_S and begin_s % HOUR_S == 0:
            return Window(begin_s, end_s)
    raise UsageError(f"'{text}' is no window from a full hour; write for example 09:00-11:00")


def cut(params: Params, citizens: Citizens, window: Window) -> tuple[Params, Citizens]:
    """The people and the parameters of the window. Later hours of roster and forecast stay: they are known, too.

    Raises:
        UsageError: nobody calls in it, or the day is shorter.
    """
    day, hour = params.day, window.begin_s // HOUR_S
    inside = [cid for cid, t0 in enumerate(citizens.t0) if window.begin_s * 1000 <= t0 < window.end_s * 1000]
    if not inside or window.end_s > day.length_s:
        raise UsageError(f"{params.id}: nobody calls in {window}")
    columns = {name: [values[cid] for cid in inside] for name, values in citizens.columns().items()}
    columns["cid"] = list(range(len(inside)))
    columns["t0_s"] = [t0 - window.begin_s * 1000 for t0 in columns["t0_s"]]
    cut_params = replace(
        params,
        id=f"{params.id}-{window}".replace(":", ""),
        title=f"{params.title}; {window} alone",
        day=replace(
            day,
            length_s=float(window.end_s - window.begin_s),
            callback_from_s=max(0.0, day.callback_from_s - window.begin_s),
            callback_to_s=max(0.0, day.callback_to_s - window.begin_s),
        ),
        seats=replace(params.seats, by_hour=params.seats.by_hour[hour:]),
        forecast=replace(params.forecast, profile=params.forecast.profile[hour:]),
    )
    return cut_params, Citizens(columns)


def write_cut(folder: Path, params: Params, citizens: Citizens) -> Path:
    """Write both files into a folder; the parameter file, as ``callcenter simulate --params`` takes it."""
    trace = folder / f"{params.id}.csv.gz"
    write_citizens(trace, citizens)
    values = asdict(replace(params, trace=trace.name))
    values["partner"]["traffic"] = str(params.partner_path.absolute())
    del values["source"]
    path = folder / f"{params.id}.toml"
    path.write_text("\n".join(_lines(values)) + "\n", "utf-8")
    return path


def _lines(values: Mapping[str, Any]) -> Iterator[str]:
    """As TOML: its strings, numbers and lists of numbers are JSON's."""
    tables = {key: value for key, value in values.items() if isinstance(value, dict)}
    yield from (f"{key} = {json.dumps(value)}" for key, value in values.items() if key not in tables)
    for name, table in tables.items():
        yield f"\n[{name}]"
        yield from (f"{key} = {json.dumps(value)}" for key, value in table.items())
