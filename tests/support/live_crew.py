"""The seats of a replay as SIP phones: they answer at once, know a citizen by his voice, work after his talk, rest, come and go.

Invariant: SCENARIOS.md 5: a seat works on one thing at a time; its after-call work and its rest are those of the citizen's row.
"""

import asyncio
from collections import Counter
from typing import Protocol

from live_log import SEAT_VOICES, Pace, Talk, WireLog
from live_people import People
from live_phones import Dialog, Ringing

from callcenter.core.errors import CallcenterError
from callcenter.sim.params import Params
from callcenter.sim.trace import Citizens

ANSWER_S = 0.05
LOOK_S = 0.02
HOUR_MS = 3_600_000


class Desk(Protocol):
    """What an agent does beside the telephone."""

    async def login(self, seat: str) -> None:
        """Ready for calls."""

    async def logout(self, seat: str) -> None:
        """Gone home."""

    async def begin_work(self, seat: str) -> None:
        """The talk is over: no call before :meth:`ready`."""

    async def ready(self, seat: str) -> None:
        """The next, please."""

    async def rest(self, seat: str) -> None:
        """No call before :meth:`ready`: a break."""


class Crew:
    """All home seats of one replay."""

    def __init__(self, params: Params, citizens: Citizens, pace: Pace, log: WireLog, desk: Desk) -> None:
        self.people: People
        self.talks: list[Talk] = []
        self.faults: list[str] = []
        self._params, self._citizens, self._pace, self._log, self._desk = params, citizens, pace, log, desk
        self._tasks_for: Counter[int] = Counter()
        self._present: list[str] = []
        self._engaged: set[str] = set()
        self._leaving: set[str] = set()

    async def begin(self, seats: list[str]) -> None:
        """The roster's first hour: the first seats of ``seats`` log in."""
        self._seats = seats
        await self._staff(self._params.seats.by_hour[0])

    async def follow_roster(self) -> None:
        """Come and go at each full hour, to the end."""
        for hour, wanted in enumerate(self._params.seats.by_hour[1:], 1):
            if hour * HOUR_MS >= self._params.day.length_s * 1000:
                return
            await self._pace.wait_until(hour * HOUR_MS)
            await self._staff(wanted)

    async def _staff(self, wanted: int) -> None:
        while len(self._present) > wanted:
            free = [seat for seat in self._present if seat not in self._engaged]
            seat = (free or self._present)[-1]
            self._present.remove(seat)
            if seat in self._engaged:
                self._leaving.add(seat)
            else:
                await self._desk.logout(seat)
        absent = [seat for seat in self._seats if seat not in self._present and seat not in self._leaving]
        coming = absent[: max(0, wanted - len(self._present))]
        self._present += coming
        await asyncio.gather(*(self._desk.login(seat) for seat in coming))

    async def ring(self, ringing: Ringing) -> None:
        """A seat's phone rings."""
        seat = ringing.user
        try:
            if await ringing.still_rings(ANSWER_S):
                dialog = await ringing.answer(SEAT_VOICES + int(seat))
                if dialog is not None:
                    self._engaged.add(seat)
                    await self._serve(seat, dialog)
        except (
            CallcenterError,
            OSError,
            KeyError,
        ) as error:  # one seat's fault must not end the replay unseen
            self.faults.append(repr(error))
        finally:
            self._engaged.discard(seat)
            if seat in self._leaving:
                self._leaving.discard(seat)
                await self._desk.logout(seat)

    async def _serve(self, seat: str, dialog: Dialog) -> None:
        cid = await self._listen(dialog)
        if cid is None:
            await dialog.ended.wait()
            return
        self.people.meet(cid)
        before, began = dialog.ear.packets[cid], dialog.sound.rounds
        await dialog.ended.wait()
        self.talks.append(Talk(cid, dialog.ear.packets[cid] - before, dialog.sound.rounds - began))
        await self._desk.begin_work(seat)
        await self._pace.wait(self._citizens.draw("acw_s", cid))
        self._tasks_for[cid] += 1
        self._log.note("seat_free", cid, "home")
        rest = self._citizens.rest(cid, self._tasks_for[cid])
        if rest and seat not in self._leaving:
            await self._rest(seat, cid, rest)
        if seat not in self._leaving:
            await self._desk.ready(seat)

    async def _listen(self, dialog: Dialog) -> int | None:
        """Whose voice it is; ``None``: nobody's until the end."""
        while not dialog.ended.is_set():
            for voice in dialog.ear.voices():
                if voice < SEAT_VOICES:
                    return voice
            await asyncio.sleep(LOOK_S)
        return None

    async def _rest(self, seat: str, cid: int, lasts_ms: int) -> None:
        self._log.note("break", cid)
        await self._desk.rest(seat)
        await self._pace.wait(lasts_ms)
        self._log.note("break_end", cid)
