"""Query fields that several topics share, and the rule for looking behind a mask."""

from typing import Annotated, Any
from urllib.parse import quote

from pydantic import AfterValidator, Field

from callcenter.core.ids import SeatId
from callcenter.web.ports.audit import AuditEntry
from callcenter.web.refusals import Refusal
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Params

WHY_MIN, WHY_MAX = 2, 200
WHOLE_MAX = 2**53
"""Beyond this JavaScript cannot count."""


def printable(text: str) -> str:
    """Text of one line.

    Raises:
        ValueError: control characters or line breaks.
    """
    if not text.isprintable():
        raise ValueError("control characters are not allowed")
    return text


def paragraphs(text: str) -> str:
    """Text that may have line breaks.

    Raises:
        ValueError: other control characters.
    """
    if not all(character.isprintable() or character == "\n" for character in text):
        raise ValueError("control characters are not allowed")
    return text


Why = Annotated[
    str, AfterValidator(printable), Field(max_length=WHY_MAX, description="the reason, for the audit")
]


class WhyBody(Params):
    """The reason, where a deed needs nothing else."""

    why: Why = ""


class Paging(Params):
    """Which part of a list."""

    limit: int = Field(50, ge=1, le=500)
    offset: int = Field(0, ge=0, le=1_000_000)


class Unmasking(Params):
    """``unmask=1`` shows numbers, also those that were said: it needs the permission and a reason, and is audited."""

    unmask: bool = False
    why: Why = ""


def attachment(name: str) -> str:
    """``Content-Disposition`` of a file to be kept under this name (RFC 6266); old readers get it in ASCII."""
    plain = "".join(each if each.isascii() and (each.isalnum() or each in "._-") else "_" for each in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


async def audit(call: Call[Any, Any], action: str, resource: str, why: str) -> None:
    """Write the book of accesses before the access.

    Raises:
        Refusal: 422 ``why_missing``.
    """
    if len(why) < WHY_MIN:
        raise Refusal(422, "why_missing", "say why: parameter 'why' is required and audited")
    await note(call, action, resource, why)


async def note(call: Call[Any, Any], action: str, resource: str, why: str = "") -> None:
    """Write the book of accesses where the deed is its own reason."""
    entry = AuditEntry(call.ports.clock.at(), call.identity.name, action, resource, why)
    await call.ports.audit.record(entry)


def require_may_ask(call: Call[Any, Any], seat_id: SeatId) -> None:
    """Only who may speak for this seat goes on.

    Raises:
        Refusal: 403 ``not_your_seat``.
    """
    if not call.identity.may_ask_seat(seat_id):
        raise Refusal(403, "not_your_seat", "this is not your seat")


def require_own(call: Call[Any, Any]) -> None:
    """Only the person of the seat in the path goes on, whatever the role.

    Raises:
        Refusal: 403 ``not_your_seat``.
    """
    if call.identity.seat_id != call.seat_id:
        raise Refusal(403, "not_your_seat", "this is not your seat")


async def may_unmask(call: Call[Any, Any], asked: Unmasking, resource: str) -> bool:
    """Whether to show the number of ``resource``; the access is audited.

    Raises:
        Refusal: 403 without the permission, 422 without a reason.
    """
    if not asked.unmask:
        return False
    if not call.identity.has(Permission.UNMASK):
        raise Refusal(403, "forbidden", "your role does not show numbers")
    await audit(call, "number.unmasked", resource, asked.why)
    return True
