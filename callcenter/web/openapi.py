"""The OpenAPI 3.1 document, made from the very operations that are served.

Invariant: no path, parameter, model or refusal is written here by hand.
"""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, cast

from aiohttp import web
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from callcenter.web.identity import COOKIE
from callcenter.web.roles import roles_with
from callcenter.web.routes import API, PATH_IDS, Nothing, Operation
from callcenter.web.views import ErrorView

_REF = "#/components/schemas/{model}"


def document(
    operations: Iterable[Operation], version: str, frames: Iterable[type[BaseModel]] = ()
) -> dict[str, Any]:
    """The whole document. ``frames``: models of what the event stream sends, which no operation answers."""
    listed = list(operations)
    refs, schemas = _schemas(listed, frames)
    paths: dict[str, dict[str, Any]] = {}
    for operation in listed:
        paths.setdefault(API + operation.path, {})[operation.method.lower()] = _operation(operation, refs)
    return {
        "openapi": "3.1.0",
        "info": {"title": "12345 热线平台 / Contact center", "version": version},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": _security_schemes()},
    }


_Key = tuple[type[BaseModel], JsonSchemaMode]


def _schemas(
    operations: list[Operation], frames: Iterable[type[BaseModel]]
) -> tuple[dict[_Key, dict[str, Any]], dict[str, Any]]:
    wanted: list[_Key] = [(ErrorView, "serialization")]
    wanted += [(frame, "serialization") for frame in frames]
    for operation in operations:
        wanted += [(operation.query, "validation"), (operation.body, "validation")]
        if _is_model(operation.answer):
            wanted.append((operation.answer, "serialization"))
    refs, definitions = models_json_schema(list(dict.fromkeys(wanted)), ref_template=_REF)
    return cast(dict[_Key, dict[str, Any]], refs), definitions["$defs"]


def _is_model(answer: Any) -> bool:
    return isinstance(answer, type) and issubclass(answer, BaseModel)


def _operation(operation: Operation, refs: dict[_Key, dict[str, Any]]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": operation.name,
        "summary": f"{operation.zh} · {operation.en}",
        "description": operation.handler.__doc__ or "",
        "tags": [operation.path.split("/")[1]],
        "parameters": [*_path_parameters(operation), *_query_parameters(operation), *_headers(operation)],
        "responses": _responses(operation, refs),
        "security": [] if operation.may is None else [{"cookie": []}, {"bearer": []}],
    }
    if operation.may is not None:
        told["x-permission"] = operation.may.value
        told["x-roles"] = [role.value for role in roles_with(operation.may)]
    if operation.body is not Nothing:
        content = {"application/json": {"schema": refs[operation.body, "validation"]}}
        told["requestBody"] = {"required": True, "content": content}
    return told


def _path_parameters(operation: Operation) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "pattern": f"^{PATH_IDS[name]}$"},
        }
        for name in operation.path_names
    ]


def _query_parameters(operation: Operation) -> list[dict[str, Any]]:
    schema = operation.query.model_json_schema(ref_template=_REF)
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": field}
        for name, field in schema.get("properties", {}).items()
    ]


def _headers(operation: Operation) -> list[dict[str, Any]]:
    if not operation.is_mutating:
        return []
    names = ["Idempotency-Key"] if operation.keeps_answer else []
    if operation.may is not None:
        names.append("X-CSRF-Token")
    return [{"name": name, "in": "header", "required": False, "schema": {"type": "string"}} for name in names]


def _responses(operation: Operation, refs: dict[_Key, dict[str, Any]]) -> dict[str, Any]:
    error = {"application/json": {"schema": refs[ErrorView, "serialization"]}}
    statuses = {422, 500, 503, *operation.statuses}
    if operation.may is not None:
        statuses |= {401, 403}
    if operation.path_names:
        statuses |= {404}
    if operation.is_mutating:
        statuses |= {409, 413, 415}
    refusals = {str(s): {"description": HTTPStatus(s).phrase, "content": error} for s in statuses if s >= 400}
    return {**_success(operation, refs), **dict(sorted(refusals.items()))}


def _success(operation: Operation, refs: dict[_Key, dict[str, Any]]) -> dict[str, Any]:
    answer = operation.answer
    if answer is None or answer is type(None):
        return {"204": {"description": "done"}}
    if isinstance(answer, type) and issubclass(answer, web.StreamResponse):
        status = "101" if operation.path == "/events" else "200"
        return {status: {"description": operation.en}}
    status = "201" if operation.name == "open_session" else "200"
    schema = refs[answer, "serialization"]
    return {status: {"description": operation.en, "content": {"application/json": {"schema": schema}}}}


def _security_schemes() -> dict[str, Any]:
    return {
        "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE},
        "bearer": {"type": "http", "scheme": "bearer"},
    }
