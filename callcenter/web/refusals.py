"""Errors as answers: one shape, stable ``error_id``, never a traceback, never what a client sent.

Invariant: every answer with status >= 400 is an :class:`~callcenter.web.views.ErrorView`.
"""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from aiohttp import web

from callcenter.core.errors import CallcenterError, PeerError, UsageError
from callcenter.web.views import ErrorView


class Refusal(UsageError):
    """An HTTP request is refused with this status. ``details`` are safe to show."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ):
        super().__init__(message, code=code)
        self.status = status
        self.details = dict(details or {})
        self.headers = dict(headers or {})


def unknown(what: str, name: str) -> Refusal:
    """404: there is no such thing."""
    return Refusal(404, f"unknown_{what}", f"there is no {what} {name}")


def status_of(error: CallcenterError) -> int:
    """The HTTP status of an error: who is mistaken gets 4xx, a failing peer is 503, our fault is 500."""
    if isinstance(error, Refusal):
        return error.status
    if isinstance(error, UsageError):
        return _usage_status(error.code)
    return 503 if isinstance(error, PeerError) else 500


def _usage_status(code: str) -> int:
    if code.startswith("unknown_"):
        return 404
    return 409 if code.startswith("wrong_") else 400


def answer(error: CallcenterError, path: str, at: datetime) -> web.Response:
    """The answer to a request that failed with ``error``."""
    status = status_of(error)
    message = str(error) if status < 500 else HTTPStatus(status).phrase
    details = error.details if isinstance(error, Refusal) else {}
    headers = dict(error.headers) if isinstance(error, Refusal) else {}
    if status == 503:
        headers.setdefault("Retry-After", "2")
    return _answer(status, error.code, message, details, path, at, headers)


def answer_http(error: web.HTTPException, path: str, at: datetime) -> web.Response:
    """The answer to what aiohttp itself refused: unknown path, wrong method, body too large."""
    code = HTTPStatus(error.status).name.lower()
    headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    return _answer(error.status, code, HTTPStatus(error.status).phrase, {}, path, at, headers)


def answer_crash(path: str, at: datetime) -> web.Response:
    """The answer to an error that nobody foresaw."""
    return _answer(500, "ours", HTTPStatus(500).phrase, {}, path, at, {})


def _answer(
    status: int,
    code: str,
    message: str,
    details: dict[str, Any],
    path: str,
    at: datetime,
    headers: dict[str, str],
) -> web.Response:
    body = ErrorView(error_id=code, message=message, details=details, resource=path, timestamp=at)
    return web.Response(
        status=status, text=body.model_dump_json(), content_type="application/json", headers=headers
    )
