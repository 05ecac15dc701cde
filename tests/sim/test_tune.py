"""``callcenter tune``: settings compared over drawn days, as a user runs it."""

import json
from pathlib import Path

import pytest
import typer
from surge_days import SCENARIOS
from typer.testing import CliRunner, Result

from callcenter.core.errors import UsageError
from callcenter.sim.command import tune
from callcenter.sim.search import grid, search, values

pytestmark = pytest.mark.sim

app = typer.Typer()
app.command()(tune)
PARAMS = SCENARIOS / "params"
N1400, X21 = str(PARAMS / "N1400.toml"), str(PARAMS / "X21-1h.toml")


def run(*arguments: str) -> Result:
    """The command with one day and one process."""
    return CliRunner().invoke(app, ["--seeds", "3", "--workers", "1", *arguments])


def test_results_keep_the_order_and_progress_is_told() -> None:
    """Two candidates on two days: the results in order, the present one marked, progress after each day."""
    told: list[tuple[int, int]] = []
    found = search(
        [PARAMS / "N1400.toml"],
        [{"offer_ewt_s": 30.0}, {"offer_ewt_s": 120.0}],
        seeds=[3, 4],
        workers=2,
        progress=lambda done, total: told.append((done, total)),
    )
    assert [(row.changes["offer_ewt_s"], row.is_present) for row in found] == [(30.0, True), (120.0, False)]
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert all(row.means["captured_rate"] == 1 for row in found)


def test_a_grid_has_every_combination() -> None:
    """Two settings with two values each: four candidates."""
    vary = {
        "night_margin": values("night_margin", ["0.5", "0.7"]),
        "calm_reserve": values("calm_reserve", ["1", "2"]),
    }
    assert [tuple(changes.values()) for changes in grid(vary)] == [(0.5, 1), (0.5, 2), (0.7, 1), (0.7, 2)]


def test_the_present_settings_stand_beside_the_others() -> None:
    """What was not asked for is added, first and marked, for each file; its figures are those of the days as they are."""
    result = run("--params", N1400, "--params", X21, "--vary", "offer_ewt_s=120", "--json")
    assert result.exit_code == 0, result.output
    rows = json.loads(result.stdout)["candidates"]
    assert [(row["scenario"], row["changes"]["offer_ewt_s"], row["present"]) for row in rows] == [
        ("N1400", 30.0, True),
        ("N1400", 120.0, False),
        ("X21-1h", 30.0, True),
        ("X21-1h", 120.0, False),
    ]
    assert rows[2]["means"]["served_same_day_rate"] > 0.99
    assert rows[2]["means"] != rows[3]["means"]


def test_people_read_a_table() -> None:
    """One line a candidate with the figures that count."""
    result = run("--params", N1400, "--vary", "callback_margin=0.9,1.0")
    assert result.exit_code == 0, result.output
    assert all(word in result.stdout for word in ("served", "captured", "0.9", "present"))


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--vary", "margin=1"], "no setting 'margin'"),
        (["--vary", "plan=1"], "no setting 'plan'"),
        (["--vary", "offer_ewt_s=soon"], "cannot be 'soon'"),
        (["--vary", "offer_ewt_s=-1"], "cannot be '-1'"),
        (["--vary", "offer_ewt_s=nan"], "cannot be 'nan'"),
        (["--vary", "calm_reserve=1.5"], "whole number"),
        (["--vary", "cloud_seats=18"], "belongs to the world"),
        (["--vary", "offer_ewt_s"], "NAME=V1"),
        (["--vary", "offer_ewt_s=1", "--vary", "offer_ewt_s=2"], "twice"),
        (["--vary", "offer_ewt_s=60", "--seeds", "9-2"], "--seeds"),
        (["--vary", "offer_ewt_s=60", "--seeds", "1-999999999"], "--seeds"),
        (["--vary", "offer_ewt_s=60", "--seeds", "0-9999", "--vary", "kept_place_s=1,2,3,4,5,6"], "too many"),
    ],
)
def test_a_mistake_is_one_line(arguments: list[str], word: str) -> None:
    """What is no setting, no value, or no list of days is said in one line; exit code 2."""
    result = run("--params", N1400, *arguments)
    assert result.exit_code == 2
    assert word in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_bad_file_is_named_before_anything_runs(tmp_path: Path) -> None:
    """Of several parameter files one is missing."""
    result = run("--params", N1400, "--params", str(tmp_path / "none.toml"), "--vary", "offer_ewt_s=60")
    assert result.exit_code == 2
    assert "none.toml" in result.stderr


def test_a_value_is_named_with_its_setting() -> None:
    """For programs: the same refusals as errors."""
    with pytest.raises(UsageError, match="calm_reserve"):
        values("calm_reserve", ["many"])
