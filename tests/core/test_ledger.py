"""The two books: what CEL says about a call, and every difference from the ledger by its name."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from callcenter.core.books import BookEntry, book_entries
from callcenter.core.contact import Contact, ContactState
from callcenter.core.ids import ChannelName, ContactId, QueueName, SeatId
from callcenter.core.ledger import Difference, Kind, compare, settlement
from callcenter.core.messages.calls import Outcome

pytestmark = pytest.mark.core

NINE = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
C1, C2 = ContactId("cc-1.1"), ContactId("cc-1.5")

ANSWERED_CALL = """
t_s   | event        | mark    | uniqueid | channel            | context | application | extra
0.0   | CHAN_START   |         | cc-1.1   | PJSIP/trunk-000001 | intake  |             |
0.1   | USER_DEFINED | CITIZEN | cc-1.1   | PJSIP/trunk-000001 | intake  | CELGenUserEvent | {"extra":"13812345678"}
0.2   | ANSWER       |         | cc-1.1   | PJSIP/trunk-000001 | intake  | Answer      |
5.0   | APP_START    |         | cc-1.1   | PJSIP/trunk-000001 | line    | Queue       |
6.0   | CHAN_START   |         | cc-1.2   | PJSIP/8001-000002  | seats   | AppQueue    |
15.0  | ANSWER       |         | cc-1.2   | PJSIP/8001-000002  | seats   | AppQueue    |
15.0  | BRIDGE_ENTER |         | cc-1.2   | PJSIP/8001-000002  | seats   | AppQueue    | {"bridge_id":"b1"}
15.1  | BRIDGE_ENTER |         | cc-1.1   | PJSIP/trunk-000001 | line    | Queue       | {"bridge_id":"b1"}
75.0  | BRIDGE_EXIT  |         | cc-1.1   | PJSIP/trunk-000001 | line    | Queue       | {"bridge_id":"b1"}
75.0  | HANGUP       |         | cc-1.1   | PJSIP/trunk-000001 | line    | Queue       | {"hangupcause":16}
75.0  | CHAN_END     |         | cc-1.1   | PJSIP/trunk-000001 | line    | Queue       |
75.1  | CHAN_END     |         | cc-1.2   | PJSIP/8001-000002  | seats   |             |
75.1  | LINKEDID_END |         | cc-1.2   | PJSIP/8001-000002  | seats   |             |
"""

CB = ContactId("callback-cc-1.1-1")
CALLED_BACK = """
t_s   | event        | mark    | uniqueid | channel            | context  | application | extra
0.0   | CHAN_START   |         | CB       | PJSIP/8001-000001  | seats    |             |
6.0   | ANSWER       |         | CB       | PJSIP/8001-000001  | seats    | AppDial2    |
6.1   | USER_DEFINED | CITIZEN | CB       | PJSIP/8001-000001  | callback | CELGenUserEvent | {"extra":"13812345678"}
6.1   | APP_START    |         | CB       | PJSIP/8001-000001  | callback | Dial        |
6.2   | CHAN_START   |         | cc-1.9   | PJSIP/trunk-000002 | intake   |             |
15.0  | BRIDGE_ENTER |         | cc-1.9   | PJSIP/trunk-000002 | intake   | AppDial     | {"bridge_id":"b1"}
15.1  | BRIDGE_ENTER |         | CB       | PJSIP/8001-000001  | callback | Dial        | {"bridge_id":"b1"}
75.0  | CHAN_END     |         | cc-1.9   | PJSIP/trunk-000002 | intake   | AppDial     |
75.1  | CHAN_END     |         | CB       | PJSIP/8001-000001  | callback | AppDial2    |
"""


@dataclass(frozen=True)
class Line:
    """A CEL line."""

    at_s: float
    event: str
    user_event: str
    uniqueid: str
    linkedid: str
    channel: str
    context: str
    exten: str
    application: str
    arguments: str
    extra: str


def lines(table: str, linkedid: str = C1) -> list[Line]:
    """The CEL lines of a text table."""
    rows = [[cell.strip() for cell in row.split("|")] for row in table.strip().splitlines()[1:]]
    return [
        Line(
            NINE.timestamp() + float(t), event, mark, uniqueid, linkedid, channel, context, "12345",
            application, "general,c" if application == "Queue" else "", extra,
        )
        for t, event, mark, uniqueid, channel, context, application, extra in rows
    ]  # fmt: skip


def without(table: str, *words: str) -> str:
    """The table without the rows that hold one of these words."""
    return "\n".join(row for row in table.splitlines() if not any(word in row for word in words))


def at(seconds: float) -> datetime:
    """So long after nine."""
    return NINE + timedelta(seconds=seconds)


CONTACT = Contact(
    C1,
    ChannelName("PJSIP/trunk-000001"),
    "13812345678",
    "12345",
    "controller",
    ContactState.ENDED,
    at(0),
    at(5),
    at(15.2),
    at(75),
    at(75),
    QueueName("general"),
    SeatId("8001"),
    Outcome.ANSWERED,
    16,
)


def test_an_answered_call_is_read_from_cel() -> None:
    """Arrival, line, seat, end and number of a whole call."""
    assert book_entries(lines(ANSWERED_CALL)) == [
        BookEntry(
            C1, at(0), at(75.1), "13812345678", "12345", at(5), QueueName("general"), at(15.1), SeatId("8001"),
            at(75), Outcome.ANSWERED,
        )
    ]  # fmt: skip


def call_back(*left_out: str) -> list[Line]:
    """The CEL lines of a call-back, without those that hold one of these words."""
    return [
        replace(line, uniqueid=line.uniqueid.replace("CB", CB))
        for line in lines(without(CALLED_BACK, *left_out), CB)
    ]


def test_a_call_back_is_read_from_cel() -> None:
    """Begun at a seat, called nobody's number, in no line; the citizen is the one whom the mark names."""
    entry = BookEntry(
        CB,
        at(0),
        at(75.1),
        "13812345678",
        "",
        None,
        None,
        at(15.1),
        SeatId("8001"),
        at(75.1),
        Outcome.ANSWERED,
    )
    assert book_entries(call_back()) == [entry]
    (unreached,) = book_entries(call_back("BRIDGE_ENTER"))
    assert unreached == replace(entry, answered_at=None, outcome=Outcome.UNREACHED)
    (nobody,) = book_entries(call_back("BRIDGE_ENTER", "trunk", "CITIZEN", "ANSWER"))
    assert (nobody.outcome, nobody.caller, nobody.seat_id) == (Outcome.UNREACHED, "", SeatId("8001"))


@pytest.mark.parametrize(
    ("left_out", "outcome"),
    [((), Outcome.ANSWERED), (("BRIDGE_ENTER",), Outcome.UNREACHED), (("CHAN_END",), Outcome.ANSWERED)],
)
def test_a_call_back_is_compared_like_any_contact(left_out: tuple[str, ...], outcome: Outcome) -> None:
    """Equal books are clean; a call-back that vanished is settled from the book."""
    (entry,) = book_entries(call_back(*left_out))
    settled = settlement(None, entry, at(1000))
    assert settled is not None
    assert (settled.outcome, settled.seat_id) == (outcome, SeatId("8001"))
    contact = replace(
        CONTACT,
        contact_id=CB,
        source="callback",
        called="",
        queue=None,
        queued_at=None,
        answered_at=settled.answered_at,
        ended_at=settled.ended_at,
        outcome=outcome,
    )
    kinds = [Kind.OPEN_IN_BOOKS] if "CHAN_END" in left_out else []
    assert [difference.kind for difference in compare([contact], [entry], {CB})] == kinds
    wrong = replace(contact, outcome=Outcome.ABANDONED)
    assert compare([wrong], [entry], {CB})


@pytest.mark.parametrize("outcome", [None, Outcome.UNREACHED])
def test_a_call_back_that_rang_nowhere_is_in_no_book(outcome: Outcome | None) -> None:
    """Its row comes before its channel, and a seat without a phone never gets one."""
    contact = replace(CONTACT, contact_id=CB, outcome=outcome)
    assert compare([contact], [], set()) == []
    assert compare([replace(contact, outcome=Outcome.ANSWERED)], [])
    assert compare([replace(contact, contact_id=C1)], [])
    settled = settlement(replace(contact, outcome=None, answered_at=None, queued_at=None), None, at(1000))
    assert settled is not None
    assert settled.outcome == Outcome.UNREACHED


def test_equal_books_have_no_difference() -> None:
    """A call that both books describe alike is clean, in CDR too."""
    assert compare([CONTACT], book_entries(lines(ANSWERED_CALL)), {C1}) == []


def test_calls_are_kept_apart_and_in_order() -> None:
    """Two calls whose lines are mixed are two entries, by arrival."""
    second = [
        replace(line, uniqueid="cc-1.5", linkedid="cc-1.5", at_s=line.at_s - 1)
        for line in lines(ANSWERED_CALL)[:2]
    ]
    entries = book_entries(lines(ANSWERED_CALL) + second)
    assert [entry.contact_id for entry in entries] == [C2, C1]


def test_only_inbound_calls_are_contacts() -> None:
    """A seat that dials a feature code or another seat is no contact."""
    assert book_entries(lines(without(ANSWERED_CALL, "trunk"))) == []
    assert book_entries([replace(line, context="seats") for line in lines(ANSWERED_CALL)]) == []


@pytest.mark.parametrize(
    ("left_out", "added", "outcome"),
    [
        (("BRIDGE_ENTER",), "", Outcome.ABANDONED),
        (("BRIDGE_ENTER", "Queue       |\n6"), "", Outcome.ABANDONED),
        (("BRIDGE_ENTER", "APP_START"), "", Outcome.LEFT_EARLY),
        (("BRIDGE_ENTER",), "MESSAGE", Outcome.MESSAGE),
        (("BRIDGE_ENTER", "APP_START", "0.2"), "REFUSED", Outcome.BLOCKED),
        (("BRIDGE_ENTER",), "CALLBACK", Outcome.CALLBACK),
        (("BRIDGE_ENTER", "APP_START"), "CALLBACK", Outcome.CALLBACK),
        (("BRIDGE_ENTER", "APP_START"), "ASKED", Outcome.ABANDONED),
        (("BRIDGE_ENTER", "APP_START"), "RESOLVED", Outcome.SELF_RESOLVED),
        ((), "CALLBACK", Outcome.ANSWERED),
        (("CHAN_END", "LINKEDID"), "", None),
    ],
)
def test_outcomes_of_the_books(left_out: tuple[str, ...], added: str, outcome: Outcome | None) -> None:
    """Each way to end is told from the lines that are there."""
    table = without(ANSWERED_CALL, *left_out)
    if added:
        table += f"\n20.0 | USER_DEFINED | {added} | cc-1.1 | PJSIP/trunk-000001 | message | | "
    (entry,) = book_entries(lines(table))
    assert entry.outcome == outcome


def test_hold_music_is_no_answer() -> None:
    """A citizen alone in a bridge, or a seat alone, has not been answered."""
    alone = without(ANSWERED_CALL, "BRIDGE_ENTER |         | cc-1.2")
    (entry,) = book_entries(lines(alone))
    assert (entry.answered_at, entry.seat_id) == (None, None)


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        ({"outcome": Outcome.ABANDONED}, [Kind.OUTCOME_DIFFERS]),
        ({"seat_id": SeatId("8002")}, [Kind.SEAT_DIFFERS]),
        ({"answered_at": at(17.2)}, [Kind.TIME_DIFFERS]),
        ({"answered_at": at(17.0)}, []),
        ({"queued_at": None}, [Kind.TIME_DIFFERS]),
        ({"outcome": None, "ended_at": None}, [Kind.STILL_OPEN]),
    ],
)
def test_each_difference_has_a_name(change: dict[str, object], kinds: list[Kind]) -> None:
    """Outcome, seat and times beyond two seconds are named one by one."""
    contact = replace(CONTACT, **change)  # type: ignore[arg-type]  # fields by name
    assert [difference.kind for difference in compare([contact], book_entries(lines(ANSWERED_CALL)))] == kinds


def test_what_one_book_lacks_is_named() -> None:
    """Contacts that only one book knows, or knows twice, or that the CDR lacks."""
    entries = book_entries(lines(ANSWERED_CALL))
    assert compare([], entries) == [Difference(C1, Kind.MISSING_IN_LEDGER, "", "answered")]
    assert compare([CONTACT], []) == [Difference(C1, Kind.MISSING_IN_BOOKS, "answered", "")]
    assert compare([CONTACT], entries, set()) == [Difference(C1, Kind.MISSING_IN_CDR, "answered", "")]
    assert compare([CONTACT, CONTACT], entries) == [Difference(C1, Kind.TWO_ROWS, "2", "1")]
    unended = book_entries(lines(without(ANSWERED_CALL, "CHAN_END", "LINKEDID")))
    assert compare([CONTACT], unended) == [Difference(C1, Kind.OPEN_IN_BOOKS, "answered", "")]


def test_live_calls_are_no_difference() -> None:
    """Open here and open there is as it should be."""
    unended = book_entries(lines(without(ANSWERED_CALL, "CHAN_END", "LINKEDID")))
    assert compare([replace(CONTACT, outcome=None, ended_at=None)], unended) == []


def test_differences_never_show_a_number() -> None:
    """A report of differences can be sent around."""
    assert "13812345678" not in str(compare([], book_entries(lines(ANSWERED_CALL))))


@pytest.mark.parametrize(
    ("left_out", "outcome", "ended_at"),
    [
        ((), Outcome.ANSWERED, at(75)),
        (("CHAN_END", "LINKEDID"), Outcome.ANSWERED, at(75)),
        (("CHAN_END", "LINKEDID", "BRIDGE", "HANGUP"), Outcome.LOST, at(15)),
        (("CHAN_END", "LINKEDID", "BRIDGE", "HANGUP", "APP_START", "8001"), Outcome.LOST_EARLY, at(0.2)),
    ],
)
def test_who_vanished_is_settled_from_the_books(
    left_out: tuple[str, ...], outcome: Outcome, ended_at: datetime
) -> None:
    """With an end in the books that end counts; without one the PBX died, and the call when it was last seen."""
    (entry,) = book_entries(lines(without(ANSWERED_CALL, *left_out)))
    settled = settlement(None, entry, at(1000))
    assert settled is not None
    assert (settled.outcome, settled.ended_at, settled.caller) == (outcome, ended_at, "13812345678")


def test_who_stands_in_no_book_is_settled_from_what_we_saw() -> None:
    """Without any CEL line our own row must do; without that either there was nobody."""
    waiting = replace(CONTACT, answered_at=None, seat_id=None, outcome=None, ended_at=None)
    settled = settlement(waiting, None, at(1000))
    assert settled is not None
    assert (settled.outcome, settled.ended_at) == (Outcome.LOST, at(1000))
    assert settlement(None, None, at(1000)) is None
