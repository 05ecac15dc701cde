"""What outsiders may see of personal data. Invariant: a masked value cannot be turned back into the number."""

from typing import Any

PERSONAL_KEYS = frozenset({"caller", "citizen", "number"})
"""Keys of messages and records whose value is a citizen's number."""

_SHOWN_HEAD, _SHOWN_TAIL, _STARS = 3, 4, "****"


def mask_number(number: str) -> str:
    """``13812345678`` -> ``138****5678``; too short to hide a middle: only stars; empty stays empty."""
    if not number:
        return ""
    if len(number) < _SHOWN_HEAD + _SHOWN_TAIL + 1:
        return _STARS
    return number[:_SHOWN_HEAD] + _STARS + number[-_SHOWN_TAIL:]


def masked(value: Any) -> Any:
    """A copy of a JSON value with every string under a key of ``PERSONAL_KEYS`` masked."""
    if isinstance(value, dict):
        return {key: _masked_field(key, field) for key, field in value.items()}
    if isinstance(value, list):
        return [masked(item) for item in value]
    return value


def _masked_field(key: str, value: Any) -> Any:
    return mask_number(value) if key in PERSONAL_KEYS and isinstance(value, str) else masked(value)
