"""Sampling plans (抽检方案), their draws, and who may review."""

from typing import Any

from pydantic import Field

from callcenter.web.api.common import WHOLE_MAX, note
from callcenter.web.api.quality.fields import Account, Card
from callcenter.web.refusals import Refusal
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Params, operation
from callcenter.web.views import Page
from callcenter.web.views.quality import DrawView, PlanView, ReviewersView
from recordings.core.qa.sampling import GroupBy, Plan

REVIEWERS_MAX = 100


class PlanBody(Params):
    """``size`` calls a week of each group; ``second_share`` of them are reviewed by two of the ``reviewers``."""

    card_id: Card
    group_by: GroupBy
    size: int = Field(ge=1, le=1000)
    seed: int = Field(ge=0, le=WHOLE_MAX)
    second_share: float = Field(0.0, ge=0, le=1)
    reviewers: list[Account] = Field(min_length=1, max_length=REVIEWERS_MAX)


class DrawBody(Params):
    """Which week; ``so_far``: it is not over, draw from what there is."""

    week: str = Field(pattern=r"^[0-9]{4}-W[0-9]{2}$", description="ISO week, 2026-W47")
    so_far: bool = False


@operation("GET", "/qa/reviewers", may=Permission.REVIEW_CALLS, zh="质检员名单", en="Who may review calls")
async def list_reviewers(call: Call[Nothing, Nothing]) -> ReviewersView:
    """For whom gives calls to others, and for plans."""
    return ReviewersView(names=await call.ports.reviews.reviewers())


@operation("GET", "/qa/plans", may=Permission.REVIEW_CALLS, zh="抽检方案", en="Sampling plans")
async def list_plans(call: Call[Nothing, Nothing]) -> Page[PlanView]:
    """By name."""
    return Page.whole(await call.ports.reviews.plans())


@operation(
    "PUT", "/qa/plans/{plan}", may=Permission.PLAN_QUALITY, zh="设置抽检方案", en="Set a sampling plan"
)
async def set_plan(call: Call[Nothing, PlanBody]) -> PlanView:
    """Add or replace it; what was drawn stays."""
    body = call.body
    if len(set(body.reviewers)) < len(body.reviewers):
        raise Refusal(422, "bad_body", "a reviewer stands twice", details={"fields": ["reviewers"]})
    plan = Plan(
        _plan(call),
        body.card_id,
        body.group_by,
        body.size,
        body.seed,
        body.second_share,
        tuple(body.reviewers),
    )
    await note(call, "plan.set", f"plan/{plan.name}")
    return await call.ports.reviews.save_plan(plan, call.identity.name)


@operation(
    "POST", "/qa/plans/{plan}/draw", may=Permission.PLAN_QUALITY, zh="抽检", en="Draw the calls of a week"
)
async def draw_plan(call: Call[Nothing, DrawBody]) -> DrawView:
    """Assign what the plan draws; drawing again gives the same and assigns nothing twice."""
    await note(call, "plan.drawn", f"plan/{_plan(call)}", call.body.week)
    return await call.ports.reviews.draw(_plan(call), call.body.week, call.body.so_far, call.identity.name)


def _plan(call: Call[Any, Any]) -> str:
    return call.request.match_info["plan"]


OPERATIONS: tuple[Operation, ...] = (list_reviewers, list_plans, set_plan, draw_plan)
