"""An agent's desk on the real store: proposals from captions and transcripts, the own day from the ledger."""

from zoneinfo import ZoneInfo

import pytest
from rows import C1, NOW, StillClock, answered

from callcenter.captions.memory import CALLS_MAX, LINES_MAX, CaptionMemory
from callcenter.core.clock import Instant
from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId, SeatId, TicketNo
from callcenter.core.messages.seats import SeatState, SeatStateChanged
from callcenter.knowledge.articles import load
from callcenter.reports.figures import Lane
from callcenter.seat_days import SqlSeatDays
from callcenter.store import contacts, journal
from callcenter.store.database import Database
from callcenter.suggestion_desk import SuggestionDesk
from callcenter.tickets import catalog, store
from recordings.captions import Caption

pytestmark = pytest.mark.contract

ZONE = ZoneInfo("Asia/Shanghai")
CATALOG = catalog.load()
SEAT = SeatId("8001")


def heard(text: str, begin_s: float = 1.0, *, channel: str = "citizen", contact: ContactId = C1) -> Caption:
    """A line of a talk."""
    return Caption(contact, channel, begin_s, begin_s + 1, text, final=False)  # type: ignore[arg-type]


async def drafted(database: Database) -> TicketNo:
    """A call with its draft."""
    async with database.unit() as unit:
        await contacts.save(unit, answered())
        return (await store.draft(unit, C1, NOW, ZONE)).ticket_no


async def test_captions_propose_to_the_seat_in_the_talk_alone(database: Database) -> None:
    """The citizen's lines only, each as it is by now; a colleague gets nothing of them."""
    memory = CaptionMemory()
    desk = SuggestionDesk(database, CATALOG, memory, lambda: True, ZONE, load(), StillClock())
    ticket_no = await drafted(database)
    memory.hear(heard("暖"), SEAT)
    memory.hear(heard("暖气不热"), SEAT)
    memory.hear(heard("我要投诉", 3.0, channel="agent"), SEAT)
    memory.hear(heard("还有身份证丢了", 5.0), SEAT)
    told = await desk.of(ticket_no, SEAT)
    assert (told.source, told.is_demo_model, told.due_workdays) == ("captions", True, 3)
    assert {item.field: item.value for item in told.items}["nature"] == "help"
    assert told.articles == ["identity_card", "heating"]
    for other in (SeatId("8002"), None):
        assert (await desk.of(ticket_no, other)).source == "none"
    with pytest.raises(UsageError):
        await desk.of(TicketNo("20261122-999999"), SEAT)


def test_memory_is_bounded() -> None:
    """Long talks and many talks: the oldest go."""
    memory = CaptionMemory()
    for line in range(2 * LINES_MAX):
        memory.hear(heard(str(line), float(line)), SEAT)
    assert len(memory.said(C1)) == LINES_MAX
    for number in range(CALLS_MAX):
        memory.hear(heard("x", contact=ContactId(f"c-{number + 100}")), None)
    assert (memory.said(C1), memory.seat_of(C1)) == ([], None)


async def test_the_own_day_comes_from_the_ledger(database: Database) -> None:
    """Talks from contacts, after-call work from the journal, tickets by their standing; none of them twice."""
    async with database.unit() as unit:
        await contacts.save(unit, answered())
        for old, new, reason in (("talking", "wrap_up", "wrap_up"), ("wrap_up", "ready", "")):
            moved = SeatStateChanged(SEAT, SeatState(old), SeatState(new), reason)
            unit.record(journal.draft(moved, NOW, Instant(0.0), derived=True))
    clock = StillClock()
    view = await SqlSeatDays(database, clock, ZONE, Lane(clock)).of(SEAT)
    values = {figure.formula: figure.own for figure in view.figures}
    assert values["breaks_by_seat@1"] == 0
    assert values["answered_by_seat@1"] is not None
    assert {figure.middle for figure in view.figures} == {None}
