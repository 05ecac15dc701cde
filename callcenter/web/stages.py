"""How far long work is that somebody asked for."""

from enum import StrEnum


class Stage(StrEnum):
    """Of the newest work of a kind since this program began."""

    NEVER = "never"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
