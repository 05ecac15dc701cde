"""How long work tells of itself."""

from collections.abc import Callable

Progress = Callable[[str, float], None]
"""Called with what is being done and the share that is done, 0..1."""


def unheard(_what: str, _share: float) -> None:
    """For callers that do not want to know."""
