"""A minute of a surge on real Asterisks: robots live it on plain app_queue and on the product, beside the simulator."""

import tempfile
from collections import Counter
from collections.abc import Mapping
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
ARRIVALS_S, LENGTH_S = 25, 70
"""Of the page: who calls comes within five real seconds, nine more are for what follows."""
SEATS = 3
YES, NO = 0, 9999
SHORT: Mapping[str, int] = {
    "talk_s": ms(25), "acw_s": ms(2), "break1_s": 0, "patience1_s": ms(2), "hot": 0, "consult": 0,
    "u_callback": NO, "u_message": NO, "u_redial1": NO, "u_reach1": YES,
}  # fmt: skip
"""Everybody's row: three talk, the others wait for two seconds, and are called back as soon as a seat is free."""


def crowded() -> World:
    """Few people and fewer seats."""
    params, citizens, _ = public_day("X21-1h")
    params, citizens = cut(params, citizens, Window(9 * 3600, 9 * 3600 + ARRIVALS_S))
    everybody = {name: [value] * len(citizens) for name, value in SHORT.items()}
    params = replace(
        params,
        day=replace(params.day, length_s=float(LENGTH_S)),
        seats=replace(params.seats, by_hour=(SEATS,)),
        prompts=replace(params.prompts, greeting_s=4.0, announcement_s=2.0),
        callback=replace(params.callback, ring_s=2.0),
    )
    return World(params, Citizens(citizens.columns() | everybody))


def counted(house: Lived) -> Counter[str]:
    """How often what happened."""
    return Counter(entry.event for entry in house.log)


async def test_both_houses_live_the_same_minute() -> None:
    """Everybody calls; who finds no seat gives up: app_queue has lost him, the product knows him and calls him back.

    Sound flows both ways, nobody is dropped, and the product's books agree with each other and the wire.
    """
    world = crowded()
    with tempfile.TemporaryDirectory(prefix="cc-") as home:
        plain, product = await replay([world], SPEED, Path(home))
    people = len(world.citizens)
    for house in (plain, product):
        happened = counted(house)
        assert (happened["attempt"], happened["answer"]) == (people, SEATS), happened
        assert happened["abandon"] == people - SEATS
        assert house.wire["deaf"] == 0, "robots on busy cores stutter; deaf they are not"
        assert house.wire["heard_both_ways"] > 0.5
        assert (house.wire["dropped"], house.wire["troubles"]) == (0, [])
    assert counted(plain)["missed"] == counted(plain)["dial"] == 0
    assert plain.figures["captured_rate"] == SEATS / people
    assert counted(product)["heard"] >= people - SEATS, "nobody was asked anything"
    assert counted(product)["reached"] > 0, "nobody was called back"
    assert product.figures["captured_rate"] == 1.0
    assert product.wire["ledger_calls"] == product.wire["wire_calls"] == people
    assert product.wire["answered_in_one_book_only"] == 0
