"""Live captions (实时字幕): whether there are any, of which calls, and what of them outsiders may read.

Calls come first. Invariants: pure; captions end at once when the cores are short and come back only after a quiet time;
a call whose recording is paused is never captioned; a shown number has at most two digits, however slowly it is said.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from callcenter.core.clock import Instant
from callcenter.core.ids import ContactId
from recordings.core import text_numbers

WORKER_CORES: Final = 1
"""The recognizer process uses one core at most."""

SETTLE_S: Final = 5.0
"""After a change of places their effect is waited for."""

SHOWN_DIGITS: Final = 2
"""Longer numbers are hidden while they are said: nobody knows yet how long they become."""


class Mode(StrEnum):
    """What the operator wants."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


class Reason(StrEnum):
    """Why it is as it is."""

    SET_OFF = "set_off"
    TOO_FEW_CORES = "too_few_cores"
    NO_LIVE_MODEL = "no_live_model"
    """The model in use hears whole recordings only."""
    STARTING = "starting"
    CPU_UNKNOWN = "cpu_unknown"
    CPU_SHORT = "cpu_short"
    BEHIND = "behind"
    """The recognizer does not keep up with so many calls."""
    ROOM = "room"


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides. Ratios are shares of all cores, 0..1, ``on_below <= off_above``; the rest: :class:`Switchboard`."""

    mode: Mode
    keep_free_cores: float
    off_above: float
    on_below: float
    behind_s: float
    hold_s: float
    calls_max: int


@dataclass(frozen=True, slots=True)
class Machine:
    """``cores`` that this process may use. ``hears_live``: whether the model in use can make captions."""

    cores: int
    hears_live: bool


@dataclass(frozen=True, slots=True)
class Pressure:
    """How it goes. ``busy_ratio``: busy with what goes before captions, ``None``: unknown; ``captioned``: calls now."""

    busy_ratio: float | None
    behind_s: float
    captioned: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many calls may be captioned at once, and why."""

    places: int
    reason: Reason


def never(rules: Rules, machine: Machine) -> Reason | None:
    """Why there can be no captions however idle the machine is.

    ``auto`` wants ``keep_free_cores`` for everything else beside the core that the recognizer may fill.
    """
    if rules.mode is Mode.OFF:
        return Reason.SET_OFF
    if not machine.hears_live:
        return Reason.NO_LIVE_MODEL
    if rules.mode is Mode.AUTO and machine.cores < rules.keep_free_cores + WORKER_CORES:
        return Reason.TOO_FEW_CORES
    return None


class Switchboard:
    """Gives and takes places for captions.

    All go at once when the machine is busier than ``off_above``. When captions come later than ``behind_s`` one call less is
    captioned. Places come back after ``hold_s`` in which the machine was no busier than ``on_below`` and nothing came late:
    all of them, or one by one where the recognizer did not keep up.
    """

    def __init__(self, rules: Rules, machine: Machine) -> None:
        self._rules = rules
        self._never = never(rules, machine)
        self._changed: Instant | None = None
        self._strained: Instant | None = None
        self.verdict = Verdict(0, self._never or Reason.STARTING)

    def judge(self, pressure: Pressure, now: Instant) -> Verdict | None:
        """Look at the machine, about once a second. The new verdict, or ``None``: all stays."""
        wanted = None if self._never else self._wanted(pressure, now)
        if wanted is None or wanted == self.verdict:
            return None
        self._changed = now
        self.verdict = wanted
        return wanted

    def _wanted(self, pressure: Pressure, now: Instant) -> Verdict | None:
        rules, busy = self._rules, pressure.busy_ratio
        if busy is None:
            return Verdict(0, Reason.CPU_UNKNOWN)
        is_behind = pressure.captioned > 0 and pressure.behind_s > rules.behind_s
        if busy > rules.on_below or is_behind:
            self._strained = now
        if busy > rules.off_above:
            return Verdict(0, Reason.CPU_SHORT)
        if is_behind:
            return self._fewer(pressure.captioned, now)
        is_calm = _passed(self._strained, rules.hold_s, now) and _passed(self._changed, rules.hold_s, now)
        return Verdict(self._more(), Reason.ROOM) if is_calm else None

    def _fewer(self, captioned: int, now: Instant) -> Verdict | None:
        places = self.verdict.places
        if not places or not _passed(self._changed, SETTLE_S, now):
            return None
        return Verdict(min(places, captioned) - 1, Reason.BEHIND)

    def _more(self) -> int:
        """The places after a quiet time."""
        places, most = self.verdict.places, self._rules.calls_max
        if not places and self.verdict.reason is not Reason.BEHIND:
            return most
        return min(places + 1, most)


def _passed(since: Instant | None, seconds: float, now: Instant) -> bool:
    return since is None or now - since >= seconds


@dataclass(frozen=True, slots=True)
class Talk:
    """A talk that goes on. ``is_paused``: its recording is."""

    contact_id: ContactId
    is_paused: bool


def chosen(talks: Sequence[Talk], captioned: Collection[ContactId], places: int) -> list[ContactId]:
    """Which talks are captioned: who has captions keeps them, then the oldest first. ``talks``: oldest first."""
    open_ = [talk.contact_id for talk in talks if not talk.is_paused]
    return sorted(open_, key=lambda contact_id: contact_id not in captioned)[:places]


def masked(before: Sequence[str], text: str) -> str:
    """What others than the talk's own seat read of ``text``; as long as before.

    ``before``: what the same speaker said last, oldest first: a number may be spread over it. While somebody still speaks
    nobody knows how long a number becomes, so stars stand for all that are longer than two digits.
    """
    whole = "".join([*before, text])
    shown = list(text_numbers.mask(whole))
    for number in text_numbers.find(whole):
        if len(number.value) > SHOWN_DIGITS:
            for place in range(number.start, number.end):
                if shown[place].isalnum():
                    shown[place] = text_numbers.STAR
    return "".join(shown[len(whole) - len(text) :])
