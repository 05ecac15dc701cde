"""``callcenter simulate`` as an operator meets it."""

import json
from pathlib import Path

import pytest
import typer
from surge_days import SCENARIOS
from typer.testing import CliRunner

from callcenter.sim.command import simulate
from callcenter.sim.log import read_log

pytestmark = pytest.mark.sim

app = typer.Typer()
app.command()(simulate)
N1400 = str(SCENARIOS / "params" / "N1400.toml")


def test_json_has_the_figures_and_the_log_is_written(tmp_path: Path) -> None:
    """One object on standard output; the log can be read back."""
    log = tmp_path / "log.csv.gz"
    result = CliRunner().invoke(app, ["--params", N1400, "--policy", "fifo", "--json", "--log", str(log)])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["served_same_day_rate"] == 0.9943
    assert read_log(log)[0].event == "attempt"


def test_full_and_engine_are_one() -> None:
    """Both names mean the production engine."""
    runs = [
        CliRunner().invoke(app, ["--params", N1400, "--policy", name, "--json"])
        for name in ("full", "engine")
    ]
    assert runs[0].stdout == runs[1].stdout


def test_a_mistake_is_one_line_and_exit_code_two(tmp_path: Path) -> None:
    """A missing file is told in one line."""
    result = CliRunner().invoke(app, ["--params", str(tmp_path / "none.toml")])
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1


def test_a_picture_goes_home_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``auto`` names it after scenario and policy in the home folder; a folder works as well; JSON stays alone."""
    monkeypatch.setenv("CALLCENTER_HOME", str(tmp_path))
    day = ["--params", N1400, "--policy", "fifo", "--json", "--picture"]
    result = CliRunner().invoke(app, [*day, "auto"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)
    drawn = (tmp_path / "pictures" / "N1400-fifo.svg").read_text("utf-8")
    assert ">N1400: fifo</text>" in drawn
    assert ">等待的来电 / waiting callers</text>" in drawn
    assert CliRunner().invoke(app, [*day, str(tmp_path)]).exit_code == 0
    assert (tmp_path / "N1400-fifo.svg").read_text("utf-8") == drawn


def test_a_picture_that_cannot_be_drawn_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that does not exist, and a home that is a file: exit code 2."""
    (tmp_path / "home").write_text("a file", "utf-8")
    monkeypatch.setenv("CALLCENTER_HOME", str(tmp_path / "home"))
    for picture in ("auto", str(tmp_path / "none" / "day.svg")):
        result = CliRunner().invoke(app, ["--params", N1400, "--policy", "fifo", "--picture", picture])
        assert result.exit_code == 2
        assert result.stderr.count("\n") == 1
