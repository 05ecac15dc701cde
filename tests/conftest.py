"""Guards for every test: one category per module, equal to its folder; no task left behind."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import settings

ROOT = Path(__file__).parent
CATEGORIES = {"core", "sim", "adapters", "contract", "web", "browser", "asterisk", "chaos", "bench"}

settings.register_profile("ci", derandomize=True, deadline=None)
settings.load_profile("ci")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a module whose marker is not its folder's name."""
    for item in items:
        folder = Path(item.path).relative_to(ROOT).parts[0]
        marks = {mark.name for mark in item.iter_markers()} & CATEGORIES
        if marks != {folder}:
            raise pytest.UsageError(
                f"{item.path}: write pytestmark = pytest.mark.{folder}, found {marks or 'none'}"
            )


@pytest_asyncio.fixture(autouse=True)
async def _no_leaked_tasks(request: pytest.FixtureRequest) -> AsyncIterator[None]:
    """Fail a test that leaves asyncio tasks running."""
    if not asyncio.iscoroutinefunction(getattr(request.node, "obj", None)):
        yield
        return
    before = asyncio.all_tasks()
    yield
    leaked = {t for t in asyncio.all_tasks() - before if t is not asyncio.current_task() and not t.done()}
    assert not leaked, f"tasks left behind: {leaked}"
