"""Published versions of flows, in SQL: who put which text in force, when and why.

Invariant: a version is never changed or taken back; what is in force is the newest one of each flow.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.store.schema import IS_WALK, flow_versions, journal
from callcenter.store.unit import Unit


@dataclass(frozen=True, slots=True)
class FlowVersion:
    """One version; they count from 1 for each flow."""

    flow: str
    version: int
    text: str
    by: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class WalkCount:
    """Walks through one version of a flow that ended in one way."""

    flow: str
    version: int
    exit: str
    walks: int


async def publish(unit: Unit, flow: str, text: str, by: str, why: str, at: datetime) -> FlowVersion:
    """Keep the next version of a flow."""
    newest = select(func.coalesce(func.max(flow_versions.c.version), 0)).where(flow_versions.c.flow == flow)
    version = (await unit.connection.execute(newest)).scalar_one() + 1
    published = FlowVersion(flow, version, text, by, why, at)
    values = {name: getattr(published, name) for name in FlowVersion.__slots__}
    await unit.connection.execute(insert(flow_versions).values(values))
    return published


async def in_force(connection: AsyncConnection) -> list[FlowVersion]:
    """The newest version of each flow that was ever published."""
    newest = select(flow_versions.c.flow, func.max(flow_versions.c.version)).group_by(flow_versions.c.flow)
    rows = await connection.execute(newest)
    found = [(await versions(connection, flow, limit=1))[0] for flow, _ in rows.all()]
    return sorted(found, key=lambda version: version.flow)


async def versions(connection: AsyncConnection, flow: str, limit: int = 100) -> list[FlowVersion]:
    """The newest versions of a flow, newest first."""
    statement = select(flow_versions).where(flow_versions.c.flow == flow)
    rows = await connection.execute(statement.order_by(flow_versions.c.version.desc()).limit(limit))
    return [FlowVersion(**row) for row in rows.mappings()]


async def walks_since(connection: AsyncConnection, since: datetime) -> list[WalkCount]:
    """How walks ended since then, from the journal, by flow, version and exit."""
    data = journal.c.data
    keys = data["flow"].as_string(), data["version"].as_integer(), data["exit"].as_string()
    counted = select(*keys, func.count()).where(IS_WALK, journal.c.at >= since).group_by(*keys)
    rows = await connection.execute(counted.order_by(*keys))
    return [WalkCount(*row) for row in rows.all()]
