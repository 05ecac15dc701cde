"""The ledger check over a real database and a CEL file as Asterisk writes it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from rows import C1, C2, NOW, answered, arrival

from callcenter.asterisk.books import read_cel
from callcenter.core.ledger import Kind
from callcenter.core.messages.calls import Outcome
from callcenter.store import contacts, ledger_check
from callcenter.store.database import Database

pytestmark = pytest.mark.contract

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def cel(tmp_path: Path) -> Path:
    """The CEL file of one answered call, C1."""
    path = tmp_path / "cel.csv"
    trunk, seat = ("PJSIP/trunk-00000001", "intake"), ("PJSIP/8001-00000002", "seats")
    events = [
        (0.0, "CHAN_START", "", C1, *trunk, "", ""),
        (0.1, "USER_DEFINED", "CITIZEN", C1, *trunk, "", '{""extra"":""13812345678""}'),
        (5.0, "APP_START", "", C1, *trunk, "Queue", ""),
        (15.0, "BRIDGE_ENTER", "", C2, *seat, "AppQueue", '{""bridge_id"":""b""}'),
        (15.0, "BRIDGE_ENTER", "", C1, *trunk, "Queue", '{""bridge_id"":""b""}'),
        (75.0, "CHAN_END", "", C1, *trunk, "", ""),
    ]
    path.write_text("".join(_line(*event) for event in events))
    return path


async def test_a_clean_day(database: Database, cel: Path) -> None:
    """Equal books give a clean report that can be printed and sent as JSON."""
    async with database.unit() as unit:
        await contacts.save(unit, answered())
    report = await ledger_check.check(database, read_cel(cel), {C1}, LATER)
    assert (report.is_clean, report.contacts, report.entries) == (True, 1, 1)
    assert report.as_json()["clean"] is True
    assert len(report.lines()) == 1


async def test_every_difference_is_named(database: Database, cel: Path) -> None:
    """A wrong seat, a contact without a book entry and a missing CDR are three lines."""
    async with database.unit() as unit:
        await contacts.save(unit, replace(answered(), seat_id=None))
        await contacts.save(unit, answered(C2))
    report = await ledger_check.check(database, read_cel(cel), {C2}, LATER)
    kinds = [difference.kind for difference in report.differences]
    assert sorted(kinds) == sorted([Kind.SEAT_DIFFERS, Kind.MISSING_IN_BOOKS, Kind.MISSING_IN_CDR])
    assert len(report.lines()) == 4


async def test_a_window_takes_a_contact_in_both_books_or_in_none(database: Database, cel: Path) -> None:
    """A contact that the two books place on either side of the edge is no difference."""
    late = replace(answered(), arrived_at=NOW + timedelta(seconds=1))
    async with database.unit() as unit:
        await contacts.save(unit, late)
    edge = NOW + timedelta(seconds=0.5)
    for since, until in ((edge, LATER), (NOW - timedelta(hours=1), edge)):
        report = await ledger_check.check(database, read_cel(cel), None, until, since)
        assert (report.is_clean, report.contacts) == (True, 1)


async def test_an_empty_house_is_clean(database: Database, tmp_path: Path) -> None:
    """No calls, no books, no differences."""
    report = await ledger_check.check(database, read_cel(tmp_path / "none.csv"), set(), LATER)
    assert (report.is_clean, report.contacts) == (True, 0)


async def test_who_ended_without_us_is_found(database: Database, cel: Path) -> None:
    """A contact that only the books know, or that is open here, is settled; live and settled ones are not."""
    (unknown,) = await ledger_check.unsettled(database, read_cel(cel), LATER)
    assert (unknown.contact_id, unknown.outcome, unknown.caller) == (C1, Outcome.ANSWERED, "13812345678")
    async with database.unit() as unit:
        await contacts.arrive(unit, arrival())
    (still_open,) = await ledger_check.unsettled(database, read_cel(cel), LATER)
    assert still_open == unknown
    assert await ledger_check.unsettled(database, read_cel(cel), LATER, live={C1}) == []
    assert await ledger_check.unsettled(database, read_cel(cel), NOW + timedelta(seconds=76)) == []
    async with database.unit() as unit:
        await contacts.save(unit, answered())
    assert await ledger_check.unsettled(database, read_cel(cel), LATER) == []


def _line(
    t: float, event: str, mark: str, uniqueid: str, channel: str, context: str, app: str, extra: str
) -> str:
    at_s = f"{NOW.timestamp() + t:.6f}"
    arguments = "general,c" if app == "Queue" else ""
    cells = (at_s, event, mark, uniqueid, C1, channel, "", "12345", context, app, arguments, extra)
    return ",".join(f'"{cell}"' for cell in cells) + "\n"
