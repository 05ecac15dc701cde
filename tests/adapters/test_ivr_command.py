"""``callcenter ivr``: flows are checked, drawn and walked through in the terminal."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from callcenter.commands.ivr import ivr_app
from callcenter.core.errors import CallcenterError, UsageError
from ivr.flows import MENUS

pytestmark = [pytest.mark.adapters, pytest.mark.timeout(120)]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, which is also the working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLCENTER_HOME", str(tmp_path))
    return tmp_path


def ivr(*words: str, typed: str = "") -> str:
    """What the command prints.

    Raises:
        CallcenterError: what its one line of complaint says.
    """
    done = CliRunner().invoke(
        ivr_app, list(words), input=typed, env={"COLUMNS": "200"}, catch_exceptions=False
    )
    return done.output


def test_flows_are_checked_with_file_and_line(home: Path) -> None:
    """Without a mistake it says so; with one it says where, and fails; the house's own flows are looked at too."""
    assert "没有错误" in ivr("check")
    broken = MENUS.joinpath("night.toml").read_text("utf-8").replace("greeting_night", "greeting_midnight")
    own = home / "menus"
    own.mkdir()
    own.joinpath("night.toml").write_text(broken, "utf-8")
    runner = CliRunner().invoke(ivr_app, ["check"])
    assert isinstance(runner.exception, CallcenterError)
    assert runner.output.startswith("menus/night.toml:9: ")
    assert "greeting_midnight" in runner.output
    with pytest.raises(UsageError, match="greeting_midnight"):
        ivr("list")


def test_a_flow_is_drawn_as_text_and_as_picture(home: Path) -> None:
    """Mermaid is printed; .svg is written."""
    assert ivr("draw", "intake").startswith("flowchart TD\n")
    ivr("draw", "intake", "--to", "intake.svg")
    assert home.joinpath("intake.svg").read_text("utf-8").startswith("<svg")
    with pytest.raises(UsageError, match="night"):
        ivr("draw", "nothing")


@pytest.mark.usefixtures("home")
def test_a_flow_is_walked_by_typing_keys() -> None:
    """Chinese and English of what is heard, the steps, and where it ends; input that ends is a hang-up."""
    said = ivr("try", "night", typed="9\n\n3\n")
    assert "现在是夜间值班" in said
    assert "at night" in said
    assert "emergency.ambulance" in said
    assert "transfer  120" in said
    assert "left" in ivr("try", "intake", "--level", "2", "--fact", "origin=12328")
    with pytest.raises(UsageError, match="NAME=VALUE"):
        ivr("try", "intake", "--fact", "origin")


@pytest.mark.usefixtures("home")
def test_typed_text_stands_for_speech() -> None:
    """What is typed is asked back, as if it had been recognized; nothing known leads to the keys."""
    said = ivr("try", "self_service", typed="2\n我家暖气不热\n1\narticle=article_heating\n")
    assert "请在提示音后说出" in said
    assert "您要了解的是暖气不热怎么办，对吗。是请按1" in said
    assert "self_service.article_told" in said
    assert "self_service.articles" in ivr("try", "self_service", typed="2\n今天天气\n")


def test_words_that_can_never_be_heard_are_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the flows: the recognizer's vocabulary is compared with the articles' words."""
    model = home / "model"
    for part, content in {
        "am/final.mdl": "",
        "conf/mfcc.conf": "",
        "graph/Gr.fst": "",
        "graph/words.txt": "<eps> 0\n暖气 1\n社保 2\n卡 3\n",
    }.items():
        model.joinpath(part).parent.mkdir(parents=True, exist_ok=True)
        model.joinpath(part).write_text(content, "utf-8")
    monkeypatch.setenv("CALLCENTER_VOSK_MODEL", str(model))
    told = ivr("check")
    assert "没有错误" in told
    assert "公积金" in told
    assert "暖气" not in told
    assert "社保卡" not in told, "it is heard as two words"
