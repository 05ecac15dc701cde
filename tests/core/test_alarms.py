"""Alarms: each cause is told once, the worst first, with the figures that a person needs; what is well is silent."""

from datetime import UTC, datetime, timedelta

import pytest

from callcenter.core.alarms import LinkGap, Part, Seen, Severity, Told, alarms
from callcenter.core.ids import SeatId

pytestmark = pytest.mark.core

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def minutes(count: float) -> timedelta:
    """A span."""
    return timedelta(minutes=count)


def test_a_house_that_is_well_says_nothing() -> None:
    """Nor does one whose mutual aid was paused by hand, or with a gap of yesterday."""
    yesterday = LinkGap(NOW - minutes(1500), NOW - minutes(1499))
    parts = [Part("asterisk", "up"), Part("partner", "degraded", "paused")]
    assert alarms(Seen(parts=parts, told=Told(gaps=(yesterday,), transcripts_eta_s=600.0)), NOW) == []


def test_the_worst_comes_first() -> None:
    """A database that is away before a disk that fills before captions that are missing."""
    parts = [
        Part("captions", "degraded", "no_model"),
        Part("disk", "degraded", "80 MB free"),
        Part("database", "down", "database_down"),
    ]
    found = alarms(Seen(parts=parts), NOW)
    assert [(alarm.id, alarm.severity) for alarm in found] == [
        ("database", Severity.CRITICAL),
        ("disk", Severity.MAJOR),
        ("captions", Severity.MINOR),
    ]
    assert found[1].values == {"detail": "80 MB free"}


def test_a_part_that_nobody_knows_is_told_by_its_name() -> None:
    """New parts need no line here to be seen."""
    [alarm] = alarms(Seen(parts=[Part("mirror", "down", "gone")]), NOW)
    assert (alarm.id, alarm.severity) == ("part_mirror", Severity.MAJOR)
    assert alarm.values == {"name": "mirror", "detail": "gone"}


def test_a_gap_while_it_lasts_and_for_an_hour_after() -> None:
    """A running one is critical; of those that ended the newest is told, for today's figures lack that time."""
    running = LinkGap(NOW - minutes(3), None)
    ended = LinkGap(NOW - minutes(30), NOW - minutes(26))
    [now] = alarms(Seen(told=Told(gaps=(ended, running))), NOW)
    assert (now.id, now.severity, now.values) == ("link_gap", Severity.CRITICAL, {"minutes": 3})
    [over] = alarms(Seen(told=Told(gaps=(ended,))), NOW)
    assert (over.id, over.values) == ("link_gap_over", {"minutes": 4})


def test_phones_recordings_and_transcripts() -> None:
    """With how many, and which seats."""
    told = Told(
        recordings_missing=2,
        recordings_short=3,
        transcripts_waiting=240,
        transcripts_eta_s=5400.0,
        transcripts_parked=1,
    )
    seen = Seen(dead_phones=[SeatId("8003"), SeatId("8016")], told=told)
    found = {alarm.id: alarm.values for alarm in alarms(seen, NOW)}
    assert found == {
        "recordings_missing": {"count": 2},
        "recordings_short": {"count": 3},
        "dead_phones": {"count": 2, "seats": "8003 8016"},
        "transcripts_behind": {"waiting": 240, "minutes": 90},
        "transcripts_parked": {"count": 1},
    }


@pytest.mark.parametrize(("count", "severity"), [(2, Severity.MINOR), (3, Severity.MAJOR)])
def test_many_dead_phones_are_worse_than_one(count: int, severity: Severity) -> None:
    """Three at once have one cause."""
    [alarm] = alarms(Seen(dead_phones=[SeatId(f"800{n}") for n in range(count)]), NOW)
    assert alarm.severity is severity
