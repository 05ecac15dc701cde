"""Log lines: JSON, static texts, call ids bound by context, personal data hashed.

Invariant: a value under a key ending in ``_pii`` never reaches an output; lines of one citizen can still be
joined by the keyed hash that replaces it.
"""

import hashlib
import hmac
import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

PII_SUFFIX = "_pii"


def hash_personal(key: bytes) -> structlog.typing.Processor:
    """A processor that replaces every ``*_pii`` value by 12 hexadecimal digits of its keyed hash."""

    def process(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        for name in [name for name in event if name.endswith(PII_SUFFIX)]:
            digest = hmac.new(key, str(event.pop(name)).encode(), hashlib.sha256).hexdigest()
            event[name.removesuffix(PII_SUFFIX) + "_hash"] = digest[:12]
        return event

    return process


def configure(key: bytes, output: TextIO | None = None) -> None:
    """Set up structlog and the standard library's logging for this process. ``key``: secret of this instance."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            hash_personal(key),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(output or sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.ERROR, handlers=[_TypeOnly()], force=True)


class _TypeOnly(logging.Handler):
    """Foreign loggers may put anything into a text: only their name, level and error type are kept."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        structlog.get_logger().error("library complaint", library=record.name, error=error)
