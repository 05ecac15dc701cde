"""Settings changed while the house runs: checked, committed, told, kept over a restart, undone."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
from rows import NOW

from callcenter.core.clock import Instant
from callcenter.core.errors import UsageError
from callcenter.house.desk import HouseDesk
from callcenter.house.values import CHANGEABLE, others, overlaid, shape_of, value_of
from callcenter.settings import Settings
from callcenter.store.database import Database
from callcenter.store.writer import StoreWriter

pytestmark = pytest.mark.contract


class Still:
    """A clock that stands."""

    def instant(self) -> Instant:
        """Some instant."""
        return Instant(0.0)

    def at(self) -> datetime:
        """Some time."""
        return NOW


@pytest.fixture
async def writer(database: Database) -> AsyncIterator[StoreWriter]:
    """The one way into the database, running."""
    made = StoreWriter(database)
    running = asyncio.create_task(made.run())
    yield made
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


def desk(database: Database, writer: StoreWriter, told: list[Settings], **configured: Any) -> HouseDesk:
    """A desk of a house that has just started."""
    settings = Settings.model_validate(configured)
    return HouseDesk(settings, {"city": "callcenter.toml"}, database, writer, Still(), [told.append])


async def refusal(asked: Any) -> str:
    """The code of the error."""
    with pytest.raises(UsageError) as caught:
        await asked
    return caught.value.code


async def test_a_change_holds_at_once_and_over_a_restart(database: Database, writer: StoreWriter) -> None:
    """Who goes by it is told; a new controller knows it; the file's value stays beside it."""
    told: list[Settings] = []
    house = desk(database, writer, told)
    change = await house.change("surge.offer_ewt_s", 75, "li", "storm")
    assert (change.version, change.old, change.new, change.by, change.at) == (1, None, 75, "li", NOW)
    assert [settings.surge.offer_ewt_s for settings in told] == [75]
    again = desk(database, writer, told)
    await again.take_up()
    assert told[-1].surge.offer_ewt_s == 75
    (shown,) = [it for it in again.view().changeable if it.key == "surge.offer_ewt_s"]
    assert (shown.value, shown.configured, shown.origin, shown.by, shown.kind) == (
        75,
        30,
        "page",
        "li",
        "whole",
    )
    assert (shown.low, shown.version) == (30, 1)
    assert {it.key: it.origin for it in again.view().fixed}["city"] == "callcenter.toml"


async def test_nothing_changed_tells_nobody(database: Database, writer: StoreWriter) -> None:
    """A house as configured starts as ever."""
    told: list[Settings] = []
    house = desk(database, writer, told)
    await house.take_up()
    assert told == []
    assert await refusal(house.change("surge.offer_ewt_s", None, "li", "x")) == "wrong_setting_state"


async def test_only_the_newest_change_of_a_key_is_undone(database: Database, writer: StoreWriter) -> None:
    """Undoing is a change of its own; the last undo leaves the value to the file."""
    told: list[Settings] = []
    house = desk(database, writer, told)
    for hour in (9, 10):
        await house.change("callback.from_hour", hour, "li", "winter")
    assert await refusal(house.undo("callback.from_hour", 1, "bo", "x")) == "wrong_setting_state"
    back = await house.undo("callback.from_hour", 2, "bo", "mistake")
    assert (back.old, back.new, house.settings.callback.from_hour) == (10, 9, 9)
    await house.change("callback.from_hour", None, "bo", "as it was")
    assert told[-1] == Settings()
    history = await house.history("callback.from_hour", 10)
    assert [(it.version, it.new, it.is_newest) for it in history] == [
        (4, None, True),
        (3, 9, False),
        (2, 10, False),
        (1, 9, False),
    ]
    assert len(await house.history(None, 2)) == 2


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("surge.offer_ewt_s", 5, "bad_setting"),
        ("surge.offer_ewt_s", "soon", "bad_setting"),
        ("surge.watch.enter", 9.0, "bad_setting"),
        ("callback.from_hour", 22, "bad_setting"),
        ("menus.night", "late", "bad_setting"),
        ("menus.holidays", ["2026-13-01"], "bad_setting"),
        ("calendar.holidays", ["tomorrow"], "bad_setting"),
        ("home", "/tmp/x", "unknown_setting"),
        ("surge.nothing", 1, "unknown_setting"),
    ],
)
async def test_what_no_file_could_say_is_refused(
    database: Database, writer: StoreWriter, key: str, value: Any, code: str
) -> None:
    """By the same checks, alone and beside the others; nothing is written or told."""
    told: list[Settings] = []
    house = desk(database, writer, told)
    assert await refusal(house.change(key, value, "li", "x")) == code
    assert (told, await house.history(None, 5)) == ([], [])


async def test_a_change_that_a_new_file_forbids_is_left_out_and_said(
    database: Database, writer: StoreWriter
) -> None:
    """The others hold; the component names the key."""
    told: list[Settings] = []
    house = desk(database, writer, told)
    await house.change("callback.to_hour", 10, "li", "short day")
    await house.change("rest.rest_s", 60, "li", "x")
    late = desk(database, writer, told, callback={"from_hour": 12})
    await late.take_up()
    assert (late.trouble, late.settings.callback.to_hour, late.settings.rest.rest_s) == (
        "callback.to_hour",
        21,
        60,
    )


def test_every_changeable_key_has_a_shape_and_is_its_own_value() -> None:
    """Putting the configured value of every key in its place changes nothing."""
    settings = Settings()
    assert overlaid(settings, {key: value_of(settings, key) for key in CHANGEABLE}) == settings
    assert all(shape_of(key).description for key in CHANGEABLE)
    assert not set(CHANGEABLE) & set(others(settings))


def test_a_password_in_an_address_is_not_told() -> None:
    """Nor where it is one of several."""
    settings = Settings(database_url="postgresql+asyncpg://cc:geheim@db/x")
    assert others(settings)["database_url"] == "postgresql+asyncpg://***@db/x"
