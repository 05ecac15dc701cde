"""Books are closed day by day and still read as one; logs that grow too long are shortened."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from callcenter import housekeeping
from callcenter.asterisk.books import CEL_COLUMNS, close_day, read_cel, volumes

pytestmark = pytest.mark.adapters

MONDAY = datetime(2026, 11, 16, 23, 0, tzinfo=UTC)


def line(at: datetime, uniqueid: str) -> str:
    """One CEL line."""
    cells = dict.fromkeys(CEL_COLUMNS, "") | {
        "event_time": f"{at.timestamp():.6f}",
        "event": "CHAN_START",
        "uniqueid": uniqueid,
    }
    return ",".join(f'"{cells[name]}"' for name in CEL_COLUMNS) + "\n"


def test_yesterdays_book_is_put_aside_and_still_read(tmp_path: Path) -> None:
    """A book of two days is two volumes; reading it gives every line, oldest first."""
    book = tmp_path / "cel.csv"
    book.write_text(line(MONDAY, "a") + line(MONDAY, "b"))
    assert close_day(book, MONDAY.date(), UTC) is None
    aside = close_day(book, MONDAY.date() + timedelta(days=1), UTC)
    assert aside == tmp_path / "cel-20261116.csv"
    book.write_text(line(MONDAY + timedelta(hours=2), "c"))
    assert [event.uniqueid for event in read_cel(book)] == ["a", "b", "c"]
    assert volumes(book, datetime.now(UTC) + timedelta(days=1)) == [book]


def test_a_day_closed_twice_keeps_both_volumes(tmp_path: Path) -> None:
    """After a clock that jumped back nothing is overwritten."""
    book = tmp_path / "cel.csv"
    for uniqueid in ("a", "b"):
        book.write_text(line(MONDAY, uniqueid))
        close_day(book, date(2026, 11, 18), UTC)
    assert sorted(event.uniqueid for event in read_cel(book)) == ["a", "b"]


@pytest.mark.parametrize("text", ["", "torn line without an end", "nonsense\n"])
def test_an_empty_or_torn_book_stays(tmp_path: Path, text: str) -> None:
    """Without a whole line there is no day to close."""
    book = tmp_path / "cel.csv"
    book.write_text(text)
    assert close_day(book, date(2026, 11, 18), UTC) is None


def test_a_log_is_emptied_in_place_and_the_last_few_are_kept(tmp_path: Path) -> None:
    """Its writer goes on in the same file; the oldest copy falls away."""
    path = tmp_path / "controller.log"
    with path.open("a") as writer:
        for number in range(housekeeping.LOGS_KEPT + 2):
            writer.write(f"{number}\n")
            writer.flush()
            housekeeping.rotate(path)
        writer.write("last\n")
    assert path.read_text() == "last\n"
    kept = sorted(entry.name for entry in tmp_path.iterdir())
    assert kept == ["controller.log", *(f"controller.log.{n}" for n in range(1, housekeeping.LOGS_KEPT + 1))]
    assert (tmp_path / "controller.log.1").read_text() == "6\n"
