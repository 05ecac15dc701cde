"""A search over engine settings: every candidate meets the same drawn days, in parallel, with progress.

Invariant: the order of the results is that of the candidates, whatever process was faster.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean
from typing import Any

from callcenter.sim.driver import EngineDriver, engine_settings
from callcenter.sim.generate import generate
from callcenter.sim.metrics import Figures
from callcenter.sim.params import load_params
from callcenter.sim.run import run_day

Changes = Mapping[str, Any]
"""Fields of ``EngineSettings`` and their values."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A candidate's mean figures over all days that had them."""

    changes: Changes
    means: Figures


def search(
    params: Path,
    candidates: Sequence[Changes],
    seeds: Sequence[int],
    workers: int,
    progress: Callable[[int, int], None],
) -> list[Candidate]:
    """Mean figures of each candidate over the days drawn with ``seeds``; ``progress(done, all)`` after each day.

    Raises:
        UsageError: the parameter file is bad.
    """
    load_params(params)
    days = [(params, changes, seed) for changes in candidates for seed in seeds]
    figures: list[Figures] = []
    with ProcessPoolExecutor(workers) as pool:
        for day in pool.map(_day, days):
            figures.append(day)
            progress(len(figures), len(days))
    per_candidate = zip(candidates, _chunks(figures, len(seeds)), strict=True)
    return [Candidate(changes, _means(chunk)) for changes, chunk in per_candidate]


def _day(job: tuple[Path, Changes, int]) -> Figures:
    path, changes, seed = job
    params = load_params(path)
    day = generate(params, seed)
    driver = EngineDriver(replace(engine_settings(params), **changes))
    return run_day(params, day.citizens, day.traffic, driver)[0]


def _chunks(figures: Sequence[Figures], size: int) -> Iterator[Sequence[Figures]]:
    for begin in range(0, len(figures), size):
        yield figures[begin : begin + size]


def _means(days: Sequence[Figures]) -> Figures:
    return {key: _mean([value for day in days if (value := day[key]) is not None]) for key in days[0]}


def _mean(values: Sequence[float]) -> float | None:
    return mean(values) if values else None
