"""Which settings may be changed while the house runs, and what holds with such changes. Pure.

Invariant: a changed value passes the same checks as one in the file, alone and together with all the others; what is listed
in :data:`CHANGEABLE` takes effect without a restart.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from callcenter.core.errors import UsageError
from callcenter.refused_setting import explained
from callcenter.settings import Settings, flatten

Value = int | float | str | list[str]
"""A value as JSON has it."""

CHANGEABLE: Final = (
    "surge.offer_ewt_s",
    "surge.reoffer_after_s",
    "surge.watch.enter",
    "surge.watch.leave",
    "surge.high.enter",
    "surge.high.leave",
    "surge.overload.enter",
    "surge.overload.leave",
    "line.wrap_up_s",
    "surge.high.wrap_up_cap_s",
    "surge.overload.wrap_up_cap_s",
    "rest.occupancy_limit",
    "rest.rest_s",
    "rest.abuse_rest_s",
    "callback.from_hour",
    "callback.to_hour",
    "callback.max_tries",
    "callback.retry_gap_s",
    "menus.night",
    "menus.holidays",
    "calendar.holidays",
    "calendar.workdays",
)
"""Dotted keys, in the order of the page. Engines are told by ``RulesTold``, the planner and the forecast by their own ways."""

_PASSWORD = re.compile(r"//[^/@\s]*@")

Kind = Literal["whole", "number", "text", "lines"]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a value may be. ``low``, ``high``: bounds, inclusive; ``None``: none, or told by the check."""

    kind: Kind
    low: float | None
    high: float | None
    description: str


def overlaid(configured: Settings, changes: Mapping[str, Value]) -> Settings:
    """The settings with these values in place of the configured ones.

    Raises:
        UsageError: ``unknown_setting``: it is none that may be changed; ``bad_setting``: a check says no, the message why.
    """
    tree = configured.model_dump(mode="json")
    for key, value in changes.items():
        if key not in CHANGEABLE:
            raise UsageError(f"'{key}' is not changed while the house runs", code="unknown_setting")
        *sections, name = key.split(".")
        branch = tree
        for section in sections:
            branch = branch[section]
        branch[name] = value
    try:
        return Settings.model_validate(tree)
    except ValidationError as error:
        raise UsageError(
            explained(error.errors(include_url=False)[0], "", Settings), code="bad_setting"
        ) from None


def value_of(settings: Settings, key: str) -> Value:
    """The value of a changeable key, as JSON has it."""
    found: Any = settings
    for part in key.split("."):
        found = getattr(found, part)
    if isinstance(found, tuple):
        return [it.isoformat() if isinstance(it, date) else str(it) for it in found]
    return found  # type: ignore[no-any-return]  # of the keys listed: int, float or str


def shape_of(key: str) -> Shape:
    """What a changeable key may be, from where the option is explained."""
    field = _field(key)
    bounds = {name: _bound(field, name) for name in ("ge", "gt", "le", "lt")}
    kinds: dict[Any, Kind] = {int: "whole", float: "number", str: "text"}
    return Shape(
        kinds.get(field.annotation, "lines"),
        bounds["ge"] if bounds["ge"] is not None else bounds["gt"],
        bounds["le"] if bounds["le"] is not None else bounds["lt"],
        field.description or "",
    )


def others(configured: Settings) -> dict[str, str]:
    """Every other setting as text, by dotted key; passwords inside of addresses are not told."""
    rows = flatten(configured.model_dump(mode="json"))
    return {key: _PASSWORD.sub("//***@", str(value)) for key, value in rows if key not in CHANGEABLE}


def _field(key: str) -> FieldInfo:
    *sections, name = key.split(".")
    model: type[BaseModel] = Settings
    for section in sections:
        annotation = model.model_fields[section].annotation
        assert isinstance(annotation, type)  # noqa: S101  sections are models
        model = annotation
    return model.model_fields[name]


def _bound(field: FieldInfo, name: str) -> float | None:
    return next((getattr(it, name) for it in field.metadata if hasattr(it, name)), None)
