"""A house in the middle of a running surge, for pictures and for tests of the desks: every seat works, a line waits.

Invariant: it is the same at every call, and a fake decides nothing: it keeps what it is told and tells what it keeps.

``floor``: seats and who waits; ``day``: how the day went; ``command``: what a shift manager has at hand; ``house``: all together.
"""

from busy_house.floor import HOME, part
from busy_house.house import BusyHouse

__all__ = ["HOME", "BusyHouse", "part"]
