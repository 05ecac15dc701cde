"""Messages as JSON values and back. Invariant: ``decode(type, encode(message)) == message`` for every message.

The shape is taken from the dataclass itself, so a new message needs no line here.
"""

import types
from collections.abc import Hashable, Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

from callcenter.core.errors import OurError
from callcenter.core.messages.base import Message

SUBJECT_KEYS = ("contact_id", "seat_id", "queue", "recording_id", "ticket_no")
"""Ids by which outsiders select events."""


def encode(message: Message) -> dict[str, Any]:
    """The fields as JSON values; times in ISO 8601 with offset, sets in sorted order."""
    return {field.name: _encode(getattr(message, field.name)) for field in fields(message)}


def decode(type_: str, data: dict[str, Any]) -> Message:
    """The message that ``encode`` took apart.

    Raises:
        OurError: no such type, or data that does not fit it.
    """
    try:
        kind = _message_types()[type_]
        return _decode_fields(kind, data)  # type: ignore[no-any-return]
    except (KeyError, TypeError, ValueError) as error:
        raise OurError(
            f"journal data does not fit '{type_}' ({type(error).__name__})", code="bad_journal"
        ) from None


def subject(data: dict[str, Any]) -> dict[str, str]:
    """Which contact, seat ... encoded data is about; keys as in ``SUBJECT_KEYS``."""
    return {key: data[key] for key in SUBJECT_KEYS if isinstance(data.get(key), str)}


def _message_types() -> dict[str, type[Message]]:
    return {kind.type: kind for kind in _subclasses(Message)}


def _subclasses(kind: type[Message]) -> Iterator[type[Message]]:
    for child in kind.__subclasses__():
        if "__dict__" not in child.__dict__:  # not the shadow that slots=True leaves behind
            yield child
        yield from _subclasses(child)


def _encode(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value):
        return _encode_message_or_part(value)
    if isinstance(value, frozenset):
        return [_encode(item) for item in sorted(value)]
    if isinstance(value, tuple):
        return [_encode(item) for item in value]
    return value


def _encode_message_or_part(value: Any) -> dict[str, Any]:
    data = {field.name: _encode(getattr(value, field.name)) for field in fields(value)}
    return {"type": value.type, "data": data} if isinstance(value, Message) else data


def _decode_fields(kind: Any, data: dict[str, Any]) -> Any:
    return kind(**{name: _decode(hint, data[name]) for name, hint in _hints(kind).items()})


@cache
def _hints(kind: Hashable) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}  # type: ignore[arg-type]


def _decode(hint: Any, value: Any) -> Any:
    while isinstance(hint, NewType):
        hint = hint.__supertype__
    if get_origin(hint) in (types.UnionType, Union):
        return _decode_optional(hint, value)
    if get_origin(hint) in (tuple, frozenset):
        return get_origin(hint)(_decode(get_args(hint)[0], item) for item in value)
    return _decode_plain(hint, value)


def _decode_optional(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    inner = next(part for part in get_args(hint) if part is not type(None))
    return _decode(inner, value)


def _decode_plain(hint: Any, value: Any) -> Any:
    if hint is datetime:
        return datetime.fromisoformat(value)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    if isinstance(hint, type) and issubclass(hint, Message):
        return decode(value["type"], value["data"])
    if is_dataclass(hint) and isinstance(hint, type):
        return _decode_fields(hint, value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if hint in (str, int, float, bool) and type(value) is not hint:
        raise ValueError("wrong kind of value")
    return value
