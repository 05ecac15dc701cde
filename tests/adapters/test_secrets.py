"""Secrets: strong, made once, readable by their owner alone."""

import json
import stat
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from callcenter.asterisk.secrets import LENGTH_MIN, load_or_create, load_secrets
from callcenter.core.errors import UsageError
from callcenter.settings import Settings

pytestmark = pytest.mark.adapters


def mode(path: Path) -> int:
    """Permission bits."""
    return stat.S_IMODE(path.stat().st_mode)


def test_are_made_once_for_all_seats_and_both_users(tmp_path: Path) -> None:
    """Every seat and AMI user has its own strong secret, the same at the second start."""
    settings = Settings(home=str(tmp_path))
    first, second = load_secrets(settings), load_secrets(settings)
    assert first == second
    assert list(first.seats) == settings.seats.all()
    assert set(first.ami) == {"observer", "actor"}
    values = [*first.seats.values(), *first.ami.values()]
    assert len(set(values)) == len(values)
    assert min(map(len, values)) >= LENGTH_MIN


def test_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    """Folder 700, files 600."""
    load_or_create(tmp_path / "secrets" / "seats.json", ["8001"])
    assert (mode(tmp_path / "secrets"), mode(tmp_path / "secrets" / "seats.json")) == (0o700, 0o600)


def test_loose_modes_are_repaired_and_reported(tmp_path: Path) -> None:
    """A copied home with open modes is closed again, with a warning."""
    path = tmp_path / "secrets" / "seats.json"
    load_or_create(path, ["8001"])
    path.chmod(0o644)
    path.parent.chmod(0o755)
    with capture_logs() as logs:
        load_or_create(path, ["8001"])
    assert (mode(path.parent), mode(path)) == (0o700, 0o600)
    assert [entry["log_level"] for entry in logs] == ["warning", "warning"]


def test_new_seats_get_secrets_and_old_ones_keep_theirs(tmp_path: Path) -> None:
    """Adding seats changes no existing phone."""
    path = tmp_path / "seats.json"
    before = load_or_create(path, ["8001"])
    after = load_or_create(path, ["8001", "8002"])
    assert after["8001"] == before["8001"]
    assert set(load_or_create(path, [])) == set()
    assert set(json.loads(path.read_text())) == {"8001", "8002"}


@pytest.mark.parametrize(
    "content",
    [
        '{"8001": "1234"}',
        '{"8001": "' + "a" * 32 + '"}',
        '{"8001": "' + "ab;\\n[x]" * 5 + '"}',
        "[]",
        "{",
        '{"8001": 5}',
    ],
    ids=["short", "one letter", "line break", "list", "torn", "number"],
)
def test_weak_and_broken_files_are_refused(tmp_path: Path, content: str) -> None:
    """Neither a guessable secret nor one that breaks out of a configuration file is taken."""
    path = tmp_path / "seats.json"
    path.write_text(content)
    with pytest.raises(UsageError, match=r"seats\.json"):
        load_or_create(path, ["8001"])


def test_a_secret_is_never_shown(tmp_path: Path) -> None:
    """``repr`` leaves the values out."""
    secrets = load_secrets(Settings(home=str(tmp_path)))
    assert not [value for value in secrets.seats.values() if value in repr(secrets)]
