"""Alarms (告警): what is wrong in the house, judged anew at every question; acknowledged by who looks after it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from typing import Literal, TypeVar

from callcenter.core.alarms import Alarm, LinkGap, Part, Seen, Told, alarms
from callcenter.core.errors import CallcenterError, UsageError
from callcenter.core.ids import SeatId
from callcenter.core.messages.seats import SeatState
from callcenter.web.api.common import note
from callcenter.web.ports import Ports
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, operation
from callcenter.web.views.alarms import AlarmsView, AlarmView

A = TypeVar("A")

GAPS_LOOKED_AT = 5
LIMIT_S = 3.0


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
    told = await ports.alarms.told(ports.clock.instant(), lambda: _ask_stores(ports))
    seats = ports.board.status().seats
    seen = Seen(
        parts=[Part(part.name, part.state, part.detail) for part in ports.health.components()],
        dead_phones=[SeatId(seat.seat_id) for seat in seats if seat.state is SeatState.UNREACHABLE],
        told=told,
    )
    return alarms(seen, ports.clock.at())


async def _ask_stores(ports: Ports) -> Told:
    gaps, recordings, transcripts = await asyncio.gather(
        _or_none(ports.gaps.list(GAPS_LOOKED_AT)),
        _or_none(ports.vault.gaps(None)),
        _or_none(ports.transcripts.queue()),
    )
    verdicts = Counter(gap.verdict for gap in recordings.gaps) if recordings else Counter[str]()
    return Told(
        gaps=tuple(LinkGap(gap.opened_at, gap.closed_at) for gap in gaps or ()),
        recordings_missing=verdicts["missing"],
        recordings_short=verdicts["short"],
        transcripts_waiting=transcripts.waiting if transcripts else 0,
        transcripts_eta_s=transcripts.eta_s if transcripts else None,
        transcripts_parked=transcripts.parked if transcripts else 0,
    )


async def _or_none(answer: Awaitable[A]) -> A | None:
    """The answer of a store; ``None``: it is away, which has an alarm of its own."""
    try:
        async with asyncio.timeout(LIMIT_S):
            return await answer
    except (CallcenterError, TimeoutError):
        return None


_SEVERITIES: tuple[Literal["critical", "major", "minor"], ...] = ("critical", "major", "minor")

OPERATIONS: tuple[Operation, ...] = (get_alarms, acknowledge_alarm)
