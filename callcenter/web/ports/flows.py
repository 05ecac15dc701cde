"""What the web needs of the flows, and no more."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from callcenter.web.views.flows import FlowCountView, FlowSummary, FlowVersionView, FlowView


class FlowPort(Protocol):
    """The flows that callers are led through."""

    def in_force(self) -> Sequence[FlowSummary]:
        """Those in force, by name."""

    def get(self, flow: str) -> FlowView | None:
        """One in force."""

    async def versions(self, flow: str, limit: int) -> Sequence[FlowVersionView]:
        """The newest that were published, newest first."""

    async def publish(self, flow: str, text: str, by: str, why: str) -> FlowVersionView:
        """Put a new version in force for walks that begin from now on.

        Raises:
            UsageError: ``bad_flow``, naming file, line and mistake; what was in force stays.
        """

    async def counts(self, since: datetime) -> Sequence[FlowCountView]:
        """Walks that ended since then, by flow and version."""
