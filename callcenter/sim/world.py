"""The world of SCENARIOS.md to the letter: what people do in reply to what a policy does.

There is no chance in here: same parameters, same trace, same policy = same day, to the millisecond.
Invariants: every caller on the line has a next event; a citizen is dialed only with a ground, in the hours, off the line,
within tries and gap, and by a free seat. A policy that breaks a rule is a fault of ours (``OurError``).
"""

from callcenter.core.errors import OurError
from callcenter.sim.calendar import Calendar, Rank
from callcenter.sim.floor import Floor
from callcenter.sim.log import Entry
from callcenter.sim.params import Params, ms, scaled, threshold
from callcenter.sim.partner import Partner
from callcenter.sim.person import Outcome, Person, Place
from callcenter.sim.port import Policy
from callcenter.sim.trace import Citizens, Traffic

_SETTLED = frozenset({Outcome.LIVE, Outcome.CALLBACK, Outcome.SELF, Outcome.MESSAGE, Outcome.MESSAGE_OPEN})
"""Outcomes after which a citizen never calls again."""


class RuleBroken(OurError):
    """A policy did what SCENARIOS.md 6 or 7 forbids."""

    code = "rule_broken"


class World:
    """One day. It is the policy's ``Hotline`` (see ``port``)."""

    def __init__(
        self, params: Params, citizens: Citizens, traffic: Traffic, policy: Policy, begins: int = 0
    ) -> None:
        """``begins``: the millisecond of the day at which this world begins; nobody calls before it."""
        self.day, self.callback, self.forecast, self.rules = (
            params.day,
            params.callback,
            params.forecast,
            params.rules,
        )
        self.roster = params.seats.by_hour
        self.cloud_seats = len(params.cloud.u_response)
        self.cloud_factor = params.cloud.time_factor
        self.log: list[Entry] = []
        self.predictions: dict[tuple[int, int], float] = {}
        """Point prediction in seconds by citizen and attempt; the log has the announced range."""
        self.people = [Person(cid) for cid in range(len(citizens))]
        self._params, self._citizens, self._policy = params, citizens, policy
        self._calendar = Calendar(begins)
        self._floor = Floor(params, citizens, self._calendar, policy, self.log)
        self.partner = Partner(params.partner, traffic, self._calendar, policy.partner_freed)
        self._channels = 0
        self._dials = 0
        self._length = ms(params.day.length_s)
        for person, t0 in zip(self.people, citizens.t0, strict=True):
            self._at(t0, person, self._attempt)
        self._read_thresholds(params)

    @property
    def now(self) -> int:
        """Milliseconds since the day's begin."""
        return self._calendar.now

    def run(self) -> None:
        """Let the day happen."""
        self._policy.begin(self)
        self._calendar.run(self._length)

    def home_staffed(self) -> int:
        """See ``Hotline``."""
        return self._floor.home.staffed

    def cloud_staffed(self) -> int:
        """See ``Hotline``."""
        return self._floor.cloud.logged_in

    def home_free(self) -> int:
        """See ``Hotline``."""
        return self._floor.home.free

    def cloud_free(self) -> int:
        """See ``Hotline``."""
        return self._floor.cloud.free

    def is_on_line(self, cid: int) -> bool:
        """See ``Hotline``."""
        return self.people[cid].is_on_line

    def tell_status(self, cid: int) -> bool:
        """See ``Hotline``."""
        person = self._on(cid, Place.CHOOSING)
        self._demand(person.pending, "no call-back is pending")
        content = self._hears(person, "status", "u_status", self._u_status)
        if content:
            self._hang_up(person)
        return content

    def play_prompts(self, cid: int, announcement: bool, selfservice: bool) -> None:
        """See ``Hotline``."""
        person = self._on(cid, Place.CHOOSING)
        person.place = Place.PROMPTS
        lasts, content = 0, False
        if announcement:
            lasts += self._announcement
            content = self._is_content_with_announcement(person)
        if selfservice and not content:
            tries = self._tries_selfservice(person)
            lasts += self._selfservice if tries else 0
            content = tries and self._is_content_with_selfservice(person)
        self._at(self.now + lasts, person, self._resolve if content else self._end_prompts)

    def offer_callback(self, cid: int) -> bool:
        """See ``Hotline``."""
        person = self._on(cid, Place.CHOOSING, Place.WAITING)
        self._demand(not person.pending, "a call-back is pending already")
        if person.place is Place.WAITING:
            yes = self._hears(person, "callback_waiting", "u_callback2", self._u_callback_waiting)
        else:
            yes = self._hears(person, "callback", "u_callback", self._u_callback)
        if yes:
            person.place = Place.CONFIRMING
            self._at(self.now + self._confirm, person, self._promise)
        return yes

    def offer_message(self, cid: int) -> bool:
        """See ``Hotline``."""
        person = self._on(cid, Place.CHOOSING)
        yes = self._hears(person, "message", "u_message", self._u_message)
        if yes:
            person.place = Place.CONFIRMING
            self._at(self.now + self._message, person, self._leave_message)
        return yes

    def enqueue(self, cid: int, low_s: int, high_s: int, expected_s: float) -> None:
        """See ``Hotline``."""
        person = self._on(cid, Place.CHOOSING)
        self._demand(high_s <= 2 * low_s + self.rules.ewt_range_slack_s, "the announced range is too wide")
        person.place = Place.WAITING
        person.joined = self.now
        self.predictions[cid, person.attempts] = expected_s
        self._note("queue", person, low_s, high_s)
        patience = self._citizens.draw("patience_s", cid, person.attempts)
        self._calendar.at(self.now + patience, Rank.PATIENCE, cid, self._abandon, person, person.attempts)

    def remind(self, cid: int, delay_ms: int) -> None:
        """See ``Hotline``."""
        person = self._on(cid, Place.WAITING)
        self._at(self.now + delay_ms, person, self._remind, person.attempts)

    def answer(self, cid: int) -> None:
        """See ``Hotline``."""
        person = self._on(cid, Place.CHOOSING, Place.WAITING)
        kind = self._floor.take()
        self._begin_talk(person, kind)
        talk, wrap_up = self._handling(person, self._floor.factor(kind))
        self._floor.after(talk, person, self._end_talk, person)
        self._floor.after(talk + wrap_up, person, self._end_call, person, kind, talk, talk + wrap_up)

    def overflow(self, cid: int) -> bool:
        """See ``Hotline``."""
        person = self._on(cid, Place.CHOOSING, Place.WAITING)
        if not self.partner.accepts:
            return False
        self._begin_talk(person, "partner")
        talk, wrap_up = self._handling(person, self._params.partner.time_factor)
        self._floor.after(talk, person, self._end_talk, person)
        self.partner.help(talk + wrap_up)
        return True

    def partner_accepts(self) -> bool:
        """See ``Hotline``."""
        return self.partner.accepts

    def record_missed(self, cid: int) -> None:
        """See ``Hotline``."""
        person = self.people[cid]
        self._demand(person.attempts > 0 and not person.is_on_line, "nobody missed this citizen")
        person.ground = person.ground or "missed"
        person.pending = True
        self._note("missed", person)

    def send_sms(self, cid: int) -> None:
        """See ``Hotline``."""
        person = self.people[cid]
        if not person.has_sms:
            person.has_sms = True
            self._note("sms", person)

    def dial(self, cid: int, ground: str) -> None:
        """See ``Hotline``."""
        person = self.people[cid]
        self._check_dial(person, ground)
        kind = self._floor.take()
        person.dials += 1
        person.last_dial = self.now
        self._note("dial", person, kind, ground)
        if self._citizens.draw("u_reach", cid, person.dials) < self._u_reach[person.ground]:
            self._reach(person, kind)
        else:
            self._miss(person, kind)

    def review(self, cid: int) -> None:
        """See ``Hotline``."""
        person = self.people[cid]
        self._demand(person.outcome is Outcome.MESSAGE_OPEN, "no message of his is open")
        kind = self._floor.take()
        self._note("review", person, kind)
        work = self._citizens.draw("review_s", cid)
        self._floor.after(work, person, self._end_review, person, kind, work)

    def set_timer(self, cid: int, at: int) -> None:
        """See ``Hotline``."""
        self._calendar.at(at, Rank.TIMERS, cid, self._policy.timer, cid)

    def invite_cloud(self, seat: int) -> None:
        """See ``Hotline``."""
        self._floor.invite(seat)

    def _attempt(self, person: Person) -> None:
        if person.outcome in _SETTLED or person.is_on_line:
            return
        person.attempts += 1
        self._note("attempt", person, person.attempts)
        if self._channels >= self._params.lines.inbound_channels:
            self._note("busy", person)
            self._fail(person, busy=True)
            return
        self._channels += 1
        person.place = Place.GREETING
        self._at(self.now + self._greeting, person, self._end_greeting)
        self._policy.arrived(person.cid)

    def _end_greeting(self, person: Person) -> None:
        person.place = Place.CHOOSING
        self._policy.greeted(person.cid, urgent=bool(self._citizens.urgent[person.cid]))
        self._check_cared_for(person)

    def _end_prompts(self, person: Person) -> None:
        person.place = Place.CHOOSING
        self._policy.prompts_heard(person.cid)
        self._check_cared_for(person)

    def _resolve(self, person: Person) -> None:
        person.outcome = Outcome.SELF
        person.pending = False
        self._note("self_done", person)
        self._hang_up(person)
        self._policy.resolved(person.cid)

    def _promise(self, person: Person) -> None:
        person.ground = "accepted"
        person.pending = True
        self._note("cb_accepted", person)
        self._hang_up(person)
        if self._draws_yes(person, "chase", "u_chase", self._u_chase):
            gap = self._citizens.draw("chase_gap_s", person.cid, person.hearings["chase"])
            self._at(self.now + gap, person, self._chase)
        self._policy.promised(person.cid)

    def _leave_message(self, person: Person) -> None:
        person.ground = "message"
        person.outcome = Outcome.MESSAGE_OPEN
        self._note("message", person)
        self._hang_up(person)
        self._policy.message_left(person.cid)

    def _chase(self, person: Person) -> None:
        if person.pending:
            self._attempt(person)

    def _remind(self, person: Person, attempt: int) -> None:
        if person.place is Place.WAITING and person.attempts == attempt:
            self._policy.reminded(person.cid)

    def _abandon(self, person: Person, attempt: int) -> None:
        if person.place is Place.WAITING and person.attempts == attempt:
            self._note("abandon", person)
            self._hang_up(person)
            self._fail(person, busy=False)

    def _fail(self, person: Person, busy: bool) -> None:
        attempt = person.attempts
        self._policy.failed(person.cid, busy)
        if person.ground in ("accepted", "message") or attempt >= self._params.citizen.max_attempts:
            return
        willing = self._u_redial[busy, person.has_sms]
        if self._citizens.draw("u_redial", person.cid, attempt) < willing:
            gap = self._citizens.draw("gap_busy_s" if busy else "gap_abandon_s", person.cid, attempt)
            self._at(self.now + gap, person, self._attempt)

    def _begin_talk(self, person: Person, kind: str) -> None:
        person.place = Place.TALKING
        person.outcome = Outcome.LIVE
        person.pending = False
        self._note("answer", person, kind)

    def _end_talk(self, person: Person) -> None:
        self._note("hangup", person)
        self._hang_up(person)

    def _end_call(self, person: Person, kind: str, talk: int, work: int) -> None:
        self._policy.talked(person.cid, talk, work, kind)
        self._floor.release(person, kind)

    def _reach(self, person: Person, kind: str) -> None:
        person.outcome = Outcome.CALLBACK
        person.pending = False
        self._note("reached", person)
        factor = self._floor.factor(kind)
        talk = scaled(self._citizens.draw("talk_s", person.cid), self.callback.talk_factor * factor)
        wrap_up = self._wrap_up(person, factor)
        ring = ms(self.callback.ring_s)
        self._floor.after(ring + talk, person, self._note, "cb_hangup", person)
        self._floor.after(ring + talk + wrap_up, person, self._end_call, person, kind, talk, talk + wrap_up)
        self._policy.dialed(person.cid, reached=True)

    def _miss(self, person: Person, kind: str) -> None:
        self._note("noanswer", person)
        self._floor.after(ms(self.callback.noanswer_s), person, self._floor.release, person, kind)
        if person.dials >= self.callback.max_tries:
            self._note("unreached", person)
            person.pending = False
            person.outcome = person.outcome or Outcome.UNREACHED
        self._policy.dialed(person.cid, reached=False)

    def _end_review(self, person: Person, kind: str, work: int) -> None:
        self._note("reviewed", person)
        person.outcome = Outcome.MESSAGE
        needs_call = self._citizens.draw("u_contact", person.cid) < self._u_contact
        self._policy.reviewed(person.cid, needs_call, work)
        self._floor.release(person, kind)

    def _handling(self, person: Person, factor: float) -> tuple[int, int]:
        talk = self._citizens.draw("talk_s", person.cid)
        return scaled(talk, factor), self._wrap_up(person, factor)

    def _wrap_up(self, person: Person, factor: float) -> int:
        return scaled(self._citizens.draw("acw_s", person.cid), factor)

    def _is_content_with_announcement(self, person: Person) -> bool:
        if not self._citizens.hot[person.cid]:
            self._note("heard", person, "announcement", 0)
            return False
        return self._hears(person, "announcement", "u_announce", self._u_announcement)

    def _tries_selfservice(self, person: Person) -> bool:
        if not self._citizens.consult[person.cid]:
            self._note("heard", person, "selfservice", 0)
            return False
        return self._hears(person, "selfservice", "u_selfsvc_try", self._u_try)

    def _is_content_with_selfservice(self, person: Person) -> bool:
        return self._draws_yes(person, "selfservice_ok", "u_selfsvc_ok", self._u_ok)

    def _hears(self, person: Person, kind: str, family: str, below: int) -> bool:
        yes = self._draws_yes(person, kind, family, below)
        self._note("heard", person, kind, int(yes))
        return yes

    def _draws_yes(self, person: Person, kind: str, family: str, below: int) -> bool:
        return self._citizens.draw(family, person.cid, person.hears(kind)) < below

    def _hang_up(self, person: Person) -> None:
        person.place = Place.AWAY
        self._channels -= 1

    def _on(self, cid: int, *places: Place) -> Person:
        person = self.people[cid]
        self._demand(person.place in places, f"the citizen is {person.place}")
        return person

    def _check_cared_for(self, person: Person) -> None:
        self._demand(person.place is not Place.CHOOSING, "a caller was left without care")

    def _check_dial(self, person: Person, ground: str) -> None:
        day, rule = self.day, self.callback
        self._demand(person.ground == ground, "no such ground")
        self._demand(not person.is_on_line, "he is on the line")
        self._demand(ms(day.callback_from_s) <= self.now < ms(day.callback_to_s), "outside the hours")
        self._demand(person.dials < rule.max_tries, "all tries are used up")
        self._demand(self.now - person.last_dial >= ms(rule.retry_gap_s), "too early after the last try")

    def _demand(self, holds: bool, otherwise: str) -> None:
        if not holds:
            raise RuleBroken(otherwise)

    def _note(self, event: str, person: Person, a: int | str = "", b: int | str = "") -> None:
        self.log.append(Entry(self.now, event, person.cid, a, b))

    def _at(self, when: int, person: Person, do: object, *details: int) -> None:
        self._calendar.at(when, Rank.CITIZENS, person.cid, do, person, *details)  # type: ignore[arg-type]

    def _read_thresholds(self, params: Params) -> None:
        trait, prompts = params.citizen, params.prompts
        self._greeting, self._announcement = ms(prompts.greeting_s), ms(prompts.announcement_s)
        self._selfservice, self._message = ms(prompts.selfservice_s), ms(prompts.message_s)
        self._confirm = ms(prompts.callback_confirm_s)
        self._u_announcement, self._u_status = threshold(trait.p_announcement), threshold(trait.p_status)
        self._u_try, self._u_ok = threshold(trait.p_selfservice_try), threshold(trait.p_selfservice_ok)
        self._u_callback, self._u_message = threshold(trait.p_callback), threshold(trait.p_message)
        self._u_callback_waiting = threshold(trait.p_callback_waiting)
        self._u_chase, self._u_contact = threshold(trait.p_chase), threshold(params.message.p_contact)
        self._u_reach = {
            "accepted": threshold(params.callback.reach_accepted),
            "missed": threshold(params.callback.reach_missed),
            "message": threshold(params.callback.reach_message),
        }
        self._u_redial = {
            (busy, sms): threshold(p * (trait.sms_factor if sms else 1.0))
            for busy, p in ((True, trait.p_redial_busy), (False, trait.p_redial))
            for sms in (True, False)
        }
