"""The settings of a drill. Invariant: without ``speed`` nothing here changes anything."""

from pydantic import Field

from callcenter.sections import Section

DAY_S = 86_400.0


class Drill(Section):
    """A drill or a measurement (演练): callers and seats live ``speed`` times as fast, and so do the engines."""

    speed: float = Field(
        0.0,
        ge=0,
        le=10,
        description="seconds of the engines in one second of the clock; their thresholds are set as for a usual day. 0: no drill",
    )
    length_s: float = Field(
        DAY_S, gt=0, le=DAY_S, description="the day of the drill, in seconds of the engines"
    )
