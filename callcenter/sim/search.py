"""A search over engine settings: every candidate meets the same drawn days, in parallel, with progress.

Invariant: the order of the results is that of files and candidates, whatever process was faster.
"""

import math
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields, replace
from itertools import product
from pathlib import Path
from statistics import mean

from callcenter.core.errors import UsageError
from callcenter.sim.driver import EngineDriver, engine_settings
from callcenter.sim.generate import generate
from callcenter.sim.metrics import Figures
from callcenter.sim.params import load_params
from callcenter.sim.run import run_day
from queues.core.settings import EngineSettings

Value = float | int
Changes = Mapping[str, Value]
"""Fields of ``EngineSettings`` and their values."""

THE_WORLDS = frozenset(
    {
        "ring_s",
        "no_answer_s",
        "menu_min_ewt_s",
        "range_slack_s",
        "cloud_seats",
        "has_partner",
        "reoffer_after_s",
        "reviews_by_seats",
    }
)
"""Set by the parameter file, or by what happens in the simulated world."""
KINDS: Mapping[str, type[Value]] = {
    part.name: part.type
    for part in fields(EngineSettings)
    if part.type in (float, int) and part.name not in THE_WORLDS
}
"""The fields that can be varied."""
DAYS_MAX = 50_000
"""Days of one search: more take a night on a large machine."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Mean figures over all days that had them. ``scenario``: id of the parameter file; ``is_present``: as set today."""

    scenario: str
    changes: Changes
    is_present: bool
    means: Figures


def values(name: str, texts: Sequence[str]) -> list[Value]:
    """The values of one field as they were written.

    Raises:
        UsageError: no such field, or a text that is no value of it.
    """
    if name in THE_WORLDS:
        raise UsageError(f"'{name}' belongs to the world: change it in the parameter file")
    if name not in KINDS:
        raise UsageError(f"the engine has no setting '{name}' to vary; known: {', '.join(sorted(KINDS))}")
    return [_value(name, text) for text in texts]


def grid(vary: Mapping[str, Sequence[Value]]) -> list[Changes]:
    """Every combination."""
    return [dict(zip(vary, combination, strict=True)) for combination in product(*vary.values())]


def search(
    files: Sequence[Path],
    candidates: Sequence[Changes],
    seeds: Sequence[int],
    workers: int,
    progress: Callable[[int, int], None],
) -> list[Candidate]:
    """Mean figures of each candidate over the days drawn with ``seeds``, for each parameter file.

    The present settings come first where no candidate equals them. ``progress(done, all)`` after each day.

    Raises:
        UsageError: a parameter file is bad, or there are too many days.
    """
    plans = [
        (path, params, changes)
        for path, params in [(path, load_params(path)) for path in files]
        for changes in _with_present(candidates, engine_settings(params))
    ]
    days = [(path, changes, seed) for path, _, changes in plans for seed in seeds]
    if len(days) > DAYS_MAX:
        raise UsageError(f"{len(days)} days are too many (at most {DAYS_MAX}): vary less, or fewer seeds")
    figures: list[Figures] = []
    with ProcessPoolExecutor(workers, initializer=_leave_interrupts) as pool:
        for day in pool.map(_day, days):
            figures.append(day)
            progress(len(figures), len(days))
    return [
        Candidate(params.id, changes, _is_present(changes, engine_settings(params)), _means(chunk))
        for (_, params, changes), chunk in zip(plans, _chunks(figures, len(seeds)), strict=True)
    ]


def _with_present(candidates: Sequence[Changes], present: EngineSettings) -> list[Changes]:
    if any(_is_present(changes, present) for changes in candidates):
        return list(candidates)
    names = candidates[0] if candidates else ()
    return [{name: getattr(present, name) for name in names}, *candidates]


def _is_present(changes: Changes, present: EngineSettings) -> bool:
    return all(getattr(present, name) == value for name, value in changes.items())


def _value(name: str, text: str) -> Value:
    kind = KINDS[name]
    try:
        value = kind(text)
    except ValueError:
        raise UsageError(f"'{name}' cannot be '{text}': it is {_WORDS[kind]}") from None
    if not math.isfinite(value) or value < 0:
        raise UsageError(f"'{name}' cannot be '{text}': it is {_WORDS[kind]}")
    return value


_WORDS: Mapping[type[Value], str] = {
    float: "a number, not below 0",
    int: "a whole number, not below 0",
}


def _leave_interrupts() -> None:
    """Ctrl-C is for the process that waits; its workers end with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _day(job: tuple[Path, Changes, int]) -> Figures:
    path, changes, seed = job
    params = load_params(path)
    day = generate(params, seed)
    driver = EngineDriver(replace(engine_settings(params), **changes))  # type: ignore[arg-type]  # fields by name
    return run_day(params, day.citizens, day.traffic, driver)[0]


def _chunks(figures: Sequence[Figures], size: int) -> Iterator[Sequence[Figures]]:
    for begin in range(0, len(figures), size):
        yield figures[begin : begin + size]


def _means(days: Sequence[Figures]) -> Figures:
    return {key: _mean([value for day in days if (value := day[key]) is not None]) for key in days[0]}


def _mean(values: Sequence[float]) -> float | None:
    return mean(values) if values else None
