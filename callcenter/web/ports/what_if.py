"""What the web needs of what-ifs."""

from collections.abc import Sequence
from typing import Protocol

from callcenter.core.errors import PeerError
from callcenter.store.predictions import Kept
from queues.core.what_if import Change, Prediction


class WhatIfPort(Protocol):
    """Answers what-ifs and remembers them."""

    async def ask(self, change: Change, by: str = "") -> Prediction:
        """What the change would come to.

        Raises:
            UsageError: the change is absurd.
            PeerError: no answer came.
        """

    async def newest(self, limit: int) -> Sequence[Kept]:
        """What was predicted, newest first."""


class NoWhatIf:
    """Where nothing is simulated."""

    async def ask(self, change: Change, by: str = "") -> Prediction:
        """See :class:`WhatIfPort`."""
        raise PeerError("nothing is simulated here", code="no_what_if")

    async def newest(self, limit: int) -> Sequence[Kept]:
        """See :class:`WhatIfPort`."""
        return ()
