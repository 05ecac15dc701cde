"""The desks of staff and shifts."""

from typing import TYPE_CHECKING

from callcenter.staff.desk import House, ShiftDesk
from callcenter.staff.people_desk import StaffDesk
from callcenter.staff.presence_reader import PresenceReader
from callcenter.staff.timetable import seat_kinds
from queues.core.numbers import domestic_number

if TYPE_CHECKING:
    from callcenter.bootstrap.cell import Cell


def desks(cell: "Cell") -> tuple[StaffDesk, ShiftDesk]:
    """Who keeps the list of the staff, and who keeps their shifts."""
    settings, database = cell.settings, cell.database
    seats, usual = seat_kinds(settings), settings.day.roster
    staff = StaffDesk(database, cell.writer, seats, domestic_number, cell.clock, cell.planner.look_at_shifts)
    shifts = ShiftDesk(
        database,
        cell.writer,
        House(seats, settings.shifts, usual, cell.zone),
        cell.clock,
        cell.planner.look_at_shifts,
        cell.engines.presence.overview,
        PresenceReader(database, seats, usual, cell.clock, cell.zone),
    )
    return staff, shifts
