"""A recorded day can be asked what other engines would have done, and gives the decisions of its own engine again."""

from dataclasses import replace

import pytest
from surge_days import public_day
from tape import HOUSE, TapedTelephone, surge_morning

from callcenter.core.clock import Instant
from callcenter.core.errors import OurError
from callcenter.core.ids import ContactId, QueueName, SeatId
from callcenter.core.messages import calls, seats
from callcenter.core.messages.base import Effect, Message
from callcenter.engines import build_engines
from callcenter.sim.driver import EngineDriver, engine_settings
from callcenter.sim.replay import Decision, Pair, Player, Verdict, differences, pairs
from callcenter.sim.run import run_day
from callcenter.store.journal import as_message
from callcenter.store.unit import JournalEntry
from queues.core.dialogue import MakeOffer
from queues.core.engine import HotlineEngine
from queues.core.settings import EngineSettings

pytestmark = pytest.mark.sim

NOW = Instant(100.0)
ENQUEUE = calls.Enqueue(ContactId("cc-1.1"), QueueName("main"), 0)


class Listening(HotlineEngine):
    """Remembers what it decided."""

    def __init__(self, settings: EngineSettings) -> None:
        super().__init__(settings)
        self.decided: list[Effect] = []

    def take_effects(self) -> list[Effect]:
        """See :class:`callcenter.core.engine.Engine`."""
        effects = super().take_effects()
        self.decided += effects
        return effects


class Stuck:
    """An engine that wants to be woken for ever."""

    def receive(self, message: Message, now: Instant) -> None:
        """Nothing concerns it."""

    def on_deadline(self, now: Instant) -> None:
        """Nothing changes."""

    def next_deadline(self) -> Instant | None:
        """Always the same."""
        return NOW

    def take_effects(self) -> list[Effect]:
        """None."""
        return []


@pytest.mark.parametrize("name", ["N1400", "X21-1h"])
def test_a_day_replayed_gives_every_decision_again(name: str) -> None:
    """The journal of a simulated day, with the deadlines left out, leads a new engine to the same effects in order."""
    params, citizens, traffic = public_day(name)
    driver = EngineDriver(engine_settings(params))
    driver.engine = lived = Listening(engine_settings(params))
    run_day(params, citizens, traffic, driver)
    player = Player([HotlineEngine(engine_settings(params))])
    told = [(now, message) for now, message in driver.journal if message is not None]
    replayed = [decision.effect for now, message in told for decision in player.play(message, now)]
    assert len(replayed) > 1000
    assert replayed == lived.decided[: len(replayed)]


def test_a_candidate_shows_where_it_differs() -> None:
    """An engine that offers nothing below two minutes differs first where the other made an offer."""
    params, citizens, traffic = public_day("N1400")
    told = engine_settings(params)
    driver = EngineDriver(told)
    run_day(params, citizens, traffic, driver)
    recorded, candidate = (
        Player([HotlineEngine(told)]),
        Player([HotlineEngine(replace(told, offer_ewt_s=120.0))]),
    )
    first = next(differences(driver.journal, recorded, candidate, decides=lambda effect: True))
    assert first.verdict is Verdict.ONLY_RECORDED
    assert first.recorded is not None
    assert isinstance(first.recorded.effect, MakeOffer)
    assert first.recorded.subject == first.recorded.effect.caller


def test_live_engines_derive_from_their_inputs_alone_what_they_derived() -> None:
    """All engines of a house together: what one publishes is not taken from the journal but made anew."""
    house = TapedTelephone(now=9 * 3600.0)
    surge_morning(house, calls=80)
    player = Player(build_engines(HOUSE, house.day()).in_order)
    published: list[Message] = []
    for draft in house.journal:
        if not draft.derived:
            entry = JournalEntry(0, draft.id, draft.type, draft.at, draft.instant, {}, draft.data, False)
            decided = player.play(as_message(entry), draft.instant)
            published += [d.effect.message for d in decided if isinstance(d.effect, seats.Publish)]
    assert len(published) > 30
    assert published == house.news[: len(published)]


def test_one_decision_on_both_sides() -> None:
    """The same at the same time is no difference; later, otherwise or only on one side is one."""

    def verdict(*candidate: Decision) -> list[Verdict]:
        return [pair.verdict for pair in pairs([Decision(NOW, ENQUEUE)], candidate)]

    later = Instant(NOW + 2.0)
    assert verdict(Decision(Instant(NOW + 0.5), ENQUEUE)) == [Verdict.SAME]
    assert verdict(Decision(later, ENQUEUE)) == [Verdict.CHANGED]
    assert verdict(Decision(NOW, replace(ENQUEUE, priority=50))) == [Verdict.CHANGED]
    assert verdict() == [Verdict.ONLY_RECORDED]
    other = replace(ENQUEUE, contact_id=ContactId("cc-2.1"))
    assert verdict(Decision(later, other)) == [Verdict.ONLY_RECORDED, Verdict.ONLY_CANDIDATE]


def test_what_is_no_decision_is_not_compared() -> None:
    """A seat's state is a consequence, a paused seat a decision."""
    pause = Decision(NOW, seats.PauseSeat(SeatId("8001"), "rest"))
    state = seats.SeatStateChanged(SeatId("8001"), seats.SeatState.READY, seats.SeatState.ON_BREAK, "rest")
    assert pairs([Decision(NOW, seats.Publish(state)), pause], []) == [Pair(pause, None)]


def test_a_deadline_that_never_moves_ends_the_replay() -> None:
    """A candidate that cannot go on is named, and does not hang the program."""
    with pytest.raises(OurError, match="deadline does not move"):
        Player([Stuck()]).wake(Instant(NOW + 3600.0))
