"""Alarms (告警): what is wrong in the house, judged anew at every question; acknowledged by who looks after it."""

import asyncio
from collections import Counter
from typing import Literal

from callcenter.core.alarms import Alarm, LinkGap, Part, Seen, alarms
from callcenter.core.errors import CallcenterError, UsageError
from callcenter.core.messages.seats import SeatState
from callcenter.web.alarm_views import AlarmsView, AlarmView
from callcenter.web.api.common import note
from callcenter.web.ports import Ports
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, operation
from callcenter.web.vault_views import RecordingGapsView
from callcenter.web.views import GapView, TranscriptQueueView

GAPS_LOOKED_AT = 5
LIMIT_S = 3.0
"""A store that does not answer in time has an alarm of its own."""


@operation("GET", "/alarms", may=Permission.READ_BOARD, zh="告警", en="What is wrong, the worst first")
async def get_alarms(call: Call[Nothing, Nothing]) -> AlarmsView:
    """Parts, the link to Asterisk, phones, recordings, transcripts; of a store that is away only that it is."""
    return await _view(call.ports)


@operation(
    "POST",
    "/alarms/{alarm}/acknowledge",
    may=Permission.STEER,
    zh="确认告警",
    en="Acknowledge an alarm",
    statuses=(404,),
)
async def acknowledge_alarm(call: Call[Nothing, Nothing]) -> AlarmsView:
    """Others see who looks after it, until it is over; 404: it is over already."""
    alarm_id, ports = call.request.match_info["alarm"], call.ports
    if alarm_id not in {alarm.id for alarm in await _found(ports)}:
        raise UsageError("该告警已消除 / this alarm is over", code="unknown_alarm")
    await note(call, "alarm.acknowledged", f"alarm/{alarm_id}")
    ports.alarms.acknowledge(alarm_id, call.identity.name, ports.clock.at())
    return await _view(ports)


async def _view(ports: Ports) -> AlarmsView:
    found = await _found(ports)
    ports.alarms.keep_only({alarm.id for alarm in found})
    rows = [
        AlarmView(
            id=alarm.id,
            severity=_SEVERITIES[alarm.severity],
            values=dict(alarm.values),
            seen=ports.alarms.of(alarm.id),
        )
        for alarm in found
    ]
    return AlarmsView(as_of=ports.clock.at(), alarms=rows)


async def _found(ports: Ports) -> list[Alarm]:
    status = ports.board.status()
    gaps, recordings, transcripts = await asyncio.gather(
        _link_gaps(ports), _recording_gaps(ports), _transcripts(ports)
    )
    verdicts = Counter(gap.verdict for gap in recordings.gaps) if recordings else Counter[str]()
    seen = Seen(
        parts=[Part(part.name, part.state, part.detail) for part in ports.health.components()],
        gaps=[LinkGap(gap.opened_at, gap.closed_at) for gap in gaps],
        dead_phones=[seat.seat_id for seat in status.seats if seat.state is SeatState.UNREACHABLE],  # type: ignore[misc]  # the view's id is text
        recordings_missing=verdicts["missing"],
        recordings_short=verdicts["short"],
        transcripts_waiting=transcripts.waiting if transcripts else 0,
        transcripts_eta_s=transcripts.eta_s if transcripts else None,
        transcripts_parked=transcripts.parked if transcripts else 0,
    )
    return alarms(seen, ports.clock.at())


async def _link_gaps(ports: Ports) -> list[GapView]:
    try:
        async with asyncio.timeout(LIMIT_S):
            return await ports.gaps.list(GAPS_LOOKED_AT)
    except (CallcenterError, TimeoutError):
        return []


async def _recording_gaps(ports: Ports) -> RecordingGapsView | None:
    try:
        async with asyncio.timeout(LIMIT_S):
            return await ports.vault.gaps(None)
    except (CallcenterError, TimeoutError):
        return None


async def _transcripts(ports: Ports) -> TranscriptQueueView | None:
    try:
        async with asyncio.timeout(LIMIT_S):
            return await ports.transcripts.queue()
    except (CallcenterError, TimeoutError):
        return None


_SEVERITIES: tuple[Literal["critical", "major", "minor"], ...] = ("critical", "major", "minor")

OPERATIONS: tuple[Operation, ...] = (get_alarms, acknowledge_alarm)
