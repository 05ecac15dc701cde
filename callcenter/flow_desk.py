"""Behind the web's port for flows: what is in force, what was published, how often each was walked.

Invariant: a version is committed before it is in force, and nothing with a mistake is ever committed.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from callcenter.core.clock import Clock
from callcenter.core.errors import OurError
from callcenter.settings import Settings
from callcenter.store.database import Database
from callcenter.store.unit import Unit
from callcenter.store.writer import StoreWriter
from callcenter.web.views.flows import FlowCountView, FlowSummary, FlowVersionView, FlowView
from ivr import store
from ivr.core.draw import mermaid
from ivr.core.flow import Flow
from ivr.flows import Shelf, Source, published
from ivr.prompts import prompts_of


@dataclass(frozen=True)
class FlowDesk:
    """The flows (:class:`callcenter.web.ports.flows.FlowPort`). ``texts``: what prompts say, for pictures."""

    shelf: Shelf
    writer: StoreWriter
    database: Database
    clock: Clock
    texts: Mapping[str, str]
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def in_force(self) -> list[FlowSummary]:
        """Those in force, by name."""
        return [FlowSummary(**_summary(flow)) for _, flow in sorted(self.shelf.flows.items())]

    def get(self, flow: str) -> FlowView | None:
        """One in force."""
        found, source = self.shelf.flows.get(flow), self.shelf.source(flow)
        if found is None or source is None:
            return None
        return FlowView(**_summary(found), text=source.text, drawing=mermaid(found, self.texts))

    async def versions(self, flow: str, limit: int) -> list[FlowVersionView]:
        """The newest, newest first."""
        async with self.database.reading() as connection:
            rows = await store.versions(connection, flow, limit)
        return [_version(row) for row in rows]

    async def publish(self, flow: str, text: str, by: str, why: str) -> FlowVersionView:
        """Check, commit, put in force; one after the other.

        Raises:
            UsageError: ``bad_flow``.
            PeerError: it could not be committed.
        """
        async with self._turn:
            self.shelf.refuse_mistakes(Source(flow, text, f"{flow}.toml"))
            kept: dict[str, store.FlowVersion] = {}

            async def keep(unit: Unit) -> None:
                kept[flow] = await store.publish(unit, flow, text, by, why, self.clock.at())

            await self.writer.do(keep, "publish flow")
            if flow not in kept:
                raise OurError("a version was committed but not made", code="no_version")
            self.shelf.put(published(kept[flow]))
            return _version(kept[flow])

    async def counts(self, since: datetime) -> list[FlowCountView]:
        """From the journal: every walk tells its end."""
        async with self.database.reading() as connection:
            counted = await store.walks_since(connection, since)
        exits: dict[tuple[str, int], dict[str, int]] = {}
        for row in counted:
            exits.setdefault((row.flow, row.version), {})[row.exit] = row.walks
        return [self._count(name, version, ends) for (name, version), ends in exits.items()]

    def _count(self, name: str, version: int, ends: dict[str, int]) -> FlowCountView:
        flow = self.shelf.flows.get(name)
        return FlowCountView(
            flow=name,
            version=version,
            is_exception=flow is None or flow.is_exception,
            walks=sum(ends.values()),
            exits=ends,
        )


def _summary(flow: Flow) -> dict[str, Any]:
    return {
        "flow": flow.name,
        "title": flow.title,
        "kind": flow.kind.value,
        "occasions": sorted(flow.occasions),
        "is_exception": flow.is_exception,
        "steps": len(flow.steps),
        "version": flow.version,
    }


def _version(row: store.FlowVersion) -> FlowVersionView:
    return FlowVersionView(
        flow=row.flow, version=row.version, by=row.by, why=row.why, at=row.at, text=row.text
    )


def prompt_texts(settings: Settings) -> dict[str, str]:
    """What every prompt says in Chinese."""
    return {name: prompt.zh.replace("{city}", settings.city) for name, prompt in prompts_of(settings).items()}
