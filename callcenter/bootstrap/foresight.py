"""Who looks ahead: what-ifs from the live engines."""

from typing import TYPE_CHECKING

from callcenter.core.errors import PeerError
from callcenter.core.ids import SeatId
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
