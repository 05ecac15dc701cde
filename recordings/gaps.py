"""Which answered contacts lack sound (录音缺口清单), for one day, from SQL.

Invariant: every answered contact of the day is judged, also one that has no row of a recording at all.
"""

import json
from datetime import date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Final

from sqlalchemy import select

from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages.calls import Outcome
from callcenter.store.database import Database
from callcenter.store.schema import contacts, recordings
from recordings.core.completeness import GapReport, Talk, find_gaps
from recordings.wav import write_whole

SEALING: Final = timedelta(minutes=5)
"""A talk that ended so short ago may still be sealed."""


async def gaps_of(database: Database, day: date, zone: tzinfo, now: datetime) -> GapReport:
    """The gaps among the contacts that arrived on ``day`` in the house's zone.

    Raises:
        UsageError, PeerError: the database is not usable.
    """
    begin = datetime.combine(day, time(), zone)
    is_mine = (contacts.c.arrived_at >= begin) & (contacts.c.arrived_at < begin + timedelta(days=1))
    is_over = recordings.c.recording_id.is_not(None) | (contacts.c.ended_at <= now - SEALING)
    statement = (
        select(
            contacts.c.contact_id,
            contacts.c.seat_id,
            contacts.c.ended_at,
            contacts.c.talk_s,
            recordings.c.seconds,
        )
        .select_from(contacts.outerjoin(recordings, recordings.c.recording_id == contacts.c.contact_id))
        .where(is_mine, contacts.c.outcome == Outcome.ANSWERED.value, is_over)
    )
    async with database.reading() as connection:
        rows = (await connection.execute(statement)).all()
    return find_gaps(
        Talk(ContactId(contact_id), seat_id and SeatId(seat_id), ended_at, talk_s or 0.0, seconds)
        for contact_id, seat_id, ended_at, talk_s, seconds in rows
    )


def write_report(folder: Path, day: date, report: GapReport) -> Path:
    """Keep a day's list under ``gaps/DAY.json``; where it lies.

    Raises:
        PeerError: ``disk_full`` or ``recording_io``.
    """
    path = folder / "gaps" / f"{day:%Y%m%d}.json"
    content = json.dumps({"day": day.isoformat(), **report.as_json()}, ensure_ascii=False, indent=1)
    write_whole(path, (content + "\n").encode())
    return path
