"""A minute of a surge on real Asterisks: robots live it beside the simulator, on plain app_queue and on the product."""

import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from live_replay import Lived, World, replay
from surge_days import public_day

from callcenter.sim.cut import Window, cut
from callcenter.sim.params import ms
from callcenter.sim.trace import Citizens

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(180)]

SPEED = 5.0
SECONDS = 55
"""Of the page: eleven real seconds."""
SEATS = 2
SHORT = {"talk_s": 25.0, "acw_s": 2.0, "break1_s": 0.0}
"""Everybody's talk and work: so that both seats have several."""


def crowded() -> World:
    """Few people and fewer seats: some talk, some wait and are asked, some give up."""
    params, citizens, _ = public_day("X21-1h")
    params, citizens = cut(params, citizens, Window(9 * 3600, 9 * 3600 + SECONDS))
    columns = citizens.columns() | {name: [ms(s)] * len(citizens) for name, s in SHORT.items()}
    return World(replace(params, seats=replace(params.seats, by_hour=(SEATS,))), Citizens(columns))


def counted(house: Lived) -> Counter[str]:
    """How often what happened."""
    return Counter(entry.event for entry in house.log)


async def test_both_houses_live_the_same_minute() -> None:
    """Everybody calls once on both; seats answer, sound flows both ways, nobody is dropped, the product's books agree."""
    world = crowded()
    with tempfile.TemporaryDirectory(prefix="cc-") as home:
        plain, product = await replay([world], SPEED, Path(home))
    for house in (plain, product):
        happened = counted(house)
        assert happened["attempt"] == len(world.citizens), happened
        assert happened["answer"] > SEATS, happened
        assert house.wire["heard_both_ways"] == 1.0
        assert (house.wire["dropped"], house.wire["troubles"]) == (0, [])
    assert counted(plain)["heard"] == 0
    assert counted(product)["heard"] > 0, "nobody was asked anything"
    assert product.wire["ledger_calls"] == product.wire["wire_calls"] == len(world.citizens)
    assert product.wire["answered_in_one_book_only"] == 0
