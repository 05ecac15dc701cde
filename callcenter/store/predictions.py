"""Predictions in SQL: what was asked, what was predicted, and later what happened.

Invariant: a prediction is never changed once it is kept; what happened is written beside it, once.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.store.schema import predictions
from callcenter.store.unit import Unit, insert
from queues.core.what_if import FIGURES, Change, Figures, Prediction

DUE_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Kept:
    """A prediction as it is kept. ``real``: what happened until ``until_at``; ``None``: not over yet."""

    prediction: Prediction
    by: str
    until_at: datetime
    real: Figures | None

    @property
    def id(self) -> str:
        """Of the prediction."""
        return self.prediction.id

    @property
    def asked_at(self) -> datetime:
        """When its span began."""
        return self.prediction.asked_at

    @property
    def came_true(self) -> str:
        """Which variant the seats that were there are nearer to: ``with``, ``without``; ``""``: not known."""
        told = self.prediction
        if self.real is None or told.with_.seats == told.without.seats:
            return ""
        to_with, to_without = (abs(self.real.seats - it.seats) for it in (told.with_, told.without))
        return "with" if to_with < to_without else "without"


async def keep(unit: Unit, prediction: Prediction, by: str) -> None:
    """Keep a prediction; harmless to repeat."""
    row = {
        "prediction_id": prediction.id,
        "asked_at": prediction.asked_at,
        "by": by,
        "until_at": prediction.asked_at + timedelta(seconds=prediction.horizon_s),
        "change": asdict(prediction.change),
        "without_change": asdict(prediction.without),
        "with_change": asdict(prediction.with_),
        "spread": prediction.spread,
        "runs": prediction.runs,
        "took_s": prediction.took_s,
    }
    await unit.connection.execute(insert(unit.connection, predictions).values(row).on_conflict_do_nothing())


async def close(unit: Unit, id_: str, real: Figures, at: datetime) -> None:
    """Write down what happened."""
    mine = (predictions.c.prediction_id == id_) & predictions.c.closed_at.is_(None)
    await unit.connection.execute(update(predictions).where(mine).values(real=asdict(real), closed_at=at))


async def newest(connection: AsyncConnection, limit: int) -> list[Kept]:
    """The newest first."""
    found = await connection.execute(select(predictions).order_by(predictions.c.asked_at.desc()).limit(limit))
    return [_kept(row) for row in found.mappings()]


async def due(connection: AsyncConnection, before: datetime) -> list[Kept]:
    """Those whose span ended before, and nobody has said yet what happened; the oldest first."""
    is_due = predictions.c.closed_at.is_(None) & (predictions.c.until_at < before)
    found = await connection.execute(
        select(predictions).where(is_due).order_by(predictions.c.until_at).limit(DUE_AT_ONCE)
    )
    return [_kept(row) for row in found.mappings()]


def _kept(row: RowMapping) -> Kept:
    horizon_s = (row["until_at"] - row["asked_at"]).total_seconds()
    prediction = Prediction(
        id=row["prediction_id"],
        asked_at=row["asked_at"],
        change=Change(**row["change"]),
        without=_figures(row["without_change"]),
        with_=_figures(row["with_change"]),
        runs=row["runs"],
        took_s=row["took_s"],
        horizon_s=horizon_s,
        spread=row["spread"],
    )
    real = _figures(row["real"]) if row["real"] is not None else None
    return Kept(prediction, row["by"], row["until_at"], real)


def _figures(values: dict[str, Any]) -> Figures:  # our own JSON
    return Figures(**{name: values[name] for name in FIGURES})
