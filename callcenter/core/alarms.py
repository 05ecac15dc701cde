"""What is wrong in the house (告警), the worst first: judged from what the parts tell, with the figures that a person needs.

Pure: what to do about each is told by the reader, by its id. Invariant: an alarm is there as long as its cause is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final

from callcenter.core.ids import SeatId


class Severity(IntEnum):
    """``CRITICAL``: calls or what is promised may be lost; ``MAJOR``: something is lost or late if nobody acts; ``MINOR``."""

    CRITICAL = 0
    MAJOR = 1
    MINOR = 2


BEHIND_S: Final = 3600.0
"""Transcripts that come later than that are behind."""
DEAD_PHONES_MAJOR: Final = 3
LOOK_BACK: Final = timedelta(hours=1)
"""A gap in the events from Asterisk is told so long after its end: the figures of that time are incomplete."""

PARTS: Final[Mapping[str, Severity]] = {
    "asterisk": Severity.CRITICAL,
    "ami": Severity.CRITICAL,
    "database": Severity.CRITICAL,
    "disk": Severity.MAJOR,
    "vault": Severity.MAJOR,
    "prompts": Severity.MAJOR,
    "redis": Severity.MAJOR,
    "sms": Severity.MAJOR,
    "flows": Severity.MAJOR,
    "partner": Severity.MINOR,
    "speech": Severity.MINOR,
    "captions": Severity.MINOR,
    "quality": Severity.MINOR,
}
"""The parts of the system that are known by name, and how bad it is when one is not well."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the running system. ``state``: up, degraded or down; ``detail``: its own words."""

    name: str
    state: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class LinkGap:
    """A time without events from Asterisk; ``until_at`` ``None``: it lasts."""

    from_at: datetime
    until_at: datetime | None


@dataclass(frozen=True, slots=True)
class Told:
    """What the stores tell. Recordings: of today's answered calls.

    ``transcripts_eta_s``: seconds until all waiting sound is transcribed, ``None``: unknown; ``transcripts_parked``: given up.
    """

    gaps: tuple[LinkGap, ...] = ()
    recordings_missing: int = 0
    recordings_short: int = 0
    transcripts_waiting: int = 0
    transcripts_eta_s: float | None = None
    transcripts_parked: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is to judge. ``dead_phones``: seats whose phone answers no more."""

    parts: Sequence[Part] = ()
    dead_phones: Sequence[SeatId] = ()
    told: Told = Told()


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something to do. ``id``: its sentence is found by it, and it is acknowledged by it."""

    id: str
    severity: Severity
    values: Mapping[str, str | int] = field(default_factory=dict)


def alarms(seen: Seen, now: datetime) -> list[Alarm]:
    """All that is wrong, the worst first."""
    found = [
        *_parts(seen),
        *_phones(seen),
        *_gaps(seen.told, now),
        *_recordings(seen.told),
        *_transcripts(seen.told),
    ]
    return sorted(found, key=lambda alarm: (alarm.severity, alarm.id))


def _parts(seen: Seen) -> Iterator[Alarm]:
    for part in seen.parts:
        if part.state == "up" or (part.name, part.detail) == ("partner", "paused"):
            continue  # who paused mutual aid knows it
        severity = PARTS.get(part.name)
        if severity is None:
            severity = Severity.MAJOR if part.state == "down" else Severity.MINOR
            yield Alarm(f"part_{part.name}", severity, {"name": part.name, "detail": part.detail})
        else:
            yield Alarm(part.name, severity, {"detail": part.detail})


def _gaps(told: Told, now: datetime) -> Iterator[Alarm]:
    """The running gap, else the newest that ended a short time ago."""
    if any(gap.until_at is None for gap in told.gaps):
        since = min(gap.from_at for gap in told.gaps if gap.until_at is None)
        yield Alarm("link_gap", Severity.CRITICAL, {"minutes": _minutes(now - since)})
        return
    ended = [(gap.until_at, gap) for gap in told.gaps if gap.until_at and now - gap.until_at < LOOK_BACK]
    if ended:
        until_at, gap = max(ended, key=lambda each: each[0])
        yield Alarm("link_gap_over", Severity.MINOR, {"minutes": _minutes(until_at - gap.from_at)})


def _phones(seen: Seen) -> Iterator[Alarm]:
    if seen.dead_phones:
        count = len(seen.dead_phones)
        severity = Severity.MAJOR if count >= DEAD_PHONES_MAJOR else Severity.MINOR
        yield Alarm("dead_phones", severity, {"count": count, "seats": " ".join(seen.dead_phones)})


def _recordings(told: Told) -> Iterator[Alarm]:
    if told.recordings_missing:
        yield Alarm("recordings_missing", Severity.MAJOR, {"count": told.recordings_missing})
    if told.recordings_short:
        yield Alarm("recordings_short", Severity.MINOR, {"count": told.recordings_short})


def _transcripts(told: Told) -> Iterator[Alarm]:
    eta_s = told.transcripts_eta_s
    if eta_s is not None and eta_s > BEHIND_S:
        minutes = _minutes(timedelta(seconds=eta_s))
        values = {"waiting": told.transcripts_waiting, "minutes": minutes}
        yield Alarm("transcripts_behind", Severity.MINOR, values)
    if told.transcripts_parked:
        yield Alarm("transcripts_parked", Severity.MINOR, {"count": told.transcripts_parked})


def _minutes(span: timedelta) -> int:
    return max(1, round(span.total_seconds() / 60))
