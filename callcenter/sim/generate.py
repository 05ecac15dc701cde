"""Draws more days like the public ones (SCENARIOS.md 2.4). Invariant: the same parameters and seed give the same day.

Everything is drawn with its final factors inside, exactly as a trace file holds it; ``write_citizens`` makes such a file.
"""

import csv
import gzip
import io
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from callcenter.core.errors import UsageError
from callcenter.sim.params import Params
from callcenter.sim.trace import ATTEMPTS, BREAKS, COLUMNS, Citizens, Traffic

Floats = NDArray[np.float64]
_HOUR_S = 3600
_PARTNER_DAY = (8, 20)
"""The partner city's day hours."""


@dataclass(frozen=True, slots=True)
class Day:
    """A drawn day."""

    citizens: Citizens
    traffic: Traffic


def generate(params: Params, seed: int) -> Day:
    """Draw citizens and the partner city's own calls.

    Raises:
        UsageError: ``[generator]`` lacks a key.
    """
    rng = np.random.default_rng(seed)
    try:
        return Day(_Drawer(params, rng).citizens(), _traffic(params, rng))
    except KeyError as error:
        raise UsageError(f"{params.source}: [generator] {error.args[0]} is missing") from None


def write_citizens(path: Path, citizens: Citizens) -> None:
    """Write a citizens' file that ``load_citizens`` reads back the same."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    columns = citizens.columns()
    writer.writerows(zip(*(_cells(name, columns[name]) for name in COLUMNS), strict=True))
    path.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))


def _cells(name: str, values: list[int]) -> list[str]:
    if not name.endswith("_s"):
        return [str(value) for value in values]
    return [f"{value / 1000:.3f}".rstrip("0").rstrip(".") for value in values]


def draw_people(params: Params, surge: NDArray[np.bool_], rng: np.random.Generator) -> dict[str, list[int]]:
    """What these people are like, column by column, all but when they call. ``surge``: whom a surge adds."""
    return _Drawer(params, rng).people(surge)


class _Drawer:
    """Draws column by column."""

    def __init__(self, params: Params, rng: np.random.Generator) -> None:
        self._params, self._rng, self._shape = params, rng, params.generator

    def citizens(self) -> Citizens:
        t0, surge = self._arrivals()
        columns: dict[str, list[int]] = {"t0_s": _ms(t0, 2)}
        return Citizens(columns | self.people(surge.astype(bool)))

    def people(self, surge: NDArray[np.bool_]) -> dict[str, list[int]]:
        count = len(surge)
        columns: dict[str, list[int]] = {"cid": list(range(count)), "surge": _ints(surge)}
        columns |= self._kinds(surge, count)
        columns |= self._durations(np.array(columns["urgent"]), count)
        for name in COLUMNS:
            if name.startswith("u_"):
                columns[name] = _ints(self._rng.integers(0, 10_000, count))
        return columns

    def _arrivals(self) -> tuple[Floats, Floats]:
        """Instants in order, and which of them the surge adds."""
        forecast, rng = self._params.forecast, self._rng
        instants, flags = [], []
        begin = self._shape["surge_start_s"]
        end = begin + self._shape["surge_len_s"]
        for at in range(0, int(self._params.day.length_s), _HOUR_S // 60):
            rate = forecast.citizens * forecast.profile[at // _HOUR_S] / 60
            inside = begin <= at < end
            drawn = rng.poisson(rate * (self._shape["surge_x"] if inside else 1))
            instants.append(rng.uniform(at, at + 60, drawn))
            flags.append(np.full(drawn, inside))
        t0, surge = np.concatenate(instants), np.concatenate(flags)
        order = np.argsort(t0)
        return t0[order], surge[order]

    def _kinds(self, surge: NDArray[np.bool_], count: int) -> dict[str, list[int]]:
        shape, rng = self._shape, self._rng
        consult = rng.random(count) < np.where(surge, shape["p_consult_surge"], shape["p_consult"])
        hot = consult & (rng.random(count) < np.where(surge, shape["p_hot_surge"], shape["p_hot"]))
        urgent = rng.random(count) < shape["p_urgent"]
        return {"consult": _ints(consult), "hot": _ints(hot), "urgent": _ints(urgent)}

    def _durations(self, urgent: NDArray[np.int_], count: int) -> dict[str, list[int]]:
        shape, forecast = self._shape, self._params.forecast
        columns = {
            "talk_s": np.maximum(25, self._by_mean(forecast.talk_s, shape["talk_cv"], count)),
            "acw_s": self._by_mean(forecast.acw_s, shape["acw_cv"], count),
            "review_s": np.maximum(5, self._by_mean(forecast.review_s, shape["review_cv"], count)),
            "chase_gap_s": self._rng.exponential(shape["chase_mean_s"], count),
        }
        for k in range(1, BREAKS + 1):
            rests = self._rng.random(count) < shape["break_p"]
            columns[f"break{k}_s"] = np.where(rests, self._rng.exponential(shape["break_mean_s"], count), 0)
        factor = np.where(urgent, shape["urgent_patience_factor"], 1.0)
        for k in range(1, ATTEMPTS + 1):
            patience = self._by_median(shape["patience_median_s"], shape["patience_sigma"], count)
            columns[f"patience{k}_s"] = patience * factor
            columns[f"gap_abandon{k}_s"] = self._by_median(
                shape["redial_median_s"], shape["redial_sigma"], count
            )
            columns[f"gap_busy{k}_s"] = self._by_median(
                shape["redial_busy_median_s"], shape["redial_sigma"], count
            )
        return {name: _ms(values, 1) for name, values in columns.items()}

    def _by_mean(self, mean: float, cv: float, count: int) -> Floats:
        sigma = math.sqrt(math.log1p(cv * cv))
        return self._rng.lognormal(math.log(mean) - sigma * sigma / 2, sigma, count)

    def _by_median(self, median: float, sigma: float, count: int) -> Floats:
        return self._rng.lognormal(math.log(median), sigma, count)


def _traffic(params: Params, rng: np.random.Generator) -> Traffic:
    by_day = params.generator["partner_own_erlang"] / 320
    by_night = by_day * params.generator["partner_night_factor"]
    instants = []
    for hour in range(math.ceil(params.day.length_s / _HOUR_S)):
        begins, ends = _PARTNER_DAY
        drawn = rng.poisson((by_day if begins <= hour < ends else by_night) * _HOUR_S)
        instants.append(rng.uniform(hour * _HOUR_S, (hour + 1) * _HOUR_S, drawn))
    arrivals = np.sort(np.concatenate(instants))
    services = np.maximum(5, rng.exponential(320, len(arrivals)))
    return Traffic(_ms(arrivals, 2), _ms(services, 1))


def _ms(seconds: Floats, digits: int) -> list[int]:
    found: list[int] = np.rint(np.round(seconds, digits) * 1000).astype(np.int64).tolist()
    return found


def _ints(values: NDArray[np.generic]) -> list[int]:
    found: list[int] = values.astype(np.int64).tolist()
    return found
