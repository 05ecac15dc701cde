"""What a database's complaint means to whoever reads it. Invariant: no message ever holds the password.

A complaint about one statement (a broken constraint, a value that does not fit) is not a trouble of the
database: it is left as it is, for the writer to set that one operation aside.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import URL
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from callcenter.core.errors import CallcenterError, PeerError, UsageError

DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
EXAMPLES = "sqlite:////srv/callcenter/callcenter.db or postgresql://user:password@host/database"


def parse_url(text: str) -> URL:
    """A database URL with the driver that we use.

    Raises:
        UsageError: not a URL, or a database that is not supported.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError, NoSuchModuleError):
        raise UsageError(
            f"the database URL cannot be read; write {EXAMPLES}", code="bad_database_url"
        ) from None
    if url.drivername not in DRIVERS:
        raise UsageError(f"no database of kind '{url.drivername}'; write {EXAMPLES}", code="bad_database_url")
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        raise UsageError(f"the database must be a file; write {EXAMPLES}", code="bad_database_url")
    return url.set(drivername=DRIVERS[url.drivername])


def shown(url: URL) -> str:
    """The URL as it may be printed."""
    return url.set(drivername=url.get_backend_name(), query={}).render_as_string(hide_password=True)


@contextmanager
def explained(url: URL) -> Iterator[None]:
    """Turn what the driver raises into a ``UsageError`` or ``PeerError`` with one clear line."""
    try:
        yield
    except (IntegrityError, DataError):
        raise
    except (DBAPIError, OSError, TimeoutError, PoolTimeout) as error:
        trouble = _trouble(error, shown(url))
        if trouble is None:
            raise
        raise trouble from None
    except Exception as error:
        trouble = _trouble(error, shown(url)) if _is_drivers(error) else None
        if trouble is None:
            raise
        raise trouble from None


def _is_drivers(error: Exception) -> bool:
    return type(error).__module__.partition(".")[0] in ("asyncpg", "aiosqlite", "sqlite3")


def _usage(code: str, text: str) -> Callable[[str], CallcenterError]:
    return lambda where: UsageError(text.format(where=where), code=code)


def _peer(code: str, text: str) -> Callable[[str], CallcenterError]:
    return lambda where: PeerError(text.format(where=where), code=code)


MEANINGS: tuple[tuple[str, Callable[[str], CallcenterError]], ...] = (
    (
        r"InvalidPassword|InvalidAuthorization|password authentication",
        _usage("database_login", "database {where} refuses this user or password; correct the URL"),
    ),
    (
        r"InvalidCatalogName|database .* does not exist",
        _usage("database_missing", "there is no database {where}; create it or correct the URL"),
    ),
    (
        r"no such table|UndefinedTable",
        _usage("database_not_upgraded", "database {where} has no tables yet; run: callcenter db upgrade"),
    ),
    (
        r"no such column|UndefinedColumn",
        _usage(
            "database_not_upgraded", "database {where} is older than this program; run: callcenter db upgrade"
        ),
    ),
    (
        r"file is not a database|file is encrypted|malformed",
        _usage(
            "database_damaged", "{where} is not a (sound) SQLite database; restore it or name another file"
        ),
    ),
    (
        r"unable to open database file",
        _usage("database_unreachable", "cannot open {where}; does its folder exist and may we write there?"),
    ),
    (
        r"readonly database",
        _usage("database_read_only", "may not write to {where}; correct the file's owner or mode"),
    ),
    (
        r"disk is full|DiskFull|disk I/O error|No space left",
        _peer("database_full", "the disk of database {where} is full or failing; free some space"),
    ),
    (
        r"database is locked|database is busy",
        _peer("database_busy", "database {where} is locked by another program"),
    ),
)
UNREACHABLE = _peer("database_unreachable", "cannot reach database {where}; is it running, is the URL right?")
_CONNECTION_LOST = re.compile(
    r"OperationalError|InterfaceError|Connection|CannotConnect|AdminShutdown|CrashShutdown|InternalClient"
    r"|TimeoutError|OSError|gaierror|TooManyConnections|FileNotFound|PermissionError"
)


def _trouble(error: Exception, where: str) -> CallcenterError | None:
    description = f"{_kinds(error)} {error}"
    for pattern, make in MEANINGS:
        if re.search(pattern, description):
            return make(where)
    lost = getattr(error, "connection_invalidated", False) or _CONNECTION_LOST.search(_kinds(error))
    return UNREACHABLE(where) if lost else None


def _kinds(error: BaseException | None) -> str:
    names: list[str] = []
    while error is not None and len(names) < 5:
        names.append(type(error).__name__)
        error = getattr(error, "orig", None) or error.__cause__
    return " ".join(names)
