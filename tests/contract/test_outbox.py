"""The outbox on real databases: what is written, how often, and what becomes of it at the gateway."""

from datetime import timedelta
from typing import Any

import pytest
from rows import NOW, StillClock
from sms_gateways import http_gateway
from writers import writing

from callcenter.core.errors import UsageError
from callcenter.outbox import store
from callcenter.outbox.runner import Runner
from callcenter.outbox.section import Sms
from callcenter.outbox.senders import GatewaySecrets, build_sender
from callcenter.outbox.store import Entry, Letter, Limits
from callcenter.store.database import Database
from callcenter.store.writer import StoreWriter

pytestmark = pytest.mark.contract

ANNA, BO = "13812345678", "13900000000"
LIMITS = Limits(timedelta(hours=24), 5)
HOUR = timedelta(hours=1)


async def put(database: Database, letter: Letter, after: timedelta = timedelta(0), **options: Any) -> bool:
    """Write one letter, so long after ``NOW``; whether it was accepted."""
    async with database.unit() as unit:
        return await store.put(unit, letter, NOW + after, options.pop("limits", LIMITS), **options)


def letter(kind: str = "missed", about: str = "c-1", number: str = ANNA) -> Letter:
    """A letter."""
    return Letter(kind, about, number, f"{kind} {about}")


async def rows(database: Database, state: str = "") -> list[Entry]:
    """The outbox, oldest first."""
    async with database.reading() as connection:
        return (await store.newest(connection, state))[::-1]


async def test_one_message_of_a_kind_in_a_day(database: Database) -> None:
    """A number gets one message of a kind in the gap; others, other kinds and other tickets are not held back."""
    assert await put(database, letter())
    assert not await put(database, letter(about="c-2"), 23 * HOUR)
    assert await put(database, letter(number=BO))
    assert await put(database, letter("ticket", "20261122-000001"))
    assert await put(database, letter("ticket", "20261122-000002"))
    assert not await put(database, letter("ticket", "20261122-000001"), HOUR)
    assert await put(database, letter(about="c-3"), 25 * HOUR)


async def test_nobody_is_flooded(database: Database) -> None:
    """However many tickets and articles: so many messages a day and no more."""
    kept = [await put(database, letter("article", f"a{number}")) for number in range(7)]
    assert kept == [True] * 5 + [False] * 2
    assert await put(database, letter("article", "a9"), 25 * HOUR)


async def test_a_letter_lives_and_dies_with_its_cause(database: Database) -> None:
    """When the unit of work that caused it is rolled back, there is no letter."""

    async def miss() -> None:
        async with database.unit() as unit:
            await store.put(unit, letter(), NOW, LIMITS)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await miss()
    assert await rows(database) == []


async def test_what_is_sent_is_forgotten(database: Database) -> None:
    """It goes out in the order in which it is due, under an id of its own, and its text is not kept."""
    await put(database, letter(about="late"), after_s=60)
    await put(database, letter(number=BO))
    async with http_gateway() as gateway, writing(database) as writer:
        clock = StillClock()
        runner = new_runner(writer, clock, gateway.url)
        assert not await runner.send_due()
        assert [body["phone"] for _, body in gateway.got] == [BO]
        clock.advance(60)
        await runner.send_due()
        await runner.send_due()
        assert [body["phone"] for _, body in gateway.got] == [BO, ANNA]
        assert len({body["id"] for _, body in gateway.got}) == 2
        await close(runner)
    late, _ = sent = await rows(database, "sent")
    assert [entry.text for entry in sent] == ["", ""]
    assert (late.sent_at, late.tries, late.masked) == (clock.at(), 1, "138****5678")


async def test_trouble_is_tried_again_and_ends(database: Database) -> None:
    """Each try waits longer; after the last, and after a final refusal at once, somebody must ask for another."""
    await put(database, letter())
    await put(database, letter("article", "wages", BO))
    async with http_gateway() as gateway, writing(database) as writer:
        clock = StillClock()
        runner = new_runner(writer, clock, gateway.url, max_tries=3)
        gateway.answers.extend([(500, ""), (400, "bad number"), (500, ""), (500, "")])
        await runner.send_due()
        assert runner.trouble == "gateway_400"
        waits = []
        for _ in range(2):
            (waiting,) = await rows(database, "waiting")
            waits.append((waiting.due_at - clock.at()).total_seconds())
            assert not await runner.send_due()
            clock.advance(waits[-1])
            await runner.send_due()
        assert waits == [store.BACK_OFF_S, 4 * store.BACK_OFF_S]
        first, second = await rows(database, "failed")
        assert (first.failed, first.tries) == ("gateway_500", 3)
        assert (second.failed, second.tries) == ("gateway_400", 1)
        await retry(database, first.id)
        await runner.send_due()
        assert runner.trouble == ""
        await close(runner)
        assert [entry.id for entry in await rows(database, "sent")] == [first.id]
        assert len(gateway.got) == 5
    for number, code in ((first.id, "wrong_message_state"), (10_000, "unknown_message")):
        with pytest.raises(UsageError) as refused:
            await retry(database, number)
        assert refused.value.code == code


async def test_a_dead_senders_entry_comes_back(database: Database) -> None:
    """Who took an entry has it for the time of its lease; then another one sends it, under the same id."""
    await put(database, letter())
    async with database.unit() as unit:
        (taken,) = await store.take(unit, NOW, 60, 10)
        assert await store.take(unit, NOW + timedelta(seconds=59), 60, 10) == []
        (again,) = await store.take(unit, NOW + timedelta(seconds=60), 60, 10)
    assert (again.id, again.tries) == (taken.id, 2)


async def test_without_a_gateway_messages_wait_and_expire(database: Database) -> None:
    """Nothing is tried; after a day what it says is forgotten, and after a month that it was there."""
    await put(database, letter())
    async with writing(database) as writer:
        clock = StillClock()
        runner = Runner(writer, None, Sms(), clock, "test")
        await runner.send_due()
        assert (runner.told, runner.trouble) == ("not configured", "")
        (waiting,) = await rows(database, "waiting")
        assert (waiting.tries, waiting.text) == (0, "missed c-1")
        clock.advance(25 * 3600)
        await runner.send_due()
        (expired,) = await rows(database)
        assert (expired.failed, expired.text) == (store.EXPIRED, "")
        with pytest.raises(UsageError, match="forgotten"):
            await retry(database, expired.id)
        clock.advance(30 * 24 * 3600)
        await runner.send_due()
        assert await rows(database) == []


async def test_what_is_superseded_is_not_sent(database: Database) -> None:
    """Something newer took its place before it went out: it does not count against the number either."""
    await put(database, letter("rating"))
    async with database.unit() as unit:
        await store.supersede(unit, "rating", about="c-1")
    (entry,) = await rows(database)
    assert (entry.state, entry.failed, entry.text) == ("failed", store.SUPERSEDED, "")
    assert await put(database, letter("rating", "c-2"))


async def retry(database: Database, entry_id: int) -> None:
    """Ask for another try."""
    async with database.unit() as unit:
        await store.retry(unit, entry_id, NOW)


def new_runner(writer: StoreWriter, clock: StillClock, url: str, **options: Any) -> Runner:
    """A runner whose gateway is at ``url``."""
    settings = Sms(sender="http", url=url, **options)
    return Runner(writer, build_sender(settings, GatewaySecrets()), settings, clock, "test")


async def close(runner: Runner) -> None:
    """Let its connections go."""
    assert runner.sender is not None
    await runner.sender.close()
