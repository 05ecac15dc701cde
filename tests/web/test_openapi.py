"""The OpenAPI document agrees with what is served."""

import json
from pathlib import Path
from typing import Any

import pytest
from web_fakes import House, browsing

from callcenter.web.api import OPERATIONS
from callcenter.web.roles import Permission

pytestmark = pytest.mark.web


@pytest.fixture
async def document(tmp_path: Path) -> dict[str, Any]:
    """The document as a stranger reads it."""
    async with browsing(House(tmp_path)) as browser:
        _, answer = await browser.get("/api/openapi.json")
    assert isinstance(answer, dict)
    return answer


def test_paths_are_exactly_the_served_ones(document: dict[str, Any], tmp_path: Path) -> None:
    """Every route of the application is documented and every documented one is a route."""
    served = {
        (route.method, route.resource.canonical)
        for route in House(tmp_path).build().router.routes()
        if route.resource is not None and route.resource.canonical.startswith("/api/v1")
    }
    told = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert told == served


def test_it_is_complete(document: dict[str, Any]) -> None:
    """Version 3.1, both languages, roles, an error model and an answer model for each operation."""
    assert document["openapi"] == "3.1.0"
    for methods in document["paths"].values():
        for told in methods.values():
            zh, en = told["summary"].split(" · ")
            assert not zh.isascii(), told
            assert en
            assert told["security"] == [] or told["x-roles"], told
            assert {"422", "500"} <= set(told["responses"])
    names = [told["operationId"] for methods in document["paths"].values() for told in methods.values()]
    assert len(set(names)) == len(names) == len(OPERATIONS)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    """No ``$ref`` dangles."""
    text = json.dumps(document)
    wanted = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert wanted <= set(document["components"]["schemas"])


def test_every_model_has_a_name_of_its_own(document: dict[str, Any]) -> None:
    """Two models of one name would be told by their Python modules, and change for clients when one is moved."""
    assert not [name for name in document["components"]["schemas"] if "__" in name]


def test_query_parameters_are_the_models_fields(document: dict[str, Any]) -> None:
    """``from`` is told by the name that clients write."""
    told = document["paths"]["/api/v1/contacts"]["get"]["parameters"]
    assert {"from", "until", "outcome", "queue", "seat_id", "limit", "offset"} == {p["name"] for p in told}


def test_every_permission_is_used() -> None:
    """A permission that nothing asks for would be a mistake in the table."""
    inside_handlers = {Permission.UNMASK, Permission.ASK_ANY_SEAT}
    asked = {operation.may for operation in OPERATIONS if operation.may is not None}
    assert asked | inside_handlers == set(Permission)
