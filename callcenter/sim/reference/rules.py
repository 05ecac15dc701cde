"""The table of SCENARIOS.md 8.4. Invariant: a policy differs from another only by this row."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """One row. Thresholds in seconds of the plain estimate; 0 = never."""

    priority: bool = False
    callback: bool = False
    menu_ewt: float = 0
    menu_tight: float = 0
    message: bool = False
    missed: bool = False
    adaptive: bool = False
    follow: bool = False
    cloud_seats: int = 0
    cloud_trigger: float = 0
    cloud_queue: int = 0
    partner: bool = False
    reviews_late: bool = False
    """The rules marked R."""


_C = {"priority": True, "callback": True, "menu_ewt": 60.0, "message": True}
_G = _C | {"missed": True}
_H = _G | {"adaptive": True, "follow": True}
_R = _H | {"menu_ewt": 120.0, "menu_tight": 30.0, "reviews_late": True}
_D = {"cloud_seats": 18, "cloud_trigger": 180.0}
_RC = _R | {"cloud_seats": 18, "cloud_trigger": 90.0, "cloud_queue": 5}

TABLE: dict[str, Rules] = {
    name: Rules(**row)  # type: ignore[arg-type]  # rows share their columns
    for name, row in {
        "A": {},
        "AM": {"missed": True},
        "B": {"priority": True, "callback": True},
        "C": _C,
        "D": _C | _D,
        "E": _C | _D | {"partner": True},
        "F": _H | _D | {"partner": True},
        "G": _G,
        "H": _H,
        "R": _R,
        "RC": _RC,
        "RF": _RC | {"partner": True},
    }.items()
}
