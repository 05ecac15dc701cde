"""Flows behind the web, without a database: what is shipped, and what a test publishes."""
# ruff: noqa: D102  each method is described by the port that it stands in for

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from callcenter.core.clock import Clock
from callcenter.core.errors import UsageError
from callcenter.web.views.flows import FlowCountView, FlowSummary, FlowVersionView, FlowView


class FakeFlows:
    """One flow; a text with ``broken`` in it is refused."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.published: list[FlowVersionView] = []

    def in_force(self) -> list[FlowSummary]:
        return [FlowSummary(**self._summary())]

    def get(self, flow: str) -> FlowView | None:
        if flow != "intake":
            return None
        text = self.published[-1].text if self.published else "title"
        return FlowView(**self._summary(), text=text, drawing="flowchart TD")

    async def versions(self, flow: str, limit: int) -> Sequence[FlowVersionView]:
        return [version for version in reversed(self.published) if version.flow == flow][:limit]

    async def publish(self, flow: str, text: str, by: str, why: str) -> FlowVersionView:
        if "broken" in text:
            raise UsageError("intake.toml:3: 死路 / dead end", code="bad_flow")
        version = len(self.published) + 1
        self.published.append(
            FlowVersionView(flow=flow, version=version, by=by, why=why, at=self._clock.at(), text=text)
        )
        return self.published[-1]

    async def counts(self, since: datetime) -> Sequence[FlowCountView]:
        return [
            FlowCountView(flow="night", version=0, is_exception=True, walks=3, exits={"line": 2, "left": 1})
        ]

    def _summary(self) -> dict[str, Any]:
        return {
            "flow": "intake",
            "title": "普通来电 / normal intake",
            "kind": "arrival",
            "occasions": ["normal"],
            "is_exception": False,
            "steps": 3,
            "version": len(self.published),
        }
