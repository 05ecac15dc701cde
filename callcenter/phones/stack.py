"""The SIP stack, the alpha package ``baresip-python``: whether it is there, and what its errors become."""

import contextlib
from collections.abc import Iterator

from callcenter.core.errors import PeerError, UsageError

try:
    import baresip as baresip
except ImportError:
    raise UsageError(
        "phones need the extra 'demo': pip install 'callcenter-12345[demo]'", code="phones_missing"
    ) from None


class PhoneError(PeerError):
    """A phone's call, registration or transfer failed.

    ``status``: the SIP answer that said so (486, 503, ...), if one did.
    """

    code = "phone"
    retryable = False

    def __init__(self, message: str, *, code: str, status: int | None = None):
        super().__init__(message, code=code)
        self.status = status


@contextlib.contextmanager
def translated(code: str) -> Iterator[None]:
    """Turn the package's errors into :class:`PhoneError` without their text, which may be personal."""
    try:
        yield
    except baresip.StaleHandleError:
        raise PhoneError("the call has ended", code="call_ended") from None
    except (baresip.BaresipError, ValueError, TimeoutError) as error:
        status = getattr(error, "status", None)
        raise PhoneError(f"{code}: {status or type(error).__name__}", code=code, status=status) from None


def status_of(reason: str) -> int | None:
    """The SIP status with which a reason begins, if it does."""
    head = reason.partition(" ")[0]
    return int(head) if len(head) == 3 and head.isascii() and head.isdigit() else None
