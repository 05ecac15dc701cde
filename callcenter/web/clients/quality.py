"""What the command line asks of the running system about the quality of calls. Answers are the API's JSON as it is."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from callcenter.web.clients.control import ControlClient, Json


class QualityClient(ControlClient):
    """The control socket, for ``callcenter qa``; errors as in :class:`ControlClient`."""

    async def calls(self, **which: str) -> Json:
        """The ranked list (a page of ``views.quality.AssessmentSummary``)."""
        return await self._ask("GET", "/qa/calls?" + _query(which))

    async def call(self, recording_id: str) -> Json:
        """One call (``views.quality.AssessmentView``)."""
        return await self._ask("GET", f"/qa/calls/{quote(recording_id, safe='')}")

    async def coverage(self, **which: str) -> Json:
        """``views.quality.CoverageView``."""
        return await self._ask("GET", "/qa/coverage?" + _query(which))

    async def reviews(self, **which: str) -> list[Json]:
        """``views.quality.ReviewView``."""
        return await self._items("/qa/reviews?" + _query(which))

    async def review(self, review_id: int) -> Json:
        """``views.quality.ReviewView``."""
        return await self._ask("GET", f"/qa/reviews/{review_id}")

    async def assign(self, recording_id: str, card_id: str, reviewer: str) -> Json:
        """``views.quality.ReviewView``."""
        body = {"recording_id": recording_id, "card_id": card_id, "reviewer": reviewer}
        return await self._ask("POST", "/qa/reviews", body)

    async def assign_second(self, review_id: int, reviewer: str) -> Json:
        """``views.quality.ReviewView``."""
        return await self._ask("POST", f"/qa/reviews/{review_id}/second", {"reviewer": reviewer})

    async def uphold(self, review_id: int, why: str) -> Json:
        """The review stays as it is (``views.quality.ReviewView``)."""
        return await self._ask("POST", f"/qa/reviews/{review_id}/ruling", {"ruling": "upheld", "why": why})

    async def plans(self) -> list[Json]:
        """``views.quality.PlanView``."""
        return await self._items("/qa/plans")

    async def set_plan(self, name: str, terms: Mapping[str, Any]) -> Json:
        """``views.quality.PlanView``."""
        return await self._ask("PUT", f"/qa/plans/{quote(name, safe='')}", dict(terms))

    async def draw(self, plan: str, week: str, so_far: bool) -> Json:
        """``views.quality.DrawView``."""
        path = f"/qa/plans/{quote(plan, safe='')}/draw"
        return await self._ask("POST", path, {"week": week, "so_far": so_far})

    async def agreement(self, **which: str) -> Json:
        """``views.quality.AgreementView``."""
        return await self._ask("GET", "/qa/agreement?" + _query(which))


def _query(which: Mapping[str, str]) -> str:
    """Parameters that were given; ``since`` is told as ``from``."""
    told: Sequence[tuple[str, str]] = [
        ("from" if name == "since" else name, value) for name, value in which.items() if value
    ]
    return urlencode(told)
