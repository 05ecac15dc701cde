"""A mistake in a file is one line that names file, line and column."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from surge_days import SCENARIOS

from callcenter.core.errors import UsageError
from callcenter.sim.params import load_params
from callcenter.sim.run import simulate
from callcenter.sim.trace import load_citizens

pytestmark = pytest.mark.sim

GOOD = (SCENARIOS / "params" / "N1400.toml").read_text("utf-8")
TRACE = gzip.decompress((SCENARIOS / "traces" / "N1400-seed1.csv.gz").read_bytes()).decode().splitlines()[:4]


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("greeting_s = 8", "greeting_s = -8", ":24: [prompts] greeting_s"),
        ("greeting_s = 8", "greeting_s = nan", "[prompts] greeting_s"),
        ("greeting_s = 8", 'greeting_s = "8"', "[prompts] greeting_s must be a number"),
        ("greeting_s = 8", "greting_s = 8", "[prompts] greting_s is unknown"),
        ("greeting_s = 8\n", "", "[prompts] greeting_s is missing"),
        ("p_redial = 0.7", "p_redial = 1.7", "[citizen] p_redial must be a probability"),
        ("[lines]", "[lanes]", "lanes is unknown"),
        ("surge-benchmark/1", "surge-benchmark/9", "format must be"),
        ("seed = 1", "seed = = 1", "not TOML"),
    ],
)
def test_bad_parameters_are_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    """Unknown and missing keys, wrong types and ranges stop with the line at fault."""
    path = tmp_path / "params.toml"
    path.write_text(GOOD.replace(old, new, 1), "utf-8")
    with pytest.raises(UsageError) as caught:
        load_params(path)
    assert named in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_roster_with_no_seat_is_refused(tmp_path: Path) -> None:
    """A day on which nobody works is a mistake, not a simulation."""
    line = next(line for line in GOOD.splitlines() if line.startswith("by_hour"))
    path = tmp_path / "params.toml"
    path.write_text(GOOD.replace(line, f"by_hour = {[0] * 24}"), "utf-8")
    with pytest.raises(UsageError, match="no seat"):
        load_params(path)


def _cell(column: str, value: str) -> Callable[[list[str]], list[str]]:
    def change(lines: list[str]) -> list[str]:
        number = lines[0].split(",").index(column)
        cells = lines[2].split(",")
        cells[number] = value
        return [*lines[:2], ",".join(cells), *lines[3:]]

    return change


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (_cell("talk_s", "-1"), ":3: column talk_s"),
        (_cell("patience2_s", "soon"), ":3: column patience2_s"),
        (_cell("acw_s", "inf"), ":3: column acw_s"),
        (_cell("u_reach1", "10000"), ":3: column u_reach1"),
        (_cell("urgent", "yes"), ":3: column urgent"),
        (_cell("cid", "7"), ":3: column cid"),
        (_cell("t0_s", "1.0"), ":3: column t0_s"),
        (lambda lines: [lines[0].replace("talk_s", "tlak_s"), *lines[1:]], ":1: column talk_s is missing"),
        (lambda lines: [*lines[:2], lines[2] + ",1", *lines[3:]], ":3: "),
        (lambda lines: lines[:1], "has no citizen"),
        (lambda lines: [], "is empty"),
    ],
)
def test_bad_citizens_are_named(tmp_path: Path, change: Callable[[list[str]], list[str]], named: str) -> None:
    """Missing columns, negative times and nonsense stop with line and column."""
    path = tmp_path / "trace.csv"
    path.write_text("\n".join(change(TRACE)), "utf-8")
    with pytest.raises(UsageError) as caught:
        load_citizens(path)
    assert named in str(caught.value)


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    """A truncated gzip file is a usage error."""
    path = tmp_path / "trace.csv.gz"
    path.write_bytes(gzip.compress(b"cid,t0_s\n" * 100)[:-9])
    with pytest.raises(UsageError, match="cannot be read"):
        load_citizens(path)


def test_an_unknown_policy_is_named() -> None:
    """Who misspells a policy is told the names there are."""
    with pytest.raises(UsageError, match="no policy 'Z'"):
        simulate(SCENARIOS / "params" / "N1400.toml", None, "Z")
