"""The ownership guard: another distribution over our packages is named in one line."""

from pathlib import Path

import pytest

from callcenter import ownership
from callcenter.core.errors import UsageError

pytestmark = pytest.mark.adapters


def test_a_clean_environment_passes() -> None:
    """All four packages are ours and lie together."""
    ownership.check()


@pytest.mark.parametrize(
    ("file", "says"), [("RECORD", "queues/__init__.py,,\n"), ("top_level.txt", "queues\n")]
)
def test_a_foreign_owner_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: str, says: str
) -> None:
    """The distribution that claims one of the names is the one in the message, however it lists what it brought."""
    theirs = tmp_path / "task_queues-1.0.dist-info"
    theirs.mkdir()
    (theirs / "METADATA").write_text("Metadata-Version: 2.1\nName: task-queues\nVersion: 1.0\n")
    (theirs / file).write_text(f"other/__init__.py,,\n{says}" if file == "RECORD" else says)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UsageError, match=r"from task-queues.*environment of its own"):
        ownership.check()


def test_a_package_from_another_folder_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Beside an editable install, theirs may win without any claim."""
    (tmp_path / "ivr").mkdir()
    (tmp_path / "ivr" / "__init__.py").write_text("")
    monkeypatch.setattr(
        ownership, "_parent", lambda name: tmp_path if name == "ivr" else Path(ownership.__file__).parents[1]
    )
    with pytest.raises(UsageError, match="package 'ivr'"):
        ownership.check()
