"""Mutual aid in the books: what CEL says of a helped caller on both sides, and the two figures of it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from callcenter.core.books import BookEntry, book_entries
from callcenter.core.clock import Instant
from callcenter.core.contact import Contact, ContactState, SaveContact, outcome_of
from callcenter.core.contacts import Contacts
from callcenter.core.ids import ChannelName, ContactId
from callcenter.core.ledger import settlement
from callcenter.core.messages import calls, partner, work
from callcenter.core.messages.calls import Outcome
from callcenter.reports.core.counting import attempts_of, count_attempts, count_harmed
from callcenter.reports.core.formulas import Tally, figures
from callcenter.reports.core.rows import ContactRow

pytestmark = pytest.mark.core

NINE = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
C1 = ContactId("cc-1.1")

HELPED = """
0.0   | CHAN_START   |              | cc-1.1 | PJSIP/trunk-000001   | intake      |
0.1   | USER_DEFINED | CITIZEN      | cc-1.1 | PJSIP/trunk-000001   | intake      | {"extra":"13812345678"}
5.0   | USER_DEFINED | PARTNER      | cc-1.1 | PJSIP/trunk-000001   | partner-out |
5.1   | CHAN_START   |              | cc-1.2 | PJSIP/partner-000002 | partner-in  |
9.0   | BRIDGE_ENTER |              | cc-1.2 | PJSIP/partner-000002 | partner-in  | {"bridge_id":"b1"}
9.1   | BRIDGE_ENTER |              | cc-1.1 | PJSIP/trunk-000001   | partner-out | {"bridge_id":"b1"}
"""
HANGS_UP_THERE = """
69.1  | BRIDGE_EXIT  |              | cc-1.2 | PJSIP/partner-000002 | partner-in  | {"bridge_id":"b1"}
69.2  | CHAN_END     |              | cc-1.1 | PJSIP/trunk-000001   | partner-out |
"""
COMES_BACK = """
69.1  | BRIDGE_EXIT  |              | cc-1.2 | PJSIP/partner-000002 | partner-in  | {"bridge_id":"b1"}
69.2  | USER_DEFINED | PARTNER_BACK | cc-1.1 | PJSIP/trunk-000001   | partner-out |
69.3  | APP_START    |              | cc-1.1 | PJSIP/trunk-000001   | line        |
"""
GIVES_UP = """
80.0  | CHAN_END     |              | cc-1.1 | PJSIP/trunk-000001   | line        |
"""
TALKS_WITH_US = """
79.0  | BRIDGE_ENTER |              | cc-1.3 | PJSIP/8001-000003    | seats       | {"bridge_id":"b2"}
79.1  | BRIDGE_ENTER |              | cc-1.1 | PJSIP/trunk-000001   | line        | {"bridge_id":"b2"}
99.0  | CHAN_END     |              | cc-1.1 | PJSIP/trunk-000001   | line        |
"""
AIDED = """
0.0   | CHAN_START   |              | cc-1.1 | PJSIP/partner-000001 | partner-in    |
0.1   | USER_DEFINED | AID          | cc-1.1 | PJSIP/partner-000001 | partner-guest |
0.1   | USER_DEFINED | CITIZEN      | cc-1.1 | PJSIP/partner-000001 | partner-guest | {"extra":"13812345678"}
0.2   | APP_START    |              | cc-1.1 | PJSIP/partner-000001 | partner-guest |
3.0   | BRIDGE_ENTER |              | cc-1.2 | PJSIP/8001-000002    | seats         | {"bridge_id":"b1"}
3.1   | BRIDGE_ENTER |              | cc-1.1 | PJSIP/partner-000001 | partner-guest | {"bridge_id":"b1"}
63.1  | CHAN_END     |              | cc-1.1 | PJSIP/partner-000001 | partner-guest |
"""
REFUSED = """
0.0   | CHAN_START   |              | cc-1.1 | PJSIP/partner-000001 | partner-in    |
0.1   | CHAN_END     |              | cc-1.1 | PJSIP/partner-000001 | partner-in    |
"""


@dataclass(frozen=True)
class Line:
    """A CEL line."""

    at_s: float
    event: str
    user_event: str
    uniqueid: str
    channel: str
    context: str
    extra: str
    linkedid: str = C1
    exten: str = "12345"
    application: str = ""
    arguments: str = ""


def entries(*tables: str) -> list[BookEntry]:
    """What the books say of text tables."""
    rows = [[cell.strip() for cell in row.split("|")] for row in "".join(tables).split("\n") if row.strip()]
    lines = [
        Line(
            NINE.timestamp() + float(t), event, mark, uniqueid, channel, context, extra,
            application="Queue" if event == "APP_START" else "",
            arguments="main,c" if event == "APP_START" else "",
        )
        for t, event, mark, uniqueid, channel, context, extra in rows
    ]  # fmt: skip
    return book_entries(lines)


def at(seconds: float) -> datetime:
    """So long after nine."""
    return NINE + timedelta(seconds=seconds)


def test_a_talk_there_is_the_partners_answer() -> None:
    """Outcome answered, seat ``partner``, from the instant when both were in one bridge."""
    (entry,) = entries(HELPED, HANGS_UP_THERE)
    assert (entry.outcome, entry.seat_id, entry.answered_at) == (Outcome.ANSWERED, "partner", at(9.1))
    assert not entry.is_aid


def test_who_came_back_unserved_was_not_answered() -> None:
    """He gave up afterwards: abandoned, whatever was said before; a seat of ours that talks with him is his answer."""
    (gave_up,) = entries(HELPED, COMES_BACK, GIVES_UP)
    assert (gave_up.outcome, gave_up.seat_id, gave_up.answered_at) == (Outcome.ABANDONED, "partner", None)
    (served,) = entries(HELPED, COMES_BACK, TALKS_WITH_US)
    assert (served.outcome, served.seat_id, served.answered_at) == (Outcome.ANSWERED, "8001", at(79.1))


def test_the_partners_caller_stands_in_our_books_once_admitted() -> None:
    """With a good token he is a contact of the partner's; a call without one is none."""
    (entry,) = entries(AIDED)
    assert (entry.is_aid, entry.outcome, entry.seat_id, entry.called) == (True, Outcome.ANSWERED, "8001", "")
    assert entries(REFUSED) == []
    settled = settlement(None, entry, at(100))
    assert settled is not None
    assert settled.is_aid


def test_a_contact_settled_for_the_partner_brings_no_work() -> None:
    """No ticket and no recording of ours; its source tells whose it is."""
    (entry,) = entries(AIDED)
    settled = settlement(None, entry, at(100))
    assert settled is not None
    contacts = Contacts()
    contacts.receive(settled, Instant(0.0))
    (effect,) = contacts.take_effects()
    assert isinstance(effect, SaveContact)
    assert (effect.contact.source, effect.contact.outcome) == ("partner", Outcome.ANSWERED)


def test_a_contact_goes_to_the_partner_and_back() -> None:
    """Answered there, back unanswered, answered here: one contact, one outcome, whatever comes late or twice."""
    contacts = Contacts()
    contacts.receive(
        calls.CallArrived(C1, ChannelName("PJSIP/trunk-1"), "13812345678", "12345", NINE), Instant(0)
    )
    contacts.receive(partner.CityAnswered(C1), Instant(10))
    contacts.receive(partner.CityAnswered(C1), Instant(11))
    talking = contacts.get(C1)
    assert talking is not None
    assert (talking.state, talking.seat_id, talking.answered_at) == (ContactState.TALKING, "partner", at(10))
    contacts.receive(partner.CameBack(C1, "cut"), Instant(20))
    contacts.receive(partner.CityLeft(C1, 44), Instant(21))
    back = contacts.get(C1)
    assert back is not None
    assert (back.state, back.answered_at, back.talk_ended_at) == (ContactState.LEAVING, None, None)
    drafts = [effect for effect in contacts.take_effects() if isinstance(effect, work.DraftTicket)]
    assert len(drafts) == 1
    assert outcome_of(back) is not Outcome.ANSWERED
    for late in (partner.CityAnswered(ContactId("cc-9.9")), partner.CameBack(ContactId("cc-9.9"), "cut")):
        contacts.receive(late, Instant(22))
    assert contacts.take_effects() == []


def row(
    number: int, source: str, queued: float, answered: float | None, ended: float, seat: str = ""
) -> ContactRow:
    """A contact; seconds since nine."""
    answered_at = at(answered) if answered is not None else None
    outcome = "answered" if answered_at else "abandoned"
    talk_s = ended - answered if answered is not None else None
    begun = ContactRow(
        f"c-{number}", f"1380000000{number}", source, outcome, at(queued), at(queued), answered_at,
        at(ended), at(ended), talk_s,
    )  # fmt: skip
    return begun._replace(seat_id=seat or None)


def test_share_and_harm() -> None:
    """Who was answered by the partner; and which of our own waited while a seat of ours talked with a caller of it."""
    everybody = [
        row(1, "controller", 0, 10, 70, seat="partner"),
        row(2, "controller", 0, 30, 90, seat="8001"),  # waits while the partner is helped
        row(3, "controller", 50, 52, 90, seat="8002"),  # hardly waits
        row(4, "controller", 200, None, 260),  # waits when nobody is helped any more
        row(5, "partner", 20, 25, 100, seat="8003"),
        row(6, "partner", 60, 65, 120, seat="8001"),
        row(7, "callback", 0, 5, 30, seat="8001"),
    ]
    attempts = attempts_of(everybody)
    assert [attempt.contact_id for attempt in attempts] == ["c-1", "c-2", "c-3", "c-4"]
    tally = Tally()
    tally.counts.update(count_attempts(attempts, at(300)))
    tally.counts.update(count_harmed(attempts, everybody, at(300)))
    found = {figure.formula: [figure.numerator, figure.denominator] for figure in figures(tally)}
    assert found["partner_share@1"] + found["partner_harm@1"] == [1, 3, 1, 4]


def test_a_contact_of_the_partner_knows_its_talk() -> None:
    """The row's source is ``partner``; nothing of the dialed token stays."""
    arrived = partner.AidArrived(
        C1, ChannelName("PJSIP/partner-1"), "13812345678", "铜川", "r-1", NINE, late_s=0.1
    )
    contacts = Contacts()
    contacts.receive(arrived, Instant(1.0))
    assert contacts.get(C1) == Contact(
        C1, ChannelName("PJSIP/partner-1"), "13812345678", "", "partner", ContactState.ARRIVED, NINE
    )
