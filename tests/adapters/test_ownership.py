"""The ownership guard: another distribution over our packages is named in one line."""

from importlib import metadata
from pathlib import Path

import pytest

from callcenter import ownership
from callcenter.core.errors import UsageError

pytestmark = pytest.mark.adapters


def test_a_clean_environment_passes() -> None:
    """All four packages are ours and lie together."""
    ownership.check()


def test_a_foreign_owner_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The distribution that claims one of the names is the one in the message."""
    monkeypatch.setattr(
        metadata, "packages_distributions", lambda: {"queues": ["queues", "callcenter-12345"]}
    )
    with pytest.raises(UsageError, match=r"from queues.*environment of its own"):
        ownership.check()


def test_a_package_from_another_folder_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Beside an editable install, theirs may win without any claim."""
    (tmp_path / "ivr").mkdir()
    (tmp_path / "ivr" / "__init__.py").write_text("")
    monkeypatch.setattr(metadata, "packages_distributions", dict)
    monkeypatch.setattr(
        ownership, "_parent", lambda name: tmp_path if name == "ivr" else Path(ownership.__file__).parents[1]
    )
    with pytest.raises(UsageError, match="package 'ivr'"):
        ownership.check()
