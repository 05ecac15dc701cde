"""A recorded day can be asked what another engine would have done; settings can be searched over days."""

from dataclasses import replace

import pytest
from surge_days import SCENARIOS, public_day

from callcenter.sim.driver import EngineDriver, engine_settings
from callcenter.sim.replay import differences
from callcenter.sim.run import run_day
from callcenter.sim.search import search
from queues.core.dialogue import MakeOffer
from queues.core.engine import HotlineEngine

pytestmark = pytest.mark.sim


def test_the_same_engine_decides_the_same() -> None:
    """The journal of a day, replayed to the engine that lived it, gives its decisions again."""
    params, citizens, traffic = public_day("N1400")
    driver = EngineDriver(engine_settings(params))
    run_day(params, citizens, traffic, driver)
    engines = [HotlineEngine(engine_settings(params)) for _ in range(2)]
    assert list(differences(driver.journal, *engines)) == []


def test_a_candidate_shows_where_it_differs() -> None:
    """An engine that offers nothing below two minutes differs first where the other made an offer."""
    params, citizens, traffic = public_day("N1400")
    told = engine_settings(params)
    driver = EngineDriver(told)
    run_day(params, citizens, traffic, driver)
    candidate = HotlineEngine(replace(told, offer_ewt_s=120.0))
    first = next(differences(driver.journal, HotlineEngine(told), candidate))
    assert any(isinstance(effect, MakeOffer) for effect in first.recorded)
    assert not any(isinstance(effect, MakeOffer) for effect in first.candidate)


def test_a_search_keeps_the_order_and_tells_progress() -> None:
    """Two candidates on one day: two results in order, and progress after each day."""
    told: list[tuple[int, int]] = []
    found = search(
        SCENARIOS / "params" / "N1400.toml",
        [{"offer_ewt_s": 30.0}, {"offer_ewt_s": 120.0}],
        seeds=[3],
        workers=1,
        progress=lambda done, total: told.append((done, total)),
    )
    assert [candidate.changes["offer_ewt_s"] for candidate in found] == [30.0, 120.0]
    assert told == [(1, 2), (2, 2)]
    assert found[0].means["captured_rate"] == 1
