"""The only place where values become AMI headers or AGI command lines.

Invariant: one action stays one action and one command stays one line, whatever the values are. What could
break that is refused, never repaired: a stripped value is a different value.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from callcenter.core.errors import UsageError

Action = Mapping[str, str | Sequence[str]]
"""An AMI action: header -> value, or values for a header that repeats (``Variable``)."""

MAX_AMI_LINE_BYTES = 1000
"""Asterisk drops an AMI line longer than 1024 bytes."""

MAX_AMI_HEADERS = 120
"""Asterisk reads at most 128 headers of an action."""

MAX_AGI_LINE_BYTES = 2000
"""Asterisk reads an AGI command into 2048 bytes."""

_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(\([A-Za-z0-9_-]+\))?", re.ASCII)
_AGI_NAME = re.compile(r"[A-Z]+( [A-Z]+)*", re.ASCII)
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})


def ami_headers(action: Action) -> dict[str, str | list[str]]:
    """A checked copy of ``action``, safe to be written as ``Header: value`` lines.

    Raises:
        UsageError: code ``unsafe_value``; a header name or value that could change the meaning of the
            stream, a blank at a value's edge (Asterisk would drop it), or too much of anything.
    """
    if not action.get("Action"):
        raise _unsafe("an AMI action needs the header Action")
    checked = {name: _ami_values(name, value) for name, value in action.items()}
    if len({name.lower() for name in checked}) != len(checked):
        raise _unsafe("an AMI header is given twice in different spelling")
    if sum(1 if isinstance(value, str) else len(value) for value in checked.values()) > MAX_AMI_HEADERS:
        raise _unsafe(f"an AMI action may have at most {MAX_AMI_HEADERS} headers")
    return checked


def agi_line(name: str, *args: str | int) -> bytes:
    r"""One AGI command line: ``name`` as it is, every argument in quotes with ``\`` and ``"`` escaped.

    Raises:
        UsageError: code ``unsafe_value``; an unknown shape of name, an argument with a control character,
            or a line longer than Asterisk reads.
    """
    if not _AGI_NAME.fullmatch(name):
        raise _unsafe("an AGI command is words of capital letters")
    line = " ".join([name, *(_quoted(str(arg)) for arg in args)]).encode()
    if len(line) > MAX_AGI_LINE_BYTES:
        raise _unsafe(f"AGI command {name} is longer than {MAX_AGI_LINE_BYTES} bytes")
    return line + b"\n"


def is_plain_text(text: str) -> bool:
    """Whether ``text`` has no control character, no line separator and no lone surrogate."""
    return (text.isascii() and text.isprintable()) or _is_plain_unicode(text)


def _is_plain_unicode(text: str) -> bool:
    return not any(unicodedata.category(character) in _UNSAFE_CATEGORIES for character in text)


def _ami_values(name: str, value: str | Sequence[str]) -> str | list[str]:
    if not _HEADER.fullmatch(name) or name.lower() == "actionid":
        raise _unsafe("an AMI header has a name that we do not send")
    if isinstance(value, str):
        return _ami_value(name, value)
    return [_ami_value(name, one) for one in value]


def _ami_value(name: str, value: str) -> str:
    if not is_plain_text(value):
        raise _unsafe(f"the value of AMI header {name} has a control character")
    if value != value.strip():
        raise _unsafe(f"the value of AMI header {name} begins or ends with a blank")
    if len(name) + len(value.encode()) > MAX_AMI_LINE_BYTES:
        raise _unsafe(f"the value of AMI header {name} is too long")
    return value


def _quoted(text: str) -> str:
    if not is_plain_text(text):
        raise _unsafe("an AGI argument has a control character")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _unsafe(message: str) -> UsageError:
    return UsageError(message, code="unsafe_value")
