"""The ownership guard: no other distribution may have put files over our four top-level packages (ADR 0005)."""

from collections.abc import Iterator
from importlib import metadata, util
from pathlib import Path

from callcenter.core.errors import UsageError

DISTRIBUTION = "callcenter-12345"
PACKAGES = ("callcenter", "ivr", "queues", "recordings")


def check() -> None:
    """Make sure that all four packages are ours.

    Raises:
        UsageError: names the package in the way.
    """
    for package, owner in _claims():
        if owner != DISTRIBUTION:
            raise _in_the_way(package, owner)
    parents = {package: _parent(package) for package in PACKAGES}
    ours = parents["callcenter"]
    for package, parent in parents.items():
        if parent != ours:
            raise _in_the_way(package, str(parent))


def _claims() -> Iterator[tuple[str, str]]:
    """Which distribution says that it brought which of our packages.

    Their lists of files are searched as text: ``metadata.packages_distributions`` parses each line of all of them,
    which takes longer than most commands.
    """
    for distribution in metadata.distributions():
        files = "\n" + (distribution.read_text("RECORD") or "")
        names = (distribution.read_text("top_level.txt") or "").split()
        for package in PACKAGES:
            if f"\n{package}/" in files or package in names:
                yield package, distribution.metadata["Name"]


def _parent(package: str) -> Path | None:
    spec = util.find_spec(package)
    return Path(spec.origin).resolve().parents[1] if spec and spec.origin else None


def _in_the_way(package: str, what: str) -> UsageError:
    return UsageError(
        f"package '{package}' does not come from {DISTRIBUTION} but from {what}: "
        "use a virtual environment of its own",
        code="foreign_package",
    )
