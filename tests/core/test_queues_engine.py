"""The hotline's engine, step by step: what a caller meets, what a seat gets, what a restart remembers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.core.clock import Instant
from callcenter.core.messages.base import Effect, Message
from queues.core import dialogue as d
from queues.core.callbacks import CallbackRules
from queues.core.engine import HotlineEngine
from queues.core.forecast import DayPlan
from queues.core.knowledge import Forecast
from queues.core.settings import EngineSettings
from queues.core.surge import SurgeLevel

pytestmark = pytest.mark.core

NINE = 9 * 3600.0


def _engine(**changes: object) -> HotlineEngine:
    plan = DayPlan(Instant(0.0), 86_400, (17,) * 24, (1 / 24,) * 24, 1400, 28_800, 75_600)
    told: dict[str, object] = {
        "plan": plan,
        "forecast": Forecast(200, 120, 75, 198),
        "callbacks": CallbackRules(3, 1800),
        "ring_s": 12,
        "no_answer_s": 25,
        "menu_min_ewt_s": 30,
        "range_slack_s": 60,
    }
    return HotlineEngine(EngineSettings(**(told | changes)))  # type: ignore[arg-type]


def _tell(engine: HotlineEngine, now: float, *messages: Message) -> list[Effect]:
    for message in messages:
        engine.receive(message, Instant(now))
    return engine.take_effects()


def _seats(free: int, staffed: int = 4) -> d.SeatsCounted:
    return d.SeatsCounted(staffed, free, 0, 0)


def _arrival(caller: str, urgent: bool = False) -> tuple[Message, Message]:
    return d.CallerArrived(caller, can_be_called=True), d.GreetingEnded(caller, urgent)


def _wait(engine: HotlineEngine, caller: str, now: float, urgent: bool = False) -> list[Effect]:
    """Let a caller refuse everything until he waits."""
    effects = _tell(engine, now, *_arrival(caller, urgent))
    heard = list(effects)
    while effects and isinstance(effects[-1], d.PlayMenus | d.MakeOffer | d.TellStatus):
        match effects[-1]:
            case d.PlayMenus():
                effects = _tell(engine, now, d.MenusEnded(caller))
            case d.MakeOffer(offer=offer):
                effects = _tell(engine, now, d.OfferAnswered(caller, offer, accepted=False))
            case _:
                effects = _tell(engine, now, d.OfferAnswered(caller, d.Offer.STATUS, accepted=False))
        heard += effects
    return heard


def test_a_free_seat_answers_at_once() -> None:
    """No menu, no offer, no question: the caller is connected."""
    engine = _engine()
    effects = _tell(engine, NINE, _seats(1), *_arrival("a"))
    assert effects == [d.Connect("a")]


def test_one_seat_answers_one_caller() -> None:
    """The second caller waits although the edge has not yet counted the seats again."""
    engine = _engine()
    _tell(engine, NINE, _seats(1), *_arrival("a"))
    effects = _wait(engine, "b", NINE)
    assert isinstance(effects[-1], d.LetWait)


def test_no_offer_while_the_estimate_is_short() -> None:
    """Seventeen busy seats and nobody waiting is below thirty seconds: straight into the line."""
    engine = _engine()
    effects = _tell(engine, NINE, _seats(0, 17), *_arrival("a"))
    assert [type(effect) for effect in effects] == [d.LetWait]


def test_a_long_estimate_opens_the_offers() -> None:
    """Four busy seats: a message and a call-back are offered, then he waits."""
    engine = _engine()
    _tell(engine, NINE, _seats(0))
    effects = _wait(engine, "a", NINE)
    offers = [effect.offer for effect in effects if isinstance(effect, d.MakeOffer)]
    assert offers == [d.Offer.MESSAGE, d.Offer.CALLBACK]


def test_an_urgent_caller_is_asked_nothing() -> None:
    """The urgent key leads into the line, and to its head."""
    engine = _engine()
    _tell(engine, NINE, _seats(0))
    _wait(engine, "a", NINE)
    assert [type(e) for e in _wait(engine, "b", NINE + 1, urgent=True)] == [d.LetWait]
    assert _tell(engine, NINE + 2, _seats(1)) == [d.Connect("b")]


def test_who_gives_up_is_owed_a_call() -> None:
    """He is recorded once, told by SMS once, and the promise is written before anything else is done."""
    engine = _engine()
    _tell(engine, NINE, _seats(0))
    _wait(engine, "a", NINE)
    effects = _tell(engine, NINE + 60, d.CallerGaveUp("a"))
    assert [type(effect) for effect in effects] == [d.RecordMissed, d.SavePromise]
    assert _tell(engine, NINE + 90, d.CallerBlocked("a", can_be_called=True)) == []


def test_a_promise_is_saved_before_the_dial() -> None:
    """The try is written down, then the telephone rings."""
    engine = _engine(calm_reserve=0, quiet_reserve=0)
    _tell(engine, NINE, _seats(0), d.CallerBlocked("a", can_be_called=True))
    effects = _tell(engine, NINE + 10, _seats(1))
    assert isinstance(effects[0], d.SavePromise)
    assert effects[0].promise.tries == 1
    assert effects[1] == d.DialCitizen("a", d.Ground.MISSED)


def test_no_dial_at_night() -> None:
    """After the hours nobody is dialed, however many seats are free."""
    engine = _engine()
    assert _tell(engine, 80_000.0, _seats(0), d.CallerBlocked("a", can_be_called=True))
    assert _tell(engine, 80_010.0, _seats(4)) == []


def test_a_number_that_cannot_be_called_is_promised_nothing() -> None:
    """Withheld, foreign or premium: no call-back is offered, no promise is made."""
    engine = _engine()
    _tell(engine, NINE, _seats(0))
    engine.receive(d.CallerArrived("x", can_be_called=False), Instant(NINE))
    effects = _tell(engine, NINE, d.GreetingEnded("x", urgent=False))
    effects += _tell(engine, NINE, d.OfferAnswered("x", d.Offer.MESSAGE, accepted=False))
    assert d.MakeOffer("x", d.Offer.CALLBACK) not in effects
    assert _tell(engine, NINE + 9, d.CallerGaveUp("x")) == []


def test_who_calls_again_and_is_answered_is_owed_nothing() -> None:
    """A pending call-back is void the moment a seat takes him."""
    engine = _engine()
    _tell(engine, NINE, _seats(0), d.CallerBlocked("a", can_be_called=True))
    effects = _tell(engine, NINE + 60, *_arrival("a"))
    if effects and isinstance(effects[-1], d.TellStatus):
        effects = _tell(engine, NINE + 60, d.OfferAnswered("a", d.Offer.STATUS, accepted=False))
    effects = _tell(engine, NINE + 61, _seats(1))
    assert effects == [d.ClosePromise("a", "answered"), d.Connect("a")]


def test_a_restart_forgets_nobody_and_repeats_nothing() -> None:
    """Two hundred pending call-backs survive: each is dialed once, and a try that was begun is counted."""
    first = _engine()
    _tell(first, NINE, _seats(0))
    saved: dict[str, d.Promise] = {}
    for number in range(200):
        for effect in _tell(first, NINE, d.CallerBlocked(f"c{number}", can_be_called=True)):
            if isinstance(effect, d.SavePromise):
                saved[effect.promise.caller] = effect.promise
    for effect in _tell(first, NINE + 1, _seats(17, 17)):
        if isinstance(effect, d.SavePromise):
            saved[effect.promise.caller] = effect.promise
    begun = {caller for caller, promise in saved.items() if promise.tries}
    second = _engine()
    _tell(second, NINE + 60, d.PromisesRestored(tuple(saved.values())))
    effects = _tell(second, NINE + 60, _seats(200, 200))
    dialed = [effect.caller for effect in effects if isinstance(effect, d.DialCitizen)]
    assert begun
    assert len(dialed) == len(set(dialed))
    assert not begun & set(dialed)
    assert len(second.hotline.book.shelf("calls")) == 200


def test_the_clock_may_jump_two_hours() -> None:
    """After a jump everything due is looked at once, and the next deadline lies ahead."""
    engine = _engine()
    _tell(engine, NINE, _seats(0))
    _wait(engine, "a", NINE)
    _tell(engine, NINE, d.CallerBlocked("b", can_be_called=True))
    later = Instant(NINE + 7200)
    engine.on_deadline(later)
    engine.take_effects()
    deadline = engine.next_deadline()
    assert deadline is not None
    assert deadline > later


def test_a_surge_invites_cloud_seats_once() -> None:
    """A standing line of many different citizens brings the cloud seats in, one time."""
    engine = _engine(cloud_seats=18)
    _tell(engine, NINE, _seats(0))
    effects = [effect for number in range(80) for effect in _wait(engine, f"c{number}", NINE + number)]
    assert effects.count(d.InviteCloudSeats(18)) == 1
    assert engine.surge.level >= SurgeLevel.SURGE


def test_the_partner_takes_the_head_of_the_line() -> None:
    """The longest waiting caller is offered to the partner city; the newcomer goes on by himself."""
    engine = _engine(has_partner=True)
    _tell(engine, NINE, _seats(0))
    effects = _tell(engine, NINE, *_arrival("a"))
    assert effects[-1] == d.AskPartner("a", "a")
    _tell(engine, NINE, d.PartnerReplied("a", accepted=False, asker="a"))
    _tell(engine, NINE, d.OfferAnswered("a", d.Offer.MESSAGE, accepted=False))
    effects = _tell(engine, NINE, d.OfferAnswered("a", d.Offer.CALLBACK, accepted=False))
    assert isinstance(effects[-1], d.LetWait)
    effects = _tell(engine, NINE + 5, *_arrival("b"))
    assert effects[-1] == d.AskPartner("a", "b")
    effects = _tell(engine, NINE + 5, d.PartnerReplied("a", accepted=True, asker="b"))
    assert d.MakeOffer("b", d.Offer.MESSAGE) in effects


steps = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 7), st.booleans(), st.floats(0, 400)), min_size=1, max_size=60
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(steps)
def test_nobody_in_line_is_without_a_deadline(script: list[tuple[int, int, bool, float]]) -> None:
    """Whatever happens in whatever order: who waits has a deadline ahead, who gave up has a promise, no seat is given twice."""
    engine = _engine()
    now = NINE
    gave_up: set[str] = set()
    for what, who, flag, passed in script:
        now += passed
        caller = f"c{who}"
        if (deadline := engine.next_deadline()) is not None and deadline <= now:
            engine.on_deadline(Instant(now))
        _play(engine, what, caller, flag, now, gave_up)
        assert not any(isinstance(e, d.Connect | d.DialCitizen) for e in engine.take_effects())
        if len(engine.hotline.line):
            assert engine.next_deadline() is not None
        assert all(c in engine.hotline.book for c in gave_up if c not in engine.hotline.line)


def _play(engine: HotlineEngine, what: int, caller: str, flag: bool, now: float, gave_up: set[str]) -> None:
    at = Instant(now)
    waits = caller in engine.hotline.line
    match what:
        case 0 | 1 if not waits and caller not in gave_up:
            for message in _arrival(caller, flag):
                engine.receive(message, at)
            _refuse_everything(engine, caller, at)
        case 2 if waits:
            engine.receive(d.CallerGaveUp(caller), at)
            gave_up.add(caller)
        case 5:
            engine.receive(_seats(2), at)
            effects = engine.take_effects()
            assert sum(isinstance(e, d.Connect | d.DialCitizen | d.ReviewMessage) for e in effects) <= 2
            gave_up -= {effect.caller for effect in effects if isinstance(effect, d.ClosePromise)}
            engine.receive(_seats(0), at)
        case _:
            engine.receive(_seats(0), at)


def _refuse_everything(engine: HotlineEngine, caller: str, at: Instant) -> None:
    while effects := engine.take_effects():
        match effects[-1]:
            case d.PlayMenus():
                engine.receive(d.MenusEnded(caller), at)
            case d.MakeOffer(offer=offer):
                engine.receive(d.OfferAnswered(caller, offer, accepted=False), at)
            case d.TellStatus():
                engine.receive(d.OfferAnswered(caller, d.Offer.STATUS, accepted=False), at)
            case _:
                return
