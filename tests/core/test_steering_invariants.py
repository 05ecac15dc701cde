"""What holds for the line whatever citizens, agents, Asterisk and the controller do to each other.

``CALLCENTER_STRESS=night`` looks at thousands of other days each time, and for the shortest story of what it finds.
"""

import os
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from rough_telephone import SERVED_S, Dial, RoughTelephone, Wire
from telephone import may_be_dialed

from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages import callbacks, offers, seats, surge
from callcenter.core.messages.base import Message
from callcenter.core.messages.calls import Outcome
from callcenter.core.messages.offers import Question
from callcenter.core.messages.seats import SeatRequest, SeatState

pytestmark = [pytest.mark.core, pytest.mark.timeout(7200 if os.environ.get("CALLCENTER_STRESS") else 120)]

T = TypeVar("T")

KNOWN = [f"1380000000{n}" for n in range(6)]
WITHHELD, FOREIGN, OWN = "", "+447700900123", "12345"
NUMBERS = st.sampled_from([*KNOWN, *KNOWN, WITHHELD, FOREIGN, OWN])
KEYS = st.sampled_from(["", "", "", "0", "9", None])
SPANS_S = st.sampled_from([0.5, 2.0, 5.0, 12.0, 25.0, 61.0, 95.0, 400.0, 1900.0, 7300.0])
TALKS_S = st.sampled_from([5.0, 19.0, 21.0, 60.0])
HEARD = (5000, 5000)
PACKETS = st.sampled_from([HEARD, HEARD, (5000, 3), (3, 5000), None])
HOURS = st.sampled_from([10.0, 10.0, 7.9, 14.0, 20.9, 23.9])
N = st.integers(0, 11)
DAY_S = 86400.0
CALM_S = 1.5 * DAY_S
"""So long at most until everybody is served: over a night and three tries."""
TRIES, GAP_S, FROM_S, TO_S = 3, 1800.0, 8 * 3600.0, 21 * 3600.0
SECURED_S = 6.0
"""A dial may ring a moment after it was decided."""
IN_VAIN = (Outcome.BLOCKED, Outcome.ABANDONED)
STEP_S = 10.0
"""Longer stretches of time are lived in such steps, in which phones, prompts and questions come to their end."""


class LineUnderStress(RuleBasedStateMachine):
    """A house of four seats, and everything that can happen to it."""

    def __init__(self) -> None:
        super().__init__()
        self.house = RoughTelephone(seat_count=3, cloud_count=1)
        self.told: dict[str, tuple[int, int]] = {}
        """The last range announced to each citizen today."""
        self.heard = 0
        self.judged = 0

    @initialize(
        hour=HOURS,
        automatic=st.booleans(),
        margin=st.sampled_from([1.0, 1.0, 0.0]),
        missed=st.integers(0, 3),
        on_duty=st.integers(0, 4),
        statement_from_s=st.sampled_from([0.0, 30.0]),
    )
    def begin(
        self,
        hour: float,
        automatic: bool,
        margin: float,
        missed: int,
        on_duty: int,
        statement_from_s: float,
    ) -> None:
        """Some hour of the day, some who called in vain before, some seats."""
        self.house = RoughTelephone(
            seat_count=3,
            cloud_count=1,
            automatic=automatic,
            changes={"callback_margin": margin},
            now=hour * 3600.0,
            statement_from_s=statement_from_s,
        )
        for number in KNOWN[:missed]:
            self.house.hang_up(self.house.arrive(number))
        for seat in self.house.seat_ids[:on_duty]:
            self.house.sign_in(seat)

    # --- citizens ---

    @rule(number=NUMBERS, key=KEYS, times=st.sampled_from([1, 1, 1, 2]))
    def call(self, number: str, key: str | None, times: int) -> None:
        """Somebody calls, perhaps on two lines at once, perhaps while an earlier call of his still waits."""
        for _ in range(times):
            self.house.arrive(number, key)

    @rule(number=NUMBERS)
    def meet_a_busy_signal(self, number: str) -> None:
        """Somebody does not even get in."""
        self.house.block(number)

    @precondition(lambda self: self.house.sessions or self.house.leaving)
    @rule(n=N, key=st.sampled_from(["", "", "0", "9"]), accepted=st.booleans(), is_whole=st.integers(0, 7))
    def go_on_in_session(self, n: int, key: str, accepted: bool, is_whole: int) -> None:
        """A greeting ends, a question is answered, a farewell is over; or the session breaks off."""
        house = self.house
        contact = _pick(sorted(house.sessions | house.leaving), n)
        if contact in house.leaving:
            house.finish_farewell(contact)
        elif not is_whole:
            house.break_session(contact)
        elif contact in house.greeted:
            house.hear_greeting_out(contact, key)
        else:
            house.reply(contact, accepted)

    @precondition(lambda self: self.house.asked)
    @rule(n=N, accepted=st.booleans())
    def reply(self, n: int, accepted: bool) -> None:
        """Somebody answers what he is asked."""
        self.house.reply(_pick(sorted(self.house.asked), n), accepted)

    @precondition(lambda self: self.house.alive)
    @rule(n=N)
    def hang_up(self, n: int) -> None:
        """Somebody hangs up, wherever he is."""
        self.house.hang_up(_pick(sorted(self.house.alive), n))

    @precondition(lambda self: self.house.tardy)
    @rule(n=N)
    def come_out_late(self, n: int) -> None:
        """A withdrawal that was given up takes effect."""
        self.house.come_out_late(_pick(sorted(self.house.tardy), n))

    # --- agents, and whom they call ---

    @rule(n=N, deed=st.sampled_from(["sign_in", "sign_in", "sign_out", "take_break", "end_break"]))
    def dial_code(self, n: int, deed: str) -> None:
        """An agent comes, goes or pauses, whatever his seat does; nobody signs in while his phone rings."""
        seat = _pick(self.house.seat_ids, n)
        if (seat in self.house.members) != (deed == "sign_in") and not (
            deed == "sign_in" and self._is_on_phone(seat)
        ):
            getattr(self.house, deed)(seat)

    @rule(n=N, request=st.sampled_from(list(SeatRequest)))
    def ask_seat(self, n: int, request: SeatRequest) -> None:
        """The same by desk."""
        seat = _pick(self.house.seat_ids, n)
        if request is not SeatRequest.LOGIN or not self._is_on_phone(seat):
            self._ask(seats.SeatAsked(seat, request, "tea", "8001"))

    @rule(n=N)
    def lose_or_find_phone(self, n: int) -> None:
        """A phone that is not in a call falls off the network, or is back."""
        seat = _pick(self.house.seat_ids, n)
        if seat not in self.house.phones:
            self.house.find_phone(seat)
        elif not self._is_on_phone(seat):
            self.house.lose_phone(seat)

    @precondition(lambda self: self.house.ringing)
    @rule(n=N, answers=st.integers(0, 3))
    def let_ring(self, n: int, answers: int) -> None:
        """An agent answers, or does not."""
        seat = _pick(sorted(self.house.ringing), n)
        if answers:
            self.house.pick_up(seat)
        else:
            self.house.ring_out(seat)

    @precondition(lambda self: self.house.dialing)
    @rule(n=N, answers=st.booleans())
    def reach_citizen(self, n: int, answers: bool) -> None:
        """A citizen answers his call-back, or does not."""
        seat = _pick(sorted(self.house.dialing), n)
        if answers:
            self.house.citizen_answers(self.house.dialing[seat], seat)
        else:
            self.house.end_callback(self.house.dialing[seat], packets=None)

    @precondition(lambda self: self.house.talking)
    @rule(n=N, seconds=TALKS_S, packets=PACKETS)
    def talk(self, n: int, seconds: float, packets: tuple[int, int] | None) -> None:
        """A talk goes on and ends; of a call-back with or without voices, with or without their count."""
        seat = _pick(sorted(self.house.talking), n)
        contact = self.house.talking[seat]
        self._live(seconds)
        if self.house.talking.get(seat) == contact:
            self._end_talk(contact, packets)

    @rule(seconds=TALKS_S, packets=PACKETS, wrap_up_s=st.sampled_from([0.0, 61.0]))
    def work(self, seconds: float, packets: tuple[int, int] | None, wrap_up_s: float) -> None:
        """All phones are answered, all talk alike, all work up."""
        for seat in sorted(self.house.ringing):
            if seat in self.house.ringing:
                self.house.pick_up(seat)
        for seat, contact in sorted(self.house.dialing.items()):
            self.house.citizen_answers(contact, seat)
        self._live(seconds)
        for contact in sorted(self.house.talking.values()):
            self._end_talk(contact, packets)
        self._live(wrap_up_s)

    # --- the shift manager ---

    @precondition(lambda self: self.house.queue and self.house.is_alive)
    @rule(n=N, urgent=st.booleans())
    def prioritize(self, n: int, urgent: bool) -> None:
        """Moves a caller."""
        self._ask(offers.PriorityAsked(_pick(self.house.places(), n), urgent, "lead", "gas leak"))

    @precondition(lambda self: self.house.is_alive)
    @rule(level=st.sampled_from([None, 0, 1, 2, 3]), undo=st.booleans())
    def switch_level(self, level: int | None, undo: bool) -> None:
        """Declares, hands back, or undoes."""
        self._ask(surge.LevelAsked(level, undo, "lead", "by hand"))

    @precondition(lambda self: any(owed.ground == "message" for owed in self.house.owed.values()))
    @rule(n=N, needs_call=st.booleans())
    def review(self, n: int, needs_call: bool) -> None:
        """A person hears a voice message."""
        origins = [owed.origin for owed in self.house.owed.values() if owed.ground == "message"]
        self._ask(callbacks.MessageReviewed(_pick(sorted(origins), n), needs_call, "qa"))

    @precondition(lambda self: self.house.owed and self.house.is_alive)
    @rule(n=N, delay_s=st.sampled_from([0.0, 60.0, 7200.0]))
    def change_by_hand(self, n: int, delay_s: float) -> None:
        """Closes what is owed to somebody, or has him called later."""
        owed = self.house.owed[_pick(sorted(self.house.owed), n)]
        if delay_s:
            self._ask(callbacks.PostponeAsked(owed.origin, owed.caller, delay_s, "lead", "later"))
        else:
            self._ask(callbacks.CloseAsked(owed.origin, owed.caller, "lead", "settled"))

    # --- time, machines ---

    @rule(seconds=SPANS_S)
    def pass_time(self, seconds: float) -> None:
        """Time passes, also over midnight."""
        self._live(seconds)

    @rule(slow=st.booleans(), fails=st.booleans(), durable=st.booleans(), late=st.booleans())
    def change_weather(self, slow: bool, fails: bool, durable: bool, late: bool) -> None:
        """Farewells take time, withdrawals fail, promises cannot be written at once, pauses come late; or not."""
        house = self.house
        house.slow_farewells, house.withdrawals_fail, house.is_durable = slow, fails, durable
        house.land_pauses()
        house.pauses_late = late

    @rule(trouble=st.sampled_from(["cut_link", "ask_truth", "die", "die"]))
    def break_down(self, trouble: str) -> None:
        """The link is gone, or the truth is read anew and takes a moment, or the controller dies."""
        if self.house.is_alive and (self.house.wire is Wire.UP or trouble == "die"):
            getattr(self.house, trouble)()

    @precondition(lambda self: not self.house.is_alive or self.house.wire is not Wire.UP)
    @rule()
    def recover(self) -> None:
        """A new controller, or the truth."""
        if self.house.is_alive:
            self.house.mend_link()
            return
        self.told.clear()
        self.house.come_back()

    @precondition(lambda self: self.house.is_alive)
    @rule(seconds=st.sampled_from([12.0, 21.0, 1900.0]), begins=st.booleans(), ends=st.booleans())
    def go_on_without_controller(self, seconds: float, begins: bool, ends: bool) -> None:
        """It is killed; talks begin, go on and end, or not; it comes back."""
        house = self.house
        house.die()
        for seat in sorted(house.ringing) if begins else ():
            if seat in house.ringing:
                house.pick_up(seat)
        for seat, contact in sorted(house.dialing.items()) if begins else ():
            house.citizen_answers(contact, seat)
        self._pass(seconds)
        for contact in sorted(house.talking.values()) if ends else ():
            self._end_talk(contact, HEARD)
        self.recover()

    @precondition(lambda self: self.house.is_alive)
    @rule(hours=st.sampled_from([-2, 2]))
    def set_clock(self, hours: int) -> None:
        """The wall clock is set."""
        self.house.land_pauses()
        self.house.set_clock(hours * 3600.0)
        self.told.clear()

    # --- what holds ---

    @invariant()
    def everything_holds(self) -> None:
        """After each step."""
        self.nobody_is_lost()
        self.no_seat_has_two_calls()
        self.whoever_waits_has_a_deadline()
        self.every_promise_has_an_owner()
        self.dials_keep_their_rules()
        self.the_list_of_missed_calls_is_true()
        self.a_range_never_grows()
        self.who_was_served_is_owed_nothing()

    def nobody_is_lost(self) -> None:
        """Everybody on the line is somewhere from where it goes on."""
        house = self.house
        lines = set(house.places())
        for contact in house.alive:
            places = [contact in lines, contact in house.sessions or contact in house.leaving]
            places.append(contact in house.talking.values())
            assert sum(places) == 1, "everybody is in one place"
        for contact in house.sessions & set(house.alive):
            assert contact in house.greeted | set(house.asked) | house.leaving, (
                "a session waits for something"
            )
        assert lines <= set(house.alive)

    def no_seat_has_two_calls(self) -> None:
        """One phone, one call."""
        calls = [seat for phones in self._phones() for seat in phones]
        assert max(Counter(calls).values(), default=0) <= 1
        contacts = [contact for phones in self._phones() for contact in phones.values()]
        assert max(Counter(contacts).values(), default=0) <= 1

    def whoever_waits_has_a_deadline(self) -> None:
        """In line, or about to ring: somebody looks at him again."""
        house = self.house
        if not house.is_heard or house.wire is not Wire.UP:
            return
        for contact in set(house.places()) - set(house.ringing.values()):
            assert house.steering.next_deadline() is not None
            key = self._key(contact)
            expected = house.steering._house.floor.expects(key)
            assert expected or key in house.hotline.hotline.reminders, "nobody looks at him again"

    def every_promise_has_an_owner(self) -> None:
        """What is written down is in the engine's book, or waits for how a talk goes."""
        house = self.house
        if not house.is_alive:
            return
        book = {promise.caller: promise for promise in house.hotline.hotline.book}
        steering = house.steering._house
        for caller, owed in house.owed.items():
            if caller in book:
                promise = book.pop(caller)
                assert (owed.ground, owed.tries, owed.reviewed) == (
                    promise.ground.value, promise.tries, promise.reviewed
                )  # fmt: skip
            else:
                assert steering.owed.is_answering(caller), "nobody owns this promise"
                answers = steering.guests.of(caller) or steering.floor.expects(caller)
                assert answers or self._is_looked_up(caller), "and nobody answers him"
        assert not book, "a promise that is not written down"
        assert {owed.caller for owed in steering.owed} == set(house.owed)
        assert house.listed <= set(house.owed), "on the list, and nobody's"

    def dials_keep_their_rules(self) -> None:
        """In the hours, not while he is on the line, each try once, no more tries than allowed, with their distance."""
        dials = list(self.house.dials.values())
        for dial in dials[self.judged :]:
            assert FROM_S <= dial.time_of_day < TO_S + SECURED_S, "dialed outside the hours"
            assert not dial.is_on_line, "dialed while on the line"
            assert not self._was_served(dial), "dialed after his talk"
        self.judged = len(dials)
        rung = [(*_try_of(dial.contact_id), dial.begun) for dial in dials if dial.has_rung]
        assert max(Counter(rung[:2] for rung in rung).values(), default=0) <= 1, "a try was dialed twice"
        begun: dict[str, float] = {}
        for origin, attempt, at in rung:
            assert attempt <= TRIES
            assert at >= begun.get(origin, 0.0) + GAP_S - SECURED_S or origin not in begun, "dialed too soon"
            begun[origin] = at

    def the_list_of_missed_calls_is_true(self) -> None:
        """Each is there with his own number."""
        for note in self.house.missed:
            assert note.caller == self.house.stories[note.contact_id].number

    def a_range_never_grows(self) -> None:
        """Whatever a citizen is told today, it is no more than before."""
        for contact, effects in self.house.said.items():
            for effect in effects:
                assert isinstance(effect, offers.Ask | offers.TellWait)
                if isinstance(effect, offers.Ask) and effect.question is Question.NOTICE:
                    continue
                key = self._key(contact)
                low, high = self.told.get(key, (effect.low_s, effect.high_s))
                assert effect.low_s <= low, "a longer wait than before"
                assert effect.high_s <= high, "a longer wait than before"
                self.told[key] = (effect.low_s, effect.high_s)
        self.house.said.clear()

    def who_was_served_is_owed_nothing(self) -> None:
        """A talk that was long enough closes everything, unless he called in vain again since."""
        house = self.house
        if not house.is_heard or house.wire is not Wire.UP or house.looked_up:
            return
        for talk in house.talks[self.heard :]:
            if talk.seconds < SERVED_S or not talk.is_heard or talk.number not in house.owed:
                continue
            again = [s for s in house.stories.values() if s.number == talk.number and s.answered is None]
            assert any(s.ended is not None and s.ended >= talk.ended for s in again), "served, and still owed"
        self.heard = len(house.talks)

    def teardown(self) -> None:
        """When everything calms down, everybody who was missed and can be called is served or unreached."""
        self._calm_down()
        house = self.house
        assert not house.alive, "somebody is left on the line"
        assert not house.owed, "somebody is still owed a call"
        assert {house.state(seat) for seat in house.seat_ids} == {SeatState.READY}
        assert not house.paused
        for story in house.stories.values():
            if story.outcome in IN_VAIN and may_be_dialed(story.number):
                assert self._was_dealt_with(story.number), "missed and forgotten"

    # --- helpers ---

    def _was_served(self, dial: Dial) -> bool:
        """Whether he had talked before the dial, and did not call in vain since."""
        talks = [
            t for t in self.house.talks if t.number == dial.number and t.ended <= dial.begun and t.is_heard
        ]
        served = max((talk.ended for talk in talks if talk.seconds >= SERVED_S), default=None)
        stories = [s for s in self.house.stories.values() if s.number == dial.number and s.answered is None]
        return served is not None and not any(
            story.ended is not None and served <= story.ended <= dial.begun for story in stories
        )

    def _is_looked_up(self, caller: str) -> bool:
        contacts = [contact for contact_ids in self.house.looked_up for contact in contact_ids]
        return any(self.house.stories[contact].number == caller for contact in contacts)

    def _phones(self) -> list[dict[SeatId, ContactId]]:
        """Phones of seats that ring, wait for a citizen, talk."""
        return [self.house.ringing, self.house.dialing, self.house.talking]

    def _is_on_phone(self, seat: SeatId) -> bool:
        return any(seat in phones for phones in self._phones())

    def _key(self, contact: ContactId) -> str:
        guest = self.house.steering._house.guests.get(contact) if self.house.is_alive else None
        return guest.key if guest else self.house.stories[contact].number or contact

    def _end_talk(self, contact: ContactId, packets: tuple[int, int] | None) -> None:
        if callbacks.is_callback(contact):
            self.house.end_callback(contact, packets=packets)
        else:
            self.house.hang_up(contact)

    def _ask(self, command: Message) -> None:
        """People ask; what makes no sense is refused."""
        with suppress(UsageError):
            self.house.tell(command)

    def _live(self, seconds: float) -> None:
        """Time passes in steps; what rings or is asked does not do so for ever."""
        until = self.house.now + seconds
        while (left := until - self.house.now) > 0:
            self._pass(min(left, STEP_S))
            if left > STEP_S:
                self._end_what_rings()

    def _pass(self, seconds: float) -> None:
        house = self.house
        day = (house.now + house.wall_s) // DAY_S
        house.advance(seconds)
        if (house.now + house.wall_s) // DAY_S != day:
            self.told.clear()
            self.house.said.clear()
            if house.is_alive:
                house.plan()

    def _end_what_rings(self) -> None:
        house = self.house
        for contact in sorted(house.greeted):
            house.hear_greeting_out(contact, "")
        for contact in sorted(house.asked):
            house.reply(contact, accepted=False)
        for contact in sorted(house.leaving):
            house.finish_farewell(contact)
        for seat in sorted(house.ringing):
            if seat in house.ringing:
                house.ring_out(seat)
        for contact in list(house.dialing.values()):
            house.end_callback(contact, packets=None)

    def _calm_down(self) -> None:
        house = self.house
        house.slow_farewells, house.withdrawals_fail, house.is_durable = False, False, True
        if not house.is_alive:
            house.come_back()
        if house.wire is not Wire.UP:
            house.mend_link()
        house.land_pauses()
        self._pass(0.0)
        patience = house.now + CALM_S
        while house.now < patience:
            self._work()
            if not house.alive and not house.owed and self._is_idle():
                return
            self._pass(30.0 if house.alive or not self._is_idle() else 600.0)

    def _is_idle(self) -> bool:
        return all(self.house.state(seat) is SeatState.READY for seat in self.house.seat_ids)

    def _work(self) -> None:
        """Everybody does what is expected of him."""
        house = self.house
        for contact in sorted(house.talking.values()):
            self._end_talk(contact, HEARD)
        for seat in house.seat_ids:
            if seat not in house.phones:
                house.find_phone(seat)
            if seat not in house.members and not self._is_on_phone(seat):
                house.sign_in(seat)
            elif house.paused.get(seat, "wrap_up") not in ("wrap_up", "rest", "callback"):
                house.end_break(seat)
        for contact in sorted(house.greeted):
            house.hear_greeting_out(contact, "")
        while house.asked:
            house.reply(min(house.asked), accepted=False)
        for contact in sorted(house.leaving):
            house.finish_farewell(contact)
        for seat in sorted(house.ringing):
            if seat in house.ringing:
                house.pick_up(seat)
        for seat, contact in list(house.dialing.items()):
            house.citizen_answers(contact, seat)

    def _was_dealt_with(self, number: str) -> bool:
        talked = any(talk.number == number and talk.seconds >= SERVED_S for talk in self.house.talks)
        return talked or any(closed.caller == number for closed in self.house.closed)


def _pick(choices: Sequence[T], n: int) -> T:
    return choices[n % len(choices)]


def _try_of(contact_id: str) -> tuple[str, int]:
    """The origin and the number of the try of a call-back."""
    origin, _, attempt = contact_id.removeprefix(callbacks.PREFIX).rpartition("-")
    return origin, int(attempt.partition(".")[0])


IS_NIGHT = os.environ.get("CALLCENTER_STRESS") == "night"

TestLineUnderStress = LineUnderStress.TestCase
TestLineUnderStress.settings = settings(
    max_examples=5000 if IS_NIGHT else 200,
    stateful_step_count=80 if IS_NIGHT else 50,
    derandomize=not IS_NIGHT,
    database=None,
    deadline=None,
    phases=[Phase.generate, Phase.shrink] if IS_NIGHT else [Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
