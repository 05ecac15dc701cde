"""One real Asterisk per test session; every test leaves it without a channel."""

import tempfile
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from pbx import Pbx, Witness, running_pbx

from callcenter.phones import PhoneBox


@pytest.fixture(scope="session")
def asterisk_home() -> Iterator[Path]:
    """A home with a short path: Unix limits the length of a socket's."""
    with tempfile.TemporaryDirectory(prefix="cc-") as folder:
        yield Path(folder)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running_asterisk(asterisk_home: Path) -> AsyncIterator[Pbx]:
    """Asterisk with the rendered configuration and no controller: what is fail-static must work here."""
    async with running_pbx(asterisk_home) as pbx:
        yield pbx


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the end of Asterisk's log with a failure."""
    report = yield
    pbx = getattr(item, "funcargs", {}).get("pbx")
    if report.failed and isinstance(pbx, Pbx):
        report.sections.append(("Asterisk's log", pbx.log_tail()))
    return report


@pytest.fixture
async def events(running_asterisk: Pbx) -> AsyncIterator[Witness]:
    """Everything that the observer is told in this test, and nothing of another one."""
    async with running_asterisk.watched() as witness:
        yield witness
        assert await running_asterisk.is_quiet(), "channels are left behind"
        await running_asterisk.empty_queues()
        await running_asterisk.settle(witness)


@pytest.fixture
def pbx(running_asterisk: Pbx, events: Witness) -> Pbx:
    """Asterisk without calls and without seats, before and after."""
    return running_asterisk


@pytest.fixture
async def phones(pbx: Pbx) -> AsyncIterator[PhoneBox]:
    """Phones that have this Asterisk for a server."""
    async with PhoneBox(pbx.address) as box:
        yield box
