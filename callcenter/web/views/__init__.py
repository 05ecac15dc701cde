"""What the outside sees: the models of every answer and, from the same objects, of the OpenAPI document.

Here is what all answers share. Each topic's own answers stand in the module that is called like its operations in
``callcenter.web.api``: ``board`` and ``seats``, ``surge`` and ``day``, ``ledger`` (contacts, gaps, the two books, the audit),
``callbacks``, ``tickets``, ``recordings`` and ``transcripts``, ``events``, ``sessions`` and so on; ``presence`` is who should be
at work.

Invariant: a citizen's number leaves masked, be it spoken or called from, unless the answer is serialized with
``unmask`` in its context.
Times are ISO 8601 with offset; durations are seconds and end in ``_s``; ``null`` is unknown, never zero.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, SerializationInfo

from callcenter.core.masking import mask_number
from recordings.core.text_numbers import mask_dialog

T = TypeVar("T")

UNMASK = {"unmask": True}
"""Serialization context that lets numbers through."""


def _number(value: str, info: SerializationInfo) -> str:
    return value if info.context == UNMASK else mask_number(value)


def _said(value: str | None, info: SerializationInfo) -> str | None:
    return value if value is None or info.context == UNMASK else mask_dialog(value)


Number = Annotated[
    str,
    PlainSerializer(_number, return_type=str),
    Field(description="a citizen's number, masked like 138****5678; empty when unknown"),
]

Said = Annotated[
    str | None,
    PlainSerializer(_said, return_type=str | None),
    Field(description="a paragraph per turn, numbers of persons as stars; null until transcribed"),
]


class View(BaseModel):
    """Base of all answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Page(View, Generic[T]):
    """A part of a list. ``total``: all there are; ``filtered``: those that match."""

    items: list[T]
    total: int = Field(ge=0)
    filtered: int = Field(ge=0)

    @classmethod
    def whole(cls, items: Iterable[T]) -> Self:
        """A list that is told at once, and entirely."""
        told = list(items)
        return cls(items=told, total=len(told), filtered=len(told))


class ErrorView(View):
    """Every refusal and failure. ``error_id`` is part of the API."""

    error_id: str
    message: str
    details: dict[str, Any]
    resource: str
    timestamp: datetime
