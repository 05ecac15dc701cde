"""How long work tells of itself."""

from collections.abc import Callable

Progress = Callable[[str], None]
"""Called with one line that says what is being done."""


def unheard(_line: str) -> None:
    """For callers that do not want to know."""
