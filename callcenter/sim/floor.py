"""The seats at work: roster, breaks, cloud seats coming and going, tasks that occupy a seat (SCENARIOS.md 5).

Invariant: a task holds exactly one seat from its begin to its end; nobody refuses or moves a break.
"""

from collections.abc import Callable
from typing import Any

from callcenter.sim.calendar import Calendar, Rank
from callcenter.sim.log import Entry
from callcenter.sim.params import Params, ms, threshold
from callcenter.sim.person import Person
from callcenter.sim.port import Policy
from callcenter.sim.staff import CloudSeats, HomeSeats
from callcenter.sim.trace import Citizens

HOUR = 3_600_000
HOME, CLOUD = "home", "cloud"


class Floor:
    """Home and cloud seats under one roof."""

    def __init__(
        self, params: Params, citizens: Citizens, calendar: Calendar, policy: Policy, log: list[Entry]
    ) -> None:
        self.home, self.cloud = HomeSeats(), CloudSeats()
        self._cloud = params.cloud
        self._citizens, self._calendar, self._policy, self._log = citizens, calendar, policy, log
        self._invited: set[int] = set()
        present = calendar.now // HOUR
        for hour, seats in enumerate(params.seats.by_hour[present:], present):
            calendar.at(max(calendar.now, hour * HOUR), Rank.ROSTER, 0, self._change_roster, seats)

    def take(self) -> str:
        """Occupy a free seat, home before cloud; its kind."""
        if self.home.free:
            self.home.busy += 1
            return HOME
        if not self.cloud.free:
            raise AssertionError("no seat is free")
        self.cloud.busy += 1
        return CLOUD

    def factor(self, kind: str) -> float:
        """What talk and after-call work are multiplied by at such a seat."""
        return self._cloud.time_factor if kind == CLOUD else 1.0

    def after(self, delay: int, person: Person, do: Callable[..., None], *details: Any) -> None:
        """Let something happen at a citizen's seat in ``delay`` ms."""
        self._calendar.at(self._calendar.now + delay, Rank.SEATS, person.cid, do, *details)

    def release(self, person: Person, kind: str) -> None:
        """The task for this citizen is done: the seat is free, rests or goes home."""
        self._log.append(Entry(self._calendar.now, "seat_free", person.cid, kind))
        if kind == CLOUD:
            self._release_cloud(person)
        else:
            self._release_home(person)

    def invite(self, seat: int) -> None:
        """Invite a cloud seat; it comes or not."""
        if seat in self._invited:
            raise AssertionError(f"cloud seat {seat} was invited before")
        self._invited.add(seat)
        self._log.append(Entry(self._calendar.now, "cloud_invite", "", seat))
        if self._cloud.u_response[seat] < threshold(self._cloud.p_response):
            delay = ms(self._cloud.login_delay_s[seat])
            self._calendar.at(self._calendar.now + delay, Rank.SEATS, seat, self._log_in, seat)

    def _change_roster(self, seats: int) -> None:
        self.home.rostered = seats
        self._policy.roster_changed()

    def _release_home(self, person: Person) -> None:
        leaves = self.home.is_leaving
        self.home.busy -= 1
        person.home_tasks += 1
        rest = self._citizens.rest(person.cid, person.home_tasks)
        if rest and not leaves:
            self.home.resting += 1
            self._log.append(Entry(self._calendar.now, "break", person.cid))
            self.after(rest, person, self._end_rest, person.cid)
        self._policy.seat_freed(person.cid)

    def _end_rest(self, cid: int) -> None:
        self.home.resting -= 1
        self._log.append(Entry(self._calendar.now, "break_end", cid))
        self._policy.seat_back()

    def _release_cloud(self, person: Person) -> None:
        if self.cloud.end_task():
            self._log.append(Entry(self._calendar.now, "cloud_out"))
            self._policy.cloud_changed(came=False)
        self._policy.seat_freed(person.cid)

    def _log_in(self, seat: int) -> None:
        self.cloud.logged_in += 1
        self._log.append(Entry(self._calendar.now, "cloud_in", "", seat))
        stay = ms(self._cloud.stay_s)
        self._calendar.at(self._calendar.now + stay, Rank.SEATS, seat, self._log_out)
        self._policy.cloud_changed(came=True)

    def _log_out(self) -> None:
        if self.cloud.log_out():
            self._log.append(Entry(self._calendar.now, "cloud_out"))
        self._policy.cloud_changed(came=False)
