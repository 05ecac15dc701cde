"""The ownership guard: no other distribution may have put files over our four top-level packages (ADR 0005)."""

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
    owners = metadata.packages_distributions()
    for package in PACKAGES:
        others = sorted(set(owners.get(package, ())) - {DISTRIBUTION})
        if others:
            raise _in_the_way(package, others[0])
    parents = {package: _parent(package) for package in PACKAGES}
    ours = parents["callcenter"]
    for package, parent in parents.items():
        if parent != ours:
            raise _in_the_way(package, str(parent))


def _parent(package: str) -> Path | None:
    spec = util.find_spec(package)
    return Path(spec.origin).resolve().parents[1] if spec and spec.origin else None


def _in_the_way(package: str, what: str) -> UsageError:
    return UsageError(
        f"package '{package}' does not come from {DISTRIBUTION} but from {what}: "
        "use a virtual environment of its own",
        code="foreign_package",
    )
