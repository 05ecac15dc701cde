"""All of it together."""

from dataclasses import dataclass, replace

from web_fakes import House

from busy_house.command import BusyCloud, BusyRebalance, BusySurge, BusyWhatIf
from busy_house.day import BusyCallbacks, BusyFigures, day_contacts
from busy_house.floor import BusyBoard, skills_of


@dataclass
class BusyHouse(House):
    """A house of fakes in a surge of this level. ``floor``: its board; ``what_if``: who simulates."""

    level: int = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        is_calm = self.level == 0
        self.floor = BusyBoard(self.clock, waiting_=2 if is_calm else 38)
        is_held = self.level == 3
        proposal = None if is_held else self.level + 1
        self.surge = BusySurge(self.clock, level=self.level, held=is_held, proposal=proposal)
        self.figures = BusyFigures(self.clock, day_contacts())
        self.cloud = BusyCloud(proposal=None if is_calm else 6)
        where = {seat.seat_id: skills_of(seat.seat_id) for seat in self.floor.seats}
        self.rebalance = BusyRebalance(where=where, floor=self.floor)
        self.rebalance.show()
        self.callbacks = BusyCallbacks()
        self.what_if = BusyWhatIf()
        self.ports = replace(
            self.ports,
            board=self.floor,
            health=self.floor,
            surge=self.surge,
            figures=self.figures,
            cloud=self.cloud,
            rebalance=self.rebalance,
            callbacks=self.callbacks,
            messages=self.callbacks,
            owed=self.callbacks,
            what_if=self.what_if,
        )
