"""Who sees that somebody is beside a talk. Invariant: agents whom the settings do not tell learn it nowhere in the API."""

from dataclasses import dataclass
from typing import Final

from callcenter.web.identity import Identity
from callcenter.web.roles import Permission
from callcenter.web.views.board import CallView, StatusView
from callcenter.web.views.events import EventView

WITHHELD: Final = "stream.withheld"
"""Type of an event that somebody may not see: the order has no holes."""

_TOPIC = "beside."


@dataclass(frozen=True)
class Discretion:
    """``agents_are_told``: everybody sees it; else those who may be beside a talk themselves, and who reads the audit."""

    agents_are_told: bool = True

    def shows(self, identity: Identity) -> bool:
        """Whether this reader sees who is beside a talk."""
        may = identity.has(Permission.SIT_BESIDE) or identity.has(Permission.READ_AUDIT)
        return self.agents_are_told or may

    def event(self, event: EventView, identity: Identity) -> EventView:
        """The event as this reader may see it."""
        if not event.type.startswith(_TOPIC) or self.shows(identity):
            return event
        return event.model_copy(update={"type": WITHHELD, "subject": {}, "data": {}})

    def status(self, status: StatusView, identity: Identity) -> StatusView:
        """The board as this reader may see it."""
        if self.shows(identity):
            return status
        return status.model_copy(update={"calls": [alone(call) for call in status.calls]})


def alone(call: CallView) -> CallView:
    """The call without who is beside it."""
    return call.model_copy(update={"beside": None})
