"""Errors, split by whose fault they are. Each has a stable ``code`` that is part of the API."""

import errno
from typing import Final

_DISK_FULL: Final = frozenset([errno.ENOSPC, errno.EDQUOT, errno.EFBIG])


def is_disk_full(error: OSError) -> bool:
    """Whether the disk has no room left, be it for all or for this account or file."""
    return error.errno in _DISK_FULL


class CallcenterError(Exception):
    """Base of all errors of the product. ``str()`` of one never holds personal data."""

    code = "error"
    retryable = False

    def __init__(self, message: str, *, code: str | None = None, retryable: bool | None = None):
        super().__init__(message)
        if code is not None:
            self.code = code
        if retryable is not None:
            self.retryable = retryable


class UsageError(CallcenterError):
    """Who asks is mistaken (operator, manager, agent, API client): one line says what and what to do."""

    code = "usage"


class PeerError(CallcenterError):
    """Asterisk, the database, Redis, a browser or a trunk failed us; never stops the loop."""

    code = "peer"
    retryable = True


class OurError(CallcenterError):
    """A broken invariant of ours: fails the test; in production the state is rebuilt from the truth."""

    code = "ours"


class IllegalTransition(OurError):
    """An event that a life cycle's table does not allow; the state has not changed."""

    code = "illegal_transition"

    def __init__(self, machine: str, state: str, event: str):
        super().__init__(f"{machine}: {event} is not allowed in state {state}")
        self.machine, self.state, self.event = machine, state, event
