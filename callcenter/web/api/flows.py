"""The flows that callers hear (来电流程): read, published live, counted. Who changed what, and why, is always kept."""

from datetime import timedelta
from typing import Annotated

from pydantic import AwareDatetime, Field

from callcenter.web.api.common import Why, audit
from callcenter.web.refusals import unknown
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Params, operation
from callcenter.web.views import Page
from callcenter.web.views.flows import FlowCountView, FlowSummary, FlowVersionView, FlowView

TEXT_MAX = 64 * 1024
DAY = timedelta(days=1)


class VersionsQuery(Params):
    """How many."""

    limit: int = Field(50, ge=1, le=200)


class CountsQuery(Params):
    """From when on; without: the last 24 hours."""

    since: AwareDatetime | None = None


class FlowBody(Params):
    """The whole text of the flow, as TOML, and why it is changed."""

    text: Annotated[str, Field(min_length=1, max_length=TEXT_MAX)]
    why: Why = ""


@operation("GET", "/flows", may=Permission.READ_BOARD, zh="来电流程", en="The flows in force")
async def list_flows(call: Call[Nothing, Nothing]) -> Page[FlowSummary]:
    """What callers are led through, with the version that new callers hear."""
    flows = list(call.ports.flows.in_force())
    return Page.whole(flows)


@operation(
    "GET", "/flows/{flow}", may=Permission.READ_BOARD, zh="一个流程", en="One flow, its text and picture"
)
async def get_flow(call: Call[Nothing, Nothing]) -> FlowView:
    """The text in force, and a drawing of it."""
    name = call.request.match_info["flow"]
    found = call.ports.flows.get(name)
    if found is None:
        raise unknown("flow", name)
    return found


@operation(
    "PUT",
    "/flows/{flow}",
    may=Permission.STEER,
    zh="发布流程",
    en="Publish a version of a flow",
    statuses=(400,),
)
async def publish_flow(call: Call[Nothing, FlowBody]) -> FlowVersionView:
    """In force for new callers when this answers; who is in a flow already stays in his. A mistake is refused by line."""
    name, body = call.request.match_info["flow"], call.body
    await audit(call, "flow.published", f"flow/{name}", body.why)
    return await call.ports.flows.publish(name, body.text, call.identity.name, body.why)


@operation(
    "GET", "/flows/{flow}/versions", may=Permission.READ_BOARD, zh="流程发布记录", en="Versions, newest first"
)
async def list_flow_versions(call: Call[VersionsQuery, Nothing]) -> Page[FlowVersionView]:
    """Who published which text, when and why."""
    versions = list(await call.ports.flows.versions(call.request.match_info["flow"], call.query.limit))
    return Page.whole(versions)


@operation("GET", "/flow-counts", may=Permission.READ_BOARD, zh="流程次数", en="Walks by flow and version")
async def count_flows(call: Call[CountsQuery, Nothing]) -> Page[FlowCountView]:
    """How many callers walked through what, and how they left it; exceptions from the norm are marked."""
    since = call.query.since or call.ports.clock.at() - DAY
    counts = list(await call.ports.flows.counts(since))
    return Page.whole(counts)


OPERATIONS: tuple[Operation, ...] = (list_flows, get_flow, publish_flow, list_flow_versions, count_flows)
