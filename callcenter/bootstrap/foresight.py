"""Who looks ahead: what-ifs from the live engines, forecast and staffing of days from the past."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from callcenter.core.clock import Instant
from callcenter.core.errors import PeerError
from callcenter.core.ids import SeatId
from callcenter.foresight import Foresight
from callcenter.planner import day_begin
from callcenter.sim.ahead import House
from callcenter.what_if import WhatIfDesk, live_scene
from queues.core.scene import Scene

if TYPE_CHECKING:
    from callcenter.bootstrap.cell import Cell


def what_if_desk(cell: "Cell") -> WhatIfDesk:
    """Answers what-ifs from what the cell's engines know."""
    cloud = frozenset(SeatId(seat) for seat in cell.settings.seats.cloud())

    def scene() -> Scene:
        if not cell.watch.has_truth:
            raise PeerError("the link to Asterisk is down: nobody knows who waits", code="no_truth")
        engines = cell.engines
        return live_scene(
            engines.steering.engine, engines.seats, engines.contacts, cloud, cell.clock.instant()
        )

    return WhatIfDesk(scene, House(cell.settings.max_calls), cell.database, cell.writer, cell.clock)


def foresight(cell: "Cell") -> Foresight:
    """Looks at days ahead: who is planned is told by the shifts, else by the settings."""
    planner, zone = cell.planner, cell.zone

    async def roster(day: date) -> Sequence[int]:
        began, today = day_begin(cell.clock, zone)
        midnight = datetime.combine(day, time(), zone)
        if planner.today is not None and planner.today.began_at == midnight:
            return planner.today.roster
        begins = Instant(began + (midnight - today).total_seconds())
        return await planner.roster_of_shifts(begins, midnight) or cell.settings.day.roster

    ahead = Foresight(cell.house.settings, cell.database, cell.clock, roster)
    cell.house.followers.append(ahead.change_settings)
    return ahead
