"""How well two reviewers agree on the same calls, beyond chance (校准): Cohen's kappa, plain and weighted.

``kappa = (p_o - p_e) / (1 - p_e)``: p_o is the observed share of equal grades, p_e the share expected from how often
each reviewer gives each grade. J. Cohen, A coefficient of agreement for nominal scales, Educational and Psychological
Measurement 20 (1960) 37-46.
``kappa_w = 1 - sum(v * p_o) / sum(v * p_e)`` with a weight v for each kind of disagreement, for ordered grades |i - j|
(linear) or (i - j)^2 (quadratic). J. Cohen, Weighted kappa, Psychological Bulletin 70 (1968) 213-220.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Weight = Callable[[int, int], float]
"""How bad it is that one says the first grade and the other the second; 0 for equal ones."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Figures of one criterion. ``None``: not defined, because there are no pairs or all grades are one and the same.

    ``pairs``: calls graded by two; ``observed``: share of equal grades; ``expected``: the share expected by chance.
    """

    pairs: int
    observed: float | None
    expected: float | None
    kappa: float | None
    linear: float | None
    quadratic: float | None


def agreement(pairs: Sequence[tuple[int, int]], grades: int) -> Agreement:
    """The figures of pairs of grades ``0 .. grades - 1``, each of the first and the second reviewer."""
    table = [[0] * grades for _ in range(grades)]
    for first, second in pairs:
        table[first][second] += 1
    unequal = disagreement(table, differs)
    by_chance = expected_disagreement(table, differs)
    return Agreement(
        len(pairs),
        None if unequal is None else 1 - unequal,
        None if by_chance is None else 1 - by_chance,
        kappa(table, differs),
        kappa(table, lambda i, j: abs(i - j)),
        kappa(table, lambda i, j: (i - j) ** 2),
    )


def kappa(table: Sequence[Sequence[int]], weight: Weight) -> float | None:
    """Weighted kappa of a table of counts, rows the first reviewer; ``differs`` gives Cohen's plain kappa."""
    observed, expected = disagreement(table, weight), expected_disagreement(table, weight)
    return 1 - observed / expected if observed is not None and expected else None


def differs(i: int, j: int) -> float:
    """All disagreements are equally bad: grades without order."""
    return float(i != j)


def disagreement(table: Sequence[Sequence[int]], weight: Weight) -> float | None:
    """The mean weight of the observed pairs."""
    total = sum(map(sum, table))
    told = sum(weight(i, j) * count for i, row in enumerate(table) for j, count in enumerate(row))
    return told / total if total else None


def expected_disagreement(table: Sequence[Sequence[int]], weight: Weight) -> float | None:
    """The mean weight if both graded as often as they did, but independently of each other."""
    rows, columns = [sum(row) for row in table], [sum(column) for column in zip(*table, strict=True)]
    total = sum(rows)
    told = sum(weight(i, j) * a * b for i, a in enumerate(rows) for j, b in enumerate(columns))
    return told / total**2 if total else None
