"""What-if (推演): what a change of the seats would come to, answered from the live state by the same engine.

Invariant: asking changes nothing in the house, and never holds up its loop.
"""

from typing import Protocol

from queues.core.what_if import Change, Figures, Prediction

__all__ = ["Change", "Figures", "Prediction", "WhatIf"]


class WhatIf(Protocol):
    """Whoever answers."""

    async def ask(self, change: Change) -> Prediction:
        """What the change would come to, beside how it goes on without.

        Raises:
            UsageError: the change is absurd.
            PeerError: the house is not ready to answer, or no answer came in time.
        """
        ...
