"""Live captions (实时字幕): whether there are any now, and of which calls. What is said comes by the event stream."""

from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, operation
from callcenter.web.views.captions import CaptionsView


@operation(
    "GET", "/captions", may=Permission.READ_BOARD, zh="实时字幕状态", en="Live captions: state and calls"
)
async def get_captions(call: Call[Nothing, Nothing]) -> CaptionsView:
    """Nothing of what is said: follow ``/events?types=caption.said`` for that."""
    return call.ports.captions.view()


OPERATIONS: tuple[Operation, ...] = (get_captions,)
