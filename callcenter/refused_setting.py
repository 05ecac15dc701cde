"""Why a setting was refused, in one line: what it is called, the bad value, what is allowed; Chinese first, English beside. Pure.

Invariant: passwords inside of addresses are not told.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from callcenter.setting_names import name_of

VALUE_MAX: Final = 60
"""Characters of a bad value that are told."""

OUR_WORDS: Final = "Value error, "
"""What pydantic puts before the words of our own checks."""

_PASSWORD: Final = re.compile(r"//[^/@\s]*@")
_BOUNDS: Final = ("ge", "gt", "le", "lt")


def explained(error: Mapping[str, Any], origin: str, root: type[BaseModel]) -> str:
    """The line for one of pydantic's errors (with its input). ``origin``: where the value stands; ``""``: on the page."""
    location = tuple(part for part in error["loc"] if isinstance(part, str))
    key = ".".join(location)
    known, english = name_of(key), _PASSWORD.sub("//***@", str(error["msg"])).removeprefix(OUR_WORDS)
    stands_zh, stands_en = (f"，{origin}", f" in {origin}") if origin else ("", "")
    if error["type"] == "extra_forbidden":
        names = ", ".join(_beside(location, root))
        return f"没有设置项“{key}”（{origin or '页面'}），此处可用：{names} / unknown key '{key}'{stands_en}; known here: {names}"
    zh_own, separator, en_own = english.partition(" / ")
    where = f"“{known}”（{key}{stands_zh}）" if key else ""
    if separator:  # our own check: it tells the value and what is allowed
        return f"{where}不行：{zh_own} / '{key}'{stands_en}: {en_own}"
    value = _shown(error.get("input"))
    field = _field(location, root)
    allowed = _allowed(field) if field is not None else ""
    must = f"：须是{' ' if allowed[0].isascii() else ''}{allowed}" if allowed else ""
    return f"{where}不能是 {value}{must} / '{key}'{stands_en} cannot be {value}: {english[:1].lower()}{english[1:]}"


def _shown(value: object) -> str:
    text = _PASSWORD.sub("//***@", " ".join(str(value).split())) if value not in ("", None) else "空"
    return text if len(text) <= VALUE_MAX else f"{text[:VALUE_MAX]}…"


def _allowed(field: FieldInfo) -> str:
    """What a value may be, in Chinese; empty: nothing that helps."""
    bounds = {name: _bound(field, name) for name in _BOUNDS}
    low, high = bounds["ge"], bounds["le"]
    told = []
    if low is not None and high is not None:
        told.append(f"{low:g} 至 {high:g}")
    else:
        words = {"ge": "不小于 {:g}", "gt": "大于 {:g}", "le": "不大于 {:g}", "lt": "小于 {:g}"}
        told += [words[name].format(bound) for name, bound in bounds.items() if bound is not None]
    kind = _kind(field.annotation)
    return f"{'、'.join(told)} 的{kind or '值'}" if told else kind


def _kind(annotation: Any) -> str:
    if get_origin(annotation) is Literal:
        return "、".join(str(one) for one in get_args(annotation)) + " 之一"
    kinds = {int: "整数", float: "数字", bool: "true 或 false", str: "文字", dict: "一张表"}
    found = kinds.get(get_origin(annotation) or annotation, "")
    return found or ("一列值" if get_origin(annotation) in (tuple, list) else "")


def _bound(field: FieldInfo, name: str) -> float | None:
    return next((getattr(it, name) for it in field.metadata if getattr(it, name, None) is not None), None)


def _field(location: tuple[str, ...], root: type[BaseModel]) -> FieldInfo | None:
    section: Any = root
    found = None
    for part in location:
        fields = getattr(section, "model_fields", {})
        if part not in fields:
            return found
        found = fields[part]
        section = found.annotation
    return found


def _beside(location: tuple[str, ...], root: type[BaseModel]) -> list[str]:
    """The keys of the section in which ``location`` stands."""
    section: Any = root
    for part in location[:-1]:
        section = section.model_fields[part].annotation
    return sorted(section.model_fields)
