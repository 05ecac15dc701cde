"""The route layer: an operation is a handler with its method, path, permission and models.

Invariant: one object is both what aiohttp serves and what the OpenAPI document says. Query, body and answer
models are read from the handler's own annotations: ``async def f(call: Call[Query, Body]) -> Answer``.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

from aiohttp import web
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from callcenter.core.ids import ContactId, QueueName, RecordingId, SeatId, TicketNo
from callcenter.web.identity import COOKIE, Identity
from callcenter.web.ports import Ports
from callcenter.web.refusals import Refusal
from callcenter.web.roles import Permission
from callcenter.web.services import Services

API = "/api/v1"
BODY_MAX_BYTES = 64 * 1024

PATH_IDS: Mapping[str, str] = {
    "seat_id": r"[0-9]{4}",
    "queue": r"[a-z][a-z0-9_-]{0,39}",
    "contact_id": r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}",
    "ticket_no": r"[0-9]{8}-[0-9]{6,9}",
    "recording_id": r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}",
    "review_id": r"[0-9]{1,15}",
    "staff_no": r"[A-Za-z0-9][A-Za-z0-9_-]{0,19}",
    "shift_id": r"[1-9][0-9]{0,14}",
    "swap_id": r"[1-9][0-9]{0,14}",
    "notice_id": r"[1-9][0-9]{0,8}",
    "guest_day": r"[1-9][0-9]{0,8}",
    "account": r"[A-Za-z\u4e00-\u9fff][A-Za-z0-9._\u4e00-\u9fff-]{0,39}",
    "plan": r"[a-z][a-z0-9_-]{0,39}",
    "flow": r"[a-z][a-z0-9_]{0,39}",
    "prompt": r"[a-z][a-z0-9_]{0,79}",
    "version": r"[1-9][0-9]{0,8}",
    "setting": r"[a-z_]{1,40}(?:[.][a-z_]{1,40}){1,2}",
    "session_id": r"[0-9a-f]{16}",
    "alarm": r"[a-z][a-z0-9_]{0,59}",
}
"""What an id in a path looks like; anything else is no such path."""

_PLAIN_NAME = re.compile(r"[a-z_]{1,40}")
MUTATING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Params(BaseModel):
    """Base of query and body models. Unknown fields are refused: a typing error must not pass silently."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Nothing(Params):
    """No query, or an empty body."""


Q = TypeVar("Q", bound=Params)
B = TypeVar("B", bound=Params)
A = TypeVar("A")


@dataclass(frozen=True)
class Call(Generic[Q, B]):
    """A request that passed the guards, parsed."""

    request: web.Request
    services: Services
    query: Q
    body: B
    caller: Identity | None

    @property
    def ports(self) -> Ports:
        """What the house offers."""
        return self.services.ports

    @property
    def identity(self) -> Identity:
        """Who asks; only operations that need a permission may look."""
        assert self.caller is not None  # noqa: S101  the guard refused everybody else
        return self.caller

    @property
    def seat_id(self) -> SeatId:
        """The seat in the path."""
        return SeatId(self.request.match_info["seat_id"])

    @property
    def queue(self) -> QueueName:
        """The queue in the path."""
        return QueueName(self.request.match_info["queue"])

    @property
    def contact_id(self) -> ContactId:
        """The contact in the path."""
        return ContactId(self.request.match_info["contact_id"])

    @property
    def ticket_no(self) -> TicketNo:
        """The ticket in the path."""
        return TicketNo(self.request.match_info["ticket_no"])

    @property
    def recording_id(self) -> RecordingId:
        """The recording in the path."""
        return RecordingId(self.request.match_info["recording_id"])


@dataclass(frozen=True)
class Reply(Generic[A]):
    """An answer that needs more than its model.

    ``value`` ``None``: no content. ``context``: for serializing. ``cookie``: session token to set; empty: end it.
    """

    value: A
    status: int = 200
    context: Mapping[str, Any] | None = None
    cookie: str | None = None


Handler = Callable[[Call[Any, Any]], Awaitable[Any]]


@dataclass(frozen=True)
class Operation:
    """One thing that the API can do. ``may`` ``None``: without signing in; ``body_max_bytes``: more is refused."""

    method: str
    path: str
    may: Permission | None
    zh: str
    en: str
    handler: Handler
    keeps_answer: bool = True
    statuses: tuple[int, ...] = field(default=())
    body_max_bytes: int = BODY_MAX_BYTES

    @property
    def name(self) -> str:
        """Stable name, also in metrics."""
        return self.handler.__name__

    @property
    def is_mutating(self) -> bool:
        """Whether it changes anything."""
        return self.method in MUTATING

    @property
    def path_names(self) -> list[str]:
        """The ids in the path."""
        return re.findall(r"{(\w+)}", self.path)

    @property
    def pattern(self) -> str:
        """The path as aiohttp matches it."""
        return API + re.sub(r"{(\w+)}", lambda m: f"{{{m[1]}:{PATH_IDS[m[1]]}}}", self.path)

    @cached_property
    def query(self) -> type[Params]:
        """Model of the query string."""
        return self._models[0]

    @cached_property
    def body(self) -> type[Params]:
        """Model of the body."""
        return self._models[1]

    @cached_property
    def answer(self) -> Any:
        """Model of the answer; ``None``: no content; a ``StreamResponse``: not JSON."""
        declared = get_type_hints(self.handler)["return"]
        return get_args(declared)[0] if get_origin(declared) is Reply else declared

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """Serializes the answer."""
        return TypeAdapter(self.answer)

    @cached_property
    def _models(self) -> tuple[type[Params], type[Params]]:
        query, body = get_args(get_type_hints(self.handler)["call"])
        return query, body


def operation(
    method: str,
    path: str,
    *,
    may: Permission | None,
    zh: str,
    en: str,
    keeps_answer: bool = True,
    statuses: tuple[int, ...] = (),
    body_max_bytes: int = BODY_MAX_BYTES,
) -> Callable[[Handler], Operation]:
    """Make a handler an :class:`Operation`. ``statuses``: refusals worth telling beyond the usual ones."""

    def make(handler: Handler) -> Operation:
        return Operation(method, path, may, zh, en, handler, keeps_answer, statuses, body_max_bytes)

    return make


def parse_query(operation: Operation, request: web.Request) -> Params:
    """The query string as its model.

    Raises:
        Refusal: 422, naming the fields.
    """
    repeated = sorted({key for key in request.query if len(request.query.getall(key)) > 1})
    if repeated:
        raise Refusal(422, "bad_query", "a parameter was given twice", details={"fields": repeated})
    try:
        return operation.query.model_validate(dict(request.query))
    except ValidationError as error:
        raise _invalid("bad_query", error) from None


def parse_body(operation: Operation, raw: bytes) -> Params:
    """The body as its model; an empty body counts as ``{}``.

    Raises:
        Refusal: 422, naming the fields.
    """
    try:
        return operation.body.model_validate_json(raw or b"{}")
    except ValidationError as error:
        raise _invalid("bad_body", error) from None


def render(operation: Operation, result: Any, *, is_secure: bool) -> web.StreamResponse:
    """The handler's result as an HTTP answer. ``is_secure``: it came by TLS, so may the cookie only."""
    if isinstance(result, web.StreamResponse):
        return result
    reply = result if isinstance(result, Reply) else Reply(result)
    response = _json(operation, reply)
    if reply.cookie:
        response.set_cookie(
            COOKIE, reply.cookie, httponly=True, samesite="Strict", path="/", secure=is_secure
        )
    elif reply.cookie is not None:
        response.del_cookie(COOKIE, httponly=True, samesite="Strict", path="/", secure=is_secure)
    return response


def _json(operation: Operation, reply: Reply[Any]) -> web.Response:
    if reply.value is None:
        return web.Response(status=204)
    text = operation.adapter.dump_json(reply.value, context=reply.context and dict(reply.context))
    return web.Response(status=reply.status, body=text, content_type="application/json", charset="utf-8")


def _invalid(code: str, error: ValidationError) -> Refusal:
    """Field names and reasons; never the values, and no name that the client made up."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    fields = [{"field": _field(item["loc"], item["type"]), "problem": item["msg"]} for item in found[:10]]
    return Refusal(422, code, "the request does not fit; see details", details={"fields": fields})


def _field(location: tuple[int | str, ...], kind: str) -> str:
    name = ".".join(str(part) for part in location)
    return name if kind != "extra_forbidden" or _PLAIN_NAME.fullmatch(name) else ""
