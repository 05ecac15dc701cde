"""What all tables are made of: one metadata, the names of constraints, times in UTC, numbers of rows."""

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Column, DateTime, Dialect, Integer, MetaData, TextClause, TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ROW_NUMBER: Final = BigInteger().with_variant(Integer, "sqlite")
"""A primary key that the database counts; SQLite counts only what is called INTEGER."""


class UtcDateTime(TypeDecorator[datetime]):
    """A time with a zone, stored as UTC. A naive one is refused: nobody knows which hour it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Into the database.

        Raises:
            ValueError: the time has no zone.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without zone cannot be stored")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Out of the database."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def at(name: str, **options: Any) -> Column[datetime]:
    """A time that is always known."""
    return Column(name, UtcDateTime, nullable=False, **options)


def maybe_at(name: str) -> Column[datetime | None]:
    """A time that is unknown, or not yet."""
    return Column(name, UtcDateTime)


def where(condition: TextClause) -> dict[str, Any]:
    """The options of an index that holds only the rows for which the condition is true."""
    return {"sqlite_where": condition, "postgresql_where": condition}
