"""A life cycle is a table. One lookup moves the state; what the table lacks raises and changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from callcenter.core.errors import IllegalTransition

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True)
class LifeCycle(Generic[S, E]):
    """A named transition table over two enums.

    ``initial`` is the state of a newborn thing; ``final`` states have no way out.
    """

    name: str
    initial: S
    final: frozenset[S]
    table: Mapping[tuple[S, E], S]

    def next(self, state: S, event: E) -> S:
        """The state after ``event``.

        Raises:
            IllegalTransition: the table has no such pair.
        """
        try:
            return self.table[state, event]
        except KeyError:
            raise IllegalTransition(self.name, state.value, event.value) from None

    def allows(self, state: S, event: E) -> bool:
        """Whether ``event`` may happen in ``state``."""
        return (state, event) in self.table

    def mermaid(self) -> str:
        """The table as a Mermaid state diagram (drawn into ``docs/`` by ``make diagrams``)."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial.value}"]
        lines += [f"    {s.value} --> {t.value}: {e.value}" for (s, e), t in self.table.items()]
        lines += [f"    {s.value} --> [*]" for s in sorted(self.final)]
        return "\n".join(lines) + "\n"
