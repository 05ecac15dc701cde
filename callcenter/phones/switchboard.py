"""Which event belongs to which call."""

import asyncio
import contextlib
from collections import OrderedDict
from typing import Any

from callcenter.phones.call import Call
from callcenter.phones.line import STEP_S, CallState, Line
from callcenter.phones.stack import PhoneError, baresip

CLOSE_S_MAX = 3.0

ORPHANS_MAX = 64
"""Calls whose first events are kept until Python has learned their handle."""


class Switchboard:
    """Brings the events of the stack to their lines, and moves the audio of all lines."""

    def __init__(self) -> None:
        self.lines: dict[int, Line] = {}
        self._orphans: OrderedDict[int, list[Any]] = OrderedDict()

    def adopt(self, native: Any, state: CallState) -> Line:
        """Make the line of a new native call; what has happened to it already is made up for."""
        line = self.lines[native.handle] = Line(native, state)
        for event in self._orphans.pop(native.handle, []):
            self._deliver(line, event)
        return line

    def route(self, event: Any) -> None:
        """Take in a stack event. A call may be over before ``dial()`` has returned its handle: it waits."""
        if not event.call or event.event not in (baresip.Event.CALL_ESTABLISHED, baresip.Event.CALL_CLOSED):
            return
        if line := self.lines.get(event.call):
            self._deliver(line, event)
            return
        self._orphans.setdefault(event.call, []).append(event)
        if len(self._orphans) > ORPHANS_MAX:
            self._orphans.popitem(last=False)

    def _deliver(self, line: Line, event: Any) -> None:
        if event.event is baresip.Event.CALL_ESTABLISHED:
            line.on_established()
        else:
            line.on_closed(event.text or "")
            self.lines.pop(event.call, None)

    async def pump(self) -> None:
        """Move audio for ever."""
        while True:
            for line in list(self.lines.values()):
                if line.state is CallState.TALKING:
                    line.move_audio()
            await asyncio.sleep(STEP_S)

    async def hang_up_all(self) -> None:
        """End every call, and wait until they are gone."""
        calls = [Call(line) for line in self.lines.values()]
        for call in calls:
            await call.hangup()
        for call in calls:
            with contextlib.suppress(PhoneError):
                await call.ended(CLOSE_S_MAX)
