"""Callers and the partner city, told as stories on a telephone without waiting: offered, handed over, taken back, helped."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from telephone import MAIN, Telephone

from callcenter.core.clock import Instant
from callcenter.core.contact import ContactState
from callcenter.core.errors import UsageError
from callcenter.core.ids import ChannelName, ContactId, SeatId
from callcenter.core.messages import calls, link, offers, partner
from callcenter.core.messages.base import Effect
from callcenter.core.messages.calls import Outcome
from callcenter.core.messages.offers import Question
from queues.core.mutual_aid import AidRules

pytestmark = pytest.mark.core

ANNA, BO, CHEN = "13800000001", "13800000002", "13800000003"
TOKEN = "1234567890123456"
RULES = AidRules(reserve_seats=1, help_max=2, give_back_s=8.0, rest_s=10.0)
WARD = ContactId("far-1.1")


@dataclass
class City(Telephone):
    """A telephone with a partner city. ``wishes``: what was asked of its edge."""

    aid: AidRules | None = field(default_factory=lambda: RULES)
    wishes: list[Effect] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.changes = {"has_partner": True} | self.changes
        super().__post_init__()

    def _carry_out(self, effect: Effect) -> None:
        if type(effect).__module__ == partner.__name__:
            self.wishes.append(effect)
        super()._carry_out(effect)

    def last(self, kind: type[Any]) -> Any:
        """The newest wish of a kind."""
        return next(wish for wish in reversed(self.wishes) if isinstance(wish, kind))

    def wished(self, kind: type[Effect]) -> int:
        """How many of a kind there were."""
        return sum(isinstance(wish, kind) for wish in self.wishes)

    def accept(self, contact_id: ContactId) -> None:
        """The partner accepts."""
        self.tell(partner.OfferAnswered(contact_id, TOKEN))

    def decline(self, contact_id: ContactId, reason: str = "reserve") -> None:
        """The partner declines."""
        self.tell(partner.OfferAnswered(contact_id, "", reason))

    def come_back(self, contact_id: ContactId, why: str) -> None:
        """The dialplan puts him first in the line."""
        self.tell(partner.CityLeft(contact_id, 0))
        self.tell(partner.CameBack(contact_id, why))
        self._enqueue(calls.Enqueue(contact_id, MAIN, 100))
        self._settle()


def full_city() -> tuple[City, ContactId]:
    """One seat, and it talks with Anna."""
    city = City(seat_count=1)
    city.log_in()
    talking = city.arrive(ANNA)
    city.pick_up("8001")
    return city, talking


def waiting(city: City, number: str = BO) -> ContactId:
    """A caller whom nobody took: he refuses all offers and stands in the line."""
    contact = city.arrive(number)
    if contact not in city.asked and city.wished(partner.OfferCaller):
        city.decline(city.last(partner.OfferCaller).contact_id)
    while contact in city.asked:
        city.reply(contact, accepted=False)
    assert contact in city.places()
    return contact


def test_who_asks_for_a_person_goes_straight_from_his_session() -> None:
    """With a line that is empty the newcomer himself is offered; accepted, his session ends at the partner."""
    city, _ = full_city()
    bo = city.arrive(BO)
    offered = city.last(partner.OfferCaller)
    assert (offered.contact_id, offered.caller, offered.urgent) == (bo, BO, False)
    assert city.places() == []
    city.accept(bo)
    assert city.last(partner.HandOver) == partner.HandOver(bo, TOKEN)
    city.tell(partner.CityRung(bo))
    city.tell(partner.CityAnswered(bo))
    assert city.rows[bo].state is ContactState.TALKING
    city.advance(60)
    city.tell(partner.CityLeft(bo, 16))
    city.hang_up(bo)
    row = city.rows[bo]
    assert (row.outcome, row.seat_id, round(row.talk_s)) == (Outcome.ANSWERED, "partner", 60)
    assert city.missed == []
    assert city.owed == {}


def test_a_declined_caller_goes_on_as_without_a_partner() -> None:
    """He is offered a message or a call-back, and waits."""
    city, _ = full_city()
    bo = city.arrive(BO)
    city.decline(bo)
    assert city.asked[bo] is Question.MESSAGE
    assert city.steering.partner.counts["declined:reserve"] == 1


def test_the_head_of_the_line_is_offered_for_a_newcomer_who_then_goes_on() -> None:
    """The partner takes who is first; the newcomer waits in his session for that answer, and for nothing else."""
    city, _ = full_city()
    bo = waiting(city)
    chen = city.arrive(CHEN)
    assert city.last(partner.OfferCaller).contact_id == bo
    assert chen not in city.asked
    assert chen not in city.places()
    city.accept(bo)
    assert city.last(partner.Fetch).contact_id == bo
    assert chen in city.asked or chen in city.places()
    city.queue.clear()
    city.tell(calls.CallAbandoned(bo, MAIN, 1.0))
    city.tell(offers.SessionResumed(bo))
    assert city.last(partner.HandOver) == partner.HandOver(bo, TOKEN)


def test_free_seats_there_fetch_the_head_of_the_line() -> None:
    """What the partner says of its capacity only leads to an offer."""
    city, _ = full_city()
    bo = waiting(city)
    before = city.wished(partner.OfferCaller)
    assert city.steering.partner.wants_capacity(Instant(city.now))
    city.tell(partner.CapacitySeen(0))
    assert city.wished(partner.OfferCaller) == before
    city.tell(partner.CapacitySeen(3))
    assert city.wished(partner.OfferCaller) == before + 1
    assert city.last(partner.OfferCaller).contact_id == bo
    assert city.places() == [bo]


def test_a_seat_of_our_own_that_rings_first_wins() -> None:
    """The answer comes too late: he rings here, and the token is left to die."""
    city, talking = full_city()
    bo = waiting(city)
    city.tell(partner.CapacitySeen(1))
    city.hang_up(talking)
    city.advance(61)
    assert city.ringing[SeatId("8001")] == bo
    city.accept(bo)
    assert not city.wished(partner.Fetch)
    city.pick_up("8001")
    assert city.rows[bo].seat_id == "8001"


@pytest.mark.parametrize("why", ["no_answer", "cut", "given_back"])
def test_who_comes_back_is_first_and_is_served(why: str) -> None:
    """Whether nobody answered, the talk was cut or he was given back: he waits at the head, unanswered, then talks with us."""
    city, talking = full_city()
    bo = city.arrive(BO)
    city.accept(bo)
    city.tell(partner.CityRung(bo))
    if why != "no_answer":
        city.tell(partner.CityAnswered(bo))
        city.advance(30)
    chen = waiting(city, CHEN)
    city.come_back(bo, why)
    assert city.places() == [bo, chen]
    assert city.rows[bo].answered_at is None
    assert city.steering.partner.trust.failures == (why != "given_back")
    city.hang_up(talking)
    city.advance(61)
    assert city.pick_up("8001") == bo
    assert city.rows[bo].seat_id == "8001"


def test_who_comes_back_and_gives_up_is_owed_a_call() -> None:
    """A talk that the partner's end cut off is not his answer: he is on the missed list."""
    city, _ = full_city()
    bo = city.arrive(BO)
    city.accept(bo)
    city.tell(partner.CityAnswered(bo))
    city.come_back(bo, "cut")
    city.hang_up(bo)
    assert [note.caller for note in city.missed] == [BO]
    assert BO in city.owed
    assert city.rows[bo].outcome is Outcome.ABANDONED


def test_a_partner_that_failed_is_not_asked_for_a_while() -> None:
    """Silence is a decline; the next caller is not even offered, until the pause is over."""
    city, _ = full_city()
    bo = city.arrive(BO)
    city.decline(bo, "silent")
    assert city.steering.partner.trust.trouble == "silent"
    city.arrive(CHEN)
    assert city.wished(partner.OfferCaller) == 1
    city.advance(RULES.rest_s + 1)
    city.arrive("13800000004")
    assert city.wished(partner.OfferCaller) == 2


def test_an_answer_that_never_comes_holds_nobody() -> None:
    """Even if the edge forgot its offer, the caller goes on within seconds."""
    city, _ = full_city()
    bo = city.arrive(BO)
    assert bo not in city.asked
    city.advance(10)
    assert bo in city.asked


def test_a_caller_who_hangs_up_meanwhile_is_no_loss_to_others() -> None:
    """The head leaves while he is offered: who waited for the answer goes on; the late answer changes nothing."""
    city, _ = full_city()
    bo = waiting(city)
    chen = city.arrive(CHEN)
    city.hang_up(bo)
    assert chen in city.asked or chen in city.places()
    city.accept(bo)
    assert not city.wished(partner.Fetch)


def test_a_token_that_is_too_old_is_not_used() -> None:
    """A phone rang for him for too long: he is put back, first."""
    city, _ = full_city()
    bo = waiting(city)
    city.tell(partner.CapacitySeen(1))
    city.accept(bo)
    city.queue.clear()
    city.advance(9)
    city.tell(offers.SessionResumed(bo))
    assert not city.wished(partner.HandOver)
    assert city.places() == [bo]


def test_a_refused_withdrawal_leaves_him_where_he_is() -> None:
    """Asterisk did not let him out of the line: he waits on, and may be offered again."""
    city, _ = full_city()
    bo = waiting(city)
    city.tell(partner.CapacitySeen(1))
    city.accept(bo)
    city.tell(offers.WithdrawalFailed(bo))
    before = city.wished(partner.OfferCaller)
    city.tell(partner.CapacitySeen(1))
    assert city.wished(partner.OfferCaller) == before + 1


def test_a_pause_holds_in_both_directions() -> None:
    """Nobody is offered and nobody is taken until it is resumed."""
    city, _ = full_city()
    city.tell(partner.PauseAsked(True, "manager", "停电"))
    city.arrive(BO)
    assert not city.wished(partner.OfferCaller)
    helper = helping_city()
    helper.tell(partner.PauseAsked(True, "manager", "停电"))
    with pytest.raises(UsageError, match="paused"):
        helper.tell(made())
    helper.tell(partner.PauseAsked(False, "manager", "恢复"))
    helper.tell(made())


def helping_city(seats: int = 3) -> City:
    """Seats that are free."""
    city = City(seat_count=seats)
    city.log_in()
    return city


def made(token: str = TOKEN, hops: int = 0, caller: str = BO) -> partner.OfferMade:
    """The partner offers Bo."""
    return partner.OfferMade(token, "r-1", "铜川", caller, False, 40.0, hops)


def admit(city: City, contact: ContactId = WARD) -> None:
    """He comes with his token and stands in our line."""
    city.tell(made())
    city.tell(partner.TokenShown(contact, TOKEN))
    city.alive[contact] = BO
    city.tell(partner.AidArrived(contact, ChannelName("PJSIP/partner-1"), BO, "铜川", "r-1", city.at()))
    city._enqueue(calls.Enqueue(contact, MAIN, 0))
    city._settle()


def test_the_partners_caller_is_served_and_is_nobodys_promise_here() -> None:
    """A contact of its own with its own source, answered by our seat; no ticket, no recording, nothing owed."""
    city = helping_city()
    admit(city)
    city.pick_up("8001")
    city.advance(45)
    city.hang_up(WARD)
    row = city.rows[WARD]
    assert (row.source, row.outcome, row.seat_id, row.caller) == ("partner", Outcome.ANSWERED, "8001", BO)
    assert city.steering.aid.counts["answered"] == 1
    assert city.steering.aid.aid.here == 0
    assert city.missed == []


def test_the_partners_caller_who_gives_up_is_missed_at_home_alone() -> None:
    """He is on no list of ours, and is offered nothing while he waits."""
    city = helping_city()
    admit(city)
    city.hang_up(WARD)
    assert city.rows[WARD].outcome is Outcome.ABANDONED
    assert (city.missed, city.owed, city.asked) == ([], {}, {})


def test_only_seats_beyond_the_reserve_help() -> None:
    """With one seat kept, the second of two is the last that helps; our own line goes before; our own citizen is no guest."""
    city = helping_city(2)
    city.tell(made("1" * 16))
    for offer, reason in ((made("2" * 16), "kept"), (made("3" * 16, hops=1), "before")):
        with pytest.raises(UsageError, match=reason):
            city.tell(offer)
    full, _ = full_city()
    with pytest.raises(UsageError, match="our own"):
        full.tell(made(caller=ANNA))
    assert full.steering.aid.counts["declined:loop"] == 1


def test_a_bad_token_is_refused() -> None:
    """One that was never given out, and one that was used."""
    city = helping_city()
    with pytest.raises(UsageError, match="token"):
        city.tell(partner.TokenShown(WARD, TOKEN))
    admit(city)
    with pytest.raises(UsageError, match="token"):
        city.tell(partner.TokenShown(ContactId("far-2.1"), TOKEN))


def test_who_waits_too_long_here_is_given_back() -> None:
    """Our own calls took the seats meanwhile: after the agreed seconds he goes home."""
    city = City(seat_count=2)
    city.log_in()
    city.tell(made())
    first, second = city.arrive(ANNA), city.arrive(CHEN)
    city.pick_up("8001")
    city.pick_up("8002")
    city.tell(partner.TokenShown(WARD, TOKEN))
    city.alive[WARD] = BO
    city.tell(partner.AidArrived(WARD, ChannelName("PJSIP/partner-1"), BO, "铜川", "r-1", city.at()))
    city._enqueue(calls.Enqueue(WARD, MAIN, 0))
    city._settle()
    city.advance(7)
    assert not city.wished(partner.GiveBack)
    city.advance(2)
    assert city.last(partner.GiveBack) == partner.GiveBack(WARD, ChannelName("PJSIP/partner-1"))
    assert {first, second} == set(city.talking.values())


def test_a_caller_is_given_back_by_hand() -> None:
    """A shift manager names him; another contact is none of the partner's."""
    city = helping_city()
    admit(city)
    city.pick_up("8001")
    city.tell(partner.GiveBackAsked(WARD, "manager"))
    assert city.wished(partner.GiveBack) == 1
    with pytest.raises(UsageError, match="no caller of the partner"):
        city.tell(partner.GiveBackAsked(ContactId("cc-1.1"), "manager"))


def test_a_new_controller_knows_who_is_helped() -> None:
    """The partner's caller is no guest of ours after a restart either."""
    city = helping_city()
    admit(city)
    city.pick_up("8001")
    city.restart()
    assert city.steering.aid.aid.here == 1
    city.hang_up(WARD)
    assert city.rows[WARD].source == "partner"
    assert city.missed == []


def test_a_lost_link_forgets_who_is_gone() -> None:
    """Callers who left unseen are neither offered nor away any more."""
    city, _ = full_city()
    bo = city.arrive(BO)
    city.accept(bo)
    del city.alive[bo]
    city.tell(link.LinkRestored(city.snapshot(), city.at()))
    assert not city.steering.partner.away
