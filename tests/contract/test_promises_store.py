"""What the surge engine must not forget, in SQL: promises, call-backs, announced waits, skill groups."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from databases import PostgresServer
from rows import C1, C2, NOW, answered, arrival
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from callcenter.core.clock import Instant
from callcenter.core.contact import ContactState
from callcenter.core.errors import CallcenterError, UsageError
from callcenter.core.ids import ContactId, QueueName, SeatId
from callcenter.core.messages.callbacks import (
    CallbackBegun,
    CloseOwed,
    KeepOwed,
    NoteMissed,
    OwedCall,
    callback_id,
)
from callcenter.core.messages.calls import Outcome
from callcenter.core.messages.offers import KeepEstimate
from callcenter.store import contacts, schema
from callcenter.store.database import Database
from callcenter.store.unit import Unit
from callcenter.tickets import store as tickets
from queues import skill_store, store
from queues.store import Promise, PromiseFilter, PromiseState

pytestmark = pytest.mark.contract

ANNA, BO = "13812345678", "13900000000"
C3 = ContactId("cc-1763784000.9")
LATER = NOW + timedelta(minutes=10)
SEAT = SeatId("8001")
EVERYTHING = PromiseFilter()


async def test_what_was_owed_survives_a_restart(database_url: str) -> None:
    """Two hundred promises of all grounds are read back as they were written, by another program."""
    first = Database(database_url)
    await first.upgrade()
    owed = [_numbered(number) for number in range(200)]
    async with first.unit() as unit:
        for number, call in enumerate(owed):
            await _arrive(unit, call.origin, call.caller)
            await store.keep(unit, KeepOwed(call, call.origin), _at(call.made), _due(call, number))
    await first.close()
    second = Database(database_url)
    async with second.reading() as connection:
        found = await store.open_promises(connection)
    await second.close()
    assert [_owed(promise) for promise in found] == owed
    assert [promise.due_at for promise in found] == [_due(call, n) for n, call in enumerate(owed)]


async def test_two_missed_calls_of_a_number_are_one_promise(database: Database) -> None:
    """The second attempt is counted in the first one's row, however often it is told."""
    await _miss(database, C1, ANNA)
    await _miss(database, C2, ANNA)
    await _miss(database, C2, ANNA)
    promise = await _only(database)
    assert (promise.ground, promise.attempts, promise.tries) == ("missed", 2, 0)
    assert (promise.origin_contact_id, promise.last_contact_id) == (C1, C2)
    assert (promise.made_at, promise.due_at) == (NOW, NOW)


async def test_unknown_callers_are_not_merged(database: Database) -> None:
    """Without a number each contact has a row of its own, once."""
    for contact_id in (C1, C2, C2):
        await _miss(database, contact_id, "")
    page = await _page(database)
    assert [item.promise.origin_contact_id for item in page.items] == [C2, C1]
    assert [item.promise.can_be_called for item in page.items] == [False, False]


async def test_a_wish_replaces_a_missed_call(database: Database) -> None:
    """Who accepts a call-back after a missed call is owed what he accepted, since the first call."""
    await _miss(database, C1, ANNA)
    await _keep(database, _call(ANNA, C2, "accepted"), C2, due_at=LATER)
    promise = await _only(database)
    assert (promise.ground, promise.attempts, promise.origin_contact_id) == ("accepted", 2, C2)
    assert (promise.made_at, promise.due_at) == (NOW, LATER)


async def test_a_missed_call_does_not_weaken_a_wish(database: Database) -> None:
    """An open promise keeps ground, due time and tries when its citizen calls again."""
    await _keep(database, _call(ANNA, C1, "accepted", tries=1), C1, due_at=LATER)
    await _miss(database, C2, ANNA)
    promise = await _only(database)
    assert (promise.ground, promise.tries, promise.due_at) == ("accepted", 1, LATER)
    assert (promise.attempts, promise.last_contact_id) == (2, C2)


async def test_our_own_calls_are_not_counted_as_his(database: Database) -> None:
    """A try changes tries and due time; the citizen's attempts stay what he made."""
    await _keep(database, _call(ANNA, C1, "accepted"), C1, due_at=NOW)
    await _keep(database, _call(ANNA, C1, "accepted", tries=1), callback_id(C1, 1), due_at=None)
    promise = await _only(database)
    assert (promise.attempts, promise.last_contact_id, promise.tries, promise.due_at) == (1, C1, 1, None)


async def test_a_reviewed_message_stays_reviewed(database: Database) -> None:
    """What a person heard is not put before him again."""
    await _keep(database, _call(ANNA, C1, "message"), C1, due_at=NOW)
    await _keep(database, replace(_call(ANNA, C1, "message"), reviewed=True), C1, due_at=LATER)
    promise = await _only(database)
    assert (promise.ground, promise.reviewed, promise.attempts) == ("message", True, 1)


async def test_a_closed_promise_makes_room_for_the_next(database: Database) -> None:
    """After the end the same number can be owed something again; the old row tells how it ended."""
    await _keep(database, _call(ANNA, C1, "accepted"), C1, due_at=NOW)
    await _close(database, ANNA, "kept", callback_id(C1, 1))
    await _miss(database, C2, ANNA, at=LATER)
    new, old = [item.promise for item in (await _page(database)).items]
    assert (old.state, old.why, old.closed_at) == (PromiseState.CLOSED, "kept", NOW)
    assert old.closed_by_contact_id == callback_id(C1, 1)
    assert (new.state, new.origin_contact_id, new.attempts) == (PromiseState.OPEN, C2, 1)
    assert await _only(database) == new


async def test_people_close_by_hand_what_only_they_may_call(database: Database) -> None:
    """A foreign number that somebody has called from a desk phone."""
    await _miss(database, C1, "0085212345678", can_be_called=False)
    await _close(database, "0085212345678", "by_hand", C1)
    (item,) = (await _page(database, PromiseFilter(state="closed"))).items
    assert (item.promise.why, item.promise.closed_at) == ("by_hand", NOW)


async def test_closing_what_is_not_open_changes_nothing(database: Database) -> None:
    """Nothing owed, nothing closed; the first reason stays."""
    await _close(database, BO, "answered", C1)
    await _miss(database, C1, ANNA)
    await _close(database, ANNA, "answered", C1)
    await _close(database, ANNA, "unreached", C2)
    (item,) = (await _page(database)).items
    assert (item.promise.why, item.promise.closed_by_contact_id) == ("answered", C1)


async def test_an_unknown_callers_message_is_closed_by_its_contact(database: Database) -> None:
    """A message without number is owed a hearing; hearing it closes that message alone, for good."""
    for contact_id in (C1, C2):
        await _keep(database, _call("", contact_id, "message"), contact_id, due_at=NOW)
    await _close(database, "", "kept", C1)
    await _keep(database, _call("", C1, "message"), C1, due_at=NOW)
    assert (await _only(database)).origin_contact_id == C2


async def test_who_cannot_be_called_is_left_to_people(database: Database) -> None:
    """A withheld or foreign number stands in the list, is not restored for dialing, and expires one day."""
    await _miss(database, C1, "0085212345678", can_be_called=False)
    await _miss(database, C2, ANNA)
    assert (await _only(database)).caller == ANNA
    assert (await _page(database)).filtered == 2
    async with database.unit() as unit:
        assert await store.expire(unit, NOW, LATER) == 0
        assert await store.expire(unit, LATER, LATER) == 1
    (item,) = (await _page(database, PromiseFilter(state="closed"))).items
    assert (item.promise.why, item.promise.closed_at) == ("expired", LATER)


async def test_the_list_is_filtered_newest_first(database: Database) -> None:
    """State, ground and time choose; the page tells how many there are of each."""
    await _miss(database, C1, ANNA)
    await _keep(database, _call(BO, C2, "accepted"), C2, made_at=LATER, due_at=LATER)
    await _close(database, ANNA, "answered", C1)
    assert [item.promise.caller for item in (await _page(database)).items] == [BO, ANNA]
    for which, caller in (
        (PromiseFilter(state="open"), BO),
        (PromiseFilter(ground="missed"), ANNA),
        (PromiseFilter(since=LATER), BO),
    ):
        page = await _page(database, which)
        assert [item.promise.caller for item in page.items] == [caller]
        assert (page.total, page.filtered) == (2, 1)
    async with database.reading() as connection:
        page = await store.page(connection, EVERYTHING, 1, 1)
    assert ([item.promise.caller for item in page.items], page.filtered) == ([ANNA], 2)


async def test_the_list_shows_the_citizens_ticket(database: Database) -> None:
    """Beside a promise stands the newest ticket of its citizen's calls of the last thirty days."""
    old, recent = NOW - timedelta(days=31), NOW - timedelta(days=29)
    for contact_id, at, caller in ((C1, old, ANNA), (C2, recent, BO)):
        async with database.unit() as unit:
            await contacts.save(unit, replace(answered(contact_id, at), caller=caller))
            await tickets.draft(unit, contact_id, at, ZoneInfo("Asia/Shanghai"))
    await _miss(database, C3, ANNA)
    await _miss(database, ContactId("cc-4"), BO)
    shown = {item.promise.caller: item.ticket_no for item in (await _page(database)).items}
    assert shown == {ANNA: None, BO: "20261024-000001"}


async def test_an_unknown_callers_ticket_is_that_of_his_message(database: Database) -> None:
    """Without a number the ticket is found by the contact; nobody sees that of another."""
    for contact_id in (C1, C2):
        await _keep(database, _call("", contact_id, "message"), contact_id, due_at=NOW)
    async with database.unit() as unit:
        ticket = await tickets.draft(unit, C1, NOW, ZoneInfo("Asia/Shanghai"), tickets.MESSAGE)
    shown = {item.promise.origin_contact_id: item.ticket_no for item in (await _page(database)).items}
    assert shown == {C1: ticket.ticket_no, C2: None}


async def test_a_call_back_is_a_contact(database: Database) -> None:
    """Its row names seat, number and what it answers, and the promise says when it was tried."""
    await _keep(database, _call(ANNA, C1, "accepted"), C1, due_at=NOW)
    await _begin(database, _begun(1))
    async with database.reading() as connection:
        (contact,) = await contacts.callbacks_of(connection, C1)
        outcomes = await contacts.counts(connection, NOW, LATER + timedelta(days=1))
    assert (contact.contact_id, contact.caller, contact.seat_id) == (callback_id(C1, 1), ANNA, SEAT)
    assert (contact.source, contact.state, contact.arrived_at) == ("callback", ContactState.ARRIVED, LATER)
    assert contact.leaning is Outcome.UNREACHED, "so it ends if the controller dies meanwhile"
    assert (await _only(database)).tried_at == LATER
    assert outcomes == {None: 1}, "only the citizen's own attempt counts as one"


async def test_a_call_backs_later_truth_keeps_what_it_answers(database: Database) -> None:
    """The ledger closes a call-back like any contact; that it is one stays."""
    await _keep(database, _call(ANNA, C1, "accepted"), C1, due_at=NOW)
    await _begin(database, _begun(1))
    ended = replace(answered(callback_id(C1, 1), LATER), outcome=Outcome.ANSWERED)
    async with database.unit() as unit:
        await contacts.save(unit, ended)
    async with database.reading() as connection:
        (contact,) = await contacts.callbacks_of(connection, C1)
    assert (contact.source, contact.outcome) == ("callback", Outcome.ANSWERED)


async def test_a_try_is_dialed_at_most_once(database_url: str) -> None:
    """The same id is refused the second time, also by a controller that came after; the next try is not."""
    first = Database(database_url)
    await first.upgrade()
    await _keep(first, _call(ANNA, C1, "accepted"), C1, due_at=NOW)
    await _begin(first, _begun(1))
    assert (await _refusal(first, _begun(1))).code == "already_dialed"
    await first.close()
    second = Database(database_url)
    assert (
        await _refusal(second, replace(_begun(1), at=LATER + timedelta(hours=1)))
    ).code == "already_dialed"
    await _begin(second, _begun(2))
    await second.close()


async def test_two_at_once_do_not_dial_twice(database: Database) -> None:
    """Of ten that begin the same try together one may dial."""
    await _keep(database, _call(ANNA, C1, "accepted"), C1, due_at=NOW)
    results = await asyncio.gather(*(_begin(database, _begun(1)) for _ in range(10)), return_exceptions=True)
    refused = [error.code for error in results if isinstance(error, UsageError)]
    assert (results.count(None), refused) == (1, ["already_dialed"] * 9)


async def test_a_commit_that_was_not_heard_is_no_second_dial(database: Database) -> None:
    """The writer's own repetition finds its row and may go on; somebody else's row still refuses."""
    await _keep(database, _call(ANNA, C1, "accepted"), C1, due_at=NOW)
    await _begin(database, _begun(1))
    async with database.unit(is_repeat=True) as unit:
        await store.begin_callback(unit, _begun(1))
    with pytest.raises(UsageError):
        async with database.unit(is_repeat=True) as unit:
            await store.begin_callback(unit, replace(_begun(1), seat_id=SeatId("8002")))


async def test_two_writers_open_one_promise(postgres: PostgresServer) -> None:
    """On PostgreSQL two units that run at the same time merge into one row: the second waits for the first."""
    database = Database(await postgres.make_database("twowriters"))
    await database.upgrade()
    async with database.unit() as unit:
        for contact_id in (C1, C2):
            await _arrive(unit, contact_id, ANNA)
    has_written = asyncio.Event()

    async def second() -> None:
        await has_written.wait()
        async with database.unit() as unit:
            await store.note_missed(unit, NoteMissed(C2, ANNA), NOW, True)

    other = asyncio.create_task(second())
    async with database.unit() as unit:
        await store.note_missed(unit, NoteMissed(C1, ANNA), NOW, True)
        has_written.set()
        await _until_somebody_waits_for_a_lock(database)
    await other
    promise = await _only(database)
    await database.close()
    await postgres.drop_database("twowriters")
    assert (promise.attempts, promise.origin_contact_id, promise.last_contact_id) == (2, C1, C2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"ground": "guessed"},
        {"state": "lost"},
        {"state": "closed"},
        {"state": "closed", "why": "kept"},
        {"why": "kept"},
        {"why": "nonsense", "state": "closed", "closed_at": NOW},
        {"attempts": 0},
        {"tries": -1},
        {"caller": ""},
        {"origin_contact_id": "nobody"},
    ],
    ids=str,
)
async def test_the_table_refuses_what_cannot_be(database: Database, wrong: dict[str, object]) -> None:
    """Constraints hold what the code promises, whoever writes."""
    await _miss(database, C1, ANNA)
    with pytest.raises(IntegrityError):
        await _change(database, wrong)
    assert (await _only(database)).caller == ANNA


async def test_an_announced_wait_is_kept_once(database: Database) -> None:
    """What was announced when; a repeated commit keeps it once."""
    async with database.unit() as unit:
        await contacts.save(unit, answered(C1))
        await contacts.arrive(unit, arrival(C2))
        await store.keep_estimate(unit, KeepEstimate(C1, 10, 30, 18.5), NOW + timedelta(seconds=5))
        await store.keep_estimate(unit, KeepEstimate(C1, 10, 30, 18.5), NOW + timedelta(seconds=5))
        await store.keep_estimate(unit, KeepEstimate(C2, 60, 120, 90.0), NOW + timedelta(seconds=6))
    async with database.reading() as connection:
        kept = await connection.execute(
            select(schema.announcements).order_by(schema.announcements.c.announced_at)
        )
    found = [(row.contact_id, row.low_s, row.high_s, row.expected_s) for row in kept]
    assert found == [(C1, 10, 30, 18.5), (C2, 60, 120, 90.0)]


async def test_skill_groups_are_replaced_whole(database: Database) -> None:
    """A seat has the groups that were assigned last; none: it is not named."""
    housing, tax = QueueName("housing"), QueueName("tax")
    async with database.unit() as unit:
        await skill_store.assign_skills(unit, SEAT, (tax, housing, tax), "li", NOW)
        await skill_store.assign_skills(unit, SeatId("8002"), (tax,), "li", NOW)
    async with database.reading() as connection:
        assert await skill_store.skills(connection) == {SEAT: (housing, tax), SeatId("8002"): (tax,)}
    async with database.unit() as unit:
        await skill_store.assign_skills(unit, SEAT, (housing,), "wang", LATER)
        await skill_store.assign_skills(unit, SeatId("8002"), (), "wang", LATER)
    async with database.reading() as connection:
        assert await skill_store.skills(connection) == {SEAT: (housing,)}


def _numbered(number: int) -> OwedCall:
    ground = ("missed", "accepted", "message")[number % 3]
    due = None if number % 7 == 0 else Instant(number * 2.0)
    origin = ContactId(f"cc-{number}")
    return OwedCall(
        f"138{number:08d}", ground, origin, Instant(float(number)), due, number % 4, number % 5 == 0
    )


def _call(caller: str, origin: ContactId, ground: str, tries: int = 0) -> OwedCall:
    return OwedCall(caller, ground, origin, Instant(0.0), None, tries, reviewed=False)


def _at(instant: Instant) -> datetime:
    return NOW + timedelta(seconds=instant)


def _due(call: OwedCall, number: int) -> datetime | None:
    return None if number % 7 == 0 else _at(Instant(number * 2.0))


def _owed(promise: Promise) -> OwedCall:
    """The row as the engine's words, with instants counted from NOW."""
    made, due = ((at - NOW).total_seconds() if at else None for at in (promise.made_at, promise.due_at))
    return OwedCall(
        promise.caller,
        promise.ground,
        promise.origin_contact_id,
        Instant(made or 0.0),
        None if due is None else Instant(due),
        promise.tries,
        promise.reviewed,
    )


def _begun(attempt: int) -> CallbackBegun:
    return CallbackBegun(callback_id(C1, attempt), ANNA, SEAT, C1, LATER)


async def _arrive(unit: Unit, contact_id: ContactId, caller: str) -> None:
    await contacts.arrive(unit, arrival(contact_id, caller))


async def _miss(
    database: Database,
    contact_id: ContactId,
    caller: str,
    at: datetime = NOW,
    *,
    can_be_called: bool = True,
) -> None:
    async with database.unit() as unit:
        await _arrive(unit, contact_id, caller)
        await store.note_missed(unit, NoteMissed(contact_id, caller), at, can_be_called)


async def _keep(
    database: Database,
    owed: OwedCall,
    contact_id: ContactId,
    made_at: datetime = NOW,
    due_at: datetime | None = None,
) -> None:
    async with database.unit() as unit:
        await _arrive(unit, owed.origin, owed.caller)
        await store.keep(unit, KeepOwed(owed, contact_id), made_at, due_at)


async def _close(database: Database, caller: str, why: str, contact_id: ContactId) -> None:
    async with database.unit() as unit:
        await store.close(unit, CloseOwed(caller, why, contact_id), NOW)


async def _begin(database: Database, begun: CallbackBegun) -> None:
    async with database.unit() as unit:
        await store.begin_callback(unit, begun)


async def _refusal(database: Database, begun: CallbackBegun) -> CallcenterError:
    with pytest.raises(UsageError) as caught:
        await _begin(database, begun)
    return caught.value


async def _only(database: Database) -> Promise:
    async with database.reading() as connection:
        (promise,) = await store.open_promises(connection)
        assert await store.get(connection, promise.id) == promise
    return promise


async def _page(database: Database, which: PromiseFilter = EVERYTHING) -> store.PromisePage:
    async with database.reading() as connection:
        return await store.page(connection, which, 100, 0)


async def _change(database: Database, values: dict[str, object]) -> None:
    async with database.unit() as unit:
        await unit.connection.execute(update(schema.promises).values(values))


async def _until_somebody_waits_for_a_lock(database: Database) -> None:
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    async with asyncio.timeout(30), database.reading() as connection:
        while not await connection.scalar(waiting):
            await asyncio.sleep(0.01)
