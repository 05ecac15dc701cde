"""A stranger's checker (SCENARIOS.md 11): replays an event log against the citizens' own draws, without the simulator.

Invariant: it shares no decision code with ``world``; it knows the page's rules, the trace and the log, and names every breach.
"""

from collections import Counter
from collections.abc import Callable, Sequence

from callcenter.sim.log import Entry
from callcenter.sim.params import Params, ms, scaled, threshold
from callcenter.sim.trace import Citizens

_HOUR = 3_600_000
_FINAL = ("answered", "reached", "self", "message")


def check_log(params: Params, citizens: Citizens, log: Sequence[Entry]) -> list[str]:
    """Every breach of sections 4 to 7 in the log, in order; an honest day has none."""
    return _Checker(params, citizens).check(log)


class _Citizen:
    """What the log has told about one citizen so far."""

    def __init__(self) -> None:
        self.attempts = 0
        self.on_line = False
        self.done = ""
        self.grounds: set[str] = set()
        self.pending = False
        self.sms = False
        self.joined: int | None = None
        self.dials: list[int] = []
        self.home_tasks = 0
        self.task = ("", "", 0)
        self.hearings: Counter[str] = Counter()
        self.causes: set[tuple[int, str]] = set()
        self.due: dict[str, int] = {}
        self.frees: set[int] = set()
        """When the seats that work for him get free."""


class _Checker:
    """Walks through the log with the state that a stranger can know."""

    def __init__(self, params: Params, citizens: Citizens) -> None:
        self._params, self._citizens = params, citizens
        self._people = [_Citizen() for _ in range(len(citizens))]
        for cid, t0 in enumerate(citizens.t0):
            self._people[cid].causes.add((t0, "t0"))
        self._breaches: list[str] = []
        self._busy = {"home": 0, "cloud": 0}
        self._resting = self._cloud = self._channels = self._waiting = 0
        self._invited: set[object] = set()
        self._now = 0

    def check(self, log: Sequence[Entry]) -> list[str]:
        for entry in log:
            self._demand(entry, entry.t_ms >= self._now, "goes back in time")
            self._now = entry.t_ms
            self._replay(entry)
        for cid, person in enumerate(self._people):
            self._check_end(cid, person)
        return self._breaches

    def _replay(self, entry: Entry) -> None:
        handler: Callable[[Entry, _Citizen], None] | None = getattr(self, f"_on_{entry.event}", None)
        if handler is None:
            self._demand(entry, False, "is no known event")
        elif isinstance(entry.cid, int):
            handler(entry, self._people[entry.cid])
        else:
            handler(entry, _Citizen())

    def _demand(self, entry: Entry, holds: bool, otherwise: str) -> None:
        if not holds:
            self._breaches.append(f"{entry.t_ms} {entry.event} {entry.cid}: {otherwise}")

    def _on_attempt(self, entry: Entry, person: _Citizen) -> None:
        person.attempts += 1
        self._demand(entry, entry.a == person.attempts, "is not the next attempt")
        self._demand(entry, not person.on_line, "he is on the line")
        self._demand(entry, person.done not in _FINAL, "he needs nothing any more")
        causes = {cause for cause in person.causes if cause[0] == entry.t_ms}
        self._demand(entry, bool(causes), "has no cause")
        person.causes -= causes
        person.on_line = True
        person.due = {"choice": entry.t_ms + ms(self._params.prompts.greeting_s)}
        self._channels += 1

    def _on_busy(self, entry: Entry, person: _Citizen) -> None:
        self._hang_up(person)
        self._fail(entry, person, "busy")

    def _on_heard(self, entry: Entry, person: _Citizen) -> None:
        cid, kind, yes = _number(entry.cid), str(entry.a), entry.b == 1
        self._demand(entry, self._reply(cid, person, kind) == yes, "is not his own reply")
        if kind == "callback_waiting":
            self._check_second_offer(entry, person)
        else:
            moments = (person.due.get("choice"), person.due.pop("menu", None))
            self._demand(entry, entry.t_ms in moments, "is at the wrong moment")
        if kind not in ("status", "callback_waiting"):
            self._demand(
                entry, self._plain_wait_s() > self._params.rules.menu_min_ewt_s, "menus are not allowed"
            )
        if kind == "status":
            self._demand(entry, person.pending, "no call-back is pending")
        self._go_on(entry, person, kind, yes)

    def _go_on(self, entry: Entry, person: _Citizen, kind: str, yes: bool) -> None:
        prompts = self._params.prompts
        if kind == "announcement":
            person.due["menu"] = entry.t_ms  # self-service is decided at the same moment
            person.due["prompt"] = entry.t_ms + ms(prompts.announcement_s)
            person.due["choice" if not yes else "self_done"] = person.due["prompt"]
        elif kind == "selfservice":
            self._go_on_after_selfservice(entry, person, yes)
        elif kind == "status" and yes:
            self._hang_up(person)
        elif kind == "message" and yes:
            person.due = {"message": entry.t_ms + ms(prompts.message_s)}
        elif kind.startswith("callback") and yes:
            person.due = {"cb_accepted": entry.t_ms + ms(prompts.callback_confirm_s)}

    def _go_on_after_selfservice(self, entry: Entry, person: _Citizen, tried: bool) -> None:
        end = person.due.pop("prompt", entry.t_ms)
        if tried:
            end += ms(self._params.prompts.selfservice_s)
            trait, cid = self._params.citizen, _number(entry.cid)
            if self._draws(cid, person, "selfservice_ok", "u_selfsvc_ok", trait.p_selfservice_ok):
                person.due = {"self_done": end}
                return
        person.due = {"choice": end}

    def _check_second_offer(self, entry: Entry, person: _Citizen) -> None:
        waited = entry.t_ms - person.joined if person.joined is not None else -1
        self._demand(entry, waited >= ms(self._params.citizen.reoffer_after_s), "comes too early")
        self._demand(entry, not person.pending, "a call-back is pending")
        if entry.b == 1:
            self._leave_queue(person)

    def _on_self_done(self, entry: Entry, person: _Citizen) -> None:
        self._demand(entry, entry.t_ms == person.due.get("self_done"), "is at the wrong moment")
        person.done, person.pending = "self", False
        self._hang_up(person)

    def _on_cb_accepted(self, entry: Entry, person: _Citizen) -> None:
        self._demand(entry, entry.t_ms == person.due.get("cb_accepted"), "is at the wrong moment")
        self._hang_up(person)
        person.grounds.add("accepted")
        person.pending = True
        cid = _number(entry.cid)
        if self._draws(cid, person, "chase", "u_chase", self._params.citizen.p_chase):
            gap = self._citizens.draw("chase_gap_s", cid, person.hearings["chase"])
            person.causes.add((entry.t_ms + gap, "chase"))

    def _on_message(self, entry: Entry, person: _Citizen) -> None:
        self._demand(entry, entry.t_ms == person.due.get("message"), "is at the wrong moment")
        self._hang_up(person)
        person.grounds.add("message")
        person.done = "message"

    def _on_queue(self, entry: Entry, person: _Citizen) -> None:
        self._demand(entry, entry.t_ms == person.due.get("choice"), "is at the wrong moment")
        low, high = _number(entry.a), _number(entry.b)
        slack = self._params.rules.ewt_range_slack_s
        self._demand(entry, 0 <= low <= high <= 2 * low + slack, "announces too wide a range")
        person.joined = entry.t_ms
        self._waiting += 1

    def _on_abandon(self, entry: Entry, person: _Citizen) -> None:
        patience = self._citizens.draw("patience_s", _number(entry.cid), person.attempts)
        joined = person.joined if person.joined is not None else -1
        self._demand(entry, entry.t_ms == joined + patience, "is not his own patience")
        self._leave_queue(person)
        self._hang_up(person)
        self._fail(entry, person, "abandon")

    def _on_sms(self, entry: Entry, person: _Citizen) -> None:
        person.sms = True
        self._plan_redial(entry, person)

    def _on_missed(self, entry: Entry, person: _Citizen) -> None:
        self._demand(entry, person.attempts > 0 and not person.on_line, "nobody missed him")
        person.grounds.add("missed")
        person.pending = True

    def _on_answer(self, entry: Entry, person: _Citizen) -> None:
        kind, cid = str(entry.a), _number(entry.cid)
        if person.joined is not None:
            self._leave_queue(person)
        else:
            self._demand(entry, entry.t_ms == person.due.get("choice"), "is at the wrong moment")
        self._take_seat(entry, kind)
        factor = self._factor(kind)
        talk = scaled(self._citizens.draw("talk_s", cid), factor)
        wrap_up = scaled(self._citizens.draw("acw_s", cid), factor)
        person.due = {"hangup": entry.t_ms + talk}
        if kind != "partner":
            person.frees.add(entry.t_ms + talk + wrap_up)
        person.done, person.pending = "answered", False

    def _on_hangup(self, entry: Entry, person: _Citizen) -> None:
        self._demand(entry, entry.t_ms == person.due.get("hangup"), "is not his own talk")
        self._hang_up(person)

    def _on_dial(self, entry: Entry, person: _Citizen) -> None:
        day, rule = self._params.day, self._params.callback
        self._demand(entry, str(entry.b) in person.grounds, "has no such ground")
        self._demand(entry, person.done not in ("answered", "reached", "self"), "he needs nothing any more")
        self._demand(entry, not person.on_line, "he is on the line")
        in_hours = ms(day.callback_from_s) <= entry.t_ms < ms(day.callback_to_s)
        self._demand(entry, in_hours, "is outside the hours")
        self._demand(entry, len(person.dials) < rule.max_tries, "is one try too many")
        gap = entry.t_ms - person.dials[-1] if person.dials else ms(rule.retry_gap_s)
        self._demand(entry, gap >= ms(rule.retry_gap_s), "comes too early")
        person.dials.append(entry.t_ms)
        self._take_seat(entry, str(entry.a))
        person.task = (str(entry.a), str(entry.b), entry.t_ms)

    def _on_reached(self, entry: Entry, person: _Citizen) -> None:
        cid, (kind, _, _) = _number(entry.cid), person.task
        self._demand(entry, self._answers_dial(cid, person), "he did not answer")
        factor, rule = self._factor(kind), self._params.callback
        talk = scaled(self._citizens.draw("talk_s", cid), rule.talk_factor * factor)
        wrap_up = scaled(self._citizens.draw("acw_s", cid), factor)
        spoken = entry.t_ms + ms(rule.ring_s) + talk
        person.due["cb_hangup"] = spoken
        person.frees.add(spoken + wrap_up)
        person.done, person.pending = "reached", False

    def _on_noanswer(self, entry: Entry, person: _Citizen) -> None:
        self._demand(entry, not self._answers_dial(_number(entry.cid), person), "he answered")
        person.frees.add(entry.t_ms + ms(self._params.callback.noanswer_s))

    def _on_cb_hangup(self, entry: Entry, person: _Citizen) -> None:
        self._demand(entry, entry.t_ms == person.due.get("cb_hangup"), "is not his own talk")

    def _on_unreached(self, entry: Entry, person: _Citizen) -> None:
        used_up = len(person.dials) >= self._params.callback.max_tries
        self._demand(entry, used_up, "has tries left")
        person.pending = False

    def _on_review(self, entry: Entry, person: _Citizen) -> None:
        self._demand(entry, person.done == "message", "there is no message")
        self._take_seat(entry, str(entry.a))
        end = entry.t_ms + self._citizens.draw("review_s", _number(entry.cid))
        person.due["reviewed"] = end
        person.frees.add(end)

    def _on_reviewed(self, entry: Entry, person: _Citizen) -> None:
        self._demand(entry, entry.t_ms == person.due.get("reviewed"), "is not its own length")

    def _on_seat_free(self, entry: Entry, person: _Citizen) -> None:
        self._demand(entry, entry.t_ms in person.frees, "is at the wrong moment")
        person.frees.discard(entry.t_ms)
        kind = str(entry.a)
        leaves = self._busy["home"] + self._resting > self._rostered()
        self._busy[kind] -= 1
        person.due.pop("break", None)
        if kind == "home":
            person.home_tasks += 1
            rest = self._citizens.rest(_number(entry.cid), person.home_tasks)
            if rest and not leaves:
                person.due["break"] = entry.t_ms

    def _on_break(self, entry: Entry, person: _Citizen) -> None:
        self._demand(entry, person.due.pop("break", None) == entry.t_ms, "no break is due")
        rest = self._citizens.rest(_number(entry.cid), person.home_tasks)
        person.due[f"break_end{entry.t_ms + rest}"] = entry.t_ms + rest
        self._resting += 1

    def _on_break_end(self, entry: Entry, person: _Citizen) -> None:
        self._demand(
            entry, f"break_end{entry.t_ms}" in person.due or not person.due, "is at the wrong moment"
        )
        self._resting -= 1

    def _on_cloud_invite(self, entry: Entry, person: _Citizen) -> None:
        self._demand(entry, entry.a not in self._invited, "was invited before")
        self._invited.add(entry.a)

    def _on_cloud_in(self, entry: Entry, person: _Citizen) -> None:
        comes = self._params.cloud.u_response[_number(entry.a)] < threshold(self._params.cloud.p_response)
        self._demand(entry, comes and entry.a in self._invited, "does not come")
        self._cloud += 1

    def _on_cloud_out(self, entry: Entry, person: _Citizen) -> None:
        self._cloud -= 1
        self._demand(entry, self._cloud >= self._busy["cloud"], "a seat left its task")

    def _take_seat(self, entry: Entry, kind: str) -> None:
        if kind == "partner":
            return
        self._busy[kind] += 1
        self._demand(
            entry,
            self._busy["home"] + self._resting <= self._rostered() or kind == "cloud",
            "no seat is free",
        )
        self._demand(entry, self._busy["cloud"] <= self._cloud, "no cloud seat is free")

    def _rostered(self) -> int:
        return self._params.seats.by_hour[self._now // _HOUR]

    def _plain_wait_s(self) -> float:
        home = max(self._rostered(), self._busy["home"] + self._resting) - self._resting
        free = home - self._busy["home"] + self._cloud - self._busy["cloud"]
        handling = self._params.forecast.talk_s + self._params.forecast.acw_s
        return 0.0 if free else (self._waiting + 1) * handling / max(1, home + self._cloud)

    def _hang_up(self, person: _Citizen) -> None:
        person.on_line = False
        self._channels -= 1

    def _leave_queue(self, person: _Citizen) -> None:
        person.joined = None
        self._waiting -= 1

    def _fail(self, entry: Entry, person: _Citizen, how: str) -> None:
        person.due = {key: at for key, at in person.due.items() if key.startswith("break_end")}
        person.task = (how, "", entry.t_ms)
        self._plan_redial(entry, person)

    def _plan_redial(self, entry: Entry, person: _Citizen) -> None:
        """Note the redial that the failure causes; an SMS at the same instant changes it."""
        how, _, failed_at = person.task
        if failed_at != entry.t_ms or how not in ("busy", "abandon"):
            return
        person.causes = {cause for cause in person.causes if cause[1] != "redial"}
        trait, cid = self._params.citizen, _number(entry.cid)
        if person.grounds & {"accepted", "message"} or person.attempts >= trait.max_attempts:
            return
        willing = (trait.p_redial_busy if how == "busy" else trait.p_redial) * (
            trait.sms_factor if person.sms else 1
        )
        if self._citizens.draw("u_redial", cid, person.attempts) < threshold(willing):
            gap = self._citizens.draw(
                "gap_busy_s" if how == "busy" else "gap_abandon_s", cid, person.attempts
            )
            person.causes.add((entry.t_ms + gap, "redial"))

    def _check_end(self, cid: int, person: _Citizen) -> None:
        length = ms(self._params.day.length_s)
        for at, cause in person.causes:
            idle = person.done in _FINAL or person.on_line or (cause == "chase" and not person.pending)
            if at < length and not idle and cause != "chase":
                self._breaches.append(f"{at} {cause} {cid}: has no attempt")

    def _factor(self, kind: str) -> float:
        partner, cloud = self._params.partner.time_factor, self._params.cloud.time_factor
        return {"partner": partner, "cloud": cloud}.get(kind, 1.0)

    def _answers_dial(self, cid: int, person: _Citizen) -> bool:
        rule = self._params.callback
        strongest = next(ground for ground in ("message", "accepted", "missed") if ground in person.grounds)
        reach = {"message": rule.reach_message, "accepted": rule.reach_accepted, "missed": rule.reach_missed}
        return self._citizens.draw("u_reach", cid, len(person.dials)) < threshold(reach[strongest])

    def _reply(self, cid: int, person: _Citizen, kind: str) -> bool:
        trait = self._params.citizen
        if (kind == "announcement" and not self._citizens.hot[cid]) or (
            kind == "selfservice" and not self._citizens.consult[cid]
        ):
            return False
        family, probability = {
            "status": ("u_status", trait.p_status),
            "announcement": ("u_announce", trait.p_announcement),
            "selfservice": ("u_selfsvc_try", trait.p_selfservice_try),
            "callback": ("u_callback", trait.p_callback),
            "message": ("u_message", trait.p_message),
            "callback_waiting": ("u_callback2", trait.p_callback_waiting),
        }[kind]
        return self._draws(cid, person, kind, family, probability)

    def _draws(self, cid: int, person: _Citizen, kind: str, family: str, probability: float) -> bool:
        person.hearings[kind] += 1
        return self._citizens.draw(family, cid, person.hearings[kind]) < threshold(probability)


def _number(cell: int | str) -> int:
    return int(cell)
