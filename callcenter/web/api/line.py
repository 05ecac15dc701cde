"""The line: moving somebody who waits."""

from callcenter.web.api.common import Why, audit
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Params, operation
from callcenter.web.views.line import PriorityAnswer


class PriorityBody(Params):
    """``urgent``: to the head of the line; else back among the others."""

    urgent: bool
    why: Why = ""


@operation(
    "POST",
    "/queues/{queue}/waiting/{contact_id}/priority",
    may=Permission.STEER,
    zh="调整排队次序",
    en="Move a waiting caller",
)
async def prioritize_caller(call: Call[Nothing, PriorityBody]) -> PriorityAnswer:
    """Put somebody in need before the others, or take that back."""
    body = call.body
    await audit(call, "line.priority_asked", f"contact/{call.contact_id}", body.why)
    await call.ports.line.prioritize(call.queue, call.contact_id, body.urgent, call.identity.name, body.why)
    return PriorityAnswer(contact_id=call.contact_id, queue=call.queue, urgent=body.urgent)


OPERATIONS: tuple[Operation, ...] = (prioritize_caller,)
