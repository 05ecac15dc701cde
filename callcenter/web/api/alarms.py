"""Alarms (告警): what is wrong in the house, as the board tells it; acknowledged by who looks after it."""

from callcenter.core.errors import UsageError
from callcenter.web.api.common import note
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, operation
from callcenter.web.views.alarms import AlarmsView


@operation("GET", "/alarms", may=Permission.READ_BOARD, zh="告警", en="What is wrong, the worst first")
async def get_alarms(call: Call[Nothing, Nothing]) -> AlarmsView:
    """Parts, the link to Asterisk, phones, recordings, transcripts; of a store that is away only that it is."""
    return await _view(call)


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
    alarm_id = call.request.match_info["alarm"]
    if alarm_id not in {alarm.id for alarm in await call.services.alarms.now()}:
        raise UsageError("该告警已消除 / this alarm is over", code="unknown_alarm")
    await note(call, "alarm.acknowledged", f"alarm/{alarm_id}")
    call.ports.alarms.acknowledge(alarm_id, call.identity.name, call.ports.clock.at())
    return await _view(call)


async def _view(call: Call[Nothing, Nothing]) -> AlarmsView:
    found = await call.services.alarms.now()
    return AlarmsView(as_of=call.ports.clock.at(), alarms=found)


OPERATIONS: tuple[Operation, ...] = (get_alarms, acknowledge_alarm)
