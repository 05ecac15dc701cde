"""Settings: one tree, every value with its origin, every mistake named in one line."""

from pathlib import Path

import pytest

from callcenter.core.errors import UsageError
from callcenter.settings import effective, load

pytestmark = pytest.mark.adapters


def written(folder: Path, text: str) -> Path:
    """A configuration file."""
    path = folder / "callcenter.toml"
    path.write_text(text, "utf-8")
    return path


def test_environment_wins_over_file_over_default(tmp_path: Path) -> None:
    """And ``config check`` can tell which it was."""
    path = written(tmp_path, 'http = "127.0.0.1:9000"\n[line]\nwrap_up_s = 30\n')
    loaded = load({"CALLCENTER_HTTP": "127.0.0.1:9001"}, path)
    rows = {key: (value, origin) for key, value, origin in effective(loaded)}
    assert rows["http"] == ("127.0.0.1:9001", "CALLCENTER_HTTP")
    assert rows["line.wrap_up_s"] == (30, str(path))
    assert rows["sip"] == ("127.0.0.1:5060", "default")


@pytest.mark.parametrize(
    ("text", "environ", "complaint"),
    [
        ("htp = 1\n", {}, "unknown key 'htp' .* known here: .*http"),
        ("[line]\nwrapup = 1\n", {}, "unknown key 'line.wrapup' .*wrap_up_s"),
        ("[line\n", {}, "not valid TOML"),
        ("[seats]\ncount = 0\n", {}, "'seats.count'"),
        ("", {"CALLCENTER_HTTP": "here"}, "'http' in CALLCENTER_HTTP"),
        ("", {"CALLCENTER_RTP": "5-4"}, "'rtp' in CALLCENTER_RTP"),
        ("", {"CALLCENTER_SIP": "127.0.0.1:0"}, "'sip' in CALLCENTER_SIP"),
        ("", {"CALLCENTER_HOEM": "x"}, "unknown environment variable CALLCENTER_HOEM"),
        ('[departments]\n"水务局" = "0517-8800"\n', {}, "the number of '水务局' .* 051788001234"),
        ('[departments]\n"水务局" = "8003"\n', {}, "the number of '水务局'"),
        ('[departments]\n"12328" = "12328"\n', {}, "'12328' is no name"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, environ: dict[str, str], complaint: str) -> None:
    """The line says which key and where it stands."""
    with pytest.raises(UsageError, match=complaint):
        load(environ, written(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A file that was named but is not there is no reason to go on."""
    with pytest.raises(UsageError, match="cannot read"):
        load({"CALLCENTER_CONFIG": str(tmp_path / "none.toml")})


def test_rtp_ports_bound_the_calls() -> None:
    """A short range admits fewer calls than the setting: four ports a call."""
    assert load({"CALLCENTER_RTP": "20000-20399"}).settings.max_calls == 100
